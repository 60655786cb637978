"""Tokens: one refresh for all, rotation saved, dead winners replaced, clear words when a human is needed."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta

from odoo.tests.common import tagged

from ..ghl_base.net.errors import AuthenticationError, ForbiddenError, MalformedResponse, RemoteTimeout, ServerError
from ..ghl_contacts.gateway.oauth import OAuthClient
from ..ghl_contacts.gateway.tokens import CLAIM_SECONDS, LocationTokens, OAuthTokens, StaticToken, StoredToken
from .scripted_http import Reply
from .test_gateway_client import ClientCase

NOW = datetime(2026, 9, 1, 12)
DAY = timedelta(days=1)


class MemoryStore:
    """The store protocol in memory; its clock decides when a claim has run out."""

    def __init__(self, token, clock):
        self.stored, self.clock = token, clock
        self.claimed_until = None
        self.saves = 0
        self.lock = threading.Lock()

    def load(self):
        return self.stored

    def claim(self, version, seconds):
        with self.lock:
            if version != self.stored.version or (self.claimed_until and self.clock() < self.claimed_until):
                return False
            self.claimed_until = self.clock() + timedelta(seconds=seconds)
            return True

    def save(self, version, token):
        with self.lock:
            if version != self.stored.version:
                return False
            self.stored = replace(token, version=version + 1)
            self.claimed_until = None
            self.saves += 1
            return True

    def release(self, version):
        with self.lock:
            if version == self.stored.version:
                self.claimed_until = None


class TokenCase(ClientCase):
    def setUp(self):
        super().setUp()
        self.now = NOW

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.time.sleep(seconds)
        self.now += timedelta(seconds=seconds)

    def oauth(self, server, **options):
        return OAuthClient(server.url, "APP-1", "client-secret", clock=self.clock, **options)

    def tokens(self, server, stored):
        self.store = MemoryStore(stored, self.clock)
        return OAuthTokens(self.store, self.oauth(server), self.clock, self.sleep)


def fresh(access="a1", refresh="r1"):
    return Reply(body={"accessToken": access, "refreshToken": refresh, "expiresIn": 86399, "userType": "Location"})


OLD = StoredToken("a0", "r0", NOW - DAY, 1)
GOOD = StoredToken("a0", "r0", NOW + DAY, 1)


@tagged("post_install", "-at_install")
class TestGatewayTokens(TokenCase):
    def test_a_good_token_is_used_as_it_is(self):
        server = self.serve()
        tokens = self.tokens(server, GOOD)
        self.assertEqual([tokens.token(), tokens.token()], ["a0", "a0"])
        self.assertEqual(server.asked, [])

    def test_a_token_of_unknown_end_is_used_until_it_is_rejected(self):
        tokens = self.tokens(self.serve(fresh()), replace(GOOD, expires_at=None))
        self.assertEqual(tokens.token(), "a0")
        self.assertEqual(tokens.replace("a0"), "a1")

    def test_a_token_is_refreshed_before_its_end_and_the_new_pair_saved(self):
        server = self.serve(fresh("a1", "r1"), fresh("a2", "r2"))
        tokens = self.tokens(server, replace(GOOD, expires_at=NOW + timedelta(minutes=4)))
        self.assertEqual(tokens.token(), "a1")
        self.assertEqual(self.store.stored, StoredToken("a1", "r1", NOW + timedelta(seconds=86399), 2))
        self.now += DAY
        self.assertEqual(tokens.token(), "a2")
        self.assertEqual([asked.form["refreshToken"] for asked in server.asked], ["r0", "r1"])

    def test_the_refresh_speaks_v3(self):
        server = self.serve(fresh())
        self.tokens(server, OLD).token()
        asked = server.asked[0]
        self.assertEqual((asked.method, asked.path, asked.headers["Version"]), ("POST", "/oauth/token", "v3"))
        self.assertEqual(asked.headers["Content-Type"], "application/x-www-form-urlencoded")
        self.assertEqual(
            asked.form,
            {
                "clientId": "APP-1",
                "clientSecret": "client-secret",
                "grantType": "refresh_token",
                "refreshToken": "r0",
                "userType": "Location",
            },
        )

    def test_a_dated_version_speaks_snake_case_and_both_answers_are_read(self):
        answer = {"access_token": "a1", "refresh_token": "r1", "expires_in": 86399}
        server = self.serve(Reply(body=answer), Reply(body=answer))
        oauth = self.oauth(server, version="2021-07-28")
        self.assertEqual(oauth.refresh("r0", "Company").access, "a1")
        self.assertEqual(oauth.location_token("company", "COM1", "LOC1").refresh, "r1")
        self.assertEqual(
            (server.asked[0].form["grant_type"], server.asked[0].form["user_type"]), ("refresh_token", "Company")
        )
        self.assertEqual(server.asked[1].path, "/oauth/locationToken")

    def test_eight_threads_refresh_exactly_once(self):
        everybody = threading.Barrier(8)
        server = self.serve(lambda asked: fresh() if len(server.asked) == 1 else Reply(400, {"error": "invalid_grant"}))
        self.store = MemoryStore(OLD, self.clock)
        pause = threading.Event()
        results = []

        def ask():
            # Threads wait for real here (a hundredth of a second): the clock stands still.
            tokens = OAuthTokens(self.store, self.oauth(server), self.clock, lambda seconds: pause.wait(0.01))
            everybody.wait()
            results.append(tokens.token())

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(results, ["a1"] * 8)
        self.assertEqual((len(server.asked), self.store.saves), (1, 1))

    def test_a_rejected_token_that_somebody_replaced_already_is_not_refreshed_again(self):
        server = self.serve()
        tokens = self.tokens(server, GOOD)
        tokens.token()
        self.store.stored = StoredToken("a5", "r5", NOW + DAY, 9)
        self.assertEqual(tokens.replace("a0"), "a5")
        self.assertEqual((tokens.token(), server.asked), ("a5", []))

    def test_the_claim_of_a_dead_process_runs_out(self):
        server = self.serve(fresh())
        tokens = self.tokens(server, OLD)
        self.assertTrue(self.store.claim(1, CLAIM_SECONDS), "another process claims it and dies")
        self.assertEqual(tokens.token(), "a1")
        self.assertEqual(sum(self.time.slept), CLAIM_SECONDS)

    def test_nobody_waits_for_ever(self):
        tokens = self.tokens(self.serve(), OLD)
        self.store.claim = lambda version, seconds: False
        with self.assertRaises(RemoteTimeout) as caught:
            tokens.token()
        self.assertTrue(caught.exception.retryable)
        self.assertLess(sum(self.time.slept), 3 * CLAIM_SECONDS)

    def test_a_failed_refresh_frees_the_claim_and_keeps_the_pair(self):
        server = self.serve(Reply(503), fresh())
        tokens = self.tokens(server, OLD)
        with self.assertRaises(ServerError):
            tokens.token()
        self.assertEqual(self.store.stored, OLD)
        self.assertEqual(tokens.token(), "a1")
        self.assertEqual(self.time.slept, [])

    def test_who_comes_too_late_uses_what_was_saved(self):
        def somebody_else_saves(asked):
            self.store.stored = StoredToken("a7", "r7", NOW + DAY, 2)
            return fresh()

        tokens = self.tokens(self.serve(somebody_else_saves), OLD)
        self.assertEqual(tokens.token(), "a7")
        self.assertEqual(self.store.stored.refresh, "r7")

    def test_a_used_up_refresh_token_asks_to_reconnect(self):
        for status, body in (
            (400, {"error": "invalid_grant", "error_description": "This refresh token is invalid"}),
            (401, {"statusCode": 401, "message": "Invalid grant: refresh token is invalid", "error": "Unauthorized"}),
        ):
            with self.subTest(status=status):
                tokens = self.tokens(self.serve(Reply(status, body)), OLD)
                with self.assertRaises(AuthenticationError) as caught:
                    tokens.token()
                self.assertIn("reconnect the account", caught.exception.human())
                self.assertFalse(caught.exception.retryable)

    def test_without_a_refresh_token_the_account_must_be_reconnected(self):
        tokens = self.tokens(self.serve(), replace(OLD, refresh=""))
        with self.assertRaisesRegex(AuthenticationError, "reconnect the account"):
            tokens.token()

    def test_an_answer_without_a_token_saves_nothing(self):
        for body in ({}, {"accessToken": None}, {"accessToken": ""}, {"accessToken": 5}):
            with self.subTest(body):
                tokens = self.tokens(self.serve(Reply(body=body)), OLD)
                with self.assertRaises(MalformedResponse):
                    tokens.token()
                self.assertEqual(self.store.stored, OLD)

    def test_a_refresh_answer_without_a_new_refresh_token_keeps_the_old_one(self):
        self.tokens(self.serve(Reply(body={"accessToken": "a1", "expiresIn": 10})), OLD).token()
        self.assertEqual(self.store.stored.refresh, "r0")

    def test_a_call_with_a_rejected_token_refreshes_and_goes_on(self):
        rejected = Reply(401, {"message": "Invalid JWT"})
        server = self.serve(rejected, fresh(), Reply(body={"contact": {"id": "C1"}}))
        client = self.client(server, self.tokens(server, GOOD))
        self.assertEqual(client.contact("C1"), {"id": "C1"})
        self.assertEqual([asked.path for asked in server.asked], ["/contacts/C1", "/oauth/token", "/contacts/C1"])
        self.assertEqual(server.asked[2].headers["Authorization"], "Bearer a1")

    def test_tokens_do_not_show_in_a_representation(self):
        self.assertNotIn("a0", repr(OLD))
        self.assertNotIn("r0", repr(OLD))


@tagged("post_install", "-at_install")
class TestGatewayLocationTokens(TokenCase):
    def location_tokens(self, server, company=None):
        self.store = MemoryStore(StoredToken(""), self.clock)
        company = company or StaticToken("company")
        return LocationTokens(company, self.store, self.oauth(server), "COM1", "LOC1", self.clock, self.sleep)

    def test_a_location_token_is_minted_once_and_again_near_its_end(self):
        server = self.serve(fresh("l1"), fresh("l2"))
        tokens = self.location_tokens(server)
        self.assertEqual([tokens.token(), tokens.token()], ["l1", "l1"])
        self.now += DAY
        self.assertEqual(tokens.token(), "l2")
        asked = server.asked[0]
        self.assertEqual(
            (asked.path, asked.form), ("/oauth/location-token", {"companyId": "COM1", "locationId": "LOC1"})
        )
        self.assertEqual(asked.headers["Authorization"], "Bearer company")

    def test_an_old_company_token_is_refreshed_on_the_way(self):
        server = self.serve(Reply(401, {"message": "Invalid JWT"}), fresh("c1"), fresh("l1"))
        company_store = MemoryStore(StoredToken("c0", "r0", NOW + DAY, 1), self.clock)
        company = OAuthTokens(company_store, self.oauth(server), self.clock, self.sleep, user_type="Company")
        self.assertEqual(self.location_tokens(server, company).token(), "l1")
        self.assertEqual(server.asked[1].form["userType"], "Company")
        self.assertEqual(server.asked[2].headers["Authorization"], "Bearer c1")

    def test_a_location_without_the_application_is_refused(self):
        server = self.serve(Reply(403, {"message": "App not installed in this location"}))
        with self.assertRaisesRegex(ForbiddenError, "not installed"):
            self.location_tokens(server).token()


@tagged("post_install", "-at_install")
class TestGatewayCodeExchange(TokenCase):
    def test_a_code_becomes_a_token_pair_with_its_owner(self):
        body = {
            "accessToken": "a1",
            "refreshToken": "r1",
            "expiresIn": 86399,
            "userType": "Company",
            "companyId": "COM1",
            "userId": "U1",
            "scope": "contacts.readonly users.readonly",
            "approvedLocations": ["LOC1", None],
            "isBulkInstallation": True,
        }
        server = self.serve(Reply(body=body))
        grant = self.oauth(server).exchange("code-1", "https://odoo.example/ghl/callback", "Company")
        self.assertEqual(grant.token, StoredToken("a1", "r1", NOW + timedelta(seconds=86399)))
        self.assertEqual((grant.user_type, grant.company_id, grant.location_id), ("Company", "COM1", ""))
        self.assertEqual(grant.scopes, ("contacts.readonly", "users.readonly"))
        self.assertEqual(grant.approved_locations, ("LOC1",))
        self.assertEqual(server.asked[0].form["redirectUri"], "https://odoo.example/ghl/callback")

    def test_a_code_that_was_used_before_is_refused(self):
        server = self.serve(Reply(400, {"error": "invalid_grant", "error_description": "Invalid code"}))
        with self.assertRaisesRegex(AuthenticationError, "Invalid code"):
            self.oauth(server).exchange("code-1", "https://odoo.example/ghl/callback")

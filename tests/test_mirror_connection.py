import threading

from odoo import SUPERUSER_ID, api
from odoo.tests.common import TransactionCase, tagged

from ..dev.sandbox.client import running_sandbox
from ..ghl_base.net.errors import AuthenticationError, RemoteError, TransportError
from ..ghl_contacts.gateway.oauth import OAuthClient
from ..ghl_contacts.mirror.connection import PgTokenStore, probe, tokens_for
from .common import make_location

CALLBACK = "https://odoo.example.com/ghl/callback"


@tagged("post_install", "-at_install")
class TestOAuthTokens(TransactionCase):
    """On committed rows and real connections, because that is what the single-use refresh token is about."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sandbox = cls.enterClassContext(running_sandbox(contacts=10, locations=1, rate_limit=False))

    def setUp(self):
        super().setUp()
        cr = self.registry.cursor()
        self.addCleanup(cr.close)
        self.real = api.Environment(cr, SUPERUSER_ID, {})
        location = make_location(self.real, self.sandbox.location_id, base_url=self.sandbox.base_url, token=None)
        self.addCleanup(self.forget, location)
        location.account_id.write(
            {"auth_method": "oauth", "client_id": self.sandbox.client_id, "external_id": self.sandbox.company_id}
        )
        self.oauth = OAuthClient(self.sandbox.base_url, self.sandbox.client_id, self.sandbox.client_secret)
        self.real["ghl.token"]._put(location.account_id, "client", access=self.sandbox.client_secret)
        self.location = location
        cr.commit()

    def forget(self, location):
        self.real.cr.rollback()
        account = location.account_id
        location.unlink()
        account.unlink()
        self.real.cr.commit()

    def install_on_location(self):
        code = self.sandbox.oauth_code(self.sandbox.location_id, redirect_uri=CALLBACK)
        pair = self.oauth.exchange(code, CALLBACK).token
        token = self.real["ghl.token"]._put(
            self.location.account_id,
            "oauth",
            location=self.location,
            access=pair.access,
            refresh=pair.refresh,
            expires_at=pair.expires_at,
        )
        self.real.cr.commit()
        return token

    def refreshes(self):
        requests = self.sandbox.ledger()["requests"]
        return sum(count for call, count in requests.items() if "/oauth/token" in call)

    def test_eight_threads_with_a_dead_token_refresh_it_once(self):
        token = self.install_on_location()
        before, old, got = self.refreshes(), token.access_token, []
        providers = [tokens_for(self.location) for _number in range(8)]
        threads = [
            threading.Thread(target=lambda provider=provider: got.append(provider.replace(old)), daemon=True)
            for provider in providers
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        self.assertEqual(len(got), 8)
        self.assertEqual(len(set(got)), 1)
        self.assertNotEqual(got[0], old)
        self.assertEqual(self.refreshes() - before, 1)
        self.real.cr.rollback()
        token.invalidate_recordset()
        self.assertEqual((token.access_token, token.version, token.claimed_until), (got[0], 2, False))

    def test_a_location_token_is_minted_from_the_companys_pair(self):
        pair = self.sandbox.agency
        self.real["ghl.token"]._put(
            self.location.account_id, "oauth", access=pair["access_token"], refresh=pair["refresh_token"]
        )
        self.real.cr.commit()
        minted = tokens_for(self.location).token()
        self.assertTrue(minted)
        status, body, _headers = self.sandbox.call("GET", f"/locations/{self.sandbox.location_id}", token=minted)
        self.assertEqual(status, 200, body)

    def test_an_old_version_is_never_stored_over_a_new_one(self):
        store = PgTokenStore(self.install_on_location())
        first = store.load()
        self.assertTrue(store.save(first.version, first))
        self.assertFalse(store.save(first.version, first))

    def test_a_claim_is_won_by_one_and_runs_out(self):
        store = PgTokenStore(self.install_on_location())
        version = store.load().version
        self.assertTrue(store.claim(version, 60))
        self.assertFalse(store.claim(version, 60))
        store.release(version)
        self.assertTrue(store.claim(version, 0))
        self.assertTrue(store.claim(version, 60))

    def test_without_credentials_the_account_must_be_connected(self):
        with self.assertRaisesRegex(AuthenticationError, "reconnect"):
            tokens_for(self.location)


@tagged("post_install", "-at_install")
class TestProbe(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sandbox = cls.enterClassContext(running_sandbox(contacts=10, locations=2, rate_limit=False))

    def test_a_good_token_reads_its_location(self):
        remote = probe(self.sandbox.base_url, self.sandbox.private_token, self.sandbox.location_id)
        self.assertEqual(remote["id"], self.sandbox.location_id)

    def test_every_other_combination_is_refused_in_words(self):
        first, second = self.sandbox.location_ids
        for token, location, error in (
            ("pit-nonsense", first, AuthenticationError),
            (self.sandbox.private_token, second, RemoteError),
            (self.sandbox.private_token, "unknown", RemoteError),
        ):
            with self.assertRaises(error) as refused:
                probe(self.sandbox.base_url, token, location)
            self.assertIn("GoHighLevel", refused.exception.human())
            self.assertNotIn(token, f"{refused.exception} {refused.exception.human()}")

    def test_nobody_there_is_said_so(self):
        with self.assertRaises(TransportError):
            probe("http://127.0.0.1:9", "pit-x", "LOC")


@tagged("post_install", "-at_install")
class TestNeutralize(TransactionCase):
    def test_a_neutralised_copy_has_no_credentials_left(self):
        from odoo.modules.neutralize import get_neutralization_queries

        location = make_location(self.env, "LOC1")
        self.env["ghl.api.key"]._generate("Frontend", self.env.ref("base.user_admin"))
        self.env.flush_all()
        for query in get_neutralization_queries(["ghl"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.assertFalse(self.env["ghl.token"].search([]))
        self.assertFalse(self.env["ghl.api.key"].search([("revoked_at", "=", False)]))
        self.assertFalse(location.sync_enabled)

"""The client against the simulated GoHighLevel over real HTTP: whole lists, exact request counts, faults, OAuth."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

from odoo.tests.common import BaseCase, tagged

from ..dev.sandbox.client import running_sandbox
from ..ghl_base.net.budget import MemoryRateBudget
from ..ghl_base.net.errors import AuthenticationError, ForbiddenError, NotFoundError, RejectedRequest
from ..ghl_base.net.retry import RetryPolicy
from ..ghl_contacts.gateway.client import GhlClient
from ..ghl_contacts.gateway.oauth import OAuthClient
from ..ghl_contacts.gateway.tokens import LocationTokens, OAuthTokens, StaticToken, StoredToken
from .scripted_http import FakeTime
from .test_gateway_tokens import MemoryStore

SIZES = {"contacts": 500, "tasks": 500, "conversations": 99, "opportunities": 100}


def now():
    return datetime.now(timezone.utc).replace(tzinfo=None)


class SandboxCase(BaseCase):
    options = {"contacts": 1234, "locations": 1, "rate_limit": False}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sandbox = cls.enterClassContext(running_sandbox(**cls.options))
        cls.location = cls.sandbox.location_id

    def setUp(self):
        super().setUp()
        self.sandbox.clear_faults()
        self.sandbox.reset_ledger()
        self.statuses = Counter()

    def client(self, tokens=None, **options):
        # Time stands still but for the client's own waits.
        fake = FakeTime()
        options = {"sleep": fake.sleep, "clock": fake, "budget": MemoryRateBudget(clock=fake), **options}
        return GhlClient(
            base_url=self.sandbox.base_url,
            tokens=tokens or StaticToken(self.sandbox.private_token),
            budget_scope=self.location,
            on_request=lambda info: self.statuses.update([info.status]),
            **options,
        )

    def walks(self, client):
        return {
            "contacts": client.contact_pages(self.location),
            "tasks": client.task_pages(self.location),
            "conversations": client.conversation_pages(self.location),
            "opportunities": client.opportunity_pages(self.location),
        }

    def truth(self, kind):
        return sorted(row[0] for row in self.sandbox.dump()[kind])

    def ids(self, pages):
        rows = [row for page in pages for row in page.rows if isinstance(row, dict)]
        return [row.get("id") or row.get("_id") for row in rows if row.get("id") or row.get("_id")]


@tagged("post_install", "-at_install")
class TestGatewaySandboxPull(SandboxCase):
    def test_every_list_is_read_completely_with_the_fewest_requests(self):
        for kind, pages in self.walks(self.client()).items():
            with self.subTest(kind):
                self.statuses.clear()
                self.assertEqual(sorted(self.ids(pages)), self.truth(kind))
                count = len(self.truth(kind))
                if kind == "conversations":
                    # Each page but the first repeats the row at the edge.
                    self.assertLessEqual(self.statuses.total(), -(-count // 99) + 1)
                else:
                    self.assertEqual(self.statuses.total(), -(-count // SIZES[kind]))

    def test_a_change_since_a_date_costs_one_request_per_list(self):
        client = self.client()
        since = now() - timedelta(seconds=1)
        changed = self.sandbox.mutate(contacts=7, conversations=5)
        contacts = self.ids(client.contact_pages(self.location, since=since))
        conversations = self.ids(client.conversation_pages(self.location, since=since))
        self.assertEqual(sorted(contacts), sorted(set(changed["contacts"])))
        self.assertEqual(sorted(conversations), sorted(set(changed["conversations"])))
        self.assertEqual(self.statuses, {200: 2})

    def test_master_data_and_single_records_are_read(self):
        client = self.client()
        location = client.location(self.location)
        self.assertEqual((location["id"], location["companyId"]), (self.location, self.sandbox.company_id))
        self.assertTrue(client.tags(self.location) and client.pipelines(self.location))
        models = {field["model"] for field in client.custom_fields(self.location)}
        self.assertEqual(models, {"contact", "opportunity"})
        users = self.ids(client.user_pages(self.sandbox.company_id, self.location))
        self.assertTrue(users)
        contact_id = self.truth("contacts")[0]
        self.assertEqual(client.contact(contact_id)["id"], contact_id)

    def test_the_writes_of_the_table_are_accepted(self):
        client = self.client()
        body = {"locationId": self.location, "firstName": "Ana", "email": "ana@gateway.example.com"}
        contact = client.call("contact_create", body=body)["contact"]
        path = {"contactId": contact["id"]}
        client.call("contact_update", path, body={"firstName": "Anna"})
        self.assertEqual(client.contact(contact["id"])["firstName"], "Anna")
        again = client.call("contact_upsert", body={**body, "firstName": "Anne"})
        self.assertEqual((again["new"], again["contact"]["id"]), (False, contact["id"]))
        self.assertIn("vip", client.call("contact_tags_add", path, body={"tags": ["vip", "x"]})["tags"])
        self.assertNotIn("x", client.call("contact_tags_remove", path, body={"tags": ["x"]})["tags"])
        task = {"title": "Call", "dueDate": "2026-09-30T10:00:00.000Z", "completed": False}
        task_path = {**path, "taskId": client.call("task_create", path, body=task)["task"]["id"]}
        client.call("task_update", task_path, body={"title": "Call back"})
        client.call("task_complete", task_path, body={"completed": True})
        self.assertEqual(client.call("task_get", task_path)["task"]["title"], "Call back")
        client.call("task_delete", task_path)
        note = client.call("note_create", path, body={"body": "Hello"})["note"]
        client.call("note_update", {**path, "id": note["id"]}, body={"body": "Hello again"})
        self.assertEqual(client.call("notes_list", path)["notes"][0]["body"], "Hello again")
        client.call("note_delete", {**path, "id": note["id"]})
        client.call("contact_delete", path)
        with self.assertRaises(NotFoundError):
            client.contact(contact["id"])

    def test_a_dated_version_reads_the_same(self):
        client = self.client(version_overrides={"*": "2021-07-28"})
        for kind, pages in self.walks(client).items():
            self.assertEqual(sorted(self.ids(pages)), self.truth(kind), kind)

    def test_refusals_are_told_apart(self):
        stranger = "A" * 20
        client = self.client()
        with self.assertRaises(NotFoundError):
            client.contact(stranger)
        with self.assertRaises((ForbiddenError, AuthenticationError)):
            client.location(stranger)
        with self.assertRaises(AuthenticationError):
            self.client(StaticToken("pit-wrong")).tags(self.location)
        with self.assertRaises(RejectedRequest):
            client.call("contact_create", body={"locationId": self.location, "email": 5})


@tagged("post_install", "-at_install")
class TestGatewaySandboxTies(SandboxCase):
    options = {"contacts": 900, "conversations": 600, "tie_cluster": 250, "rate_limit": False}

    def test_records_that_share_a_stamp_are_all_read_once(self):
        for kind, pages in self.walks(self.client()).items():
            with self.subTest(kind):
                self.assertEqual(sorted(self.ids(pages)), self.truth(kind))


@tagged("post_install", "-at_install")
class TestGatewaySandboxFaults(SandboxCase):
    options = {"contacts": 1234, "hold_seconds": 30, "rate_limit": False}

    def test_a_pull_survives_every_passing_fault(self):
        for fault in ("429", "500", "502html", "reset", "cut", "html"):
            for kind in SIZES:
                with self.subTest(fault, kind=kind):
                    self.sandbox.set_faults({fault: {"rate": 0.4, "count": 4}})
                    client = self.client(retry=RetryPolicy(max_attempts=9))
                    self.assertEqual(sorted(self.ids(self.walks(client)[kind])), self.truth(kind))
                    self.sandbox.clear_faults()

    def test_damaged_rows_do_not_stop_or_shorten_a_pull(self):
        for fault in ("null", "duplicate", "unknown_enum", "longnames", "bad_record"):
            for kind in SIZES:
                with self.subTest(fault, kind=kind):
                    self.sandbox.set_faults({fault: 1})
                    ids = self.ids(self.walks(self.client())[kind])
                    self.sandbox.clear_faults()
                    self.assertEqual(sorted(set(ids)), self.truth(kind))
                    self.assertEqual(len(ids), len(set(ids)))

    def test_one_stray_401_does_not_end_a_pull(self):
        self.sandbox.set_faults({"401once": {"rate": 1, "path": "/contacts/search"}})
        self.assertEqual(sorted(self.ids(self.client().contact_pages(self.location))), self.truth("contacts"))
        self.assertEqual(self.statuses[401], 1)

    def test_a_revoked_private_token_ends_a_pull_and_says_what_to_do(self):
        self.addCleanup(self.sandbox.reset)
        pages = self.client().contact_pages(self.location)
        next(pages)
        self.sandbox.expire_tokens(private=True)
        with self.assertRaises(AuthenticationError) as caught:
            list(pages)
        self.assertIn("create a new private integration token", caught.exception.human())
        self.assertEqual(self.statuses[401], 2)

    def test_no_answer_at_all_ends_by_the_timeout(self):
        self.sandbox.set_faults({"timeout": {"rate": 1, "count": 1}})
        client = self.client(timeouts=(2, 0.2))
        self.assertEqual(sorted(self.ids(client.contact_pages(self.location))), self.truth("contacts"))
        self.assertEqual(self.statuses[None], 1)


@tagged("post_install", "-at_install")
class TestGatewaySandboxBudget(SandboxCase):
    options = {"contacts": 50, "rate_limit": 20, "interval_ms": 300}

    def test_eight_threads_never_exceed_the_limit_of_the_location(self):
        # The simulated limit runs in real time, so the client really waits here: four windows of 0.35 s.
        budget = MemoryRateBudget(limit=20, interval=0.3, margin=0.05)
        client = self.client(budget=budget, sleep=time.sleep, clock=time.monotonic)
        with ThreadPoolExecutor(8) as pool:
            results = list(pool.map(lambda _: client.tags(self.location), range(70)))
        self.assertEqual(len(results), 70)
        self.assertEqual(self.statuses, {200: 70})


@tagged("post_install", "-at_install")
class TestGatewaySandboxOAuth(SandboxCase):
    options = {"contacts": 30, "locations": 2, "rate_limit": False}
    redirect = "https://odoo.example.com/ghl/oauth/callback"

    def oauth(self, **options):
        sandbox = self.sandbox
        return OAuthClient(sandbox.base_url, sandbox.client_id, sandbox.client_secret, **options)

    def test_a_location_is_connected_by_code_and_its_token_refreshed(self):
        for version in ("v3", "2021-07-28"):
            with self.subTest(version):
                oauth = self.oauth(version=version)
                code = self.sandbox.oauth_code(self.location, redirect_uri=self.redirect)
                grant = oauth.exchange(code, self.redirect)
                self.assertEqual((grant.user_type, grant.location_id), ("Location", self.location))
                self.assertEqual(grant.company_id, self.sandbox.company_id)
                store = MemoryStore(grant.token, now)
                client = self.client(OAuthTokens(store, oauth, sleep=lambda seconds: None))
                client.tags(self.location)
                self.sandbox.expire_tokens(self.location)
                client.tags(self.location)
                self.assertEqual(store.saves, 1)
                self.assertNotEqual(store.stored.refresh, grant.token.refresh, "the refresh token rotates")

    def test_threads_that_find_the_token_ended_refresh_it_once(self):
        oauth = self.oauth()
        grant = oauth.exchange(self.sandbox.oauth_code(self.location), self.redirect)
        store = MemoryStore(grant.token, now)
        self.sandbox.expire_tokens(self.location)
        pause = threading.Event()
        client = self.client(OAuthTokens(store, oauth, sleep=lambda seconds: pause.wait(0.01)))
        with ThreadPoolExecutor(8) as pool:
            results = list(pool.map(lambda _: client.tags(self.location), range(16)))
        self.assertEqual(len(results), 16)
        self.assertEqual(store.saves, 1)

    def test_a_used_refresh_token_needs_a_human(self):
        oauth = self.oauth()
        grant = oauth.exchange(self.sandbox.oauth_code(self.location), self.redirect)
        oauth.refresh(grant.token.refresh, "Location")
        with self.assertRaisesRegex(AuthenticationError, "reconnect the account"):
            oauth.refresh(grant.token.refresh, "Location")

    def test_the_company_token_opens_every_location(self):
        oauth = self.oauth()
        code = self.sandbox.oauth_code(company=True)
        grant = oauth.exchange(code, self.redirect, "Company")
        self.assertEqual(set(grant.approved_locations), set(self.sandbox.location_ids))
        company = OAuthTokens(MemoryStore(grant.token, now), oauth, user_type="Company")
        for location in self.sandbox.location_ids:
            store = MemoryStore(StoredToken(""), now)
            tokens = LocationTokens(company, store, oauth, self.sandbox.company_id, location)
            self.assertEqual(self.client(tokens).location(location)["id"], location)
            self.assertEqual(store.saves, 1)

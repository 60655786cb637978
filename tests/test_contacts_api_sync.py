import time
from datetime import timedelta

from odoo import fields
from odoo.tests import mute_logger

from ..dev.sandbox.client import running_sandbox
from ..ghl_base.net.budget import MemoryRateBudget
from ..ghl_contacts.mirror import connection
from .common import make_location, make_user
from .contacts_data import fill
from .test_contacts_api_lists import ContactsApiCase

FAST = "/api/get-location-contacts-fast"
FRESH = "/api/get-location-contacts"
ROUTES_LOG = "odoo.addons.ghl.ghl_contacts.controllers.contact_lists"
WORKER_LOG = "odoo.addons.ghl.ghl_base.jobs.worker"

PARKED = {"state": "parked", "result": None, "error": "No."}


class SyncCase(ContactsApiCase):
    def setUp(self):
        super().setUp()
        budget = MemoryRateBudget(limit=10_000)
        self.patch(connection, "budget_for", lambda location: budget)

    def jobs(self):
        return self.env["ghl.job"].search([("location_id", "=", self.location.id)])


class TestFastList(SyncCase):
    """The location's account points to a port where nobody answers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        fill(cls.env, cls.location)

    def test_the_database_answers_and_a_sync_is_asked_for(self):
        body = self.get(FAST)
        self.assertEqual(len(body["contacts"]), 3)
        self.assertEqual(body["sync_status"], "background")
        self.assertEqual(body["message"], "Data returned from cache. Background sync in progress.")
        job = self.jobs()
        self.assertEqual((body["sync_job_id"], job.state, job.user_id), (job.id, "pending", self.viewer))

    def test_two_calls_ask_for_one_sync(self):
        first, second = self.get(FAST), self.get(FAST)
        self.assertEqual(len(self.jobs()), 1)
        self.assertEqual(first["sync_job_id"], second["sync_job_id"])

    def test_an_unreachable_gohighlevel_is_not_waited_for(self):
        self.get(FAST)
        with mute_logger(WORKER_LOG):
            self.env["ghl.job"].drain()
        started = time.monotonic()
        body = self.get(FAST)
        self.assertLess(time.monotonic() - started, 2)
        self.assertEqual((len(body["contacts"]), body["sync_status"]), (3, "background"))
        self.assertEqual(len(self.jobs()), 1, "the failed sync waits for its next attempt")
        self.assertIn("could not be reached", body["sync_error"])

    def test_an_account_whose_token_was_refused_is_told(self):
        self.location.account_id._set_verdict("Create a new token.")
        self.assertEqual(self.get(FAST)["sync_error"], "Create a new token.")
        self.location.account_id._set_verdict()
        self.assertNotIn("sync_error", self.get(FAST))

    def test_refused_credentials_are_not_tried_at_each_call(self):
        self.location.account_id._set_verdict("GoHighLevel does not accept the credentials.")
        body = self.get(FAST)
        self.assertEqual((len(body["contacts"]), body["sync_status"]), (3, "error"))
        self.assertIn("credentials", body["sync_error"])
        self.assertFalse(self.jobs())

    def test_data_young_enough_start_no_sync_when_the_setting_says_so(self):
        self.env["ir.config_parameter"].set_param("ghl.fast_sync_seconds", "60")
        self.location.last_synced_at = fields.Datetime.now()
        self.assertEqual(self.get(FAST)["sync_status"], "fresh")
        self.assertFalse(self.jobs())
        self.location.last_synced_at = fields.Datetime.now() - timedelta(seconds=61)
        self.assertEqual(self.get(FAST)["sync_status"], "background")

    def test_without_credentials_no_sync_is_asked_for(self):
        self.env["ghl.token"].search([("account_id", "=", self.location.account_id.id)]).unlink()
        body = self.get(FAST)
        self.assertEqual((len(body["contacts"]), body["sync_status"], body["sync_job_id"]), (3, "not_connected", 0))
        self.assertFalse(self.jobs())

    def test_a_queue_that_is_broken_breaks_no_answer(self):
        def fail(*_args, **_kwargs):
            self.env.cr.execute("SELECT 1 / 0")

        self.patch(type(self.env["ghl.job"]), "enqueue", fail)
        with mute_logger("odoo.sql_db"), self.assertLogs(ROUTES_LOG, "ERROR") as logs:
            body = self.get(FAST)
        self.assertEqual((len(body["contacts"]), body["sync_status"]), (3, "error"))
        self.assertIn("LOC1", logs.output[0])

    def test_pages_of_the_fast_list_join_the_same_sync(self):
        body = self.get(FAST, limit=1)
        self.assertTrue(body["has_more"])
        self.get(FAST, limit=1, cursor=body["next_cursor"])
        self.assertEqual(len(self.jobs()), 1)

    def test_a_sync_goes_to_the_location_of_the_callers_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        theirs = make_location(self.env, "LOC1", company=other)
        key = self.make_key(make_user(self.env, "sync_other", companies=other))
        body = self.get(FAST, key=key)
        self.assertEqual((body["total_contacts"], self.jobs()), (0, self.env["ghl.job"]))
        self.assertTrue(self.env["ghl.job"].search([("location_id", "=", theirs.id)]))


class TestFreshListWithoutAnswer(SyncCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        fill(cls.env, cls.location)

    def test_an_unreachable_gohighlevel_is_told_with_the_data_at_hand(self):
        with mute_logger(WORKER_LOG):
            body = self.get(FRESH)
        self.assertEqual((body["sync_status"], body["total_contacts"], len(body["contacts"])), ("error", 3, 3))
        self.assertTrue(body["sync_error"])
        self.assertEqual((body["created_count"], body["task_sync"]["success"]), (0, False))

    def test_a_sync_that_is_not_due_yet_is_not_waited_for(self):
        with mute_logger(WORKER_LOG):
            self.get(FRESH)
        started = time.monotonic()
        body = self.get(FRESH, timeout=60)
        self.assertLess(time.monotonic() - started, 5)
        self.assertEqual(body["sync_status"], "error")

    def test_somebody_elses_running_sync_is_waited_for_no_longer_than_asked(self):
        job = self.location._enqueue_pull()
        self.env.cr.execute(
            """UPDATE ghl_job SET state = 'running', lease_until = now() + interval '1 hour',
                      lease_owner = 'other|1|1|b|t' WHERE id = %s""",
            [job.id],
        )
        body = self.get(FRESH, timeout=1)
        self.assertEqual((body["sync_status"], body["sync_job_id"], body["total_contacts"]), ("running", job.id, 3))

    def test_the_setting_bounds_the_wait_unless_the_caller_does(self):
        given = []
        self.patch(type(self.env["ghl.job"]), "_finish", lambda job, seconds: given.append(seconds) or PARKED)
        for value in (None, "7", "5000", "0", "soon"):
            self.env["ir.config_parameter"].set_param("ghl.fresh_timeout_seconds", value or False)
            self.assertEqual(self.get(FRESH)["sync_error"], "No.")
        self.get(FRESH, timeout=3)
        self.assertEqual(given, [60, 7, 110, 60, 60, 3])

    def test_bad_timeouts_are_refused(self):
        for timeout in ("0", "-1", "111", "x", "1.5"):
            response = self.call(FRESH, params={"location_id": "LOC1", "timeout": timeout})
            self.assert_refused(response, 400, "invalid_parameter")
        self.assertFalse(self.jobs())

    def test_without_credentials(self):
        self.env["ghl.token"].search([("account_id", "=", self.location.account_id.id)]).unlink()
        body = self.get(FRESH)
        self.assertEqual((body["sync_status"], body["total_contacts"]), ("not_connected", 3))


class TestFreshListAgainstTheSandbox(SyncCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sandbox = cls.enterClassContext(running_sandbox(contacts=30, locations=1, rate_limit=False))
        cls.remote = make_location(
            cls.env, cls.sandbox.location_id, base_url=cls.sandbox.base_url, token=cls.sandbox.private_token
        )

    def test_what_gohighlevel_holds_is_answered_with_counts(self):
        counts = self.sandbox.counts()
        body = self.get(FRESH, location_id=self.sandbox.location_id)
        self.assertEqual(body["sync_status"], "fresh", body.get("sync_error"))
        self.assertEqual((body["created_count"], body["updated_count"]), (counts["contacts"], 0))
        self.assertEqual((body["total_contacts"], len(body["contacts"])), (counts["contacts"], counts["contacts"]))
        self.assertEqual(body["task_sync"]["created_count"], counts["tasks"])
        self.assertTrue(body["last_synced_at"])
        again = self.get(FRESH, location_id=self.sandbox.location_id)
        self.assertEqual((again["sync_status"], again["created_count"], again["updated_count"]), ("fresh", 0, 0))
        self.assertEqual(again["contacts"], body["contacts"])

    def test_a_change_over_there_is_in_the_next_fresh_answer(self):
        self.get(FRESH, location_id=self.sandbox.location_id)
        changed = self.sandbox.mutate(contacts=1)["contacts"]
        body = self.get(FRESH, location_id=self.sandbox.location_id)
        self.assertEqual((body["sync_status"], body["updated_count"]), ("fresh", len(changed)))

    def test_refused_credentials_need_a_human(self):
        self.env["ghl.token"].search([("location_id", "=", self.remote.id)]).access_token = "pit-wrong"
        body = self.get(FRESH, location_id=self.sandbox.location_id)
        self.assertEqual(body["sync_status"], "error")
        self.assertTrue(body["sync_error"])
        self.assertNotIn("pit-wrong", str(body))

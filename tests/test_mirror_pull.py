from math import ceil
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests.common import tagged

from ..ghl_base.jobs.run import JobYield
from ..ghl_contacts.mirror.pull import Pull
from .common import DUMPED, SandboxCase, make_user, remote_messages


@tagged("post_install", "-at_install")
class TestPull(SandboxCase):
    sandbox_options = {"contacts": 620, "locations": 1}

    def entity(self, job, name):
        return job.result["entities"][name]

    def test_a_first_pull_mirrors_everything(self):
        job = self.pull()
        self.assertEqual(job.state, "done", job.error)
        self.assert_mirror_equals_remote()
        self.assertTrue(self.location.last_synced_at)
        self.assertEqual(self.location.account_id.state, "connected")
        self.assertEqual(self.location.account_id.external_id, self.sandbox.company_id)
        self.assertTrue(self.env["ghl.user"].search_count([("location_id", "=", self.location.id)]))
        self.assertTrue(self.env["ghl.pipeline.stage"].search_count([("location_id", "=", self.location.id)]))

    def test_a_first_pull_sends_as_few_requests_as_the_pages_need(self):
        self.sandbox.reset_ledger()
        job = self.pull("full")
        asked, counts = self.sandbox.ledger()["total"], self.sandbox.counts()
        pages = (
            ceil(counts["contacts"] / 500)
            + ceil(counts["tasks"] / 500)
            + ceil(counts["conversations"] / 100)
            + ceil(counts["opportunities"] / 100)
            + sum(ceil(len(rows) / 500) for rows in remote_messages(self.sandbox).values())
        )
        # location, tags, custom fields, pipelines, users
        self.assertEqual(job.result["requests"], asked)
        self.assertLessEqual(job.result["requests"], pages + 5 + 2)

    def test_links_are_made_whatever_order_pages_arrive_in(self):
        self.pull()
        tasks = self.env["ghl.contact.task"].search([("location_id", "=", self.location.id)])
        contacts = set(self.env["ghl.contact"].search([("location_id", "=", self.location.id)]).mapped("external_id"))
        for task in tasks:
            self.assertEqual(bool(task.contact_id), task.contact_external_id in contacts, task.external_id)
        deals = self.env["ghl.contact.opportunity"].search([("location_id", "=", self.location.id)])
        self.assertTrue(all(deal.stage_id and deal.pipeline_id for deal in deals if deal.stage_external_id))

    def test_a_second_pull_with_nothing_changed_writes_nothing(self):
        self.pull("full")
        for mode in ("incremental", "full"):
            job = self.pull(mode)
            for name, counts in job.result["entities"].items():
                self.assertEqual((counts["created"], counts["updated"], counts["archived"]), (0, 0, 0), name)

    def test_an_incremental_pull_brings_what_was_changed_and_created(self):
        self.pull()
        changed = self.sandbox.mutate(contacts=7, tasks=5, conversations=4, opportunities=3)
        self.sandbox.create(contacts=6)
        job = self.pull()
        self.assertEqual(self.entity(job, "contacts")["created"], 6)
        self.assertEqual(self.entity(job, "contacts")["updated"], len(set(changed["contacts"])))
        self.assertEqual(self.entity(job, "tasks")["updated"], len(set(changed["tasks"])))
        self.assertEqual(self.entity(job, "conversations")["updated"], len(set(changed["conversations"])))
        self.assertEqual(self.entity(job, "opportunities")["updated"], len(set(changed["opportunities"])))
        self.assert_mirror_equals_remote()
        self.assertLess(self.entity(job, "contacts")["seen"], 620, "only changes are asked for")

    def test_what_was_deleted_is_archived_by_a_full_pull_and_kept_readable(self):
        self.pull()
        deleted = self.sandbox.delete(contacts=3)["contacts"]
        self.pull("full")
        self.assert_mirror_equals_remote()
        gone = self.env["ghl.contact"].with_context(active_test=False).search([("external_id", "in", deleted)])
        self.assertEqual(len(gone), 3)
        self.assertTrue(all(contact.remote_deleted_at and not contact.active for contact in gone))

    def test_when_most_records_seem_gone_the_second_complete_walk_decides(self):
        self.pull()
        self.sandbox.delete(contacts=300)
        held = self.env["ghl.contact"].search_count([("location_id", "=", self.location.id)])
        job = self.pull("full")
        self.assertEqual((job.state, self.entity(job, "contacts")["archived"]), ("done", 0))
        cursor = self.location.cursor_ids.filtered(lambda cursor: cursor.entity == "contacts")
        self.assertIn(f"300 of {held}", cursor.error)
        job = self.pull("full")
        self.assertEqual(self.entity(job, "contacts")["archived"], 300)
        self.assert_mirror_equals_remote()
        self.assertFalse(cursor.error)

    def test_an_incremental_pull_never_takes_unread_contacts_for_deleted_ones(self):
        self.pull()
        self.pull()
        self.assertFalse(self.env["ghl.contact"].search([("remote_deleted_at", "!=", False), ("active", "=", False)]))

    def test_an_interrupted_pull_goes_on_behind_the_last_page_written(self):
        written, original = [], Pull._write

        def interrupted(pull, name, page):
            original(pull, name, page)
            written.append(name)
            if len(written) == 8:
                raise JobYield

        job = self.location._enqueue_pull("full")
        with patch.object(Pull, "_write", interrupted):
            self.env["ghl.job"].drain(limit=1)
        self.assertEqual(job.state, "pending")
        self.env["ghl.job"].drain(limit=1)
        job.invalidate_recordset()
        self.assertEqual(job.state, "done", job.error)
        self.assert_mirror_equals_remote()
        seen = {name: counts["seen"] for name, counts in job.result["entities"].items() if name in DUMPED}
        self.assertEqual(seen, {name: self.sandbox.counts()[name] for name in DUMPED}, "no page is read twice")

    def test_bad_records_are_listed_with_their_reason_and_the_rest_arrives(self):
        self.sandbox.set_faults({"bad_record": 0.2})
        job = self.pull("full")
        self.assertEqual(job.state, "done", job.error)
        issues = self.env["ghl.sync.issue"].search([("location_id", "=", self.location.id)])
        self.assertTrue(issues)
        self.assertTrue(all(issues.mapped("reason")))
        self.sandbox.clear_faults()
        self.pull("full")
        self.assertFalse(self.env["ghl.sync.issue"].search([("location_id", "=", self.location.id)]))
        self.assert_mirror_equals_remote()

    def test_a_revoked_token_parks_the_job_with_a_reason_people_understand(self):
        self.env["ghl.token"]._put(self.location.account_id, "private", location=self.location, access="pit-wrong")
        job = self.pull()
        self.assertEqual(job.state, "parked")
        self.assertIn("GoHighLevel", job.error)
        self.assertEqual(self.location.account_id.state, "error")
        self.assertNotIn("pit-wrong", f"{job.error}{job.error_detail}")

    def test_a_location_without_credentials_parks_its_job(self):
        self.env["ghl.token"].search([]).unlink()
        job = self.pull()
        self.assertEqual(job.state, "parked")
        self.assertIn("connect the location", job.error)

    def test_a_service_that_is_down_leaves_the_job_waiting_for_its_next_try(self):
        self.location.account_id.base_url = "http://127.0.0.1:9"
        job = self.pull()
        self.assertEqual(job.state, "pending")
        self.assertTrue(job.error)

    def test_two_requests_for_a_sync_are_one_job(self):
        self.assertEqual(self.location._enqueue_pull("full"), self.location._enqueue_pull())

    def test_an_account_may_ask_for_another_version_of_the_api(self):
        account = self.location.account_id
        account.api_versions_text = "* = 2021-07-28\nusers_search=v3"
        self.assertEqual(account.api_versions, {"*": "2021-07-28", "users_search": "v3"})
        job = self.pull()
        self.assertEqual(job.state, "done", job.error)
        for wrong in ("contacts = v3", "contacts_search", "contacts_search = latest", "contacts_search: v3"):
            with self.assertRaises(ValidationError, msg=wrong):
                account.api_versions_text = wrong
        account.api_versions_text = False
        self.assertFalse(account.api_versions)

    def test_the_result_of_a_job_is_told_in_words(self):
        job = self.pull()
        self.assertIn(f"Contacts: {self.sandbox.counts()['contacts']} new\nTasks: ", job.result_text)
        self.assertNotIn("{", job.result_text)
        survey = self.location._enqueue_survey()
        self.env["ghl.job"].drain(limit=1)
        self.assertRegex(survey.result_text, r"^Asked: \d+$")

    def test_what_is_met_is_never_more_than_the_total_told(self):
        self.pull()
        self.assertFalse(self.location.cursor_ids.filtered(lambda cursor: cursor.total < cursor.seen))

    def test_an_agent_stops_the_sync_somebody_else_asked_for_and_a_viewer_does_not(self):
        agent, viewer = (make_user(self.env, f"stopping_{group}", group) for group in ("agent", "viewer"))
        job = self.location._enqueue_pull()
        with self.assertRaises(UserError):
            self.location.with_user(viewer).action_stop_sync()
        self.location.with_user(agent).action_stop_sync()
        self.env.invalidate_all()
        self.assertEqual(job.state, "cancelled")

    def test_a_viewer_starts_no_sync(self):
        viewer = make_user(self.env, "starting_viewer", "viewer")
        with self.assertRaises(UserError):
            self.location.with_user(viewer).action_sync_now()

    def test_a_scope_that_is_missing_stops_its_own_records_only(self):
        self.sandbox.set_faults({"403": {"rate": 1, "path": "/opportunities/search"}})
        job = self.pull()
        self.assertEqual(job.state, "parked")
        self.assertIn("Opportunities", job.error)
        self.assertTrue(self.location.last_synced_at)
        self.assertEqual(self.location.account_id.state, "connected")
        tasks = self.env["ghl.contact.task"].search([("location_id", "=", self.location.id)])
        self.assertTrue(tasks.contact_id, "links are made although something was refused")

    def test_the_schedule_leaves_refused_credentials_to_the_nightly_run(self):
        self.location.last_synced_at = fields.Datetime.now()
        self.location.account_id._set_verdict("GoHighLevel does not accept the credentials.")
        for mode, asked in (("incremental", 0), ("full", 1)):
            self.env["ghl.location"]._cron_pull(mode)
            self.assertEqual(self.env["ghl.job"].search_count([("location_id", "=", self.location.id)]), asked, mode)

    def test_the_schedule_waits_until_somebody_asked_for_the_first_sync(self):
        def jobs():
            return self.env["ghl.job"].search([("location_id", "=", self.location.id)])

        for mode in ("incremental", "full"):
            self.env["ghl.location"]._cron_pull(mode)
        self.assertFalse(jobs())
        job = self.location._enqueue_pull("full")
        job.action_stop()
        self.env["ghl.location"]._cron_pull("incremental")
        self.assertEqual(len(jobs() - job), 1, "a first sync that was begun is finished by the schedule")

    def test_the_schedule_is_harmless_when_nothing_is_connected(self):
        self.env["ghl.token"].search([]).unlink()
        before = self.env["ghl.job"].search_count([])
        self.env["ghl.location"]._cron_pull("incremental")
        self.assertEqual(self.env["ghl.job"].search_count([]), before)

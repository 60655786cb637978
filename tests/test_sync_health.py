"""How well a location is mirrored, against a real sandbox: comparison, request budget, stuck jobs."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..ghl_base.jobs.lease import Owner
from .common import SandboxCase, make_user
from .job_case import JobCase
from .tour_case import TourCase


@tagged("post_install", "-at_install", "ghl")
class TestComparison(SandboxCase):
    sandbox_options = {"contacts": 60, "locations": 1}

    def compare(self, location=None):
        (location or self.location)._enqueue_survey()
        self.env["ghl.job"].drain(limit=1)
        self.env.invalidate_all()
        return {row["name"]: row for kind in self.location.read_survey()["kinds"] for row in kind["rows"]}

    def test_few_requests_are_asked_whatever_there_is(self):
        self.sandbox.reset_ledger()
        self.compare()
        self.assertEqual(self.sandbox.ledger()["total"], 12, "eleven lists, and whose users they are")
        self.pull("full")
        self.sandbox.reset_ledger()
        self.compare()
        self.assertEqual(self.sandbox.ledger()["total"], 15)

    def test_refused_credentials_are_told_and_do_not_look_like_a_failed_sync(self):
        self.pull("full")
        self.env["ghl.token"].search([("location_id", "=", self.location.id)]).access_token = "pit-revoked"
        with mute_logger("odoo.addons.ghl.ghl_base.jobs.worker"):
            self.compare()
        found = self.location.read_survey()
        self.assertIn("does not accept the credentials", found["error"])
        self.assertEqual(self.location.job_state, "done")
        self.assertEqual(self.env["ghl.dashboard"].read_sync(self.location.id)["fix"], "")

    def test_only_agents_ask_and_only_about_their_locations(self):
        viewer = make_user(self.env, "health_viewer", "viewer")
        with self.assertRaises(UserError):
            self.location.with_user(viewer).action_compare()
        stranger = make_user(
            self.env, "health_stranger", "agent", companies=self.env["res.company"].create({"name": "Elsewhere"})
        )
        for method in ("action_compare", "read_survey"):
            with self.assertRaises(AccessError):
                getattr(self.location.with_user(stranger), method)()
        agent = make_user(self.env, "health_agent", "agent")
        self.location.with_user(agent).action_compare()
        self.assertTrue(self.location.with_user(agent).read_survey()["waiting"])

    def test_kinds_that_were_not_read_to_the_end_are_named(self):
        self.assertFalse(self.location.behind, "nothing was ever read, and the age says so")
        self.pull("full")
        self.env.invalidate_all()
        self.assertFalse(self.location.behind)
        cursors = {cursor.entity: cursor for cursor in self.location.cursor_ids}
        cursors["tasks"].state = "failed"
        cursors["messages"].state = "walking"
        cursors["stages"].unlink()
        self.env.invalidate_all()
        self.assertEqual(self.location.behind, "Tasks (failed), Messages (not finished), Stages (never)")
        self.location.action_choose("tasks", False)
        self.assertNotIn("Tasks", self.location.behind)
        self.location._enqueue_pull("incremental")
        self.env.invalidate_all()
        self.assertFalse(self.location.behind, "a sync is reading them")

    def test_agents_release_a_sync_whose_process_is_gone(self):
        self.location._enqueue_pull("incremental")
        job = self.location.job_id
        self.env.cr.execute(
            "UPDATE ghl_job SET state = 'running', lease_until = now() AT TIME ZONE 'UTC' - interval '1 minute' "
            "WHERE id = %s",
            [job.id],
        )
        self.env.invalidate_all()
        self.assertTrue(self.location.is_stuck)
        with self.assertRaises(UserError):
            self.location.with_user(make_user(self.env, "release_viewer", "viewer")).action_release_sync()
        self.assertTrue(self.location.is_stuck)
        self.location.with_user(make_user(self.env, "release_agent", "agent")).action_release_sync()
        self.env.invalidate_all()
        self.assertEqual((self.location.is_stuck, self.location.job_state), (False, "pending"))

    def test_the_age_and_the_budget_are_told_in_words(self):
        self.assertEqual(self.location.lag, "never")
        for minutes, words in ((0, "just now"), (30, "30 minutes ago"), (180, "3 hours ago"), (5000, "3 days ago")):
            self.location.last_synced_at = fields.Datetime.now() - timedelta(minutes=minutes)
            self.assertEqual(self.location.lag, words)
        self.assertEqual((self.location.daily_limit, self.location.recent_used), (0, False), "nothing was asked yet")
        self.env["ghl.rate.budget"].create(
            {"scope": self.location._budget_scope(), "name": "x", "company_id": self.env.company.id,
             "request_limit": 100, "interval_seconds": 10, "daily_limit": 1000, "daily_remaining": 750}
        )  # fmt: skip
        self.env.invalidate_all()
        self.assertEqual((self.location.daily_used, self.location.recent_used), (250, "0 of 100 in 10 seconds"))


class TestRelease(JobCase):
    def running(self, seconds):
        job = self.enqueue()
        self.env.cr.execute(
            """UPDATE ghl_job SET state = 'running', lease_owner = %s,
                      lease_until = now() AT TIME ZONE 'UTC' + %s * interval '1 second' WHERE id = %s""",
            [str(Owner.here()), seconds, job.id],
        )
        job.invalidate_recordset()
        return job

    def test_a_job_nobody_hears_of_can_be_released(self):
        job = self.running(-5)
        self.assertTrue(job.is_stuck)
        job.action_release()
        self.assertEqual((job.state, job.is_stuck, job.lost), ("pending", False, 1))

    def test_a_job_that_is_alive_is_not_taken_away(self):
        job = self.running(60)
        self.assertFalse(job.is_stuck)
        job.action_release()
        self.assertEqual((job.state, job.lost), ("running", 0))

    def test_others_may_not_release_it(self):
        job = self.running(-5)
        with self.assertRaises(AccessError):
            job.with_user(make_user(self.env, "release_viewer")).action_release()
        self.assertEqual(job.state, "running")


@tagged("post_install", "-at_install", "ghl")
class TestHealthTour(TourCase, SandboxCase):
    sandbox_options = {"contacts": 20, "locations": 1}

    def test_an_agent_looks_after_a_location(self):
        make_user(self.env, "health_tour", "agent")
        self.pull("full")
        self.location._enqueue_survey()
        self.env["ghl.job"].drain(limit=1)
        self.location.account_id.write({"state": "error", "last_error": "The token was revoked."})
        self.start_tour("/odoo/ghl-sync-health", "ghl_sync_health_tour", login="health_tour")

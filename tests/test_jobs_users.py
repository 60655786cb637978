"""What users may see of jobs and do with them."""

import json
from types import SimpleNamespace
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.service.model import get_public_method
from odoo.tests import RecordCapturer, new_test_user

from .common import make_location, make_user
from .job_case import JobCase


class TestButtons(JobCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner = new_test_user(cls.env, "owner", groups="ghl.group_ghl_agent")
        cls.stranger = new_test_user(cls.env, "stranger", groups="ghl.group_ghl_campaign_manager")
        cls.admin = new_test_user(cls.env, "ghladmin", groups="ghl.group_ghl_admin")

    def failed(self):
        def handler(model, run):
            raise ValueError("boom")

        job = self.run_job(handler, max_attempts=1)
        self.env.cr.execute("UPDATE ghl_job SET user_id = %s WHERE id = %s", [self.owner.id, job.id])
        job.invalidate_recordset()
        return job

    def test_retry_starts_a_failed_job_from_the_beginning(self):
        jobs = self.failed(), self.failed()
        for user, job in zip((self.owner, self.admin), jobs, strict=True):
            job.with_user(user).action_retry()
            self.assertEqual((job.state, job.attempt, job.error), ("pending", 0, False))

    def test_a_job_that_is_done_cannot_be_retried(self):
        job = self.run_job(lambda model, run: None)
        with self.assertRaises(UserError):
            job.with_user(self.admin).action_retry()

    def test_a_job_whose_twin_is_active_cannot_be_retried(self):
        job = self.failed()
        self.env.cr.execute("UPDATE ghl_job SET identity_key = 'twin' WHERE id = %s", [job.id])
        self.enqueue(identity_key="twin")
        with self.assertRaises(UserError):
            job.with_user(self.admin).action_retry()

    def test_stop_cancels_a_pending_job_and_asks_a_running_one(self):
        job = self.enqueue()
        job.with_user(self.admin).action_stop()
        self.assertEqual(job.state, "cancelled")

        def handler(model, run):
            model.browse(run.job_id).action_stop()
            run.progress(done=1)

        self.assertEqual(self.run_job(handler).state, "cancelled")

    def test_other_users_cannot_stop_or_retry(self):
        job = self.failed()
        for action in ("action_retry", "action_stop"):
            with self.subTest(action), self.assertRaises(AccessError):
                getattr(job.with_user(self.stranger), action)()
        self.assertFalse(job.with_user(self.stranger).can_manage)
        self.assertTrue(job.with_user(self.owner).can_manage)


class TestAccess(JobCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.viewer = new_test_user(cls.env, "viewer", groups="ghl.group_ghl_viewer")
        cls.outsider = new_test_user(cls.env, "outsider", groups="base.group_user")

    def test_nobody_writes_jobs_through_the_orm(self):
        job = self.enqueue().with_user(self.viewer)
        admin = new_test_user(self.env, "ghladmin", groups="ghl.group_ghl_admin")
        for user in (self.viewer, admin):
            for operation in ("write", "create", "unlink"):
                self.assertFalse(job.with_user(user).has_access(operation), operation)
        self.assertFalse(job.with_user(self.outsider).has_access("read"))

    def test_jobs_can_be_neither_enqueued_nor_run_through_rpc(self):
        for method in ("enqueue", "drain", "_job_probe", "_run_queued"):
            with self.subTest(method), self.handler(lambda model, run: None), self.assertRaises(AccessError):
                get_public_method(self.jobs.with_user(self.viewer), method)
        self.assertTrue(get_public_method(self.jobs, "action_stop"))

    def test_users_see_the_jobs_of_their_companies_only(self):
        other = self.env["res.company"].create({"name": "Other"})
        mine, theirs = self.enqueue(), self.enqueue(company=other)
        seen = self.jobs.with_user(self.viewer).search([("id", "in", (mine + theirs).ids)])
        self.assertEqual(seen, mine)
        with self.assertRaises(AccessError):
            theirs.with_user(self.viewer).read(["name"])

    def test_technical_details_are_for_administrators(self):
        job = self.enqueue({"a": 1}).with_user(self.viewer)
        for name in ("payload", "error_detail", "method", "lease_owner"):
            with self.subTest(name), self.assertRaises(AccessError):
                job.read([name])

    def test_progress_is_pushed_to_the_company_of_the_job(self):
        with RecordCapturer(self.env["bus.bus"], [("message", "ilike", "ghl.job/progress")]) as captured:
            self.run_job(lambda model, run: run.progress(done=1, total=2))
            self.env.cr.precommit.run()
        channel = [self.env.cr.dbname, "res.company", self.company.id, "ghl"]
        self.assertEqual([json.loads(c) for c in set(captured.records.mapped("channel"))], [channel])
        payloads = [json.loads(m)["payload"] for m in captured.records.sorted("id").mapped("message")]
        self.assertEqual([(p["state"], p["percent"]) for p in payloads], [("running", 50.0), ("done", 100.0)])

    def test_only_users_of_the_application_listen_to_their_companies(self):
        self.env["res.company"].create({"name": "Other"})
        company, place = self.company, make_location(self.env)
        limited = make_user(self.env, "limited", locations=place)
        for user, expected in (
            (self.viewer, [(company, "ghl"), (company, "ghl-everywhere")]),
            (limited, [(company, "ghl"), (company, f"ghl-location-{place.id}")]),
            (self.outsider, []),
        ):
            session = SimpleNamespace(session=SimpleNamespace(uid=user.id))
            with patch("odoo.addons.bus.models.ir_websocket.request", new=session):
                channels = self.env["ir.websocket"].with_user(user)._build_bus_channel_list(["ghl", "ghl-everywhere"])
            mine = [channel for channel in channels if isinstance(channel, tuple) and channel[0]._name == "res.company"]
            self.assertEqual(mine, expected)

    def test_the_job_of_a_location_is_told_to_those_who_may_see_the_location(self):
        place = make_location(self.env)
        with RecordCapturer(self.env["bus.bus"], [("message", "ilike", "ghl.job/progress")]) as captured:
            self.run_job(lambda model, run: None, location_id=place.id)
            self.env.cr.precommit.run()
        channels = {json.loads(channel)[-1] for channel in captured.records.mapped("channel")}
        self.assertEqual(channels, {"ghl-everywhere", f"ghl-location-{place.id}"})

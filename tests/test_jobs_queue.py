from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import RecordCapturer, new_test_user
from odoo.tools import mute_logger

from ..ghl_base.jobs.executors.engine import lease_seconds
from ..ghl_base.jobs.run import JobPark, JobStopped, JobYield
from ..ghl_base.net.errors import RejectedRequest, Stopped
from .job_case import WORKER_LOG, JobCase


class TestEnqueue(JobCase):
    def test_a_job_is_pending_and_belongs_to_who_asked(self):
        user = new_test_user(self.env, "viewer", groups="ghl.group_ghl_viewer")
        with self.handler(lambda model, run: None):
            job = self.jobs.with_user(user).enqueue(
                "_job_probe", {"a": 1}, model="ghl.job", name="Probe", company=self.company
            )
        self.assertEqual((job.state, job.user_id, job.company_id), ("pending", user, self.company))
        self.assertEqual(job.sudo().payload, {"a": 1})

    def test_only_job_handlers_can_be_enqueued(self):
        for model, method in (("ghl.job", "unlink"), ("ghl.job", "_job_missing"), ("no.model", "_job_probe")):
            with self.subTest(model=model, method=method), self.assertRaises(ValueError):
                self.jobs.enqueue(method, model=model, name="x", company=self.company)

    def test_the_same_key_gives_the_same_job_while_it_is_active(self):
        first = self.enqueue(identity_key="k")
        self.assertEqual(self.enqueue(identity_key="k"), first)
        self.assertNotEqual(self.enqueue(identity_key="other"), first)
        with self.handler(lambda model, run: None):
            self.jobs.drain()
        self.assertNotEqual(self.enqueue(identity_key="k"), first)

    def test_jobs_without_a_key_are_all_kept(self):
        self.assertNotEqual(self.enqueue(), self.enqueue())

    def test_urgent_jobs_run_first_and_future_ones_not_at_all(self):
        ran = []
        self.enqueue({"n": "late"}, eta=fields.Datetime.now() + timedelta(hours=1))
        self.enqueue({"n": "normal"})
        self.enqueue({"n": "urgent"}, priority=1)
        with self.handler(lambda model, run: ran.append(run.payload["n"])):
            self.assertEqual(self.jobs.drain(), 2)
        self.assertEqual(ran, ["urgent", "normal"])

    def test_enqueue_asks_for_the_scheduled_action_when_that_is_the_executor(self):
        self.env["ir.config_parameter"].set_param("ghl.job_executor", "cron")
        cron = self.env.ref("ghl.cron_run_jobs")
        with RecordCapturer(self.env["ir.cron.trigger"], [("cron_id", "=", cron.id)]) as captured:
            self.enqueue()
        self.assertEqual(len(captured.records), 1)

    def test_a_known_active_job_asks_nobody_again(self):
        self.enqueue(identity_key="k")
        cron = self.env.ref("ghl.cron_run_jobs")
        with RecordCapturer(self.env["ir.cron.trigger"], [("cron_id", "=", cron.id)]) as captured:
            self.enqueue(identity_key="k")
        self.assertFalse(captured.records)


class TestRun(JobCase):
    def test_the_result_of_the_handler_is_kept(self):
        job = self.run_job(lambda model, run: {"contacts": 3}, payload={"x": 1})
        self.assertEqual((job.state, job.result, job.progress_percent), ("done", {"contacts": 3}, 100.0))
        self.assertTrue(job.finished_at)

    def test_the_handler_acts_for_the_company_of_the_job(self):
        other = self.env["res.company"].create({"name": "Other"})
        seen = []
        self.run_job(lambda model, run: seen.append((run.env.company, run.env.su)) or {}, company=other)
        self.assertEqual(seen, [(other, True)])

    def test_progress_is_shown_with_its_share(self):
        def handler(model, run):
            run.progress(done=1, total=4, message="Contacts")
            raise JobStopped()

        job = self.run_job(handler)
        self.assertEqual((job.progress_done, job.progress_total, job.progress_percent), (1, 4, 25.0))
        self.assertEqual(job.progress_message, "Contacts")

    def test_a_failing_job_keeps_nothing_it_wrote_and_comes_back_later(self):
        def handler(model, run):
            run.env["res.partner"].create({"name": "Half written"})
            raise ValueError("boom")

        job = self.run_job(handler)
        self.assertEqual((job.state, job.attempt), ("pending", 1))
        self.assertGreater(job.eta, fields.Datetime.now() + timedelta(seconds=8))
        self.assertIn("boom", job.error)
        self.assertIn("Traceback", job.error_detail)
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Half written")]))

    def test_a_job_fails_for_good_after_its_last_attempt(self):
        def handler(model, run):
            raise ValueError("boom")

        self.assertEqual(self.run_job(handler, max_attempts=1).state, "failed")

    def test_an_error_no_retry_can_cure_fails_at_once(self):
        def handler(model, run):
            raise RejectedRequest("bad", status=422)

        self.assertEqual(self.run_job(handler).state, "failed")

    def test_a_user_error_is_shown_as_it_was_written(self):
        def handler(model, run):
            raise UserError("Choose a pipeline first.")

        self.assertEqual(self.run_job(handler, max_attempts=1).error, "Choose a pipeline first.")

    def test_a_job_that_needs_a_human_is_parked(self):
        def handler(model, run):
            raise JobPark("Enter a new token.")

        job = self.run_job(handler)
        self.assertEqual((job.state, job.error), ("parked", "Enter a new token."))

    def test_a_job_that_yields_goes_on_at_once_without_counting(self):
        left = [1, 1]

        def handler(model, run):
            if left:
                left.pop()
                raise JobYield()
            return {"attempt": run.attempt}

        job = self.enqueue()
        with self.handler(handler):
            self.assertEqual(self.jobs.drain(), 3)
        self.assertEqual((job.state, job.result), ("done", {"attempt": 1}))

    def test_a_result_that_is_not_json_is_a_failure(self):
        self.assertIn("JSON", self.run_job(lambda model, run: {"x": object()}, max_attempts=1).error)

    def test_a_wait_ended_by_the_stop_button_cancels_the_job(self):
        def handler(model, run):
            run.note(True)
            raise Stopped()

        self.assertEqual(self.run_job(handler).state, "cancelled")

    def test_a_job_of_a_missing_handler_fails_with_a_clear_sentence(self):
        job = self.enqueue()
        with mute_logger(WORKER_LOG):
            self.jobs.drain()
        self.assertEqual(job.state, "failed")
        self.assertIn("ghl.job._job_probe", job.error)

    def test_secrets_never_reach_the_stored_error_or_the_log(self):
        def handler(model, run):
            raise ValueError("Authorization: Bearer abcdef0123456789")

        job = self.enqueue(max_attempts=1)
        with self.handler(handler), self.assertLogs(WORKER_LOG) as logs:
            self.jobs.drain()
        self.assertNotIn("abcdef0123456789", job.error + job.error_detail + "".join(logs.output))

    def test_a_lease_lasts_a_minute_unless_the_settings_say_otherwise(self):
        parameters = self.env["ir.config_parameter"]
        for stored, seconds in ((False, 60), ("junk", 60), ("120", 120), ("-5", 3), ("1", 3)):
            parameters.set_param("ghl.job_lease_seconds", stored)
            self.assertEqual(lease_seconds(self.env), seconds, stored)

    def test_drain_stops_at_its_limit(self):
        self.enqueue()
        self.enqueue()
        with self.handler(lambda model, run: None):
            self.assertEqual(self.jobs.drain(limit=1), 1)

    def test_a_job_asked_for_again_while_it_runs_runs_once_more(self):
        runs = []

        def handler(model, run):
            runs.append(run.attempt)
            if len(runs) == 1:
                model.enqueue("_job_probe", model="ghl.job", name="x", company=run.env.company, identity_key="k")
                again = model.enqueue(
                    "_job_probe", model="ghl.job", name="x", company=run.env.company, identity_key="k", rerun=True
                )
                assert again.id == run.job_id

        job = self.run_job_until_idle(handler, identity_key="k")
        self.assertEqual((len(runs), job.state), (2, "done"))

    def test_a_job_found_running_does_not_run_again_unless_asked(self):
        runs = []

        def handler(model, run):
            runs.append(1)
            model.enqueue("_job_probe", model="ghl.job", name="x", company=run.env.company, identity_key="k")

        self.run_job_until_idle(handler, identity_key="k")
        self.assertEqual(len(runs), 1)

    def run_job_until_idle(self, function, **options):
        job = self.enqueue(**options)
        with self.handler(function):
            self.jobs.drain()
        return job

    def test_the_scheduled_action_runs_jobs(self):
        job = self.enqueue()
        with self.handler(lambda model, run: {"ok": 1}), self.enter_registry_test_mode():
            self.env.ref("ghl.cron_run_jobs").method_direct_trigger()
        self.assertEqual(job.state, "done")

    def test_jobs_of_dead_workers_are_adopted_and_a_job_that_kills_its_workers_is_given_up(self):
        job = self.enqueue()
        for lost in range(1, 11):
            job.invalidate_recordset()
            self.env.cr.execute(
                """UPDATE ghl_job SET state = 'running', lease_owner = 'elsewhere|1|1|b|t',
                          lease_until = now() - interval '1 day' WHERE id = %s""",
                [job.id],
            )
            self.jobs.drain(limit=0)
            self.assertEqual(job.lost, lost)
        self.assertEqual(job.state, "failed")
        self.assertIn("died 10 times", job.error)

    def test_a_job_with_a_live_lease_is_left_alone(self):
        job = self.enqueue()
        self.env.cr.execute(
            """UPDATE ghl_job SET state = 'running', lease_owner = 'elsewhere|1|1|b|t',
                      lease_until = (clock_timestamp() AT TIME ZONE 'UTC') + interval '1 minute' WHERE id = %s""",
            [job.id],
        )
        job.invalidate_recordset()
        self.assertEqual(self.jobs.drain(), 0)
        self.assertEqual(job.state, "running")

    def test_old_finished_jobs_are_removed_and_others_kept(self):
        old, recent = self.run_job(lambda model, run: None), self.run_job(lambda model, run: None)
        pending = self.enqueue()
        old.finished_at = pending.finished_at = fields.Datetime.now() - timedelta(days=31)
        self.jobs._gc_finished()
        self.assertEqual((old + recent + pending).exists(), recent + pending)


def fail(model, run):
    raise ValueError("boom")


class TestQueueJob(JobCase):
    """With OCA queue_job on the database (not needed for the application)."""

    def setUp(self):
        super().setUp()
        if "queue.job" not in self.env:
            self.skipTest("queue_job is not installed")
        self.env["ir.config_parameter"].set_param("ghl.job_executor", "queue_job")

    def delayed(self):
        return RecordCapturer(
            self.env["queue.job"], [("method_name", "=", "_run_queued"), ("channel", "=", "root.ghl")]
        )

    def test_each_job_gets_a_queue_job_that_runs_exactly_this_one(self):
        with self.delayed() as delayed:
            other, job = self.enqueue(), self.enqueue()
        self.assertEqual(len(delayed.records), 2)
        with self.handler(lambda model, run: {"ok": 1}):
            self.jobs._run_queued(job.id)
        self.assertEqual((job.state, other.state), ("done", "pending"))

    def test_a_job_that_failed_is_delayed_until_its_next_attempt(self):
        job = self.enqueue()
        with mute_logger(WORKER_LOG), self.handler(fail), self.delayed() as delayed:
            self.jobs._run_queued(job.id)
        self.assertEqual(delayed.records.mapped("eta"), [job.eta])

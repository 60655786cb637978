"""What only real connections show: isolation, races, leases and threads. These tests commit, and clean up."""

import threading
import time
from contextlib import contextmanager
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import mute_logger

from ..ghl_base.jobs.executors import thread
from ..ghl_base.jobs.run import LeaseLost

WORKER_LOG = "odoo.addons.ghl.ghl_base.jobs.worker"


class RealCase(BaseCase):
    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        patcher = patch.object(thread.executor, "wake")
        self.wake = patcher.start()
        self.addCleanup(patcher.stop)
        self.clean()
        self.addCleanup(self.clean)

    def clean(self):
        with self.transaction() as env:
            env.cr.execute("DELETE FROM ghl_job")
            env.cr.execute("DELETE FROM res_partner WHERE name LIKE 'Probe %'")
            env.cr.execute("DELETE FROM bus_bus WHERE message LIKE '%ghl.job/progress%'")

    @contextmanager
    def transaction(self):
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    @contextmanager
    def handler(self, function):
        with patch.object(self.registry["ghl.job"], "_job_probe", function, create=True):
            yield

    def enqueue(self, env, **options):
        return env["ghl.job"].enqueue(
            "_job_probe", **{"model": "ghl.job", "name": "Probe", "company": env.company, **options}
        )

    def enqueued(self, **options):
        with self.transaction() as env:
            return self.enqueue(env, **options).id

    def drain(self, **options):
        with self.transaction() as env:
            return env["ghl.job"].drain(**options)

    def read(self, job_id, *names):
        with self.transaction() as env:
            return env["ghl.job"].browse(job_id).read(names, load=False)[0]

    def count(self):
        with self.transaction() as env:
            return env["ghl.job"].search_count([])


def noop(model, run):
    return None


class TestEnqueueRaces(RealCase):
    def test_eight_requests_at_once_share_one_job_without_an_error_or_a_wait(self):
        barrier, found, errors = threading.Barrier(8), [], []

        def request():
            try:
                with self.transaction() as env:
                    # The snapshot is taken before anybody has enqueued, as in a request that has already read.
                    env.cr.execute("SELECT count(*) FROM ghl_job")
                    barrier.wait(10)
                    job = self.enqueue(env, identity_key="race")
                    found.append((job.id, job.state, job.name))
            except Exception as error:
                errors.append(error)

        with self.handler(noop):
            threads = [threading.Thread(target=request) for _ in range(8)]
            started = time.monotonic()
            for each in threads:
                each.start()
            for each in threads:
                each.join(20)
            seconds = time.monotonic() - started
        self.assertEqual(errors, [])
        self.assertEqual(len(found), 8)
        self.assertEqual(set(found), {(found[0][0], "pending", "Probe")})
        self.assertEqual(self.count(), 1)
        self.assertLess(seconds, 2.0)

    def test_nobody_waits_for_a_transaction_that_enqueued_and_is_still_open(self):
        with self.handler(noop), self.transaction() as slow:
            first = self.enqueue(slow, identity_key="k")
            with self.transaction() as env:
                env.cr.execute("SET LOCAL lock_timeout = '1s'")
                self.assertEqual(self.enqueue(env, identity_key="k").id, first.id)

    def test_a_job_starts_only_after_the_commit_of_who_asked_for_it(self):
        for key in (None, "k"):
            with self.subTest(key=key), self.handler(noop):
                with self.transaction() as env:
                    self.enqueue(env, identity_key=key)
                    self.assertEqual(self.drain(), 0)
                self.assertEqual(self.drain(), 1)

    def test_a_job_asked_for_by_a_transaction_that_rolled_back_never_runs(self):
        for key in (None, "k"):
            with self.subTest(key=key), self.handler(noop):
                with self.transaction() as env:
                    self.enqueue(env, identity_key=key)
                    env.cr.rollback()
                self.assertEqual(self.drain(), 0)
                self.assertEqual(self.count(), 0)

    def test_a_job_runs_when_one_of_those_who_asked_for_it_has_committed(self):
        with self.handler(noop):
            with self.transaction() as doomed:
                self.enqueue(doomed, identity_key="k")
                with self.transaction() as env:
                    self.enqueue(env, identity_key="k")
                doomed.cr.rollback()
            self.assertEqual(self.drain(), 1)

    def test_a_job_may_belong_to_a_company_that_is_new_in_the_same_transaction(self):
        with self.handler(noop), self.transaction() as env, self.assertNoLogs("odoo.sql_db", "ERROR"):
            company = env["res.company"].create({"name": "Probe company"})
            job = self.enqueue(env, identity_key="k", company=company)
            self.assertEqual(job.exists().company_id, company)
            self.assertEqual(self.enqueue(env, identity_key="k", company=company), job)
            self.assertEqual(self.drain(), 0)
            env.cr.rollback()
        self.assertEqual(self.count(), 0)

    def test_workers_are_woken_after_the_commit_and_only_for_something_new(self):
        with self.handler(noop):
            with self.transaction() as env:
                self.enqueue(env, identity_key="k")
                self.wake.assert_not_called()
            self.assertEqual(self.wake.call_count, 1)
            self.enqueued(identity_key="k")
            self.assertEqual(self.wake.call_count, 1)

    def test_what_is_written_while_the_job_runs_is_worked_off_by_another_run(self):
        seen = []

        def handler(model, run):
            seen.append(run.env["res.partner"].search_count([("name", "=", "Probe inbox")]))
            if len(seen) == 1:
                # Another request, after this run has looked at the inbox.
                with self.transaction() as env:
                    env["res.partner"].create({"name": "Probe inbox"})
                    self.enqueue(env, identity_key="inbox", rerun=True)

        with self.handler(handler):
            job_id = self.enqueued(identity_key="inbox")
            self.assertEqual(self.drain(), 2)
        self.assertEqual(seen, [0, 1])
        self.assertEqual(self.read(job_id, "state")["state"], "done")


class TestRunningJobs(RealCase):
    def test_the_handler_works_in_read_committed_also_after_a_commit(self):
        levels = []

        def handler(model, run):
            for _ in range(2):
                run.env.cr.execute("SHOW transaction_isolation")
                levels.append(run.env.cr.fetchone()[0])
                run.commit()

        with self.handler(handler):
            self.enqueued()
            self.drain()
        self.assertEqual(levels, ["read committed"] * 2)
        with self.transaction() as env:
            env.cr.execute("SHOW transaction_isolation")
            self.assertEqual(env.cr.fetchone()[0], "repeatable read")

    def test_progress_is_visible_at_once_and_survives_the_rollback_of_the_handler(self):
        seen = []

        def handler(model, run):
            run.env["res.partner"].create({"name": "Probe lost"})
            run.progress(done=3, total=9, message="Contacts")
            seen.append(self.read(run.job_id, "state", "progress_done"))
            raise ValueError("boom")

        with self.handler(handler), mute_logger(WORKER_LOG):
            job_id = self.enqueued()
            self.drain()
        self.assertEqual([(s["state"], s["progress_done"]) for s in seen], [("running", 3)])
        self.assertEqual(self.read(job_id, "progress_done", "progress_message")["progress_message"], "Contacts")
        with self.transaction() as env:
            self.assertFalse(env["res.partner"].search([("name", "=", "Probe lost")]))

    def test_committed_pages_stay_when_a_later_one_fails(self):
        def handler(model, run):
            run.env["res.partner"].create({"name": "Probe page 1"})
            run.commit()
            run.env["res.partner"].create({"name": "Probe page 2"})
            raise ValueError("boom")

        with self.handler(handler), mute_logger(WORKER_LOG):
            self.enqueued()
            self.drain()
        with self.transaction() as env:
            names = env["res.partner"].search([("name", "like", "Probe page")]).mapped("name")
            self.assertEqual(names, ["Probe page 1"])

    def test_stop_pressed_by_a_user_reaches_the_running_handler(self):
        def handler(model, run):
            with self.transaction() as env:
                env["ghl.job"].browse(run.job_id).action_stop()
            run.progress(done=1)
            raise AssertionError("not stopped")

        with self.handler(handler):
            job_id = self.enqueued()
            self.drain()
        self.assertEqual(self.read(job_id, "state")["state"], "cancelled")

    def test_a_worker_that_lost_its_lease_can_neither_commit_nor_settle(self):
        caught = []

        def handler(model, run):
            with self.transaction() as env:
                env.cr.execute("UPDATE ghl_job SET lease_until = now() - interval '1 day' WHERE id = %s", [run.job_id])
            with self.handler(noop):
                self.assertEqual(self.drain(), 1)
            run.env["res.partner"].create({"name": "Probe late"})
            try:
                run.commit()
            except LeaseLost as error:
                caught.append(error)
                raise

        with mute_logger(WORKER_LOG), self.handler(handler):
            job_id = self.enqueued()
            self.drain()
        self.assertEqual(len(caught), 1)
        self.assertEqual(self.read(job_id, "state", "lost"), {"id": job_id, "state": "done", "lost": 1})
        with self.transaction() as env:
            self.assertFalse(env["res.partner"].search([("name", "=", "Probe late")]))

    def test_the_heartbeat_keeps_the_lease_of_a_slow_handler(self):
        held = []

        def handler(model, run):
            before = self.read(run.job_id, "lease_until")["lease_until"]
            deadline = time.monotonic() + 10
            while time.monotonic() < deadline and not held:
                if self.read(run.job_id, "lease_until")["lease_until"] > before:
                    held.append(True)
                threading.Event().wait(0.1)

        with self.transaction() as env:
            env["ir.config_parameter"].set_param("ghl.job_lease_seconds", "3")
        try:
            with self.handler(handler):
                self.enqueued()
                self.drain()
        finally:
            with self.transaction() as env:
                env["ir.config_parameter"].set_param("ghl.job_lease_seconds", False)
        self.assertEqual(held, [True])

    def test_two_workers_never_run_the_same_job(self):
        ran, lock = [], threading.Lock()

        def handler(model, run):
            with lock:
                ran.append(run.job_id)

        with self.handler(handler):
            ids = [self.enqueued() for _ in range(20)]
            workers = [threading.Thread(target=self.drain) for _ in range(4)]
            for each in workers:
                each.start()
            for each in workers:
                each.join(20)
        self.assertEqual(sorted(ran), ids)


class TestThreadExecutor(RealCase):
    def setUp(self):
        super().setUp()
        self.executor = thread.ThreadExecutor()
        self.wake.side_effect = self.executor.wake
        self.addCleanup(self.wait_for_threads)

    def wait_for_threads(self):
        for each in threading.enumerate():
            if each.name == f"ghl.job.{get_db_name()}":
                each.join(10)

    def test_a_job_runs_in_a_thread_right_after_the_commit_and_the_thread_ends(self):
        done = threading.Event()

        def handler(model, run):
            done.set()

        with self.handler(handler):
            job_id = self.enqueued(identity_key="k")
            started = time.monotonic()
            self.assertTrue(done.wait(5))
            self.assertLess(time.monotonic() - started, 1.0)
            self.wait_for_threads()
        self.assertEqual(self.read(job_id, "state")["state"], "done")
        self.assertEqual(self.executor._pools[get_db_name()].running, 0)

    def test_two_long_jobs_run_side_by_side(self):
        both = threading.Barrier(2)

        def handler(model, run):
            both.wait(10)
            return {}

        with self.handler(handler):
            ids = [self.enqueued(identity_key=key) for key in "ab"]
            self.wait_for_threads()
        self.assertEqual({self.read(job_id, "state")["state"] for job_id in ids}, {"done"})

    def test_no_more_threads_than_allowed_and_no_job_left_behind(self):
        running, most, lock = 0, 0, threading.Lock()

        def handler(model, run):
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            threading.Event().wait(0.02)
            with lock:
                running -= 1

        with self.handler(handler):
            ids = [self.enqueued() for _ in range(10)]
            self.wait_for_threads()
        self.assertEqual({self.read(job_id, "state")["state"] for job_id in ids}, {"done"})
        self.assertLessEqual(most, 2)

    def test_a_thread_stays_for_a_job_that_is_due_in_a_moment(self):
        with self.handler(noop):
            with self.transaction() as env:
                env.cr.execute("SELECT (clock_timestamp() AT TIME ZONE 'UTC') + interval '0.3 second'")
                job = self.enqueue(env, eta=env.cr.fetchone()[0])
            self.wait_for_threads()
        self.assertEqual(self.read(job.id, "state")["state"], "done")

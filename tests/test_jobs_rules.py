import os
import subprocess
import sys
import unittest
from dataclasses import replace

from ..ghl_base.jobs.backoff import Backoff
from ..ghl_base.jobs.lease import Owner
from ..ghl_base.jobs.outcome import failure
from ..ghl_base.jobs.run import JobPark, JobRun, JobStopped, JobYield, LeaseLost
from ..ghl_base.net.errors import AuthenticationError, RateLimited, ServerError
from ..ghl_base.net.redaction import redact

NO_JITTER = Backoff(jitter=lambda: 0.0)


class TestBackoff(unittest.TestCase):
    def test_each_wait_is_longer_until_the_cap(self):
        waits = [NO_JITTER.delay(attempt) for attempt in range(1, 9)]
        self.assertEqual(waits[:3], [10.0, 30.0, 90.0])
        self.assertEqual(waits[-1], 3600.0)
        self.assertEqual(waits, sorted(waits))

    def test_jitter_only_lengthens_a_wait_and_by_a_fifth_at_most(self):
        self.assertAlmostEqual(Backoff(jitter=lambda: 1.0).delay(1), 12.0)

    def test_a_service_that_asks_for_more_time_gets_it(self):
        self.assertEqual(NO_JITTER.delay(1, retry_after=120), 120)
        self.assertEqual(NO_JITTER.delay(1, retry_after=1), 10.0)

    def test_an_absurd_attempt_number_does_not_overflow(self):
        self.assertEqual(NO_JITTER.delay(10**6), 3600.0)


class TestOutcome(unittest.TestCase):
    def decide(self, error, attempt=1, max_attempts=3):
        try:
            raise error
        except Exception as caught:
            return failure(caught, attempt, max_attempts, NO_JITTER)

    def test_an_unknown_error_is_retried_later(self):
        outcome = self.decide(KeyError("x"))
        self.assertEqual((outcome.state, outcome.delay, outcome.counts), ("pending", 10.0, True))
        self.assertEqual(outcome.error, "Unexpected error KeyError: x")

    def test_the_last_attempt_is_final(self):
        self.assertEqual(self.decide(ServerError("down", status=503), attempt=2).state, "pending")
        self.assertEqual(self.decide(ServerError("down", status=503), attempt=3).state, "failed")

    def test_an_error_that_cannot_be_retried_fails_at_once_with_its_own_sentence(self):
        error = AuthenticationError("expired", status=401)
        outcome = self.decide(error)
        self.assertEqual((outcome.state, outcome.error), ("failed", redact(error.human())))

    def test_the_wait_a_rate_limit_asks_for_is_kept(self):
        self.assertEqual(self.decide(RateLimited("slow down", status=429, retry_after=77)).delay, 77)

    def test_yielding_does_not_count_as_an_attempt(self):
        outcome = self.decide(JobYield(), attempt=3)
        self.assertEqual((outcome.state, outcome.counts, outcome.delay, outcome.error), ("pending", False, 0, None))

    def test_a_stopped_job_is_cancelled_without_an_error(self):
        outcome = self.decide(JobStopped())
        self.assertEqual((outcome.state, outcome.error), ("cancelled", None))

    def test_a_parked_job_shows_its_reason_and_is_not_retried(self):
        outcome = self.decide(JobPark("Enter a new token."))
        self.assertEqual((outcome.state, outcome.error), ("parked", "Enter a new token."))

    def test_secrets_in_sentence_and_traceback_are_masked(self):
        secret = "pit-0123456789abcdef"
        outcome = self.decide(ValueError(f"bad header Authorization: Bearer {secret}"))
        self.assertNotIn(secret, outcome.error + outcome.error_detail)
        self.assertIn("ValueError", outcome.error_detail)


class TestOwner(unittest.TestCase):
    def test_an_owner_survives_its_text_form(self):
        owner = Owner.here()
        self.assertEqual(Owner.parse(str(owner)), owner)

    def test_junk_is_no_owner(self):
        for text in (None, "", "a|b", "h|notanumber|1|b|t"):
            self.assertIsNone(Owner.parse(text))

    def test_two_claims_of_one_process_differ(self):
        self.assertNotEqual(str(Owner.here()), str(Owner.here()))

    def test_this_process_is_alive(self):
        self.assertFalse(Owner.here().is_dead_here())

    def test_a_process_that_ended_is_dead_even_while_its_parent_did_not_fetch_its_exit_code(self):
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        with open(f"/proc/{child.pid}/stat") as stat:
            started = int(stat.read().rpartition(")")[2].split()[19])
        owner = replace(Owner.here(), pid=child.pid, started=started)
        self.assertFalse(owner.is_dead_here())
        child.stdin.close()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        self.assertTrue(owner.is_dead_here())
        child.wait()
        self.assertTrue(owner.is_dead_here())

    def test_a_reused_pid_is_not_the_process_that_had_it_before(self):
        self.assertTrue(replace(Owner.here(), pid=os.getppid(), started=1).is_dead_here())

    def test_a_process_that_executed_itself_anew_is_not_the_old_one(self):
        self.assertTrue(replace(Owner.here(), boot="older").is_dead_here())

    def test_nothing_is_known_of_other_machines(self):
        self.assertFalse(replace(Owner.here(), host="elsewhere/1", pid=2**22 + 1).is_dead_here())


class FakePort:
    def __init__(self):
        self.stored, self.answer, self.committed, self.looks = [], False, 0, 0

    def progress(self, values):
        self.stored.append(dict(values))
        return self.answer

    def renew(self):
        self.looks += 1
        return self.answer

    def commit(self):
        self.committed += self.answer is not None
        return self.answer is not None


class TestJobRun(unittest.TestCase):
    def setUp(self):
        self.now = 100.0
        self.port = FakePort()

    def start(self, **options):
        return JobRun(job_id=1, payload=None, attempt=1, env=None, port=self.port, clock=lambda: self.now, **options)

    def test_progress_is_stored_at_most_twice_a_second_but_never_forgotten(self):
        run = self.start()
        for done in range(10):
            run.progress(done=done, total=100)
        self.assertEqual(len(self.port.stored), 1)
        self.now += 0.5
        run.progress(message="half")
        latest = {"progress_done": 9, "progress_total": 100, "progress_message": "half"}
        self.assertEqual(self.port.stored[1:], [latest])
        run.progress(done=11)
        self.assertEqual(run.last_progress["progress_done"], 11)

    def test_the_last_step_is_stored_at_once(self):
        run = self.start()
        run.progress(done=1, total=3)
        run.progress(done=3)
        self.assertEqual(self.port.stored[-1]["progress_done"], 3)

    def test_stop_ends_the_handler_at_its_next_check_without_asking_each_time(self):
        run = self.start()
        run.check()
        self.port.answer = True
        run.check()
        self.assertEqual(self.port.looks, 0)
        self.now += 1
        with self.assertRaises(JobStopped):
            run.check()
        self.assertTrue(run.should_stop())
        self.assertEqual(self.port.looks, 1)

    def test_a_lost_lease_ends_the_handler_and_commits_nothing(self):
        run = self.start()
        self.port.answer = None
        with self.assertRaises(LeaseLost):
            run.commit()
        self.assertEqual(self.port.committed, 0)
        with self.assertRaises(LeaseLost):
            run.check()

    def test_progress_tells_of_a_lost_lease(self):
        self.port.answer = None
        with self.assertRaises(LeaseLost):
            self.start().progress(done=1)

    def test_a_handler_yields_when_its_slice_is_over(self):
        run = self.start(slice_end=101.0)
        run.check()
        self.now = 101.0
        self.assertTrue(run.should_stop())
        with self.assertRaises(JobYield):
            run.check()

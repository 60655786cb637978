"""Retry decisions, errors and stoppable waits."""

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests.common import BaseCase, tagged

from ..ghl_base.net import errors
from ..ghl_base.net.retry import RetryPolicy
from ..ghl_base.net.waiting import STEP, pause
from .scripted_http import FakeTime

ALWAYS = (errors.TransportError("x"), errors.RemoteTimeout("x"), errors.MalformedResponse("x"), errors.ServerError("x"))
NEVER = (
    errors.AuthenticationError("x"),
    errors.ForbiddenError("x"),
    errors.NotFoundError("x"),
    errors.RejectedRequest("x"),
)
UNSENT = errors.TransportError("x", sent=False)
any_error = st.one_of(
    st.sampled_from([*ALWAYS, *NEVER, UNSENT]),
    st.floats(0, 1e6).map(lambda wait: errors.RateLimited("x", retry_after=wait)),
    st.floats(0, 1e6).map(lambda wait: errors.ServerError("x", retry_after=wait)),
)


@tagged("post_install", "-at_install")
class TestNetRetry(BaseCase):
    def test_waits_grow_up_to_the_cap(self):
        policy = RetryPolicy(max_attempts=9, jitter=lambda: 1.0)
        waits = [policy.delay(attempt, ALWAYS[0], True) for attempt in range(1, 10)]
        self.assertEqual(waits, [0.5, 1, 2, 4, 8, 16, 30, 30, None])

    def test_jitter_spreads_each_wait_over_its_whole_range(self):
        self.assertEqual(RetryPolicy(jitter=lambda: 0.0).delay(3, ALWAYS[0], True), 0.0)
        self.assertEqual(RetryPolicy(jitter=lambda: 0.5).delay(3, ALWAYS[0], True), 1.0)

    def test_what_cannot_work_later_is_not_repeated(self):
        for error in NEVER:
            with self.subTest(error=type(error).__name__):
                self.assertFalse(error.retryable)
                self.assertIsNone(RetryPolicy().delay(1, error, True))

    def test_what_may_have_been_done_is_not_done_twice(self):
        for error in ALWAYS:
            with self.subTest(error=type(error).__name__):
                self.assertIsNotNone(RetryPolicy().delay(1, error, True))
                self.assertIsNone(RetryPolicy().delay(1, error, False))

    def test_what_was_certainly_not_done_is_repeated(self):
        for error in (UNSENT, errors.RateLimited("x", retry_after=1)):
            self.assertIsNotNone(RetryPolicy().delay(1, error, False))

    def test_a_wait_that_is_too_long_is_left_to_others(self):
        self.assertIsNone(RetryPolicy(cap=30).delay(1, errors.RateLimited("x", retry_after=31), True))
        self.assertIsNone(RetryPolicy(cap=30).delay(1, errors.ServerError("x", retry_after=31), True))

    @given(
        error=any_error,
        idempotent=st.booleans(),
        attempts=st.integers(1, 60),
        jitter=st.floats(0, 1),
        base=st.floats(0.01, 5),
        cap=st.floats(0.01, 60),
    )
    def test_any_policy_ends_and_never_waits_less_than_asked_or_more_than_allowed(
        self, error, idempotent, attempts, jitter, base, cap
    ):
        policy = RetryPolicy(max_attempts=attempts, base=base, cap=cap, jitter=lambda: jitter)
        self.assertIsNone(policy.delay(attempts, error, idempotent))
        for attempt in range(1, attempts):
            wait = policy.delay(attempt, error, idempotent)
            if not error.retryable:
                self.assertIsNone(wait)
            if wait is not None:
                self.assertGreaterEqual(wait, error.retry_after or 0)
                self.assertLessEqual(wait, cap + base)
            elif error.retryable and idempotent:
                self.assertGreater(error.retry_after, cap)


@tagged("post_install", "-at_install")
class TestNetErrors(BaseCase):
    def test_every_error_has_a_sentence_for_people(self):
        for error in (*ALWAYS, *NEVER, errors.RateLimited("x", retry_after=7.5)):
            error.service = "GoHighLevel"
            with self.subTest(error=type(error).__name__):
                self.assertRegex(error.human(), r"GoHighLevel.*\.$")
                self.assertIsInstance(error, errors.RemoteError)

    def test_the_text_names_the_call_and_the_trace(self):
        error = errors.ServerError("boom", status=502, trace_id="t-1", method="GET", path="/contacts/{contactId}")
        self.assertEqual(str(error), "boom (GET /contacts/{contactId}, HTTP 502, trace t-1)")
        self.assertEqual(str(errors.ServerError("boom")), "boom")

    def test_braces_in_a_message_do_no_harm(self):
        self.assertIn("{oops}", errors.RejectedRequest("{oops}").human())

    def test_a_wait_is_named_in_a_fitting_unit(self):
        for seconds, text in ((0.2, "1 second."), (45, "45 seconds"), (600, "10 minutes"), (7300, "2 hours")):
            self.assertIn(text, errors.RateLimited("x", retry_after=seconds).human())

    def test_stopped_is_not_a_remote_error(self):
        self.assertFalse(issubclass(errors.Stopped, errors.RemoteError))


@tagged("post_install", "-at_install")
class TestNetWaiting(BaseCase):
    @given(st.floats(0, 100))
    def test_a_wait_lasts_as_long_as_asked_in_small_steps(self, seconds):
        time = FakeTime(0.0)
        pause(seconds, time.sleep, lambda: False)
        self.assertAlmostEqual(time.now, seconds)
        self.assertTrue(all(0 < step <= STEP for step in time.slept))

    @given(st.floats(0, 50), st.floats(0, 50))
    def test_a_stop_is_noticed_within_one_step(self, seconds, stop_at):
        time = FakeTime(0.0)
        stop_at = min(stop_at, seconds)
        with self.assertRaises(errors.Stopped):
            # Rounding of the steps may end the wait a hair before the stop.
            pause(seconds + 0.001, time.sleep, lambda: time.now >= stop_at)
        self.assertLessEqual(time.now, stop_at + STEP)

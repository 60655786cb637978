import math
import unittest
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ..ghl_calls import lifecycle
from ..ghl_calls.campaigns import pacing, retries, suppression
from ..ghl_calls.campaigns.breaker import Breaker
from ..ghl_calls.campaigns.callers import Caller, choose
from ..ghl_calls.campaigns.suppression import Facts

NOW = datetime(2026, 11, 23, 15)
FINE = Facts("+12125550123", ("America/New_York",), on_dnc=False)


class TestSuppression(unittest.TestCase):
    def judge(self, **facts):
        return suppression.reason(replace(FINE, **facts), max_attempts=3, max_recent=2)

    def test_a_recipient_nothing_speaks_against_is_called(self):
        self.assertIsNone(self.judge())

    def test_each_fact_is_a_reason_of_its_own_with_a_text(self):
        for reason, facts in {
            "no_number": {"number": None},
            "invalid_number": {"number": "+1212"},
            "dead_number": {"dead": True},
            "do_not_call": {"on_dnc": True},
            "dnd": {"dnd": True},
            "removed": {"present": False},
            "no_zone": {"zones": ()},
            "no_window": {"reachable": False},
            "duplicate": {"duplicate": True},
            "attempts": {"attempts": 3},
            "frequency": {"recent_calls": 2},
        }.items():
            with self.subTest(reason=reason):
                self.assertEqual(self.judge(**facts), reason)
                self.assertTrue(suppression.REASONS[reason])

    def test_what_was_not_looked_up_counts_against_calling(self):
        self.assertEqual(suppression.reason(Facts("+12125550123"), max_attempts=3), "do_not_call")

    def test_without_a_frequency_rule_nobody_was_called_too_often(self):
        self.assertIsNone(suppression.reason(replace(FINE, recent_calls=99), max_attempts=3, max_recent=0))

    def test_numbers_are_written_in_one_way(self):
        self.assertEqual(suppression.normalise("(212) 555-0123", "US"), "+12125550123")
        self.assertEqual(suppression.normalise("+44 20 7183 8750"), "+442071838750")
        for text in (None, "", "  ", "abc", "212 555 0123", "+1", "+99912345678"):
            with self.subTest(text=text):
                self.assertIsNone(suppression.normalise(text))

    def test_do_not_disturb_for_the_telephone_forbids_calls(self):
        self.assertTrue(suppression.forbids_calls(True, None))
        self.assertTrue(suppression.forbids_calls(False, {"Call": {"status": "active"}}))
        self.assertTrue(suppression.forbids_calls(False, {"call": {"status": "permanent"}}))

    def test_do_not_disturb_for_other_channels_does_not(self):
        for channels in (None, {}, [], "active", {"SMS": {"status": "active"}}, {"Call": {"status": "inactive"}}):
            with self.subTest(channels=channels):
                self.assertFalse(suppression.forbids_calls(False, channels))


class TestRetries(unittest.TestCase):
    def test_no_answer_is_tried_again_after_two_hours_up_to_three_times_in_all(self):
        waits = [retries.delay("no_answer", attempts) for attempts in (1, 2, 3, 4)]
        self.assertEqual(waits, [timedelta(hours=2), timedelta(hours=2), None, None])

    def test_different_outcomes_share_one_cap(self):
        self.assertIsNone(retries.delay("busy", 3))
        self.assertIsNone(retries.delay("failed", 3))

    def test_a_person_cut_off_is_called_once_more(self):
        self.assertEqual(retries.delay("short", 1), timedelta(days=1))
        self.assertIsNone(retries.delay("short", 2))

    def test_what_is_final_stays_so_whatever_the_campaign_says(self):
        rules = dict.fromkeys(retries.OUTCOMES, retries.Rule(1))
        for outcome in ("answered", "dead_number", "unknown", "cancelled"):
            self.assertIsNone(retries.delay(outcome, 1, rules, 9))

    def test_machines_are_called_again_only_if_the_campaign_says_so(self):
        self.assertIsNone(retries.delay("machine", 1))
        rules = retries.parse({"machine": {"minutes": 1440, "attempts": 2}})
        self.assertEqual(retries.delay("machine", 1, rules), timedelta(days=1))
        self.assertIsNone(retries.delay("machine", 2, rules))

    @given(st.sampled_from(sorted(retries.OUTCOMES)), st.integers(1, 50), st.integers(1, 10), st.integers(0, 50))
    def test_no_rule_ever_adds_to_the_cap(self, outcome, attempts, cap, own):
        rules = dict.fromkeys(retries.OUTCOMES, retries.Rule(5, own))
        if retries.delay(outcome, attempts, rules, cap) is not None:
            self.assertLess(attempts, cap)
            self.assertLess(attempts, own or cap)

    def test_rules_that_cannot_be_meant_are_refused(self):
        for rules in (
            {"answered": {"minutes": 5}},
            {"unknown": {"minutes": 5}},
            {"asleep": {"minutes": 5}},
            {"busy": {}},
            {"busy": 5},
            {"busy": {"minutes": 0}},
            {"busy": {"minutes": "5"}},
            {"busy": {"minutes": True}},
            {"busy": {"minutes": 5, "attempts": -1}},
            {"busy": {"minutes": 5, "seconds": 1}},
        ):
            with self.subTest(rules=rules), self.assertRaises(ValueError):
                retries.parse(rules)

    def test_every_final_state_of_a_call_is_an_outcome(self):
        for state in lifecycle.FINAL:
            self.assertIn(retries.classify(state), retries.OUTCOMES)

    def test_a_completed_call_is_told_apart_by_who_answered_and_how_long(self):
        for expected, facts in {
            "answered": {"talk_seconds": 30},
            "short": {"talk_seconds": 4, "answered_by": "human"},
            "machine": {"talk_seconds": 30, "answered_by": "machine"},
        }.items():
            self.assertEqual(retries.classify("completed", **facts), expected)
        self.assertEqual(retries.classify("completed", talk_seconds=30, answered_by="unknown"), "answered")

    def test_a_dead_number_is_no_ordinary_failure(self):
        self.assertEqual(retries.classify("failed", dead=True), "dead_number")
        self.assertEqual(retries.classify("failed"), "failed")


class TestBreaker(unittest.TestCase):
    def results(self, text, step=1):
        """`F` failed, `.` did not, the last one now."""
        return [(NOW - timedelta(seconds=step * i), mark == "F") for i, mark in enumerate(reversed(text))]

    def test_half_of_the_calls_failing_opens_it(self):
        self.assertEqual(Breaker().judge(self.results("F.F.F."), NOW), (3, 6))
        self.assertEqual(Breaker().judge(self.results("FFFFF"), NOW), (5, 5))

    def test_fewer_than_half_do_not(self):
        self.assertIsNone(Breaker().judge(self.results("..F.F"), NOW))

    def test_too_few_calls_prove_nothing(self):
        self.assertIsNone(Breaker().judge(self.results("FFFF"), NOW))

    def test_old_failures_are_forgotten(self):
        self.assertIsNone(Breaker().judge(self.results("FFFFFFFF", step=40), NOW))

    def test_what_failed_before_a_person_said_to_go_on_is_forgiven(self):
        results = self.results("FFFFF....")
        self.assertIsNotNone(Breaker().judge(results, NOW))
        self.assertIsNone(Breaker().judge(results, NOW, since=NOW - timedelta(seconds=4)))

    @given(st.lists(st.tuples(st.integers(0, 300), st.booleans()), max_size=40))
    def test_it_opens_exactly_at_its_share_of_what_it_counts(self, calls):
        verdict = Breaker().judge([(NOW - timedelta(seconds=age), failed) for age, failed in calls], NOW)
        recent = [failed for age, failed in calls if age < 120]
        self.assertEqual(verdict is not None, len(recent) >= 5 and sum(recent) * 2 >= len(recent))


class TestPacing(unittest.TestCase):
    def test_the_narrowest_limit_decides(self):
        self.assertEqual(pacing.slots((5, 2), (10, 9), (0, 400)), 1)

    def test_more_live_calls_than_allowed_leave_no_slot(self):
        self.assertEqual(pacing.slots((5, 7), (10, 0)), 0)

    def test_no_limit_at_all_gives_nothing(self):
        self.assertEqual(pacing.slots((0, 0)), 0)

    @settings(max_examples=200)
    @given(st.floats(0.1, 30), st.lists(st.tuples(st.floats(0, 5), st.integers(0, 50)), min_size=1, max_size=60))
    def test_no_window_of_time_ever_sees_more_starts_than_the_rate(self, rate, steps):
        bucket, now, starts = pacing.Bucket(rate), 0.0, []
        for pause, wanted in steps:
            now += pause
            granted, bucket = bucket.take(wanted, now)
            starts += [now] * granted
        for first in range(len(starts)):
            for last in range(first, len(starts)):
                self.assertLessEqual(last - first + 1, (starts[last] - starts[first]) * rate + 1 + 1e-6)

    def test_after_the_wait_it_promises_a_call_may_start(self):
        _, bucket = pacing.Bucket(2.0).take(1, 10.0)
        self.assertAlmostEqual(bucket.wait(10.0), 0.5)
        self.assertEqual(bucket.take(1, 10.4)[0], 0)
        self.assertEqual(bucket.take(1, 10.5)[0], 1)

    def test_reserved_calls_are_owed_and_nobody_else_gets_a_turn_meanwhile(self):
        wait, bucket = pacing.Bucket(2.0).reserve(3, 10.0)
        self.assertAlmostEqual(wait, 1.0)
        self.assertEqual(bucket.take(1, 11.0)[0], 0)
        self.assertEqual(bucket.take(1, 11.5)[0], 1)
        self.assertEqual(pacing.Bucket(2.0).reserve(1, 10.0)[0], 0.0)
        self.assertEqual(pacing.Bucket(0.0, level=0.0).reserve(1, 10.0)[0], math.inf)

    def test_a_rate_of_nothing_never_starts(self):
        self.assertEqual(pacing.Bucket(0.0, level=0.0).take(5, 1e6)[0], 0)
        self.assertEqual(pacing.Bucket(0.0, level=0.0).wait(5), math.inf)

    def test_a_clock_that_goes_back_gives_nothing(self):
        _, bucket = pacing.Bucket(1.0).take(1, 100.0)
        self.assertEqual(bucket.take(1, 50.0), (0, bucket))

    def test_a_provider_that_says_too_fast_is_given_time(self):
        rates = [pacing.slowed(10, age) for age in (0, 59, 60, 210, 359, 360)]
        self.assertEqual(rates[:3], [5, 5, 5])
        self.assertEqual(rates[3], 7.5)
        self.assertEqual(rates, sorted(rates))
        self.assertEqual(rates[-1], 10)
        self.assertEqual(pacing.slowed(10, None), 10)

    def test_the_estimate_follows_slots_calls_and_rate(self):
        self.assertEqual(pacing.estimate_seconds(0, 5), 0)
        self.assertAlmostEqual(pacing.estimate_seconds(100, 5, 42), 840 + 42 * 0.8)
        self.assertGreater(pacing.estimate_seconds(100, 50, 42, rate=0.5), 200)

    def test_the_estimate_is_told_in_hours_and_minutes(self):
        self.assertEqual([pacing.in_words(s) for s in (0, 61, 3600, 8400)], ["~0min", "~2min", "~1h", "~2h 20min"])

    def test_little_measured_leans_on_the_typical_call(self):
        self.assertEqual(pacing.mean_seconds([]), pacing.TYPICAL_SECONDS)
        self.assertLess(abs(pacing.mean_seconds([100] * 1000) - 100), 1)


class TestCallers(unittest.TestCase):
    def test_the_number_longest_unused_is_taken(self):
        callers = [Caller("+442071838750", last_used_at=NOW), Caller("+442071838751")]
        self.assertEqual(choose(callers, "+12125550123", NOW), "+442071838751")

    def test_a_number_of_the_recipients_area_is_preferred(self):
        callers = [Caller("+14155550100"), Caller("+12125559999", last_used_at=NOW)]
        self.assertEqual(choose(callers, "+12125550123", NOW), "+12125559999")

    def test_a_recipient_is_called_again_from_the_same_number(self):
        callers = [Caller("+14155550100", last_used_at=NOW), Caller("+12125559999")]
        self.assertEqual(choose(callers, "+12125550123", NOW, last="+14155550100"), "+14155550100")

    def test_numbers_at_rest_or_used_up_are_left_alone(self):
        resting = Caller("+14155550100", rest_until=NOW + timedelta(hours=1))
        spent = Caller("+14155550101", daily_cap=10, calls_today=10)
        self.assertIsNone(choose([resting, spent], "+12125550123", NOW, last=resting.number))
        rested = replace(resting, rest_until=NOW)
        self.assertEqual(choose([rested, spent], "+12125550123", NOW), rested.number)

    def test_without_numbers_there_is_none(self):
        self.assertIsNone(choose([], "+12125550123", NOW))

"""The sliding window budget: never too many grants, nobody left out, headers obeyed."""

import threading
from bisect import bisect_right

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests.common import BaseCase, tagged

from ..ghl_base.net.budget import MemoryRateBudget, RateLimits
from .scripted_http import FakeTime

HEADERS = {
    "X-RateLimit-Limit-Daily": "200000",
    "X-RateLimit-Daily-Remaining": "199990",
    "X-RateLimit-Daily-Reset": "86000000",
    "X-RateLimit-Interval-Milliseconds": "10000",
    "X-RateLimit-Max": "100",
    "X-RateLimit-Remaining": "95",
}


@tagged("post_install", "-at_install")
class TestNetBudget(BaseCase):
    def setUp(self):
        super().setUp()
        self.time = FakeTime(0.0)

    def budget(self, limit=3, interval=10.0, margin=0.0):
        return MemoryRateBudget(limit, interval, margin, clock=self.time)

    def test_a_burst_is_granted_and_the_next_one_waits_for_the_window(self):
        budget = self.budget()
        self.assertEqual([budget.acquire("L") for _ in range(4)], [0, 0, 0, 10])
        self.time.now = 9.9
        self.assertAlmostEqual(budget.acquire("L"), 0.1)
        self.time.now = 10.0
        self.assertEqual(budget.acquire("L"), 0)

    def test_scopes_do_not_share(self):
        budget = self.budget(limit=1)
        self.assertEqual([budget.acquire("A"), budget.acquire("B")], [0, 0])
        self.assertGreater(budget.acquire("A"), 0)

    def test_the_margin_lengthens_the_window(self):
        budget = self.budget(limit=1, margin=0.5)
        budget.acquire("L")
        self.assertEqual(budget.acquire("L"), 10.5)

    def test_a_refusal_blocks_the_scope(self):
        budget = self.budget()
        budget.blocked("L", 7)
        budget.blocked("L", 2)
        self.assertEqual(budget.acquire("L"), 7, "a shorter block does not end a longer one")
        self.time.now = 7
        self.assertEqual(budget.acquire("L"), 0)

    def test_the_headers_set_limit_and_interval(self):
        budget = self.budget(limit=100)
        for _ in range(5):
            budget.acquire("L")
            self.time.now += 1
        budget.observe("L", RateLimits(limit=2, interval_ms=20_000))
        self.assertEqual(budget.acquire("L"), 3 + 20 - 5, "four of the five must leave the window")
        self.time.now = 23.0
        self.assertEqual(budget.acquire("L"), 0)

    def test_requests_of_others_are_counted(self):
        budget = self.budget(limit=100)
        budget.acquire("L")
        budget.observe("L", RateLimits(limit=100, remaining=1))
        self.assertEqual([budget.acquire("L"), budget.acquire("L")], [0, 10])

    def test_a_late_header_does_not_give_grants_back(self):
        budget = self.budget(limit=3)
        for _ in range(3):
            budget.acquire("L")
        budget.observe("L", RateLimits(limit=3, remaining=2))
        self.assertEqual(budget.acquire("L"), 10)

    def test_a_used_up_day_blocks_until_its_reset(self):
        for reset, wait in ((7_200_000, 7200), (None, 3600), (0, 3600)):
            with self.subTest(reset=reset):
                budget = self.budget()
                budget.observe("L", RateLimits(daily_remaining=0, daily_reset_ms=reset))
                self.assertEqual(budget.acquire("L"), wait)

    def test_headers_are_read_in_any_case_and_junk_is_unknown(self):
        expected = RateLimits(100, 10_000, 95, 200_000, 199_990, 86_000_000)
        self.assertEqual(RateLimits.from_headers(HEADERS), expected)
        self.assertEqual(RateLimits.from_headers({key.lower(): value for key, value in HEADERS.items()}), expected)
        for junk in ("", "soon", "-1", "nan", "inf", "1e999", "100 requests"):
            self.assertEqual(RateLimits.from_headers(dict.fromkeys(HEADERS, junk)), RateLimits(), junk)

    def test_threads_never_get_more_than_the_limit(self):
        budget = self.budget(limit=50)
        granted = []

        def ask():
            granted.extend(1 for _ in range(40) if not budget.acquire("L"))

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(granted), 50)

    @given(
        limit=st.integers(1, 12),
        interval=st.floats(0.1, 30),
        margin=st.floats(0, 1),
        arrivals=st.lists(st.floats(0, 60), min_size=1, max_size=80),
    )
    def test_any_traffic_stays_below_the_limit_and_everybody_is_served(self, limit, interval, margin, arrivals):
        time = FakeTime(0.0)
        budget = MemoryRateBudget(limit, interval, margin, clock=time)
        waiting, grants, asked = sorted(arrivals), [], 0
        while waiting:
            time.now = max(time.now, waiting.pop(0))
            asked += 1
            wait = budget.acquire("L")
            if wait:
                waiting.append(time.now + wait)
                waiting.sort()
            else:
                grants.append(time.now)
        for index, start in enumerate(grants):
            within = bisect_right(grants, start + interval * (1 - 1e-9)) - index
            self.assertLessEqual(within, limit)
        rounds = -(-len(arrivals) // limit)
        self.assertLessEqual(grants[-1], 60 + rounds * (interval + margin + 0.01))
        self.assertLessEqual(asked, len(arrivals) * (2 * rounds + 1))

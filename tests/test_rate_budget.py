"""The shared request budget, on real connections: it commits, under scopes of its own, and cleans up."""

import threading
import time
import uuid

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import TransactionCase, new_test_user
from odoo.tests.common import BaseCase, get_db_name

from ..ghl_base.net.budget import RateLimits
from ..ghl_base.pg_rate_budget import DEFAULT_MARGIN, PgRateBudget


class BudgetCase(BaseCase):
    def setUp(self):
        super().setUp()
        self.scope = f"probe:{uuid.uuid4().hex}"
        self.addCleanup(self.sql, "DELETE FROM ghl_rate_budget WHERE scope LIKE %s", self.scope + "%")

    def sql(self, query, *params):
        with Registry(get_db_name()).cursor() as cr:
            cr.execute(query, params)
            return cr.fetchall() if cr.description else None

    def granted(self):
        return self.sql("SELECT granted FROM ghl_rate_budget WHERE scope = %s", self.scope)[0][0]

    def budget(self, **options):
        return PgRateBudget(get_db_name(), **options)

    def age(self, seconds):
        """Let that much time pass for the scope, by moving what happened into the past."""
        self.sql(
            """UPDATE ghl_rate_budget SET stamps = ARRAY(SELECT s - %s FROM unnest(stamps) s ORDER BY s),
                      blocked_until = blocked_until - %s * interval '1 second' WHERE scope = %s""",
            seconds, seconds, self.scope,
        )  # fmt: skip

    def grants(self, budget, asked):
        return sum(budget.acquire(self.scope) == 0.0 for _ in range(asked))


class TestWindow(BudgetCase):
    def test_the_limit_is_granted_and_not_one_more(self):
        budget = self.budget(limit=5, interval=10)
        self.assertEqual(self.grants(budget, 8), 5)

    def test_the_answer_tells_when_to_ask_again_with_the_safety_margin(self):
        budget = self.budget(limit=2, interval=10, margin=0.02)
        self.grants(budget, 2)
        wait = budget.acquire(self.scope)
        self.assertTrue(9.9 < wait <= 10.2, wait)

    def test_requests_come_back_as_they_leave_the_window_not_all_at_once(self):
        budget = self.budget(limit=3, interval=10, margin=0)
        self.grants(budget, 1)
        self.age(6)
        self.grants(budget, 2)
        self.age(5)
        self.assertEqual(self.grants(budget, 3), 1)

    def test_scopes_do_not_share(self):
        budget = self.budget(limit=1)
        self.assertEqual(budget.acquire(self.scope), 0.0)
        self.assertEqual(budget.acquire(self.scope + "b"), 0.0)
        self.assertGreater(budget.acquire(self.scope), 0.0)

    def test_threads_and_budgets_of_other_processes_share_one_limit(self):
        granted, lock = [], threading.Lock()

        def fetch():
            budget = self.budget(limit=20, interval=30)
            mine = self.grants(budget, 10)
            with lock:
                granted.append(mine)

        threads = [threading.Thread(target=fetch) for _ in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join(20)
        self.assertEqual((len(granted), sum(granted), self.granted()), (8, 20, 20))

    def test_no_window_ever_holds_more_than_the_limit_while_many_threads_push(self):
        limit, interval = 10, 0.3
        budget = self.budget(limit=limit, interval=interval)
        stamps, lock, end = [], threading.Lock(), time.monotonic() + 1.5

        def fetch():
            while time.monotonic() < end:
                wait = budget.acquire(self.scope)
                if wait:
                    threading.Event().wait(min(wait, 0.05))
                    continue
                with lock:
                    stamps.append(self.granted_at())

        threads = [threading.Thread(target=fetch) for _ in range(6)]
        for each in threads:
            each.start()
        for each in threads:
            each.join(20)
        log = sorted(set().union(*stamps))
        most = max(sum(1 for s in log if start <= s < start + interval) for start in log)
        self.assertLessEqual(most, limit)
        self.assertEqual(len(stamps), self.granted())
        self.assertGreater(len(log), 3 * limit)

    def granted_at(self):
        return set(self.sql("SELECT stamps FROM ghl_rate_budget WHERE scope = %s", self.scope)[0][0])


class TestHeaders(BudgetCase):
    def test_a_lower_limit_of_the_service_is_obeyed_at_once(self):
        budget = self.budget(limit=100)
        budget.observe(self.scope, RateLimits(limit=25, interval_ms=10_000, remaining=25))
        self.assertEqual(self.grants(budget, 40), 25)

    def test_a_limit_that_shrank_below_what_is_used_waits_for_enough_to_leave(self):
        budget = self.budget(limit=10, interval=10, margin=0)
        self.grants(budget, 5)
        self.age(4)
        self.grants(budget, 5)
        budget.observe(self.scope, RateLimits(limit=5, interval_ms=10_000))
        # Ten were granted, so the five older ones leaving is not enough.
        self.assertGreater(budget.acquire(self.scope), 9.5)
        self.age(6.1)
        self.assertEqual(self.grants(budget, 5), 0)
        self.age(4)
        self.assertEqual(self.grants(budget, 8), 5)

    def test_what_other_programs_spend_is_not_spent_again(self):
        budget = self.budget(limit=100)
        budget.acquire(self.scope)
        budget.observe(self.scope, RateLimits(limit=100, interval_ms=10_000, remaining=3))
        self.assertEqual(self.grants(budget, 10), 3)

    def test_nothing_is_granted_until_the_day_is_over_once_its_budget_is_used_up(self):
        budget = self.budget()
        budget.observe(self.scope, RateLimits(daily_limit=200_000, daily_remaining=0, daily_reset_ms=3_600_000))
        wait = budget.acquire(self.scope)
        self.assertTrue(3_590 < wait <= 3_600, wait)
        self.age(3_601)
        self.assertEqual(budget.acquire(self.scope), 0.0)

    def test_a_refusal_blocks_every_worker_and_a_shorter_one_does_not_unblock(self):
        self.budget().blocked(self.scope, 60)
        self.budget().blocked(self.scope, 5)
        self.assertGreater(self.budget().acquire(self.scope), 50)

    def test_answers_that_only_confirm_the_log_cost_no_transaction(self):
        budget = self.budget()
        limits = RateLimits(limit=100, interval_ms=10_000, remaining=99, daily_limit=200_000, daily_remaining=5_000)
        budget.acquire(self.scope)
        budget.observe(self.scope, limits)
        before = self.version()
        for _ in range(20):
            budget.observe(self.scope, limits)
        self.assertEqual(self.version(), before)

    def test_the_day_counts_down_between_two_headers(self):
        budget = self.budget()
        budget.observe(self.scope, RateLimits(daily_limit=200_000, daily_remaining=5_000))
        self.grants(budget, 3)
        row = self.sql("SELECT daily_remaining, daily_limit FROM ghl_rate_budget WHERE scope = %s", self.scope)
        self.assertEqual(row, [(4_997, 200_000)])

    def test_headers_that_say_nothing_change_nothing(self):
        budget = self.budget(limit=2)
        budget.observe(self.scope, RateLimits())
        self.assertEqual(self.grants(budget, 4), 2)

    def version(self):
        return self.sql("SELECT xmin::text FROM ghl_rate_budget WHERE scope = %s", self.scope)


class TestVisibility(BudgetCase):
    def test_users_read_what_is_used_and_left(self):
        self.grants(self.budget(limit=7), 3)
        with Registry(get_db_name()).cursor() as cr:
            budget = api.Environment(cr, SUPERUSER_ID, {})["ghl.rate.budget"].search([("scope", "=", self.scope)])
            self.assertEqual((budget.used, budget.request_limit, budget.granted), (3, 7, 3))


class TestAccess(TransactionCase):
    def test_viewers_read_the_budgets_of_their_companies_and_nobody_writes(self):
        other = self.env["res.company"].create({"name": "Other"})
        common = {"request_limit": 1, "interval_seconds": 1}
        budgets = self.env["ghl.rate.budget"].create(
            [
                {"scope": f"access:{n}", "name": str(n), "company_id": company, **common}
                for n, company in enumerate((self.env.company.id, False, other.id))
            ]
        )
        viewer = new_test_user(self.env, "viewer", groups="ghl.group_ghl_viewer")
        admin = new_test_user(self.env, "ghladmin", groups="ghl.group_ghl_admin")
        seen = self.env["ghl.rate.budget"].with_user(viewer).search([("id", "in", budgets.ids)])
        self.assertEqual(seen, budgets[:2])
        for user in (viewer, admin):
            for operation in ("write", "create", "unlink"):
                self.assertFalse(seen.with_user(user).has_access(operation))


class TestMargin(TransactionCase):
    def margin(self, text):
        self.env["ir.config_parameter"].set_param("ghl.rate_margin_percent", text)
        return self.env["ghl.rate.budget"]._for_workers()._margin

    def test_the_window_is_widened_unless_the_settings_say_zero(self):
        given = {False: DEFAULT_MARGIN, "nonsense": DEFAULT_MARGIN, "0": 0.0, "7.5": 0.075, "-1": 0.0}
        self.assertEqual({text: self.margin(text) for text in given}, given)
        self.assertGreater(DEFAULT_MARGIN, 0)

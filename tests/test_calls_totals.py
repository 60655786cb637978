"""The kept totals are what a recount gives, whoever writes, and writers never get in each other's way."""

import random
import threading

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests.common import BaseCase, TransactionCase, get_db_name, tagged

from ..ghl_calls.reading import board
from .calls_data import insert_calls, make_calls, recount, totals
from .common import make_location, make_user


@tagged("post_install", "-at_install", "ghl")
class TestTotals(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.statuses = cls.env["ghl.call.status"].search([], order="id")
        cls.other = cls.env["res.company"].create({"name": "Other"})
        cls.viewer = make_user(cls.env, "totals_viewer", companies=cls.env.company | cls.other)

    def assert_exact(self, what=None):
        self.env.flush_all()
        self.assertEqual(totals(self.env), recount(self.env), what)

    def test_any_order_of_changes_by_orm_and_sql_keeps_them_exact(self):
        draw = random.Random(3)
        companies = self.env.company | self.other
        for company in companies:
            make_calls(self.env, 30, company)
            insert_calls(self.env.cr, company, self.statuses, 200)
        self.assert_exact()
        calls = self.env["ghl.call"].with_context(active_test=False, tracking_disable=True)
        everything = calls.search([]).ids
        for step in range(60):
            some = calls.browse(draw.sample(everything, 12)).exists()
            status = draw.choice(self.statuses)
            change = draw.randrange(8)
            if change == 0:
                some.write({"status_id": status.id})
            elif change == 1:
                some.write({"active": draw.random() < 0.5})
            elif change == 2:
                some.write({"subject": f"Step {step}"})
            elif change == 3:
                some[:2].sudo().unlink()
            elif change == 4:
                insert_calls(self.env.cr, draw.choice(companies), self.statuses, 7, 1000 + step * 10)
            elif change == 5:
                self.env.flush_all()
                self.env.cr.execute(
                    "UPDATE ghl_call SET company_id = %s, status_id = %s, number = NULL WHERE id = ANY(%s)",
                    [draw.choice(companies).id, status.id, some.ids],
                )
                self.env.invalidate_all()
            elif change == 6:
                self.env["ghl.call.total"]._fold(least=draw.choice((1, 10_000)))
            else:
                with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
                    some.write({"status_id": status.id, "active": True})
                    self.env.flush_all()
                    raise ZeroDivisionError
            self.assert_exact(f"step {step}, change {change}")

    def test_folding_leaves_one_row_for_each_grain_and_key(self):
        for _each in range(5):
            make_calls(self.env, 2)
        self.env.flush_all()
        before = totals(self.env)
        self.assertEqual(self.env["ghl.call.total"]._fold(least=10_000), 0)
        self.assertGreaterEqual(self.env["ghl.call.total"]._fold(least=1), 10)
        self.assertEqual(totals(self.env), before)
        keys = "grain, company_id, location_id, status_id, block, day"
        self.env.cr.execute(f"SELECT count(*), count(DISTINCT ({keys})) FROM ghl_call_total")
        self.assertEqual(*self.env.cr.fetchone())
        self.env.cr.execute("SELECT DISTINCT grain FROM ghl_call_total")
        self.assertEqual({grain for (grain,) in self.env.cr.fetchall()}, {"status", "block", "day"})

    def test_the_total_of_a_status_is_a_few_rows_however_many_blocks_there_are(self):
        insert_calls(self.env.cr, self.env.company, self.statuses, 40_000)
        self.env.cr.execute("SELECT grain, count(*) FROM ghl_call_total GROUP BY grain")
        found = dict(self.env.cr.fetchall())
        self.assertNotIn("fresh", found)
        rows, blocks = found["status"], found["block"]
        self.assertEqual(rows, len(self.statuses))
        self.assertGreaterEqual(blocks, 4)

    def test_an_update_that_moves_nothing_appends_nothing(self):
        calls = make_calls(self.env, 5)
        self.env.flush_all()
        self.env.cr.execute("SELECT max(id) FROM ghl_call_total")
        [newest] = self.env.cr.fetchone()
        calls.write({"agenda": "x", "favorite": True})
        self.env.flush_all()
        self.env.cr.execute("SELECT count(*) FROM ghl_call_total WHERE id > %s", [newest])
        self.assertEqual(self.env.cr.fetchone()[0], 0)

    def test_calls_that_were_there_before_the_triggers_are_counted(self):
        make_calls(self.env, 4)
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM ghl_call_total")
        self.env["ghl.call.total"].init()
        self.assert_exact()

    def test_a_company_goes_with_its_calls_and_their_totals(self):
        insert_calls(self.env.cr, self.other, self.statuses, 50)
        self.assert_exact()
        self.env.cr.execute("DELETE FROM res_company WHERE id = %s", [self.other.id])
        self.assert_exact()
        self.assertNotIn(self.other.id, {company for _table, _grain, company, *_keys in totals(self.env)})

    def test_readers_get_the_same_by_keeping_and_by_counting(self):
        insert_calls(self.env.cr, self.env.company, self.statuses, 500)
        insert_calls(self.env.cr, self.other, self.statuses, 300)
        both = [self.env.company.id, self.other.id]
        for companies in (both, both[:1], both[1:]):
            calls = self.env["ghl.call"].with_user(self.viewer).with_context(allowed_company_ids=companies)
            where = [("company_id", "in", companies)]
            kept = dict(self.env.execute_query(board.kept_totals(calls, board.Domain(where))))
            counted = dict(self.env.execute_query(board.counted_totals(calls, board.Domain(where))))
            self.assertEqual(kept, counted)
            self.assertEqual(board.count(calls), counted)

    def test_rules_on_anything_else_are_counted(self):
        location = make_location(self.env)
        make_calls(self.env, 3)
        make_calls(self.env, 2, location_id=location.id)
        make_calls(self.env, 4, location_id=make_location(self.env, "LOC2").id)
        limited = make_user(self.env, "totals_limited", locations=location)
        calls = self.env["ghl.call"].with_user(limited)
        self.assertIsNone(board.kept_totals(calls, board.Domain.TRUE))
        self.assertEqual(sum(board.count(calls).values()), calls.search_count([]))
        self.env["ir.rule"].create(
            {
                "name": "Own calls only",
                "model_id": self.env["ir.model"]._get_id("ghl.call"),
                "domain_force": "[('owner_id', '=', user.id)]",
            }
        )
        make_calls(self.env, 2, owner_id=self.viewer.id)
        self.assertEqual(sum(board.count(calls.with_user(self.viewer)).values()), 2)


@tagged("post_install", "-at_install", "ghl")
class TestConcurrentWriters(BaseCase):
    """These commit, and clean up."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.addCleanup(self.clean)

    def clean(self):
        with self.registry.cursor() as cr:
            cr.execute("DELETE FROM ghl_call WHERE subject LIKE 'Writer %'")
            cr.execute("DELETE FROM ghl_activity_log WHERE description LIKE 'Writer %'")

    def test_eight_writers_and_folding_at_once_never_conflict_and_stay_exact(self):
        barrier, errors, writers, rounds = threading.Barrier(9), [], 8, 12

        def write(name):
            try:
                barrier.wait(20)
                for turn in range(rounds):
                    with self.registry.cursor() as cr:
                        env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
                        status = env["ghl.call.status"].search([], order="id")
                        [call] = make_calls(env, 1, subject=f"Writer {name}", status_id=status[0].id)
                        call.flush_recordset()
                        call.status_id = status[1 + turn % 4]
            except Exception as error:
                errors.append(error)

        def fold():
            try:
                barrier.wait(20)
                for _turn in range(rounds):
                    with self.registry.cursor() as cr:
                        cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
                        api.Environment(cr, SUPERUSER_ID, {})["ghl.call.total"]._fold(least=1)
            except Exception as error:
                errors.append(error)

        threads = [threading.Thread(target=write, args=[n]) for n in range(writers)]
        threads.append(threading.Thread(target=fold))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual(errors, [])
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            self.assertEqual(totals(env), recount(env))
            self.assertEqual(env["ghl.call"].search_count([("subject", "like", "Writer %")]), writers * rounds)
            numbers = env["ghl.call"].search([("subject", "like", "Writer %")]).mapped("number")
            self.assertEqual(len(set(numbers)), writers * rounds)
            env["ghl.call.total"]._cron_fold()

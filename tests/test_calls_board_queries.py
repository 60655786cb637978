"""The board at volume: how many queries it takes, and that none of them reads the table from end to end."""

from contextlib import contextmanager

from odoo.tests import TransactionCase, tagged

from ..ghl_base.http.responses import dumps
from ..ghl_calls.reading import board
from .calls_data import insert_calls
from .common import make_location, make_user, mirror


@tagged("post_install", "-at_install", "ghl")
class TestBoardQueries(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.statuses = cls.env["ghl.call.status"].search([], order="id")
        cls.other = cls.env["res.company"].create({"name": "Other"})
        cls.viewer = make_user(cls.env, "plans_viewer", companies=cls.env.company | cls.other)
        insert_calls(cls.env.cr, cls.env.company, cls.statuses, 100_000)
        insert_calls(cls.env.cr, cls.other, cls.statuses, 10_000)
        cls.env.cr.execute("ANALYZE ghl_call")
        cls.both = [cls.env.company.id, cls.other.id]

    def calls(self, user=None, companies=None):
        return (
            self.env["ghl.call"].with_user(user or self.viewer).with_context(allowed_company_ids=companies or self.both)
        )

    def plan(self, sql):
        return "\n".join(row[0] for row in self.env.execute_query(board.SQL("EXPLAIN %s", sql)))

    @contextmanager
    def counted(self, most):
        before = self.env.cr.sql_log_count
        yield
        self.assertLessEqual(self.env.cr.sql_log_count - before, most)

    def test_four_queries_whatever_is_asked_for(self):
        for companies in (self.both, self.both[:1]):
            self.calls(companies=companies)._board_for_api(limit=1)  # rules and access rights are cached now
            for limit in (1, 20, 100, 1000):
                self.env["ghl.call.status"].invalidate_model()
                with self.counted(4):
                    columns = self.calls(companies=companies)._board_for_api(limit=limit)
                self.assertTrue(all(len(column.calls) == limit for column in columns))
        self.relate_to_contacts()
        self.calls()._board_for_api(limit=1)
        with self.counted(4):
            [column] = [column for column in self.calls()._board_for_api(limit=100) if column.id == self.statuses[0].id]
        self.assertEqual(dumps(column.calls).count(b'"related_to_details":{"id"'), 100)
        self.env["ghl.call.status"].create([{"name": f"More {n}"} for n in range(15)])
        self.env.flush_all()
        with self.counted(4):
            self.assertEqual(len(self.calls()._board_for_api(limit=100)), 20)

    def relate_to_contacts(self):
        """Each of the newest calls has a contact with two deals."""
        location = make_location(self.env)
        rows = [{"id": f"C{number}"} for number in range(100)]
        mirror(self.env, location, "ghl.contact", rows)
        deals = [{"id": f"O{n}-{row['id']}", "contactId": row["id"], "name": "Deal"} for row in rows for n in range(2)]
        mirror(self.env, location, "ghl.contact.opportunity", deals)
        self.env.cr.execute(
            """UPDATE ghl_call SET contact_id = contact.id
                 FROM (SELECT id, row_number() OVER () AS place FROM ghl_contact WHERE location_id = %s) AS contact,
                      (SELECT id, row_number() OVER (ORDER BY start_time DESC, id DESC) AS place FROM ghl_call
                        WHERE company_id = %s AND status_id = %s AND active
                        ORDER BY start_time DESC, id DESC LIMIT 100) AS newest
                WHERE ghl_call.id = newest.id AND contact.place = newest.place""",
            [location.id, self.env.company.id, self.statuses[0].id],
        )

    def test_no_query_reads_all_calls(self):
        where = board.Domain("company_id", "in", self.both)
        names = board.documents.COLUMNS
        for companies in (self.both, self.both[:1]):
            calls = self.calls(companies=companies)
            ids = self.statuses.ids
            for name, sql in {
                "rows": board.newest(calls, board.Domain.TRUE, ids, 100, names),
                "rows of an owner": board.newest(calls, board.Domain("owner_id", "=", 2), ids, 100, names),
                "kept totals": board.kept_totals(calls, where),
                "totals of an owner": board.counted_totals(calls, where & board.Domain("owner_id", "=", 99)),
            }.items():
                plan = self.plan(sql)
                self.assertNotIn("Seq Scan on ghl_call ", plan, f"{name}\n{plan}")
            self.assertIn("ghl_call_board", self.plan(board.newest(calls, board.Domain.TRUE, ids, 100, names)))

    def test_counting_needs_the_index_only(self):
        self.env.cr.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        calls = self.calls(companies=self.both[:1])
        plan = self.plan(board.counted_totals(calls, board.Domain("company_id", "in", self.both[:1])))
        self.assertIn("Index Only Scan using ghl_call_count", plan)

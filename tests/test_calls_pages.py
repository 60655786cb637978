"""Pages found by the counts of blocks are those that walking from the start would find."""

from odoo.fields import Domain
from odoo.tests import TransactionCase, tagged

from ..ghl_calls.models.ghl_call_total import BLOCK_BITS
from ..ghl_calls.reading import board, filters, listing, pages
from .calls_data import as_after_vacuum, insert_calls
from .common import make_location, make_user


@tagged("post_install", "-at_install", "ghl")
class TestPages(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.statuses = cls.env["ghl.call.status"].search([], order="id")
        cls.other = cls.env["res.company"].create({"name": "Other"})
        cls.both = [cls.env.company.id, cls.other.id]
        cls.viewer = make_user(cls.env, "pages_viewer", companies=cls.env.company | cls.other)
        for turn in range(3):
            insert_calls(cls.env.cr, cls.env.company, cls.statuses, 9_000, turn * 9_000)
            insert_calls(cls.env.cr, cls.other, cls.statuses, 500, turn * 500)
        cls.env.cr.execute("DELETE FROM ghl_call WHERE id % 7 = 0")
        cls.location = make_location(cls.env)
        cls.env.cr.execute("UPDATE ghl_call SET location_id = %s WHERE id %% 5 = 0", [cls.location.id])
        cls.env.cr.execute("UPDATE ghl_call SET favorite = true WHERE id % 4000 = 1")
        cls.env.cr.execute("ANALYZE ghl_call")

    def calls(self, companies=None, user=None):
        return (
            self.env["ghl.call"].with_user(user or self.viewer).with_context(allowed_company_ids=companies or self.both)
        )

    def ids(self, calls, where, start, size, newest=True):
        where = listing.mine(calls, where)
        place = pages.locate(calls, where, start=start, size=size, newest=newest)
        within = len(calls.search(place.within))
        self.assertLessEqual(place.offset, max(within - place.size - place.offset, 0), "from the nearer end")
        self.assertLess(place.offset, 1 << BLOCK_BITS)
        query = calls._search(place.within, limit=place.size, offset=place.offset, order=place.order)
        rows = self.env.execute_query(pages.rows_of(query, ["id"], order=pages.NEWEST if newest else pages.OLDEST))
        self.assertEqual(len(rows), place.size)
        return [row[0] for row in rows], place.total

    def test_every_page_of_every_list(self):
        limited = make_user(self.env, "pages_limited", companies=self.env.company, locations=self.location)
        wheres = {
            "all": Domain.TRUE,
            "missed": filters.view(self.env, "missed_calls"),
            "favourites": Domain("favorite", "=", True),
            "an owner": Domain("owner_id", "=", 2),
            "a word": Domain("subject", "ilike", "77"),
            "a state": Domain("state", "=", "pending"),
            "nothing": Domain("subject", "=", "none of them"),
        }
        for calls in (
            self.calls(),
            self.calls(self.both[:1]),
            self.calls(self.both[1:]),
            self.calls(self.both[:1], limited),
        ):
            for name, where in wheres.items():
                everything = calls.search(listing.mine(calls, where), order="id desc").ids
                total = len(everything)
                for start in {0, 1, 19, 8_191, 8_192, total // 2, total - 5, total - 1, total, total + 100}:
                    start = max(start, 0)
                    with self.subTest(name, start=start):
                        found = self.ids(calls, where, start, 20)
                        self.assertEqual(found, (everything[start : start + 20], total))
                        found = self.ids(calls, where, start, 20, newest=False)
                        self.assertEqual(found, (everything[::-1][start : start + 20], total))

    def test_what_depends_on_company_and_status_alone_is_not_counted(self):
        calls = self.calls()
        for where in (Domain.TRUE, filters.view(self.env, "missed_calls"), filters.view(self.env, "connected_calls")):
            where = listing.mine(calls, where)
            self.assertTrue(board.kept_totals(calls, where, "block"))
            self.assertEqual(pages.blocks(calls, where), dict(self.env.execute_query(pages.counted(calls, where))))

    def test_pages_hold_a_whole_thousand(self):
        self.assertEqual(len(self.ids(self.calls(), Domain.TRUE, 7_000, 1000)[0]), 1000)

    def test_what_is_passed_over_is_passed_over_in_the_index(self):
        as_after_vacuum(self.env.cr)
        self.env.cr.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        calls = self.calls(self.both[:1])
        for where in (Domain.TRUE, Domain("owner_id", "=", 2)):
            where = listing.mine(calls, where)
            for sql in (
                calls._search(where, order="id desc", limit=20, offset=5_000).select(),
                pages.counted(calls, where),
            ):
                plan = "\n".join(row[0] for row in self.env.execute_query(pages.SQL("EXPLAIN %s", sql)))
                self.assertIn("Index Only Scan", plan)

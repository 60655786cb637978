"""Demonstration calls: as many and as varied as asked for, the same for the same seed, by ORM or COPY."""

import io
import re
from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests.common import TransactionCase, tagged

from ..ghl_calls.tools.console import Progress
from ..ghl_calls.tools.csv_calls import CsvCalls
from ..ghl_calls.tools.generate import BULK_FROM, Generator
from .calls_data import recount, totals
from .common import make_location, make_user, mirror

UNTIL = date(2026, 3, 1)
FICTION = re.compile(r"\+1\d{3}55501\d\d")
# What two runs cannot have in common.
OWN = {"id", "number", "create_date", "write_date"}


class ToolsCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.other = cls.env["res.company"].create({"name": "Other"})
        cls.admin = make_user(cls.env, "tools_admin", "admin")
        cls.colleague = make_user(cls.env, "tools_colleague", "agent")
        location = make_location(cls.env)
        mirror(cls.env, location, "ghl.contact", [{"id": f"C{n}", "firstName": f"P{n}"} for n in range(9)])
        mirror(cls.env, location, "ghl.contact.opportunity", [{"id": "O1", "contactId": "C1", "name": "Deal"}])
        cls.calls = cls.env["ghl.call"].with_context(active_test=False)

    def generator(self, count=50, **values):
        values = {"company": self.company, "user": self.admin, "seed": 7, "until": UNTIL, **values}
        env = values.pop("env", self.env)
        return Generator(env, count=count, **values)

    def made(self, made):
        return self.calls.search([("id", ">=", made.first_id), ("id", "<=", made.last_id)], order="id")

    def stored(self, records, leave_out=OWN):
        """What the table holds, row for row."""
        self.env.flush_all()
        names = [n for n, f in records._fields.items() if f.store and f.column_type and n not in leave_out]
        self.env.cr.execute(
            f"SELECT {', '.join(names)} FROM {records._table} WHERE id = ANY(%s) ORDER BY id", [records.ids]
        )
        return [dict(zip(names, row, strict=True)) for row in self.env.cr.fetchall()]

    def logs(self, calls):
        return self.env["ghl.activity.log"].search(
            [("entity_model", "=", "ghl.call"), ("entity_id", "in", calls.ids)], order="id"
        )

    def assert_totals_exact(self):
        self.env.flush_all()
        self.assertEqual(totals(self.env), recount(self.env))


@tagged("post_install", "-at_install", "ghl")
class TestGenerate(ToolsCase):
    def test_as_many_calls_and_log_lines_as_asked_for(self):
        for bulk in (False, True):
            with self.subTest(bulk=bulk):
                progress = Progress(io.StringIO())
                made = self.generator(130, bulk=bulk, batch=50).run(progress)
                calls = self.made(made)
                self.assertEqual((len(calls), made.calls), (130, 130))
                told = [line.split()[1] for line in progress.out.getvalue().splitlines()]
                self.assertEqual(told, ["50/130", "100/130", "130/130"])
                self.assertEqual(len(self.logs(calls)), 130)
                self.assertEqual(set(calls.mapped("source")), {"generator"})
                self.assertEqual(len(set(calls.mapped("number"))), 130)
                self.assertEqual(calls.company_id, self.company)
                self.assert_totals_exact()

    def test_copy_writes_what_the_orm_writes(self):
        for seed in (1, 2):
            by_orm = self.made(self.generator(120, seed=seed, bulk=False).run())
            by_copy = self.made(self.generator(120, seed=seed, bulk=True).run())
            self.assertEqual(self.stored(by_copy), self.stored(by_orm))
            leave_out = {"id", "entity_id", "create_date", "write_date"}
            self.assertEqual(self.stored(self.logs(by_copy), leave_out), self.stored(self.logs(by_orm), leave_out))

    def test_the_seed_decides(self):
        self.assertEqual(self.generator(seed=3).sample(50), self.generator(seed=3).sample(50))
        self.assertNotEqual(self.generator(seed=3).sample(50), self.generator(seed=4).sample(50))
        drawn = self.generator(seed=None)
        self.assertEqual(drawn.sample(), self.generator(seed=drawn.seed).sample(), "a drawn seed can be used again")

    def test_the_preview_is_what_is_written_and_writes_nothing(self):
        before = self.calls.search_count([])
        work = self.generator(10)
        sample = work.sample(10)
        self.assertEqual(self.calls.search_count([]), before)
        self.assertEqual([row["subject"] for row in sample], self.made(work.run()).mapped("subject"))

    def test_variety(self):
        rows = self.generator(4000).sample(4000)
        least = {
            "subject": 20,
            "agenda": 10,
            "result": 10,
            "purpose": 6,
            "type": 2,
            "status_id": 5,
            "duration_seconds": 7,
        }
        for name, number in least.items():
            self.assertGreaterEqual(len({row[name] for row in rows}), number, name)
        for name, share, of in (("closed", 0.5, True), ("active", 0.9, True), ("owner_id", 0.7, self.admin.id)):
            self.assertAlmostEqual(sum(row[name] == of for row in rows) / 4000, share, delta=0.03, msg=name)
        self.assertTrue(all(FICTION.fullmatch(row[n]) for row in rows for n in ("from_number", "to_number")))
        self.assertTrue({row["contact_id"] for row in rows} > {None}, "some with a contact, some without")
        self.assertTrue(any(row["opportunity_id"] for row in rows) and any(row["partner_id"] for row in rows))
        starts = [row["start_time"] for row in rows]
        self.assertLessEqual({start.hour for start in starts}, set(range(9, 19)))
        self.assertEqual((min(starts).date(), max(starts).date()), (date(2026, 1, 30), date(2026, 2, 28)))

    def test_many_calls_are_copied(self):
        self.assertFalse(self.generator(BULK_FROM - 1).bulk)
        self.assertTrue(self.generator(BULK_FROM).bulk)

    def test_another_company_is_not_touched_and_not_referred_to(self):
        abroad = make_location(self.env, "ABROAD", company=self.other)
        mirror(self.env, abroad, "ghl.contact", [{"id": "X", "firstName": "Foreign"}])
        before = self.calls.search_count([("company_id", "=", self.other.id)])
        calls = self.made(self.generator(200, bulk=True).run())
        self.assertEqual(self.calls.search_count([("company_id", "=", self.other.id)]), before)
        self.assertEqual(calls.contact_id.company_id, self.company)
        self.assertLessEqual(calls.owner_id.company_ids & self.other, self.other.browse())

    def test_what_cannot_be_is_refused_and_nothing_written(self):
        before = self.calls.search_count([])
        gone = self.env["res.company"].browse(999_999)
        for wrong in (
            {"count": 0},
            {"count": -1},
            {"count": 10**9},
            {"count": "5"},
            {"count": True},
            {"days": 0},
            {"days": 4000},
            {"batch": 0},
            {"company": gone},
            {"user": self.env["res.users"].browse(999_999)},
            {"user": self.env["res.users"]},
            {"company": self.other},
        ):
            with self.subTest(wrong=wrong), self.assertRaises(UserError):
                self.generator(**wrong).run()
        self.assertEqual(self.calls.search_count([]), before)

    def test_only_administrators_may(self):
        with self.assertRaises(AccessError):
            self.generator(env=self.env(user=self.colleague))
        self.assertEqual(self.generator(env=self.env(user=self.admin)).run().calls, 50)


@tagged("post_install", "-at_install", "ghl")
class TestCsv(ToolsCase):
    def read(self, text):
        return CsvCalls(self.env, io.StringIO(text, newline=""), company=self.company, user=self.admin)

    def test_rows_become_calls_that_are_no_demonstration(self):
        work = self.read(
            "Subject,start_time,type,purpose,status,duration,owner,tag\n"
            '"Hello, world",2026-01-31 09:30,inbound,demo,missed,5m 30s,tools_colleague,a\n'
            "Second,2026-01-31T10:30:00+01:00,,,,,,\n"
        )
        first, second = self.made(work.run())
        self.assertEqual((first.subject, first.type, first.purpose), ("Hello, world", "inbound", "demo"))
        self.assertEqual((first.status_id.kind, first.duration_seconds), ("missed", 330))
        self.assertEqual(first.owner_id, self.colleague)
        self.assertEqual(str(second.start_time), "2026-01-31 09:30:00")
        self.assertEqual({first.source, second.source}, {"import"})
        self.assertEqual(len(self.logs(first | second)), 2)
        self.assert_totals_exact()

    def test_bad_rows_are_listed_with_reasons_and_nothing_is_written(self):
        before = self.calls.search_count([])
        with self.assertRaises(UserError) as refused:
            self.read(
                "subject,start_time,type,duration,status,owner\n"
                "Good,2026-01-31 09:30,,,,\n"
                ",2026-01-31 09:30,,,,\n"
                "Late,tomorrow,,,,\n"
                "Early,0001-01-01T00:00+14:00,,,,\n"
                "Kind,2026-01-31,sideways,,,\n"
                "Long,2026-01-31,,forever,,\n"
                "Column,2026-01-31,,,nowhere,\n"
                "Who,2026-01-31,,,,nobody\n"
                "Short,2026-01-31\n"
            )
        text = str(refused.exception)
        for line in range(3, 11):
            self.assertIn(f"Line {line}: ", text)
        self.assertNotIn("Line 2:", text)
        self.assertEqual(self.calls.search_count([]), before)

    def test_files_that_are_no_calls_are_refused(self):
        headers = ("", "subject\nHello", "subject,start_time,password", "subject,start_time", "subject,subject")
        for text in headers:
            with self.subTest(text=text), self.assertRaises(UserError):
                self.read(text)

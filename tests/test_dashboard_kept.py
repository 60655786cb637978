"""The totals kept by day are what a recount gives, whoever writes; figures made of them are those of the records."""

import random
from datetime import date, datetime, timedelta
from itertools import pairwise
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from ..ghl_calls.reading import dashboard
from ..ghl_contacts.mirror import figures
from ..ghl_contacts.reading import insights
from .calls_data import insert_calls, make_calls, recount, totals
from .common import make_location, make_user, mirror
from .contacts_data import contact
from .test_dashboard import message

LAST = date(2025, 7, 6)
MODELS = ("ghl.call.total", "ghl.contact.day", "ghl.contact.message.day")
# Whole hours, half hours and quarters from UTC; with and without a change of the clock.
ZONES = ("UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Auckland", "America/St_Johns")
PERIODS = (1, 7, 30, 90, 365)


class KeptCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Kept Ltd"})
        cls.here, cls.there = (make_location(cls.env, name, company=cls.company) for name in ("HERE", "THERE"))
        cls.draw = random.Random(5)
        for location in (cls.here, cls.there):
            cls.talk(location, 120)
        cls.statuses = cls.env["ghl.call.status"].search([], order="id")
        insert_calls(cls.env.cr, cls.company, cls.statuses, 900)
        for _each in range(30):
            start = datetime(2025, 7, 7) - timedelta(minutes=cls.draw.randrange(60 * 24 * 60))
            make_calls(cls.env, 1, cls.company, start_time=start, location_id=cls.draw.choice((cls.here, cls.there)).id)
        cls.env.flush_all()

    @classmethod
    def talk(cls, location, number, first=0):
        """Contacts and messages of two years."""
        end, draw = datetime(2025, 7, 7), cls.draw
        moments = [end - timedelta(minutes=draw.randrange(730 * 24 * 60)) for _each in range(number)]
        people = [f"{location.external_id}-{first + n}" for n in range(number)]
        rows = [contact(name, dateAdded=f"{at}Z") for name, at in zip(people, moments, strict=True)]
        mirror(cls.env, location, "ghl.contact", rows)
        kinds, ways = ("TYPE_SMS", "TYPE_EMAIL", "TYPE_ACTIVITY_CONTACT"), ("inbound", "outbound")
        said = [
            message(
                f"{name}-{n}", name, at + timedelta(hours=draw.randrange(99)), draw.choice(kinds), draw.choice(ways)
            )
            for name, at in zip(people, moments, strict=True)
            for n in range(2)
        ]
        mirror(cls.env, location, "ghl.contact.message", said)
        figures.refresh(cls.env, location)

    def assert_exact(self, what=None):
        self.env.flush_all()
        self.assertEqual(totals(self.env), recount(self.env), what)


@tagged("post_install", "-at_install", "ghl")
class TestKept(KeptCase):
    def test_any_order_of_changes_by_orm_and_sql_keeps_them_exact(self):
        self.assert_exact()
        env, draw = self.env(context={"tracking_disable": True, "active_test": False}), random.Random(9)
        changes = 9
        for step in range(5 * changes):
            change = step % changes
            model = draw.choice(("ghl.call", "ghl.contact", "ghl.contact.message"))
            some = env[model].browse(draw.sample(env[model].search([]).ids, 15))
            if change == 0:
                self.talk(draw.choice((self.here, self.there)), 5, 1000 + 10 * step)
            elif change == 1:
                some.write({"active": draw.random() < 0.5})
            elif change == 2:
                some[:3].unlink()
            elif change == 3:
                name = "start_time" if model == "ghl.call" else "remote_created_at"
                some.write({name: datetime(2025, 3, 30, 1) + timedelta(hours=step)})
            elif change == 4:
                env["ghl.call"].browse(env["ghl.call"].search([]).ids[step : step + 9]).location_id = self.there
            elif change == 5:
                self.env.flush_all()
                self.env.cr.execute("UPDATE ghl_contact_message SET direction = NULL WHERE id %% 7 = %s", [step % 7])
                figures.refresh(self.env, self.here)
                self.env.invalidate_all()
            elif change == 6:
                for name in MODELS:
                    env[name]._fold(least=draw.choice((1, 10_000)))
            elif change == 7:
                insert_calls(self.env.cr, self.company, self.statuses, 20, 5000 + 30 * step)
            else:
                with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
                    some.write({"active": False})
                    self.env.flush_all()
                    raise ZeroDivisionError
            self.assert_exact(f"step {step}, change {change} of {model}")

    def test_a_location_goes_with_what_it_has(self):
        self.there.with_context(active_test=False).unlink()
        self.assert_exact()

    def test_the_time_zone_of_the_company_moves_nothing(self):
        before = totals(self.env)
        self.company.partner_id.tz = "Asia/Kolkata"
        self.assert_exact()
        self.assertEqual(totals(self.env), before)

    def test_what_was_there_before_the_triggers_is_counted(self):
        for name in MODELS:
            self.env.cr.execute(f"DELETE FROM {self.env[name]._table} WHERE id % 3 > 0")
            self.env[name].init()
        self.assert_exact()

    def test_folding_leaves_one_row_for_each_key(self):
        before = totals(self.env)
        for table in ("ghl_call", "ghl_contact", "ghl_contact_message"):
            for _twice in range(2):  # gone and back again
                self.env.cr.execute(f"UPDATE {table} SET active = NOT active WHERE id % 2 = 0")
        for name in MODELS:
            kept = self.env[name]
            self.assertEqual(kept._fold(least=10_000), 0)
            self.assertGreater(kept._fold(least=1), 0)
            self.assertEqual(kept._fold(least=1), 0)
        self.assertEqual(totals(self.env), before)

    def test_an_update_of_anything_else_appends_nothing(self):
        self.env.cr.execute("SELECT max(id) FROM ghl_contact_day")
        before = self.env.cr.fetchone()
        self.env.cr.execute("UPDATE ghl_contact SET city = 'Ulm', write_date = now() WHERE company_id = %s",
                            [self.company.id])  # fmt: skip
        self.env.cr.execute("SELECT max(id) FROM ghl_contact_day")
        self.assertEqual(self.env.cr.fetchone(), before)


@tagged("post_install", "-at_install", "ghl")
class TestFigures(KeptCase):
    """What is read of the totals and the hours at their edges, beside the same counted of the records alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.company"].create({"name": "Other Kept Ltd"})
        insert_calls(cls.env.cr, cls.other, cls.statuses, 200)
        cls.viewer = make_user(cls.env, "kept_viewer", companies=cls.company | cls.other)
        cls.limited = make_user(cls.env, "kept_limited", companies=cls.company, locations=cls.here)

    def both(self, user, scope, companies=None):
        """The figures of the totals, and those of the records."""
        env = self.env(user=user, context={"allowed_company_ids": (companies or user.company_ids).ids})

        def read():
            return dashboard.calls(env, scope), insights.messages(env, scope), insights.contacts(env, scope)

        kept = read()
        with patch.object(self.env.registry["ghl.total.mixin"], "_find", return_value=None) as asked:
            counted = read()
        self.assertEqual(asked.call_count, 4)
        return kept, counted

    def test_days_of_every_time_zone_are_cut_where_they_begin(self):
        for zone in ZONES:
            for days in PERIODS:
                with self.subTest(zone=zone, days=days):
                    scope = insights.Scope(LAST - timedelta(days=days - 1), LAST, zone)
                    kept, counted = self.both(self.viewer, scope)
                    self.assertEqual(kept, counted)
                    people = counted[2]
                    self.assertEqual(people["slices"].total(), people["now"]["new"] + people["before"]["new"])
        self.assertGreater(counted[0][self.statuses[0].id].total(), 100)

    def test_readers_of_a_location_or_a_company_get_the_same_either_way(self):
        for user, companies, location in (
            (self.viewer, self.company, None),
            (self.viewer, self.other, None),
            (self.viewer, self.company, self.there),
            (self.limited, self.company, None),
            (self.limited, self.company, self.there),
        ):
            with self.subTest(user=user.login, companies=companies.ids, location=location):
                scope = insights.Scope(LAST - timedelta(days=364), LAST, "Europe/Berlin", location and location.id)
                kept, counted = self.both(user, scope, companies)
                self.assertEqual(kept, counted)
        self.assertEqual(kept[2]["total"], 0, "the other location is not theirs")

    def test_rules_on_anything_else_are_counted(self):
        where = insights.Scope(LAST, LAST).where(self.env(user=self.viewer))
        days = self.env["ghl.call.total"].with_user(self.viewer)
        self.assertIsNotNone(days._find("day", where))
        self.env["ir.rule"].create(
            {
                "name": "Own calls only",
                "model_id": self.env["ir.model"]._get_id("ghl.call"),
                "domain_force": "[('owner_id', '=', user.id)]",
            }
        )
        self.assertIsNone(days._find("day", where))
        scope = insights.Scope(LAST - timedelta(days=364), LAST)
        self.assertEqual(dashboard.calls(self.env(user=self.viewer), scope), {})

    def test_pieces_cover_a_period_once_without_gaps(self):
        scope = insights.Scope(LAST - timedelta(days=364), LAST, "America/St_Johns")
        days, rest = scope.cut()
        midnight = datetime.min.time()
        pieces = sorted(
            [(datetime.combine(a, midnight), datetime.combine(b, midnight), n) for n, a, b in days]
            + [(a, b, n) for n, a, b in rest]
        )
        self.assertEqual((pieces[0][0], pieces[-1][1]), (scope.edges[0], scope.edges[-1]))
        self.assertTrue(all(one[1] == other[0] for one, other in pairwise(pieces)))
        self.assertEqual({n for *_ends, n in pieces}, set(range(1, len(scope.edges))))

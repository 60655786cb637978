"""No query that callers can ask for reads the table of calls from end to end: the plans at 100,000 calls."""

from contextlib import contextmanager
from datetime import datetime
from unittest.mock import patch

from odoo.fields import Domain
from odoo.tests import TransactionCase, tagged

from ..ghl_calls import lifecycle
from ..ghl_calls.controllers.bland_control import ORDERS, OURS
from ..ghl_calls.models.ghl_call import SOURCES
from ..ghl_calls.reading import board, call_figures, call_log_lists, filters, listing, statistics
from .calls_data import as_after_vacuum
from .common import make_location, make_user

# People, contacts and so on are spread over the calls, so that each has few of them.
WORLD = """
    INSERT INTO res_partner (name, active) SELECT 'Plan ' || n, true FROM generate_series(1, 500) AS n;
    INSERT INTO res_users (login, partner_id, company_id, active, share, notification_type)
    SELECT 'plan-' || id, id, %(company)s, true, false, 'email'
      FROM res_partner WHERE name LIKE 'Plan %%' ORDER BY id LIMIT 50;
    INSERT INTO ghl_contact (company_id, location_id, external_id, name, active)
    SELECT %(company)s, %(location)s, 'PLAN' || n, 'Plan ' || n, true FROM generate_series(1, 500) AS n;
    INSERT INTO ghl_contact_opportunity (company_id, location_id, contact_id, external_id, name, active)
    SELECT %(company)s, %(location)s, id, external_id, name, true FROM ghl_contact WHERE external_id LIKE 'PLAN%%';
"""
CALLS = """
    WITH known AS (
        SELECT (SELECT array_agg(id) FROM res_users WHERE login LIKE 'plan-%%') AS users,
               (SELECT array_agg(id) FROM res_partner WHERE name LIKE 'Plan %%') AS partners,
               (SELECT array_agg(id) FROM ghl_contact WHERE external_id LIKE 'PLAN%%') AS contacts,
               (SELECT array_agg(id) FROM ghl_contact_opportunity WHERE external_id LIKE 'PLAN%%') AS deals,
               (SELECT array_agg(id ORDER BY id) FROM ghl_call_status WHERE company_id IS NULL) AS statuses
    )
    INSERT INTO ghl_call (company_id, location_id, status_id, subject, start_time, create_date, write_date, type,
                          purpose, source, state, active, favorite, duration_seconds, owner_id, user_id, assigned_to_id,
                          contact_id, partner_id, opportunity_id, lead_ref, from_number, to_number, provider,
                          provider_call_id, number, agenda, transcript)
    SELECT %(company)s, CASE WHEN n %% 10 = 0 THEN %(location)s END,
           statuses[1 + floor(power(random(), 3) * array_length(statuses, 1))::int],
           'Call ' || n, moment, moment, moment, (ARRAY['outbound', 'inbound'])[1 + n %% 2],
           (ARRAY['demo', 'desk', 'project'])[1 + n %% 3],
           (ARRAY['generator', 'bland', 'manual', 'api', 'import'])[1 + floor(power(random(), 3) * 5)::int],
           (ARRAY['completed', 'pending', 'no_answer', 'failed', 'busy'])[1 + floor(power(random(), 3) * 5)::int],
           n %% 33 > 0, n %% 50 = 0, (1800 * power(random(), 4))::int, users[1 + n %% 50],
           users[1 + n / 7 %% 50], users[1 + n / 11 %% 50], CASE WHEN n %% 4 > 0 THEN contacts[1 + n %% 500] END,
           CASE WHEN n %% 5 = 0 THEN partners[1 + n %% 500] END, CASE WHEN n %% 6 = 0 THEN deals[1 + n %% 500] END,
           CASE WHEN n %% 90 = 0 THEN 'crm.lead,' || n %% 999 END, '+1202555' || lpad((n %% 9973)::text, 4, '0'),
           '+1303555' || lpad((n %% 9967)::text, 4, '0'), CASE WHEN n %% 5 = 0 THEN 'bland' END,
           CASE WHEN n %% 5 = 0 THEN 'plan-' || n END, %(first)s + n, repeat('About this. ', 15), repeat('Well. ', 50)
      FROM known, generate_series(1, %(count)s) AS n,
           LATERAL (SELECT timestamp '2024-01-01' + n * %(apart)s * interval '1 minute' AS moment) AS times
"""


@tagged("post_install", "-at_install", "ghl")
class TestPlans(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.company"].create({"name": "Other"})
        cls.viewer = make_user(cls.env, "plans_viewer", companies=cls.env.company | cls.other)
        cr = cls.env.cr
        cr.execute(WORLD, {"company": cls.env.company.id, "location": make_location(cls.env).id})
        for company, count, apart in ((cls.env.company, 100_000, 10), (cls.other, 10_000, 100)):
            location = make_location(cls.env, f"PLANS{company.id}", company=company)
            values = {"company": company.id, "location": location.id, "count": count, "apart": apart, "first": 10**6}
            cr.execute(CALLS, values)
        as_after_vacuum(cr)
        named = "contact_id IS NOT NULL AND location_id IS NOT NULL"
        cr.execute(f"SELECT * FROM ghl_call WHERE provider = 'bland' AND {named} LIMIT 1")
        [cls.sample] = cr.dictfetchall()

    def setUp(self):
        super().setUp()
        self.calls = self.env["ghl.call"].with_user(self.viewer)

    @contextmanager
    def statements(self):
        """Collects the statements on calls that are executed."""
        found, execute = [], type(self.env.cr).execute

        def note(cursor, query, params=None, *args, **kwargs):
            if hasattr(query, "code"):
                text = cursor.mogrify(query.code, query.params).decode()
            else:
                text = cursor.mogrify(query, params).decode()
            if '"ghl_call"' in text:
                found.append(text)
            return execute(cursor, query, params, *args, **kwargs)

        with patch.object(type(self.env.cr), "execute", note):
            yield found

    def assert_indexed(self, name, ask):
        for companies in (self.env.company.ids, (self.env.company | self.other).ids):
            with self.subTest(name, companies=len(companies)):
                self.env.invalidate_all()
                with self.statements() as found:
                    ask(self.calls.with_context(allowed_company_ids=companies))
                self.assertTrue(found, "no statement on calls")
                for statement in found:
                    self.env.cr.execute(f"EXPLAIN {statement}")
                    plan = "\n".join(line for (line,) in self.env.cr.fetchall())
                    self.assertNotIn("Seq Scan on ghl_call ", plan, f"{statement}\n{plan}")

    def assert_pages_indexed(self, name, where):
        self.assert_indexed(f"{name}, page 1", lambda calls: listing.page(calls, where))
        self.assert_indexed(f"{name}, page 100", lambda calls: listing.page(calls, where, number=100))

    def test_lists_of_views(self):
        for view in filters.VIEWS:
            with self.subTest(view):
                self.assert_pages_indexed(view, filters.view(self.calls.env, view, datetime(2024, 5, 1)))

    def test_lists_by_what_callers_filter(self):
        for chosen in (
            {"subject": "Call 777"},
            {"start_time": datetime(2024, 5, 1)},
            {"seconds": 300},
            {"seconds": 0},
            *({"related_to": kind} for kind in filters.RELATED),
            {"owner_id": self.sample["owner_id"]},
            {"owner_id": 999_999},
            {"assigned_to_id": self.sample["assigned_to_id"]},
        ):
            self.assert_pages_indexed(str(chosen), filters.chosen(**chosen))

    def test_lists_by_fields(self):
        for field in (
            "user_id contact_id partner_id opportunity_id lead_ref location_id from_number to_number provider_call_id "
            "status_id state source create_date"
        ).split():
            value = self.sample[field] or "crm.lead,90"
            self.assert_pages_indexed(field, Domain(field, "=", value))

    def test_the_call_log(self):
        orders = {
            "newest": call_log_lists.NEWEST, "oldest": call_log_lists.OLDEST, "longest": call_log_lists.LONGEST,
            "shortest": call_log_lists.SHORTEST,
        }  # fmt: skip
        lists = {
            (f"{name}, page {number}", order): (Domain.TRUE, (number - 1) * 10)
            for name, order in orders.items()
            for number in (1, 1000)
        }
        narrowed = {
            "of 1 minute": Domain("duration_seconds", ">=", 60),
            "of 29 minutes": Domain("duration_seconds", ">=", 1740),
            **{state: Domain("state", "=", state) for state, _label in lifecycle.STATES},
            **{source: Domain("source", "=", source) for source, _label in SOURCES},
        }
        lists |= {
            (f"{name}, page {number}", call_log_lists.NEWEST): (where, (number - 1) * 10)
            for name, where in narrowed.items()
            for number in (1, 100)
        }
        for (name, order), (where, start) in lists.items():
            self.assert_indexed(
                name,
                lambda calls, where=where, order=order, start=start: call_log_lists.page(
                    calls, where, order=order, start=start
                ),
            )

    def test_the_log_of_bland(self):
        for field in ORDERS.values():
            if field != "write_date":
                self.assert_bland_log_indexed(field)
        self.assert_indexed("stats", lambda calls: calls._read_group(OURS, ["state"], ["__count"]))

    def test_the_log_of_bland_by_the_last_change_reads_the_calls_of_bland_and_no_others(self):
        self.env.cr.execute("UPDATE ghl_call SET provider = NULL, source = 'api' WHERE id % 20 > 0")
        as_after_vacuum(self.env.cr)
        self.assert_bland_log_indexed("write_date")

    def assert_bland_log_indexed(self, field):
        for state in (None, "completed", "failed"):
            where = OURS & (Domain("state", "=", state) if state else Domain.TRUE)
            for order in (field, f"{field} desc"):
                self.assert_indexed(
                    f"{state or 'all'} by {order}",
                    lambda calls, where=where, order=order: call_log_lists.read(
                        calls, where, order=f"{order}, id desc" if field != "id" else order, limit=10
                    ),
                )
            self.assert_indexed("number", lambda calls, where=where: calls.search_count(where))

    def test_figures_of_a_period(self):
        start, end = datetime(2024, 5, 1), datetime(2024, 6, 1)
        self.assert_indexed("analytics", lambda calls: call_figures.analytics(calls, start, end))
        self.assert_indexed("performers", lambda calls: call_figures.performers(calls, limit=10, start=start, end=end))

    def test_the_board_in_every_view(self):
        for view in filters.VIEWS:
            where = filters.view(self.calls.env, view, datetime(2024, 5, 1))
            for enriched in (True, False):
                self.assert_indexed(
                    view,
                    lambda calls, where=where, enriched=enriched: board.read(
                        calls, where, limit=100, enriched=enriched
                    ),
                )

    def test_duplicates(self):
        where = Domain("subject", "=", "Call 777") & Domain("company_id", "=", self.env.company.id)
        self.assert_indexed("duplicates", lambda calls: calls.search(where, limit=1, order="id desc"))

    def test_statistics(self):
        period = statistics.Period.of(datetime(2024, 5, 1), datetime(2024, 5, 31))
        self.assert_indexed("statistics", lambda calls: statistics.read(calls, period))

    def test_lists_of_the_back_office(self):
        for field in ("status_id", "owner_id", "user_id", "assigned_to_id", "contact_id", "partner_id"):
            where = [(field, "=", self.sample[field] or 0)]
            self.assert_indexed(field, lambda calls, where=where: calls.search_fetch(where, ["subject"], limit=80))
        self.assert_indexed("all", lambda calls: calls.search_fetch([], ["subject"], limit=80))

"""The cards of figures: every sum against a recount, over real HTTP, and how they are counted."""

from datetime import datetime, timedelta

from odoo.tests import TransactionCase, tagged

from ..ghl_calls.controllers.crm_statistics import change
from ..ghl_calls.reading import statistics
from .calls_data import as_after_vacuum, insert_calls, make_calls
from .common import make_location, make_user
from .test_calls_routes_list import CallsCase

STATISTICS = "/crm/calls/get-statistics"
FIRST, LAST = "2025-10-11T08:00:00.000Z", "2025-10-20T00:00:00.000Z"


class TestCards(CallsCase):
    def cards(self, key=..., **given):
        given = given or {"from": FIRST, "to": LAST}
        body = self.succeed(STATISTICS, "POST", key=key, data=given)
        return {card["title"]: card for card in body["data"]}

    def at(self, day, count, **values):
        return make_calls(self.env, count, **{"start_time": datetime(2025, 10, day, 12), **values})

    def test_every_figure(self):
        self.at(11, 2, status_id=2, type="inbound", purpose="demo", duration_seconds=119)
        self.at(13, 3, status_id=2, type="outbound", purpose="demo", duration_seconds=600)
        self.at(14, 1, status_id=3, purpose="desk")
        self.at(20, 2, status_id=4, duration_seconds=601)
        self.at(20, 1, status_id=1, start_time=datetime(2025, 10, 20, 23, 59, 59))
        self.at(10, 4, status_id=3)  # before
        self.at(10, 1, status_id=2, start_time=datetime(2025, 10, 10, 23, 59, 59), duration_seconds=60)
        self.at(21, 5, status_id=2, start_time=datetime(2025, 10, 21), duration_seconds=60)  # after
        self.at(12, 9, active=False)
        body = self.succeed(STATISTICS, "POST", data={"from": FIRST, "to": LAST})
        self.assertEqual(body["message"], "Call statistics retrieved successfully")
        self.assertEqual(body["date_range"], {"from": "2025-10-11T00:00:00.000Z", "to": "2025-10-20T23:59:59.999Z"})
        self.assertEqual(body["tenant_id"], self.env.company.id)
        charts = [[point["value"] for point in card.pop("lineChartData")] for card in body["data"]]
        minutes = round((2 * 119 + 3 * 600 + 2 * 601) / 7 / 60, 1)
        self.assertEqual(
            body["data"],
            [
                {"icon": "/icons/call_in_out_icon.svg", "iconClass": "", "title": "Total Calls Made", "total": 9,
                 "change": 80.0, "description": "Demo: 5 | Desk: 1 | Calls Penetration: 55.56%"},
                {"icon": "/icons/call_missed_icon.svg", "iconClass": "", "title": "Missed/Non-Shows", "total": 3,
                 "change": -25.0, "description": "Missed: 1 | Over Due: 2"},
                {"icon": "/icons/call_connected_icon.svg", "iconClass": "", "title": "Connected Calls", "total": 5,
                 "change": 400.0, "description": "Inbound: 2 | Outbound: 3"},
                {"icon": "/icons/call_duration_icon.svg", "iconClass": "", "title": "Average Call Duration",
                 "total": f"{round(minutes)}m", "change": round((3240 / 7 / 60 - 1) * 100, 1),
                 "description": "Short (<2m): 2 | Medium (2-10m): 3 | Long (>10m): 2"},
            ],
        )  # fmt: skip
        self.assertEqual(charts[0], [1, 0, 0, 0, 0, 0, 3])
        self.assertEqual(charts[1], [1, 0, 0, 0, 0, 0, 2])
        self.assertEqual(charts[2], [0] * 7)
        self.assertEqual(charts[3], [0, 0, 0, 0, 0, 0, round(601 / 60, 1)])

    def test_the_chart_reaches_back_before_a_short_period(self):
        self.at(18, 2, status_id=2)
        self.at(20, 1, status_id=2)
        cards = self.cards(**{"from": "2025-10-20", "to": "2025-10-20"})
        self.assertEqual((cards["Connected Calls"]["total"], cards["Connected Calls"]["change"]), (1, 100.0))
        values = [point["value"] for point in cards["Connected Calls"]["lineChartData"]]
        self.assertEqual(values, [0, 0, 0, 0, 2, 0, 1])

    def test_without_calls_everything_is_zero(self):
        for card in self.cards().values():
            self.assertIn(card["total"], (0, "0m"))
            self.assertEqual((card["change"], card["lineChartData"]), (0, []))

    def test_nothing_of_other_companies_and_locations_is_counted(self):
        here, there = make_location(self.env, "L1"), make_location(self.env, "L2")
        self.at(12, 2, location_id=here.id)
        self.at(12, 3, location_id=there.id)
        limited = make_user(self.env, "stats_limited", locations=here)
        for key, total in ((self.key, 5), (self.make_key(limited), 2), (self.stranger_key, 0)):
            self.assertEqual(self.cards(key)["Total Calls Made"]["total"], total)

    def test_what_is_missing_or_wrong_is_refused_in_the_body(self):
        for given in ({}, {"from": FIRST}, {"to": LAST}, {"from": "", "to": ""}):
            body = self.refused(200, 400, STATISTICS, "POST", json=given)
            self.assertEqual((body["message"], body["data"]), ("from and to date parameters are required", None))
        for given in ({"from": "soon", "to": LAST}, {"from": LAST, "to": FIRST}, {"from": [1], "to": {}}):
            self.refused(200, 400, STATISTICS, "POST", json=given)

    def test_the_ends_of_time_are_days_too(self):
        self.at(12, 1)
        for first, last in (("0001-01-01", "9999-12-31"), ("0001-01-01", "0001-01-01"), ("9999-12-31", "9999-12-31")):
            body = self.succeed(STATISTICS, "POST", data={"from": first, "to": last})
            self.assertEqual(body["data"][0]["total"], int(first < "2025" < last))

    def test_change_against_nothing_is_100_or_0(self):
        self.assertEqual([change(5, 0), change(0, 0), change(0, 4), change(4, 3)], [100.0, 0.0, -100.0, 33.3])


@tagged("post_install", "-at_install", "ghl")
class TestStatisticsQueries(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.statuses = cls.env["ghl.call.status"].search([], order="id")
        cls.viewer = make_user(cls.env, "stats_viewer")
        insert_calls(cls.env.cr, cls.env.company, cls.statuses, 50_000)
        cls.env.cr.execute("ANALYZE ghl_call")
        cls.calls = cls.env["ghl.call"].with_user(cls.viewer)
        cls.period = statistics.Period.of(datetime(2025, 2, 1), datetime(2025, 2, 28))

    def test_two_queries_and_one_statement_whatever_the_period(self):
        statistics.read(self.calls, self.period)
        for last in (datetime(2025, 2, 1), datetime(2025, 4, 1)):
            self.env["ghl.call.status"].invalidate_model()
            before = self.env.cr.sql_log_count
            statistics.read(self.calls, statistics.Period.of(datetime(2025, 2, 1), last))
            self.assertLessEqual(self.env.cr.sql_log_count - before, 3)  # with the SET

    def test_the_figures_are_those_of_a_recount(self):
        found = statistics.read(self.calls, self.period)
        for figures, period in zip(
            (found.now, found.before, *found.days),
            (self.period, self.period.before, *self.period.chart),
            strict=True,
        ):
            self.env.cr.execute(
                """SELECT count(*), count(*) FILTER (WHERE kind IN ('missed', 'overdue')), sum(duration_seconds),
                          count(*) FILTER (WHERE duration_seconds < 120 AND duration_seconds > 0)
                     FROM ghl_call c JOIN ghl_call_status s ON s.id = status_id
                    WHERE c.company_id = %s AND c.active AND start_time >= %s AND start_time < %s""",
                [self.env.company.id, period.begin, period.end],
            )
            total, missed, seconds, short = self.env.cr.fetchone()
            self.assertEqual(
                (figures.total, figures.missed, figures.seconds, figures.lengths["short"]),
                (total, missed, seconds or 0, short),
            )
        self.assertTrue(found.now.total and found.before.total)
        self.assertEqual(self.period.end - self.period.chart[0].begin, timedelta(days=7))

    def test_the_index_alone_answers(self):
        as_after_vacuum(self.env.cr)
        self.env.cr.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        sql = statistics.grouped(self.calls, self.period)
        plan = "\n".join(row[0] for row in self.env.execute_query(statistics.SQL("EXPLAIN %s", sql)))
        self.assertIn("Index Only Scan using ghl_call_period", plan)

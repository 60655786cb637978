"""The analytics page: true figures, of what the reader may see, in a fixed number of queries."""

from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged

from ..ghl_contacts.mirror import figures
from ..ghl_contacts.reading.insights import Scope
from .calls_data import make_calls
from .common import make_location, make_user, mirror
from .contacts_data import contact
from .tour_case import TourCase

NOW = datetime(2025, 7, 6, 12, 0, 0)


def message(n, contact_id, at, kind="TYPE_SMS", direction="outbound"):
    return {
        "id": f"M{n}",
        "contactId": contact_id,
        "messageType": kind,
        "direction": direction,
        "dateAdded": at.isoformat() + "Z",
    }


def fill(env, location):
    """Two new contacts and one of the period before; messages, deals and calls in both periods."""
    env["ghl.user"].create(
        {"external_id": "U1", "name": "Una", "location_id": location.id, "company_id": location.company_id.id}
    )
    mirror(
        env,
        location,
        "ghl.contact",
        [
            contact("N1", dateAdded="2025-07-05T09:00:00Z", assignedTo="U1"),
            contact("N2", dateAdded="2025-07-06T09:00:00Z"),
            contact("B1", dateAdded="2025-06-25T09:00:00Z", assignedTo="U1"),
            contact("O1", dateAdded="2025-01-01T09:00:00Z"),
        ],
    )
    added = datetime(2025, 7, 5, 9)
    mirror(
        env,
        location,
        "ghl.contact.message",
        [
            message(1, "N1", added + timedelta(minutes=30)),
            message(2, "N1", added + timedelta(minutes=50), direction="inbound"),
            message(3, "N1", added + timedelta(minutes=55), "TYPE_CALL"),
            message(4, "N1", added, "TYPE_ACTIVITY_CONTACT"),
            message(5, "B1", added - timedelta(days=8), "TYPE_EMAIL"),
        ],
    )
    figures.refresh(env, location)
    mirror(
        env,
        location,
        "ghl.contact.opportunity",
        [
            {"id": "D1", "name": "A", "contactId": "N1", "monetaryValue": 1000, "status": "open", "assignedTo": "U1"},
            {"id": "D2", "name": "B", "contactId": "N2", "monetaryValue": 300, "status": "won",
             "lastStatusChangeAt": "2025-07-04T09:00:00Z"},
            {"id": "D3", "name": "C", "contactId": "N2", "monetaryValue": 50, "status": "lost",
             "lastStatusChangeAt": "2025-07-04T09:00:00Z"},
            {"id": "D4", "name": "D", "contactId": "B1", "monetaryValue": 700, "status": "won",
             "lastStatusChangeAt": "2025-06-26T09:00:00Z"},
        ],
    )  # fmt: skip
    people = {row.external_id: row for row in env["ghl.contact"].search([("location_id", "=", location.id)])}
    make_calls(env, 3, company=location.company_id, start_time=NOW, contact_id=people["N1"].id)
    make_calls(env, 2, company=location.company_id, start_time=NOW - timedelta(days=9), contact_id=people["O1"].id)
    return people


@tagged("post_install", "-at_install", "ghl")
class TestScope(TransactionCase):
    def test_days_begin_at_midnight_of_the_reader_across_the_change_of_the_clock(self):
        scope = Scope(date(2025, 3, 29), date(2025, 3, 31), "Europe/Berlin")
        self.assertEqual(
            scope.edges,
            [
                datetime(2025, 3, 25, 23),
                datetime(2025, 3, 28, 23),
                datetime(2025, 3, 29, 23),
                datetime(2025, 3, 30, 22),
                datetime(2025, 3, 31, 22),
            ],
        )

    def test_long_periods_are_cut_by_week_and_by_month(self):
        last = date(2025, 7, 6)
        self.assertEqual(len(Scope(last - timedelta(days=29), last).bars), 30)
        weeks = Scope(last - timedelta(days=89), last).bars
        self.assertEqual((len(weeks), weeks[1] - weeks[0]), (13, timedelta(days=7)))
        months = Scope(last - timedelta(days=364), last).bars
        self.assertEqual((len(months), months[1].day, months[-1]), (13, 1, date(2025, 7, 1)))


@tagged("post_install", "-at_install", "ghl")
class TestDashboard(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Insight Ltd"})
        cls.location = make_location(cls.env, company=cls.company)
        cls.people = fill(cls.env, cls.location)
        cls.viewer = make_user(cls.env, "insight", companies=cls.company)
        cls.viewer.tz = "UTC"

    def setUp(self):
        super().setUp()
        self.startClock()

    def startClock(self):
        clock = freeze_time(NOW)
        clock.start()
        self.addCleanup(clock.stop)

    def read(self, user=None, **chosen):
        return self.env["ghl.dashboard"].with_user(user or self.viewer).read_dashboard(**{"period": "7d", **chosen})

    def cards(self, **chosen):
        return {card["key"]: (card["value"], card["change"]) for card in self.read(**chosen)["cards"]}

    def test_the_figures_compare_with_the_period_before(self):
        self.assertEqual(
            self.cards(),
            {
                "contacts": (4, None),
                "new_contacts": (2, 100.0),
                "calls": (3, 50.0),
                "touched": (50.0, -50.0),
                "engaged": (50.0, None),
                "speed": (1800.0, -99.0),
                "pipeline": (1000.0, None),
                "won": (300.0, -57.1),
                "close_rate": (50.0, -50.0),
            },
        )

    def test_charts_hold_each_day_and_channel(self):
        page = self.read()
        self.assertEqual(page["bars"][0], "2025-06-30")
        self.assertEqual(page["charts"]["contacts"], [0, 0, 0, 0, 0, 1, 1])
        self.assertEqual(
            [(row["label"], row["values"]) for row in page["charts"]["calls"]],
            [("Scheduled", [0, 0, 0, 0, 0, 0, 3])],
        )
        self.assertEqual(
            [(row["label"], row["inbound"], row["outbound"]) for row in page["charts"]["engagement"]],
            [("SMS", 1, 1), ("Call", 0, 1)],
        )
        self.assertEqual([row["value"] for row in page["charts"]["pipeline"]], [1000.0])

    def test_what_opens_behind_a_figure_is_as_many_records_as_it_says(self):
        page = self.read()
        for key, number in {"contacts": 4, "new_contacts": 2, "touched": 1, "engaged": 1, "calls": 3, "messages": 4,
                            "pipeline": 1, "won": 1, "close_rate": 2}.items():  # fmt: skip
            place = page["domains"][key]
            found = self.env[place["model"]].with_user(self.viewer).search_count(place["domain"])
            self.assertEqual(found, number, key)

    def test_a_user_narrows_to_the_contacts_assigned_to_them(self):
        una = self.env["ghl.user"].search([("location_id", "=", self.location.id)])
        cards = self.cards(user_id=una.id)
        self.assertEqual((cards["contacts"][0], cards["new_contacts"][0], cards["calls"][0]), (2, 1, 3))
        self.assertEqual((cards["pipeline"][0], cards["won"][0]), (1000.0, 0.0))

    def test_nothing_of_other_locations_and_companies_is_counted(self):
        elsewhere = make_location(self.env, "LOC2", company=self.company)
        limited = make_user(self.env, "insight_limited", companies=self.company, locations=elsewhere)
        stranger = make_user(self.env, "insight_stranger")
        for user in (limited, stranger):
            page = self.read(user)
            values = {card["key"]: card["value"] for card in page["cards"]}
            if user == limited:
                self.assertFalse(any(values.values()), values)
                self.assertEqual([row["id"] for row in page["choices"]["locations"]], [elsewhere.id])
            page = self.read(user, location_id=self.location.id)
            self.assertFalse(any(card["value"] for card in page["cards"]))
            self.assertEqual(page["sync"]["state"], "none")

    def test_who_is_no_viewer_is_refused(self):
        nobody = make_user(self.env, "insight_nobody", group=None)
        for method in ("read_dashboard", "read_sync"):
            with self.assertRaises(AccessError):
                getattr(self.env["ghl.dashboard"].with_user(nobody), method)()

    def test_nonsense_filters_show_the_default_page(self):
        self.assertEqual(self.read(period="x'; DROP TABLE ghl_call")["filters"]["period"], "30d")
        self.assertEqual(self.cards(location_id=10**8)["contacts"][0], 0)

    def test_ten_queries_are_enough_whatever_there_is(self):
        self.read()
        for chosen in ({}, {"location_id": self.location.id}, {"period": "365d"}):
            self.env.invalidate_all()
            with self.assertQueryCount(10):
                self.read(**chosen)
        make_calls(self.env, 40, company=self.company, start_time=NOW)
        mirror(self.env, self.location, "ghl.contact", [contact(f"X{n}") for n in range(60)])
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(10):
            self.read()

    # ---- how fresh it is

    def sync(self):
        self.env.flush_all()
        return self.env["ghl.dashboard"].with_user(self.viewer).read_sync()

    def job(self, state, **values):
        return self.env["ghl.job"].create(
            {
                "name": "Sync",
                "model": "ghl.location",
                "method": "_job_pull",
                "company_id": self.company.id,
                "location_id": self.location.id,
                "state": state,
                **values,
            }
        )

    def test_the_badge_tells_fresh_from_stale_and_never(self):
        self.assertEqual(self.sync()["state"], "never")
        self.location.last_synced_at = NOW - timedelta(minutes=10)
        self.assertEqual((self.sync()["state"], self.sync()["as_of"]), ("fresh", "2025-07-06 11:50:00"))
        self.location.last_synced_at = NOW - timedelta(days=1)
        self.assertEqual(self.sync()["state"], "stale")

    def test_the_oldest_location_decides_and_those_left_out_do_not(self):
        self.location.last_synced_at = NOW
        other = make_location(self.env, "LOC3", company=self.company)
        self.assertEqual(self.sync()["state"], "never")
        other.sync_enabled = False
        self.assertEqual(self.sync()["state"], "fresh")

    def test_a_running_sync_shows_how_far_it_is(self):
        self.job("running", progress_done=30, progress_total=120)
        self.assertEqual((self.sync()["state"], self.sync()["percent"]), ("running", 25))

    def test_a_failed_sync_says_why_and_what_helps(self):
        self.location.last_synced_at = NOW
        self.job("failed", error="GoHighLevel does not answer.")
        found = self.sync()
        self.assertEqual(
            (found["state"], found["reason"], found["fix"], found["location_id"]),
            ("error", "GoHighLevel does not answer.", "retry", self.location.id),
        )
        self.location.account_id.write({"state": "error", "last_error": "The token was revoked."})
        self.assertEqual((self.sync()["reason"], self.sync()["fix"]), ("The token was revoked.", "credentials"))
        self.job("done")
        self.location.account_id.state = "connected"
        self.assertEqual(self.sync()["state"], "fresh")


@tagged("post_install", "-at_install", "ghl")
class TestDashboardTour(TourCase):
    def test_an_agent_narrows_the_figures_refreshes_and_opens_what_is_behind(self):
        make_user(self.env, "insight_agent", "agent")
        location = make_location(self.env)
        today = datetime.now().replace(microsecond=0)
        mirror(self.env, location, "ghl.contact", [contact(f"T{n}", dateAdded=f"{today}Z") for n in range(3)])
        people = self.env["ghl.contact"].search([("location_id", "=", location.id)])
        make_calls(self.env, 2, contact_id=people[0].id, start_time=today)
        make_location(self.env, "LOC9", name="Empty place")
        self.start_tour("/odoo/ghl-dashboard", "ghl_dashboard_tour", login="insight_agent")
        waiting = self.env["ghl.job"].search([("location_id", "=", location.id)])
        self.assertEqual(waiting.mapped("state"), ["pending"], "the refresh asked for a sync")

    def test_a_newcomer_is_told_what_to_do_first(self):
        make_user(self.env, "insight_new", "admin", companies=self.env["res.company"].create({"name": "New Ltd"}))
        self.start_tour("/odoo/ghl-dashboard", "ghl_dashboard_start_tour", login="insight_new")

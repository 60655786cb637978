"""The figures of the analytics page over real HTTP."""

from .common import make_location, make_user
from .common_http import ApiCase
from .test_dashboard import fill

DAYS = "startDate=2025-06-30&endDate=2025-07-06"


class TestDashboardApi(ApiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Figures Ltd"})
        cls.location = make_location(cls.env, company=cls.company)
        cls.people = fill(cls.env, cls.location)
        cls.key = cls.make_key(make_user(cls.env, "figures", companies=cls.company))
        cls.stranger_key = cls.make_key(make_user(cls.env, "figures_stranger"))

    def get(self, path, status=200, key=None):
        response = self.call(f"/api/dashboard/{path}", key=key or self.key)
        self.assertEqual(response.status_code, status, response.text[:300])
        return response.json()

    def test_metrics_are_those_of_the_location(self):
        body = self.get("metrics?locationId=LOC1")
        self.assertTrue(body.pop("dateCalculated").endswith("Z"))
        self.assertEqual(
            body,
            {
                "success": True,
                "id": self.location.id,
                "locationId": "LOC1",
                "totalContacts": 4,
                "totalOpportunities": 4,
                "totalRevenue": 1000.0,
                "conversionRate": 50.0,
                "averageDealSize": 500.0,
            },
        )

    def test_call_volume_is_counted_by_day_and_status(self):
        body = self.get(f"analytics/call-volume?locationId=LOC1&{DAYS}")
        self.assertEqual((body["totalCalls"], body["previousCalls"]), (3, 2))
        self.assertEqual({row["name"]: row["values"] for row in body["series"]}, {"Scheduled": [0, 0, 0, 0, 0, 0, 3]})

    def test_engagement_is_a_list_of_messages_with_their_contacts(self):
        rows = self.get(f"analytics/engagement?{DAYS}")
        self.assertEqual([row["direction"] for row in rows], ["outbound", "inbound", "outbound", "outbound"])
        self.assertEqual(rows[0]["contact_id"]["name"], self.people["N1"].name)
        self.assertEqual(rows[0]["date_added"], "2025-07-05T09:55:00")
        self.assertEqual(self.get(f"analytics/engagement?{DAYS}&limit=1&offset=1"), rows[1:2])

    def test_the_pipeline_tells_won_and_lost_of_the_period(self):
        body = self.get(f"analytics/pipeline?{DAYS}")
        self.assertEqual(body["open"], {"count": 1, "value": 1000.0})
        self.assertEqual((body["won"]["value"], body["lost"]["count"], body["closeRate"]), (300.0, 1, 50.0))

    def test_others_see_nothing_of_it(self):
        self.assertEqual(self.get("metrics", key=self.stranger_key)["totalContacts"],
                         self.env["ghl.contact"].search_count([("company_id", "=", self.env.company.id)]))  # fmt: skip
        self.assertEqual(self.get(f"analytics/engagement?{DAYS}", key=self.stranger_key), [])
        for path in ("metrics", "analytics/call-volume", "analytics/engagement", "analytics/pipeline"):
            body = self.get(f"{path}?locationId=LOC1", 404, self.stranger_key)
            self.assertEqual(body["code"], "location_not_found")

    def test_impossible_periods_are_refused(self):
        for given in ("startDate=2025-07-07&endDate=2025-07-06", "startDate=0001-01-01", "endDate=9999-12-31",
                      "endDate=0001-01-01", "startDate=1990-01-01&endDate=2025-01-01"):  # fmt: skip
            for path in ("call-volume", "engagement", "pipeline"):
                self.assertEqual(self.get(f"analytics/{path}?{given}", 400)["code"], "invalid_period", given)
        self.assertEqual(self.get("analytics/pipeline?startDate=yesterday", 400)["success"], False)

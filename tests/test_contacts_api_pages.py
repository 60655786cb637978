"""Contacts by page, as the contact screen asks for them."""

from .contacts_data import fill
from .test_contacts_api_lists import ContactsApiCase

PAGES = ("/api/location-contacts-lazy", "/api/location-contacts-optimized")
DETAILS = {"tasks", "conversations", "custom_fields", "attributions"}


class TestPages(ContactsApiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        fill(cls.env, cls.location)

    def test_a_page_has_counts_instead_of_details(self):
        for path in PAGES:
            body = self.get(path, limit=2)
            self.assertEqual((len(body["contacts"]), body["total_contacts"], body["page"]), (2, 3, 1))
            self.assertEqual((body["limit"], body["has_more"]), (2, True))
            row = body["contacts"][0]
            self.assertFalse(DETAILS & set(row))
            self.assertLessEqual({"has_tasks", "tasks_count", "details_fetched", "conversations_count_basic"}, set(row))
            self.assertFalse(self.get(path, limit=2, page=2)["has_more"])
            self.assertEqual(self.get(path, page=9)["contacts"], [])
            self.assertEqual(self.get(path)["limit"], 10)

    def test_pages_together_are_the_list_each_contact_once(self):
        every = [row["id"] for row in self.get()["contacts"]]
        for path in PAGES:
            pages = [self.get(path, limit=1, page=number)["contacts"] for number in (1, 2, 3)]
            self.assertEqual([row["id"] for [row] in pages], every)

    def test_a_sync_starts_behind_only_when_wanted(self):
        jobs = [("location_id", "=", self.location.id), ("method", "=", "_job_pull")]
        self.env["ir.config_parameter"].set_param("ghl.job_executor", "cron")
        body = self.get(PAGES[1])
        self.assertEqual((body["background_sync_started"], body["contacts_syncing"]), (False, 0))
        self.assertEqual(self.env["ghl.job"].search_count(jobs), 0)
        self.assertIs(self.get(PAGES[1], background_sync="true")["background_sync_started"], True)
        self.assertEqual(self.env["ghl.job"].search_count(jobs), 1)

    def test_unknown_locations_and_pages_that_are_none_are_refused(self):
        for path in (*PAGES, "/api/location-name"):
            self.assert_refused(self.call(path, params={"location_id": "NOPE"}), 404, "location_not_found")
            self.assert_refused(self.call(path), 400, "invalid_parameter")
        for page in ("0", "x", "-1"):
            answer = self.call(PAGES[0], params={"location_id": "LOC1", "page": page})
            self.assert_refused(answer, 400, "invalid_parameter")

    def test_the_name_of_a_location(self):
        body = self.get("/api/location-name")
        self.assertEqual((body["location_id"], body["name"]), ("LOC1", self.location.name))

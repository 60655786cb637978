from datetime import timedelta

from odoo import fields

from ..ghl_contacts.controllers import answers, contact_search
from ..ghl_contacts.reading import contacts as reading
from .common import make_location, make_user
from .common_http import ApiCase
from .contacts_data import fill, fill_many

STORED = "/api/location-contacts"
LISTS = (STORED, "/api/get-location-contacts-fast", "/api/get-location-contacts")
ALL_ROUTES = (*LISTS, "/api/location-contacts-count", "/api/location-contacts-search", "/api/location-users")

TEXT, INTEGER, NUMBER, LIST = str, int, (int, float), list
# The contact object callers were written against: every key with its type.
CONTRACT = {
    "id": INTEGER, "external_id": TEXT, "name": TEXT, "email": TEXT, "timezone": TEXT, "country": TEXT,
    "source": TEXT, "date_added": TEXT, "business_id": TEXT, "followers": TEXT, "tag_list": TEXT,
    "custom_fields_count": INTEGER, "attributions_count": INTEGER, "ai_status": TEXT, "ai_summary": TEXT,
    "ai_reasoning": TEXT, "ai_quality_grade": TEXT, "ai_sales_grade": TEXT, "crm_tasks": TEXT, "category": TEXT,
    "channel": TEXT, "created_by": TEXT, "attribution": TEXT, "assigned_to": TEXT, "speed_to_lead": TEXT,
    "touch_summary": TEXT, "engagement_summary": LIST, "last_touch_date": TEXT, "last_message": (str, dict),
    "total_pipeline_value": NUMBER, "opportunities": INTEGER, "contact_tags": LIST, "tasks": LIST,
    "tasks_count": INTEGER, "conversations": LIST, "conversations_count": INTEGER,
}  # fmt: skip
TASK = {
    "id": INTEGER, "external_id": TEXT, "title": TEXT, "body": TEXT, "due_date": TEXT, "completed": bool,
    "is_overdue": bool, "days_until_due": INTEGER, "assigned_to": TEXT, "assigned_user_name": TEXT, "create_date": TEXT,
    "write_date": TEXT,
}  # fmt: skip
CONVERSATION = {
    "id": INTEGER, "ghl_id": TEXT, "last_message_date": TEXT, "last_message_body": TEXT, "last_message_type": TEXT,
    "type": TEXT, "unread_count": INTEGER, "full_name": TEXT, "contact_name": TEXT, "email": TEXT, "phone": TEXT,
    "display_name": TEXT, "create_date": TEXT, "write_date": TEXT,
}  # fmt: skip
LAST_MESSAGE = {"body": TEXT, "type": TEXT, "direction": TEXT, "source": TEXT, "date_added": TEXT, "id": TEXT}
ATTRIBUTION = dict.fromkeys(("url", "campaign", "utm_source", "utm_medium", "referrer", "ip", "medium"), TEXT)


class ContactsApiCase(ApiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.location = make_location(cls.env)

    def get(self, path=STORED, key=..., **params):
        """The answer's JSON, which must be a success."""
        response = self.call(path, key=key, params={"location_id": "LOC1", **params})
        self.assertEqual(response.status_code, 200, response.text[:500])
        body = response.json()
        self.assertIs(body["success"], True)
        return body

    def assert_shape(self, row, shape):
        for key, kind in shape.items():
            self.assertIn(key, row)
            self.assertIsInstance(row[key], kind, key)
            self.assertIsNot(row[key], None, key)


class TestContract(ContactsApiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        fill(cls.env, cls.location)

    def test_contacts_have_the_keys_and_types_of_the_contract_in_all_lists(self):
        for path in LISTS:
            with self.subTest(path):
                body = self.get(path)
                self.assertEqual(body["total_contacts"], 3)
                for row in body["contacts"]:
                    self.assert_shape(row, CONTRACT)
                    for task in row["tasks"]:
                        self.assert_shape(task, TASK)
                    for conversation in row["conversations"]:
                        self.assert_shape(conversation, CONVERSATION)
                rich = body["contacts"][-1]
                self.assert_shape(rich["last_message"], LAST_MESSAGE)
                self.assert_shape(rich["attributions"][0], ATTRIBUTION)
                self.assertEqual(rich["custom_fields"][0], {"id": "cf1", "value": "x"})
                self.assertNotIn("custom_fields", body["contacts"][0])
                self.assertNotIn("page", body)

    def test_values_of_what_is_not_mirrored_are_those_callers_know(self):
        row = self.get()["contacts"][0]
        self.assertEqual(row["ai_status"], "<span>Not Contacted</span>")
        self.assertEqual(
            [row[key] for key in ("ai_status_code", "ai_summary", "ai_quality_grade", "ai_sales_grade")],
            ["not_contacted", "Read", "no_grade", "no_grade"],
        )
        self.assertEqual((row["category"], row["channel"], row["touch_summary"]), ("manual", "manual", "no_touches"))

    def test_the_database_list_summarises_the_latest_sync(self):
        self.env["ghl.sync.cursor"].create({"location_id": self.location.id, "entity": "contacts", "seen": 42})
        body = self.get()
        self.assertEqual(
            body["sync_summary"],
            {
                "contacts_synced": 42,
                "tasks_synced": 0,
                "conversations_synced": 0,
                "opportunities_synced": 0,
                "messages_fetched": 0,
                "touch_info_updated": 0,
            },
        )
        self.assertEqual((body["last_synced_at"], body["sync_job_id"]), ("", 0))
        self.location.last_synced_at = "2025-07-06 10:00:00"
        self.assertEqual(self.get()["last_synced_at"], "2025-07-06T10:00:00")

    def test_the_database_list_starts_nothing(self):
        self.get()
        self.assertFalse(self.env["ghl.job"].search([("location_id", "=", self.location.id)]))

    def test_the_count_with_and_without_a_user(self):
        path = "/api/location-contacts-count"
        self.assertEqual(
            self.get(path),
            {"success": True, "total_contacts": 3, "location_id": "LOC1", "is_filtered": False, "source": "database"},
        )
        body = self.get(path, selected_user="U1")
        self.assertEqual((body["total_contacts"], body["user_filter"], body["is_filtered"]), (1, "U1", True))

    def test_contacts_of_one_user(self):
        user = self.env["ghl.user"].search([("external_id", "=", "U1")])
        for chosen, found in (("U1", ["C1"]), (str(user.id), ["C1"]), ("U-unknown", ["C2"]), ("nobody", []), ("0", [])):
            with self.subTest(chosen):
                body = self.get(selected_user=chosen)
                self.assertEqual([row["external_id"] for row in body["contacts"]], found)
                self.assertEqual(body["total_contacts"], len(found))

    def test_search_rows_count_details_instead_of_listing_them(self):
        body = self.get("/api/location-contacts-search", search="ada")
        [row] = body["contacts"]
        self.assertEqual((row["location_id"], row["location_name"]), ("LOC1", "Location LOC1"))
        self.assertEqual((row["tasks_count"], row["has_tasks"], row["conversations_count_basic"]), (2, True, 2))
        self.assertFalse({"tasks", "conversations", "custom_fields", "attributions"} & set(row))
        self.assertEqual((body["search_term"], body["total_contacts"], body["ghl_api_used"]), ("ada", 1, False))
        self.assertEqual((body["local_contacts_found"], body["total_is_capped"], body["limit"]), (1, False, 50))
        self.assertGreater(body["performance"]["total_time_ms"], 0)

    def test_locations_and_users(self):
        body = self.call("/api/installed-locations").json()
        [row] = body["locations"]
        self.assertEqual((row["location_id"], row["location"], row["contacts_count"]), ("LOC1", "Location LOC1", 3))
        self.assertEqual(body["sync_status"], "fresh")
        body = self.get("/api/location-users")
        self.assertEqual([user["external_id"] for user in body["users"]], ["U1"])
        self.assertIs(body["users"][0]["permissions"]["campaigns_enabled"], True)

    def test_only_the_keys_asked_for(self):
        body = self.get(fields="name, external_id,opportunity_list")
        self.assertEqual(set(body["contacts"][0]), {"id", "name", "external_id", "opportunity_list"})
        body = self.get("/api/location-contacts-search", search="ada", fields="name")
        self.assertEqual(set(body["contacts"][0]), {"id", "name", "location_id", "location_name"})


class TestRefusals(ContactsApiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.env["res.company"].create({"name": "Other"})
        cls.foreign = make_location(cls.env, "FOREIGN", company=cls.other_company)
        cls.second = make_location(cls.env, "LOC2")
        for location in (cls.location, cls.second, cls.foreign):
            fill(cls.env, location)
        cls.limited_key = cls.make_key(make_user(cls.env, "lists_limited", locations=cls.second))
        cls.narrow_key = cls.make_key(cls.viewer, ghl_location_ids=[(6, 0, cls.second.ids)])

    def refused(self, path, status, code, key=..., **params):
        return self.assert_refused(self.call(path, key=key, params=params), status, code)

    def test_without_a_location(self):
        for path in ALL_ROUTES:
            for params in ({}, {"location_id": ""}):
                body = self.refused(path, 400, "invalid_parameter", **params)
                self.assertEqual(body["error"], "location_id is required")

    def test_an_unknown_location_and_somebody_elses_look_the_same(self):
        for path in ALL_ROUTES:
            answers = [
                self.refused(path, 404, "location_not_found", location_id=location_id)["error"]
                for location_id in ("nowhere", "FOREIGN", "loc1", "' OR 1=1 --", "%")
            ]
            self.assertEqual(set(answers), {"Location not found"})

    def test_a_limited_user_and_a_limited_key_reach_their_location_only(self):
        for key in (self.limited_key, self.narrow_key):
            for path in ALL_ROUTES:
                self.refused(path, 404, "location_not_found", key=key, location_id="LOC1")
            self.assertEqual(self.get(key=key, location_id="LOC2")["total_contacts"], 3)
            rows = self.call("/api/installed-locations", key=key).json()["locations"]
            self.assertEqual([row["location_id"] for row in rows], ["LOC2"])

    def test_bad_paging_values(self):
        for name, value in (
            ("limit", "0"), ("limit", "-1"), ("limit", "1001"), ("limit", "99999999999999999999"), ("limit", "ten"),
            ("limit", "1.5"), ("page", "0"), ("page", "-3"), ("page", "x"), ("offset", "-1"), ("offset", "9" * 30),
        ):  # fmt: skip
            for path in (*LISTS, "/api/location-contacts-search"):
                with self.subTest(f"{path} {name}={value}"):
                    body = self.refused(path, 400, "invalid_parameter", location_id="LOC1", **{name: value})
                    self.assertEqual(list(body["details"]), [name])

    def test_bad_cursors(self):
        for cursor in ("x", "####", "W10", "WzEsMl0", "bnVsbA", "WyIyMDI1LTAxLTAxVDAwOjAwOjAwIiwieCJd", "A" * 1000):
            with self.subTest(cursor):
                self.refused(STORED, 400, "invalid_cursor", location_id="LOC1", cursor=cursor)

    def test_unknown_keys(self):
        body = self.refused(STORED, 400, "invalid_parameter", location_id="LOC1", fields="name,password")
        self.assertIn("fields", body["details"])

    def test_text_that_cannot_be_searched(self):
        path = "/api/location-contacts-search"
        self.refused(path, 400, "invalid_parameter", location_id="LOC1", search="a\x00b")
        self.refused(path, 400, "invalid_parameter", location_id="LOC1", search="x" * 201)

    def test_text_that_looks_like_code_finds_nothing_and_breaks_nothing(self):
        for text in ("' OR '1'='1", "%", "\\", "<script>alert(1)</script>", "{{7*7}}", "ada') --", "\u202e\U0001f600"):
            with self.subTest(text):
                body = self.get("/api/location-contacts-search", search=text)
                self.assertEqual((body["contacts"], body["total_contacts"], body["search_term"]), ([], 0, text))

    def test_a_page_behind_the_last_is_empty(self):
        for params in ({"page": 100}, {"offset": 2_000_000_000}, {"page": 2_000_000, "limit": 1000}):
            body = self.get(**params)
            self.assertEqual((body["contacts"], body["has_more"], body["next_cursor"]), ([], False, ""))


class TestPaging(ContactsApiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        fill_many(cls.env, cls.location, 60)

    def test_every_way_of_reading_gives_the_same_contacts(self):
        whole = self.get()["contacts"]
        self.assertEqual(len({row["id"] for row in whole}), 60)
        pages = [row for page in range(1, 8) for row in self.get(page=page, limit=9)["contacts"]]
        self.assertEqual(pages, whole)
        offsets = [row for offset in range(0, 60, 25) for row in self.get(offset=offset, limit=25)["contacts"]]
        self.assertEqual(offsets, whole)
        cursor, walked = "", []
        while cursor or not walked:
            body = self.get(limit=7, cursor=cursor)
            self.assertEqual(body["total_contacts"], 60)
            self.assertEqual(bool(body["next_cursor"]), body["has_more"])
            walked += body["contacts"]
            cursor = body["next_cursor"]
        self.assertEqual(walked, whole)

    def test_a_streamed_answer_says_the_same_as_a_whole_one(self):
        whole = self.get()
        self.patch(reading, "CHUNK", 16)
        self.patch(answers, "CHUNK", 16)
        response = self.call(STORED, params={"location_id": "LOC1"})
        self.assertEqual(response.headers["Content-Encoding"], "gzip")
        self.assertNotIn("ETag", response.headers)
        self.assertEqual(response.json(), whole)

    def test_pages_tell_where_they_are(self):
        body = self.get(page=2, limit=25)
        self.assertEqual([body[key] for key in ("page", "limit", "offset", "has_more")], [2, 25, 25, True])
        self.assertEqual(self.get(page=3, limit=25)["has_more"], False)
        self.assertEqual(len(self.get(page=1)["contacts"]), 60)

    def test_an_unchanged_page_is_not_sent_again(self):
        first = self.call(STORED, params={"location_id": "LOC1", "limit": 5})
        again = self.call(
            STORED, params={"location_id": "LOC1", "limit": 5}, headers={"If-None-Match": first.headers["ETag"]}
        )
        self.assertEqual((again.status_code, again.content), (304, b""))
        self.env["ghl.contact"].search([("location_id", "=", self.location.id)], limit=1).name = "Changed"
        changed = self.call(
            STORED, params={"location_id": "LOC1", "limit": 5}, headers={"If-None-Match": first.headers["ETag"]}
        )
        self.assertEqual(changed.status_code, 200)

    def test_a_long_result_is_counted_up_to_the_cap(self):
        self.patch(contact_search, "MOST_COUNTED", 20)
        body = self.get("/api/location-contacts-search", search="many")
        self.assertEqual((body["total_contacts"], body["total_is_capped"], len(body["contacts"])), (20, True, 50))
        self.assertEqual(body["message"], "At least 20 contacts found.")
        following = self.get("/api/location-contacts-search", search="many", cursor=body["next_cursor"])
        self.assertEqual(len(following["contacts"]), 10)

    def test_key_expiry_is_checked_before_anything_is_read(self):
        key = self.make_key(self.viewer, expires_at=fields.Datetime.now() - timedelta(days=1))
        self.assert_refused(self.call(STORED, key=key, params={"location_id": "LOC1"}), 401, "expired_key")

from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.tests import TransactionCase, tagged

from ..ghl_contacts.controllers import answers
from ..ghl_contacts.mirror import figures
from ..ghl_contacts.reading import contacts as reading
from ..ghl_contacts.reading.contacts import ContactFilter
from ..ghl_contacts.reading.shape import FULL, SUMMARY, Shape
from .common import make_location, make_user, mirror
from .contacts_data import NOW, as_json, contact, fill, fill_many


class ReadingCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.location = make_location(cls.env)
        cls.viewer = make_user(cls.env, "reading_viewer")

    def read(self, user=None, location=None, chosen=reading.EVERYTHING, limit=1000, **options):
        contacts = self.env["ghl.contact"].with_user(user or self.viewer)
        return contacts._read_for_api((location or self.location).id, chosen, limit=limit, **options)

    def documents(self, **options):
        return {row["external_id"]: row for row in as_json(self.read(**options).documents)}


@tagged("post_install", "-at_install", "ghl")
class TestContactDocument(ReadingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = fill(cls.env, cls.location)

    def setUp(self):
        super().setUp()
        self.enterContext(freeze_time(NOW))

    def test_a_contact_with_everything(self):
        row = self.documents()["C1"]
        self.assertEqual(
            {key: row[key] for key in ("id", "name", "email", "phone", "country", "source", "dnd", "timezone")},
            {
                "id": self.contacts["C1"].id,
                "name": "Ada Lovelace",
                "email": "ada@example.test",
                "phone": "+15550100200",
                "country": "US",
                "source": "form",
                "dnd": True,
                "timezone": "",
            },
        )
        self.assertEqual(row["date_added"], "2025-07-01T09:00:00")
        self.assertEqual((row["tag_list"], row["contact_tags"]), ("hot, q3", ["hot", "q3"]))
        self.assertEqual(row["followers"], '["U1", "U9"]')
        self.assertEqual(row["assigned_to"], "Agent Two")
        self.assertEqual(
            row["custom_fields"],
            [{"id": "cf1", "value": "x"}, {"id": "cf2", "value": 0}, {"id": "cf3", "value": ["a", "b"]}],
        )
        self.assertEqual((row["custom_fields_count"], row["attributions_count"]), (3, 2))
        self.assertEqual(row["attributions"][0]["utm_source"], "news")
        self.assertEqual((row["opportunities"], row["total_pipeline_value"]), (2, 1200.5))
        self.assertNotIn("opportunity_list", row)

    def test_tasks_are_late_or_not_at_the_time_of_reading(self):
        row = self.documents()["C1"]
        late, early = row["tasks"]
        self.assertEqual((late["title"], late["is_overdue"], late["days_until_due"]), ("Ring back", True, -3))
        self.assertEqual((early["is_overdue"], early["days_until_due"]), (False, 3))
        self.assertEqual((late["assigned_to"], late["assigned_user_name"]), ("U1", "Agent Two"))
        self.assertEqual((row["crm_tasks"], row["tasks_count"]), ("overdue", 2))
        with freeze_time(NOW - timedelta(days=4)):
            self.assertEqual(self.documents()["C1"]["crm_tasks"], "upcoming")

    def test_completed_tasks_alone_are_empty_and_none_are_no_tasks(self):
        rows = self.documents()
        self.assertEqual((rows["C2"]["crm_tasks"], rows["C3"]["crm_tasks"]), ("empty", "no_tasks"))
        self.assertFalse(rows["C2"]["tasks"][0]["is_overdue"])

    def test_the_last_message_is_that_of_the_newest_conversation(self):
        row = self.documents()["C1"]
        self.assertEqual(
            row["last_message"],
            {
                "body": "ok",
                "type": "SMS",
                "direction": "inbound",
                "source": "",
                "date_added": "2025-07-03T10:00:00",
                "id": "",
                "unread_count": 2,
            },
        )
        self.assertEqual([item["ghl_id"] for item in row["conversations"]], ["V1", "V0"])

    def test_messages_are_summed_up(self):
        sent = {"contactId": "C1", "direction": "outbound", "source": "app", "dateAdded": "2025-07-01T09:04:59.000Z"}
        rows = [
            {**sent, "id": "M1", "messageType": "TYPE_CALL"},
            {**sent, "id": "M2", "messageType": "TYPE_SMS", "dateAdded": "2025-07-02T10:00:00.000Z"},
            {**sent, "id": "M3", "messageType": "TYPE_SMS", "dateAdded": "2025-07-02T11:00:00.000Z"},
            {**sent, "id": "M4", "messageType": "TYPE_SMS", "direction": "inbound", "body": "fine"},
            {**sent, "id": "M5", "messageType": "TYPE_INTERNAL_COMMENT", "dateAdded": "2025-07-05T10:00:00.000Z"},
        ]
        rows[3]["dateAdded"] = "2025-07-04T10:00:00.000Z"
        mirror(self.env, self.location, "ghl.contact.message", rows)
        figures.refresh(self.env, self.location, [row["id"] for row in rows])
        row = self.documents()["C1"]
        self.assertEqual((row["touch_summary"], row["speed_to_lead"]), ("2 SMS, 1 PHONE CALL", "4m"))
        self.assertEqual(row["last_touch_date"], "2025-07-02T11:00:00")
        [engagement] = row["engagement_summary"]
        self.assertEqual((engagement["type"], engagement["count"]), ("SMS", 1))
        self.assertEqual(
            row["last_message"],
            {
                "body": "fine",
                "type": "SMS",
                "direction": "inbound",
                "source": "app",
                "date_added": "2025-07-04T10:00:00",
                "id": "M4",
                "unread_count": 2,
            },
        )
        other = self.documents()["C2"]
        figures_of_none = [other[key] for key in ("touch_summary", "speed_to_lead", "last_touch_date")]
        self.assertEqual((figures_of_none, other["engagement_summary"]), (["no_touches", "", ""], []))

    def test_a_conversation_newer_than_the_messages_has_the_last_word(self):
        rows = [{"id": "M1", "contactId": "C1", "messageType": "TYPE_SMS", "body": "old"}]
        rows[0]["dateAdded"] = "2025-07-01T09:04:00.000Z"
        mirror(self.env, self.location, "ghl.contact.message", rows)
        figures.refresh(self.env, self.location)
        self.assertEqual(self.documents()["C1"]["last_message"]["body"], "ok")

    def test_what_is_missing_is_empty_and_never_null(self):
        row = self.documents()["C3"]
        self.assertEqual([key for key, value in row.items() if value is None], [])
        self.assertEqual(row["last_message"], "")
        self.assertEqual(row["followers"], "[]")
        self.assertNotIn("custom_fields", row)
        self.assertNotIn("attributions", row)

    def test_an_unknown_assigned_user_shows_as_the_remote_id(self):
        self.assertEqual(self.documents()["C2"]["assigned_to"], "U-unknown")

    def test_newest_first_and_archived_ones_not_at_all(self):
        self.assertEqual(list(self.documents()), ["C3", "C2", "C1"])
        self.contacts["C3"].sudo().active = False
        self.env["ghl.contact.task"].search([("external_id", "=", "T1")]).active = False
        rows = self.documents()
        self.assertEqual(list(rows), ["C2", "C1"])
        self.assertEqual(rows["C1"]["tasks_count"], 1)

    def test_only_the_keys_asked_for_and_only_their_queries(self):
        shape = Shape.of(["name", "tag_list"])
        self.read(shape=shape)
        with self.assertQueryCount(2):
            rows = self.read(shape=shape).documents
        self.assertEqual(set(rows[0]), {"id", "name", "tag_list"})

    def test_opportunities_are_listed_on_demand(self):
        rows = as_json(self.read(shape=Shape.of(["external_id", "opportunity_list"])).documents)
        row = next(row for row in rows if row["external_id"] == "C1")
        statuses = {item["external_id"]: item["status"] for item in row["opportunity_list"]}
        self.assertEqual(statuses, {"O1": "open", "O2": "won"})
        self.assertEqual(row["opportunity_list"][0]["location_external_id"], "LOC1")

    def test_every_key_of_a_shape_is_served(self):
        for shape in (FULL, SUMMARY):
            self.assertEqual(set(self.documents(shape=shape)["C1"]), shape.keys)

    def test_the_location_and_its_freshness(self):
        locations = self.env["ghl.location"].with_user(self.viewer)
        state = locations._find_for_api("LOC1", "U1")
        user = self.env["ghl.user"].search([("external_id", "=", "U1")])
        self.assertEqual((state.id, state.connected, state.user), (self.location.id, True, (user.id, "U1")))
        self.assertEqual(locations._find_for_api("LOC1", str(user.id)).user[0], user.id)
        self.assertEqual(locations._find_for_api("LOC1", "U-unknown").user, (None, "U-unknown"))
        self.env["ghl.token"].search([]).unlink()
        self.assertFalse(locations._find_for_api("LOC1").connected)
        self.assertIsNone(locations._find_for_api("LOC2"))

    def test_users_with_their_permissions(self):
        [row] = self.env["ghl.user"].with_user(self.viewer)._read_for_api(self.location.id)
        self.assertEqual((row["external_id"], row["name"], row["last_name"]), ("U1", "Agent Two", ""))
        self.assertEqual([name for name, granted in row["permissions"].items() if granted], ["campaigns_enabled"])
        self.assertEqual(len(row["permissions"]), 9)

    def test_the_overview_shows_unmeasured_figures_as_null(self):
        [row] = self.env["ghl.location"].with_user(self.viewer)._read_for_api()
        self.assertEqual((row["location_id"], row["contacts_count"], row["syncing"]), ("LOC1", 3, False))
        self.assertIsNone(row["grossROAS"])


@tagged("post_install", "-at_install", "ghl")
class TestContactPages(ReadingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        fill_many(cls.env, cls.location, 130)

    def test_pages_cursors_and_the_stream_hold_the_same_contacts_in_the_same_order(self):
        whole = self.read().documents
        self.assertEqual(len(whole), 130)
        by_offset = [row for offset in range(0, 130, 20) for row in self.read(limit=20, offset=offset).documents]
        self.assertEqual(by_offset, whole)
        for limit in (1, 3, 20, 129, 130):
            by_cursor, after = [], None
            while after or not by_cursor:
                page = self.read(limit=limit, after=after)
                by_cursor += page.documents
                after = page.next
            self.assertEqual(by_cursor, whole, limit)
        self.patch(reading, "CHUNK", 40)
        self.assertEqual(list(self.env["ghl.contact"].with_user(self.viewer)._stream_for_api(self.location.id)), whole)

    def test_a_contact_added_meanwhile_does_not_shift_the_next_page(self):
        whole = self.read().documents
        page = self.read(limit=10)
        mirror(self.env, self.location, "ghl.contact", [contact("NEW", dateAdded="2030-01-01T00:00:00Z")])
        following = self.read(limit=10, after=page.next).documents
        self.assertEqual([row["id"] for row in following], [row["id"] for row in whole[10:20]])

    def test_the_next_page_starts_in_the_index(self):
        for method in ("seqscan", "sort", "bitmapscan"):  # the table is too small for the planner to bother
            self.env.cr.execute(f"SET LOCAL enable_{method} = off")
        contacts = self.env["ghl.contact"].with_user(self.viewer)
        after = (datetime(2025, 1, 1, 9), 7)
        query = reading.page_query(contacts, self.location.id, reading.EVERYTHING, 10, after=after)
        self.env.cr.execute(query.select())
        sql = self.env.cr.query.decode()
        self.env.cr.execute("EXPLAIN " + sql)
        plan = "\n".join(line for (line,) in self.env.cr.fetchall())
        self.assertRegex(plan, r"Index Scan using ghl_contact_\w*newest")
        self.assertRegex(plan, r"Index Cond: .*ROW\(.*remote_created_at.*<")

    def test_the_number_of_queries_does_not_grow_with_what_is_read(self):
        for limit in (1, 10, 100):
            with self.subTest(limit=limit):
                self.read(limit=limit)
                with self.assertQueryCount(7):
                    self.read(limit=limit)

    def test_a_route_needs_nine_queries_whatever_it_holds(self):
        many = make_location(self.env, "MANY")
        fill_many(self.env, many, 1000)
        env = self.env(user=self.viewer.id)
        for limit in (10, 100, 1000, None):
            with self.subTest(limit=limit):
                for _warm in range(2):
                    env.invalidate_all()
                    before = env.cr.sql_log_count
                    state = answers.find_location(env, "MANY", "")
                    answer = answers.contact_list(env, state, {}, limit=limit)
                self.assertLessEqual(env.cr.sql_log_count - before, 9)
                self.assertEqual((len(answer["contacts"]), answer["total_contacts"]), (limit or 1000, 1000))

    def test_the_count_is_exact_or_capped(self):
        contacts = self.env["ghl.contact"].with_user(self.viewer)
        self.assertEqual(contacts._count_for_api(self.location.id), 130)
        self.assertEqual(contacts._count_for_api(self.location.id, most=100), 100)


@tagged("post_install", "-at_install", "ghl")
class TestContactSearch(ReadingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        fill(cls.env, cls.location)
        mirror(
            cls.env,
            cls.location,
            "ghl.contact",
            [contact("P1", firstName="100%", lastName="un_der", email="a_b@example.test", companyName="Zeta & Co")],
        )

    def found(self, text, **options):
        page = self.read(chosen=ContactFilter(text=text), shape=Shape.of(["external_id"]), **options)
        return {row["external_id"] for row in page.documents}

    def test_words_are_found_in_any_order_and_case(self):
        for text in ("ada", "LOVELACE ada", "ada@exam", "  lace  ", "0100200"):
            with self.subTest(text):
                self.assertEqual(self.found(text), {"C1"})
        self.assertEqual(self.found("ada nobody"), set())

    def test_a_phone_number_is_found_however_it_is_written(self):
        for text in ("+1 (555) 010-0200", "555.010.0200", "1 555 0100200"):
            with self.subTest(text):
                self.assertEqual(self.found(text), {"C1"})

    def test_business_and_additional_values_are_searched(self):
        self.assertEqual(self.found("zeta & co"), {"P1"})

    def test_percent_underscore_and_backslash_are_plain_characters(self):
        self.assertEqual(self.found("100%"), {"P1"})
        self.assertEqual(self.found("n_d"), {"P1"})
        for text in ("%", "_a", "a%b", "\\"):
            with self.subTest(text):
                self.assertLessEqual(self.found(text), {"P1"})

    def test_sql_in_the_text_is_only_text(self):
        for text in ("' OR 1=1 --", "'; DROP TABLE ghl_contact; --", "%s %(x)s", "<script>"):
            with self.subTest(text):
                self.assertEqual(self.found(text), set())

    def test_no_text_means_everything_and_many_words_are_cut(self):
        self.assertEqual(len(self.found("")), 4)
        self.assertEqual(self.found("ada " * 100), {"C1"})


@tagged("post_install", "-at_install", "ghl")
class TestWhoReads(ReadingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.env["res.company"].create({"name": "Other"})
        cls.other = make_location(cls.env, "LOC2")
        cls.foreign = make_location(cls.env, "LOC1", company=cls.other_company)
        for location in (cls.location, cls.other, cls.foreign):
            fill(cls.env, location)

    def test_another_companys_location_is_unknown_and_its_contacts_are_none(self):
        self.assertEqual(self.read(location=self.foreign).documents, [])
        contacts = self.env["ghl.contact"].with_user(self.viewer)
        self.assertEqual(contacts._count_for_api(self.foreign.id), 0)
        state = self.env["ghl.location"].with_user(self.viewer)._find_for_api("LOC1")
        self.assertEqual(state.id, self.location.id)

    def test_a_limited_user_knows_only_the_allowed_location(self):
        limited = make_user(self.env, "reading_limited", locations=self.other)
        self.assertEqual(self.read(user=limited).documents, [])
        self.assertEqual(len(self.read(user=limited, location=self.other).documents), 3)
        locations = self.env["ghl.location"].with_user(limited)
        self.assertIsNone(locations._find_for_api("LOC1"))
        self.assertEqual([row["location_id"] for row in locations._read_for_api()], ["LOC2"])

    def test_of_two_companies_the_current_one_wins(self):
        both = make_user(self.env, "reading_both", companies=self.other_company | self.env.company)
        locations = (
            self.env["ghl.location"]
            .with_user(both)
            .with_context(allowed_company_ids=[self.other_company.id, self.env.company.id])
        )
        self.assertEqual(locations._find_for_api("LOC1").id, self.foreign.id)

    def test_the_rules_of_what_hangs_on_a_contact_apply_too(self):
        self.env["ir.rule"].create(
            {
                "name": "No finished tasks",
                "model_id": self.env["ir.model"]._get_id("ghl.contact.task"),
                "domain_force": "[('title', '!=', 'Ring back')]",
            }
        )
        self.assertEqual([task["title"] for task in self.documents()["C1"]["tasks"]], ["Write"])

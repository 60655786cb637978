"""What the form of a contact shows beside its columns: conversation, grouped custom fields, where it came from."""

from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged

from .calls_data import make_calls
from .common import make_location, make_user, mirror
from .contacts_data import NOW, fill
from .tour_case import TourCase


def text_message(n, contact="C1", **values):
    at = (NOW - timedelta(minutes=n)).isoformat() + "Z"
    return {
        "id": f"M{n}",
        "contactId": contact,
        "messageType": "TYPE_SMS",
        "direction": "inbound" if n % 2 else "outbound",
        "body": f"Text {n}",
        "dateAdded": at,
        **values,
    }


@tagged("post_install", "-at_install", "ghl")
class TestContactForm(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.location = make_location(cls.env)
        cls.contacts = fill(cls.env, cls.location)
        cls.contact = cls.contacts["C1"]

    def write_messages(self, *rows):
        mirror(self.env, self.location, "ghl.contact.message", list(rows))

    def entries(self, contact=None, **options):
        return (contact or self.contact).read_thread(**options)["entries"]

    def all_pages(self, limit):
        found, before = [], None
        while True:
            page = self.contact.read_thread(before, limit)
            found += page["entries"]
            before = page["before"]
            if before is None:
                return found

    def test_the_pages_of_a_conversation_hold_every_message_once_newest_first(self):
        self.write_messages(*(text_message(n) for n in range(25)))
        for limit in (1, 7, 25, 26):
            texts = [entry["text"] for entry in self.all_pages(limit)]
            self.assertEqual(texts, [f"Text {n}" for n in range(25)], limit)

    def test_calls_stand_among_the_messages_even_within_the_same_second(self):
        self.write_messages(*(text_message(0, id=f"S{n}", body=f"Same {n}") for n in range(4)), text_message(5))
        make_calls(self.env, 3, contact_id=self.contact.id, start_time=NOW, summary="Talked")
        make_calls(self.env, 1, contact_id=self.contact.id, start_time=NOW - timedelta(minutes=9))
        for limit in (1, 2, 3, 8):
            keys = [entry["key"] for entry in self.all_pages(limit)]
            self.assertEqual(len(keys), 9)
            self.assertEqual(len(set(keys)), 9, "an entry came twice or not at all")
        times = [entry["at"] for entry in self.all_pages(3)]
        self.assertEqual(times, sorted(times, reverse=True))

    def test_a_call_says_how_long_it_took_and_what_became_of_it(self):
        calls = make_calls(self.env, 2, contact_id=self.contact.id, start_time=NOW, duration_seconds=61)
        calls[0].write({"outcome": "meeting_booked", "transcript": "Hello"})
        told = [(entry["kind"], entry["seconds"], entry["result"], entry["talk"]) for entry in self.entries()]
        self.assertEqual(told, [("call", 61, "Scheduled", False), ("call", 61, "Meeting booked", True)])

    def test_a_call_read_from_gohighlevel_is_told_once(self):
        ring = text_message(
            1, messageType="TYPE_CALL", body=None, meta={"call": {"duration": 75, "status": "completed"}}
        )
        self.write_messages(ring)
        self.assertEqual([entry["model"] for entry in self.entries()], ["ghl.contact.message"], "no call of it yet")
        self.env["ghl.contact.message"]._follow(self.location, ["M1"])
        [entry] = self.entries()
        self.assertEqual((entry["model"], entry["kind"], entry["seconds"]), ("ghl.call", "call", 75))

    def test_what_failed_says_why_and_markup_is_only_text(self):
        self.write_messages(
            text_message(1, status="failed", error="Number is a landline"),
            text_message(2, contentType="text/html", body="<p>Hello <b>you</b></p><script>alert(1)</script>"),
        )
        failed, styled = self.entries()
        self.assertEqual((failed["failed"], failed["error"]), (True, "Number is a landline"))
        self.assertNotIn("<", styled["text"])

    def test_only_web_addresses_become_links(self):
        files = ["https://files.example.test/a%20b.pdf?x=1", "javascript:alert(1)", 7, {"url": "http://x.test/"}]
        self.write_messages(text_message(1, attachments=files))
        [entry] = self.entries()
        self.assertEqual(
            entry["files"],
            [
                {"name": "a b.pdf", "url": "https://files.example.test/a%20b.pdf?x=1"},
                {"name": "http://x.test/", "url": "http://x.test/"},
            ],
        )

    def test_what_gohighlevel_notes_is_no_bubble_of_anybody(self):
        self.write_messages(text_message(1, messageType="TYPE_ACTIVITY_OPPORTUNITY", body="Opportunity created"))
        self.assertEqual(self.entries()[0]["kind"], "note")

    def test_a_page_of_the_conversation_costs_the_same_however_long_it_is(self):
        self.write_messages(text_message(1))
        with self.assertQueryCount(8):
            self.env.invalidate_all()
            self.entries()
        self.write_messages(*(text_message(n) for n in range(2, 60)))
        with self.assertQueryCount(8):
            self.env.invalidate_all()
            self.assertEqual(len(self.entries(limit=50)), 50)

    def test_nobody_reads_a_conversation_of_another_location_or_company(self):
        self.write_messages(text_message(1))
        elsewhere = make_location(self.env, "LOC2")
        limited = make_user(self.env, "limited", locations=elsewhere)
        stranger = make_user(self.env, "stranger", companies=self.env["res.company"].create({"name": "Other"}))
        for user in (limited, stranger):
            with self.assertRaises(AccessError):
                self.contact.with_user(user).read_thread()
            with self.assertRaises(AccessError):
                self.contact.with_user(user).read_custom_values()

    def test_a_page_is_never_longer_than_a_hundred(self):
        self.write_messages(*(text_message(n) for n in range(120)))
        self.assertEqual(len(self.entries(limit=10**6)), 100)

    def test_custom_fields_come_in_groups_and_in_the_order_of_gohighlevel(self):
        common = {"location_id": self.location.id, "company_id": self.location.company_id.id, "model": "contact"}
        values = self.contact.custom_value_ids.sorted("field_external_id")
        definitions = self.env["ghl.custom.field"].create(
            [
                {**common, "external_id": "F", "name": "House"},
                {**common, "external_id": "cf1", "name": "Roof", "position": 9, "extra": {"parentId": "F"}},
                {**common, "external_id": "cf2", "name": "Floors", "position": 2, "data_type": "NUMERICAL"},
                {**common, "external_id": "cf3", "name": "Colours", "position": 5, "data_type": "CHECKBOX"},
            ]
        )
        for value, definition in zip(values, definitions[1:], strict=True):
            value.field_id = definition
        groups = self.contact.read_custom_values()
        self.assertEqual(
            [(group["title"], [(row["label"], row["value"]) for row in group["values"]]) for group in groups],
            [("Numbers", [("Floors", "0")]), ("Choices", [("Colours", "a, b")]), ("House", [("Roof", "x")])],
        )

    def test_the_story_of_a_touch_names_what_is_known_and_no_more(self):
        first, last = self.contact.attribution_ids
        self.assertEqual(first.display_name, f"{self.contact.display_name}: First touch")
        self.assertEqual(first.story, "campaign Spring, through news, landed on example.test/a")
        self.assertEqual(last.story, "coming from example.test/b")
        first.write({"url": False, "campaign": False, "utm_source": False})
        self.assertEqual(first.story, "directly, without a trace")

    def test_open_tasks_that_are_late_are_counted(self):
        self.assertEqual((self.contact.task_count, self.contact.overdue_task_count), (2, 2))
        self.assertEqual(self.contacts["C2"].overdue_task_count, 0, "it is done")
        self.assertEqual(self.contact.unread_count, 2)


@tagged("post_install", "-at_install", "ghl")
class TestContactFormTour(TourCase):
    def test_a_viewer_reads_the_conversation_back_to_its_beginning(self):
        make_user(self.env, "form_viewer", "viewer")
        location = make_location(self.env)
        contact = fill(self.env, location)["C1"]
        mirror(self.env, location, "ghl.contact.message", [text_message(n) for n in range(45)])
        make_calls(
            self.env,
            1,
            contact_id=contact.id,
            start_time=NOW,
            subject="Roof talk",
            duration_seconds=75,
            transcript="Agent: hello",
        )
        self.start_tour(f"/odoo/ghl-contacts/{contact.id}", "ghl_contact_form_tour", login="form_viewer")

"""Remote structures are shown as text, never as JSON, whatever they hold."""

from odoo.tests.common import BaseCase

from ..ghl_contacts.mapping import readable, tag


class TestReadable(BaseCase):
    def test_nested_structures_become_one_line_per_value(self):
        self.assertEqual(
            readable.lines({"contactScore": 5, "lead": {"is_hot": True, "tags": ["a", "b"]}}),
            "Contact score: 5\nLead / Is hot: yes\nLead / Tags: a, b",
        )

    def test_lists_of_objects_are_numbered(self):
        self.assertEqual(readable.lines({"rows": [{"x": 1}, {"x": 2}]}), "Rows / 1 / X: 1\nRows / 2 / X: 2")

    def test_nothing_to_show_is_empty_text(self):
        for nothing in (None, False, {}, [], "", {"a": {}, "b": []}):
            with self.subTest(nothing=nothing):
                self.assertEqual(readable.lines(nothing), "")

    def test_zero_and_no_are_values(self):
        self.assertEqual(readable.lines({"score": 0, "hot": False}), "Score: 0\nHot: no")

    def test_a_huge_record_is_cut(self):
        text = readable.lines({f"k{number}": "x" * 10_000 for number in range(5_000)})
        self.assertLess(len(text), 200 * 600)
        self.assertTrue(text.endswith("…"))

    def test_do_not_disturb_names_the_channel_and_the_reason(self):
        settings = {"SMS": {"status": "active", "message": "asked by phone"}, "Email": {"status": "inactive"}}
        self.assertEqual(readable.channels(settings), "SMS: blocked (asked by phone)\nEmail: allowed")

    def test_do_not_disturb_survives_what_it_does_not_know(self):
        self.assertEqual(readable.channels({"Fax": {"status": "sleeping"}}), "Fax: sleeping")
        self.assertEqual(readable.channels({"Fax": None}), "Fax: not set")
        for junk in (None, [], "all", 3):
            self.assertEqual(readable.channels(junk), "")

    def test_message_types_lose_their_prefix(self):
        self.assertEqual(readable.channel("TYPE_SMS"), "SMS")
        self.assertEqual(readable.channel("TYPE_LIVE_CHAT"), "Live chat")
        self.assertEqual(readable.channel(None), "")

    def test_choices_are_listed_by_name(self):
        self.assertEqual(readable.listed(["Gold", {"name": "Silver", "id": "1"}]), "Gold, Silver")
        self.assertEqual(readable.listed(None), "")

    def test_uploaded_files_are_shown_by_name(self):
        upload = {"8c1": {"meta": {"originalname": "roof.pdf", "size": 3}, "url": "https://x.invalid/1"}}
        self.assertEqual(readable.held(upload), "roof.pdf")
        self.assertEqual(readable.held({"a": {"b": 1}}), "A / B: 1")
        self.assertEqual(readable.held([{"meta": None}]), "")

    def test_a_list_of_texts_is_told_by_the_labels_of_its_boxes_and_never_by_their_ids(self):
        make, year = "ac477ae3-592f-436c-aed0-9594427ac176", "34ef6379-ad21-4900-a99e-e3189f63e58c"
        value = {make: "Tesla", year: "2021", "5ef6379a-ad21-4900-a99e-e3189f63e58c": ""}
        self.assertEqual(readable.held(value), "Tesla, 2021")
        labels = readable.boxes([{"id": make, "label": "Make"}, {"label": "No ID"}, "junk"])
        self.assertEqual(readable.held(value, labels), "Make: Tesla, 2021")
        for junk in (None, "x", {"id": 1}, [None]):
            self.assertEqual(readable.boxes(junk), {})

    def test_a_new_tag_always_has_the_same_colour(self):
        colours = {tag.color(name) for name in ("vip", "hot", "cold", "é", "")}
        self.assertTrue(colours <= set(range(1, 12)))
        self.assertEqual(tag.color("vip"), tag.color("vip"))

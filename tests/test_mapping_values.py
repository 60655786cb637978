from datetime import date, datetime

from odoo.tests.common import BaseCase, tagged

from ..ghl_contacts.mapping import contact, conversation, opportunity, pipeline, task, user
from ..ghl_contacts.mapping import values as v

JUNK = [
    None,
    "",
    0,
    -1,
    1.5,
    True,
    False,
    [],
    {},
    [None],
    {"a": None},
    "\x00",
    "\ud800",
    "x" * 10_000,
    float("nan"),
    10**30,
]


@tagged("post_install", "-at_install")
class TestValues(BaseCase):
    def test_stamps_become_naive_utc_cut_to_the_second(self):
        expected = datetime(2026, 9, 1, 10, 0, 1)
        for sent in ("2026-09-01T10:00:01.999Z", "2026-09-01T12:00:01+02:00", 1788256801999, "2026-09-01T10:00:01"):
            self.assertEqual(v.stamp(sent), expected, sent)

    def test_a_stamp_that_makes_no_sense_is_none(self):
        for sent in ("yesterday", "", -5, 10**20, [], {}, True, "0000-00-00", None):
            self.assertIsNone(v.stamp(sent), sent)

    def test_epoch_milliseconds_keep_their_milliseconds(self):
        self.assertEqual(v.epoch_ms("1970-01-01T00:00:01.234Z"), 1234)
        self.assertEqual(v.epoch_ms(1234), 1234)
        self.assertEqual(v.epoch_ms({"seconds": 1, "nanoseconds": 5}), 1000)

    def test_days_are_read_with_and_without_a_time(self):
        self.assertEqual(v.day("1980-05-06"), date(1980, 5, 6))
        self.assertEqual(v.day("1980-05-06T00:00:00.000Z"), date(1980, 5, 6))
        self.assertIsNone(v.day("06/05/1980"))

    def test_text_never_holds_what_postgresql_refuses(self):
        self.assertEqual(v.text("a\x00b"), "ab")
        v.text("half \ud83d pair").encode()
        self.assertIsNone(v.text(""))

    def test_numbers_are_finite_or_none(self):
        self.assertEqual(v.number("1,250.50"), 1250.5)
        for sent in ("many", float("inf"), None, [], True):
            self.assertIsNone(v.number(sent), sent)

    def test_an_integer_that_no_column_holds_is_none(self):
        self.assertIsNone(v.integer(2**40))
        self.assertEqual(v.integer("7"), 7)

    def test_no_value_of_any_kind_breaks_a_reader(self):
        for reader in (v.text, v.number, v.integer, v.boolean, v.stamp, v.epoch_ms, v.day, v.structure, v.reference):
            for sent in JUNK:
                reader(sent)


@tagged("post_install", "-at_install")
class TestMapping(BaseCase):
    def test_junk_in_every_field_still_gives_a_row(self):
        for mapper, known in (
            (contact, contact.KNOWN),
            (task, task.KNOWN),
            (conversation, conversation.KNOWN),
            (opportunity, opportunity.KNOWN),
            (user, user.KNOWN),
        ):
            for junk in JUNK:
                remote = {**dict.fromkeys(known, junk), "id": "R1", "_id": "R1"}
                self.assertEqual(mapper.to_row(remote)["external_id"], "R1", f"{mapper.__name__} with {junk!r}")

    def test_a_record_without_an_id_is_refused_with_a_reason(self):
        for remote in ({}, {"id": None}, {"id": ""}, {"id": 5}, {"id": "x" * 500}, {"id": "a\x00"}):
            with self.assertRaisesRegex(v.MappingError, "ID"):
                contact.to_row(remote)

    def test_what_is_not_an_object_is_refused(self):
        for remote in (None, 5, "text", [], [{}]):
            with self.assertRaises(v.MappingError):
                task.to_row(remote)

    def test_the_name_is_as_the_person_wrote_it(self):
        row = contact.to_row({"id": "C1", "firstName": "Zoë", "lastName": "McDonald", "contactName": "zoë mcdonald"})
        self.assertEqual(row["name"], "Zoë McDonald")

    def test_a_contact_without_a_name_is_called_by_what_is_known(self):
        self.assertEqual(contact.to_row({"id": "C1", "email": "a@b.c"})["name"], "a@b.c")
        self.assertIsNone(contact.to_row({"id": "C1"})["name"])

    def test_both_spellings_of_the_street_are_read(self):
        self.assertEqual(contact.to_row({"id": "C1", "address1": "Main 1"})["address"], "Main 1")
        self.assertEqual(contact.to_row({"id": "C1", "address": "Main 1"})["address"], "Main 1")

    def test_all_three_spellings_of_a_custom_value_are_read(self):
        for key in ("value", "fieldValue", "field_value"):
            (value,) = contact.custom_values([{"id": "F1", key: 12.5}])
            self.assertEqual((value["value"], value["value_text"], value["value_number"]), ({"v": 12.5}, "12.5", 12.5))

    def test_a_zero_and_a_false_are_values_and_an_empty_text_is_none(self):
        rows = contact.custom_values(
            [{"id": "F1", "value": 0}, {"id": "F2", "value": False}, {"id": "F3", "value": ""}, {"id": "F4"}]
        )
        self.assertEqual([row["field_external_id"] for row in rows], ["F1", "F2"])

    def test_unknown_fields_are_kept(self):
        self.assertEqual(contact.to_row({"id": "C1", "shoeSize": 44})["extra"], {"shoeSize": 44})

    def test_tags_are_kept_once_in_their_order(self):
        self.assertEqual(contact.to_row({"id": "C1", "tags": ["b", "a", "b", None, " "]})["tags"], ["b", "a"])

    def test_an_unknown_status_of_an_opportunity_is_other_and_the_word_is_kept(self):
        row = opportunity.to_row({"id": "O1", "status": "ghosted"})
        self.assertEqual((row["status"], row["extra"]), ("other", {"status": "ghosted"}))

    def test_a_task_is_known_by_either_spelling_of_its_id(self):
        self.assertEqual(task.to_row({"_id": "T1"})["external_id"], task.to_row({"id": "T1"})["external_id"])

    def test_stages_of_odd_pipelines_are_skipped(self):
        self.assertEqual(
            pipeline.stages([{"id": "P"}, None, {"id": "P", "stages": [None, {"id": "S"}]}]),
            [{"id": "S", "pipelineId": "P"}],
        )

"""Messages as rows, and the words of their sums."""

from datetime import datetime, timedelta

from odoo.tests.common import BaseCase, tagged

from ..ghl_contacts.mapping import email, message
from ..ghl_contacts.mapping.values import MappingError
from ..ghl_contacts.reading import touches

CALL = {
    "id": "M1",
    "type": 1,
    "messageType": "TYPE_CALL",
    "direction": "outbound",
    "from": "+15550001",
    "to": "+15550002",
    "altId": "CA1",
    "dateAdded": "2026-01-01T10:00:00.250Z",
    "meta": {"call": {"duration": 35, "status": "completed"}},
}


@tagged("post_install", "-at_install")
class TestMessageMapping(BaseCase):
    def test_the_live_and_the_documented_shape_of_a_call_are_one_row(self):
        documented = message.to_row({**CALL, "meta": {"callDuration": "35", "callStatus": "completed"}})
        self.assertEqual(documented, message.to_row(CALL))
        self.assertEqual((documented["call_duration"], documented["call_status"]), (35, "completed"))
        self.assertEqual((documented["sender"], documented["recipient"]), ("+15550001", "+15550002"))
        self.assertIsNone(documented["extra"])

    def test_no_duration_is_none_and_zero_is_zero(self):
        for told, kept in ((None, None), ("", None), (0, 0), ("0", 0), (-4, None), ("soon", None)):
            with self.subTest(told):
                row = message.to_row({**CALL, "meta": {"call": {"duration": told, "status": "no-answer"}}})
                self.assertEqual(row["call_duration"], kept)
        self.assertIsNone(message.to_row({**CALL, "meta": {}})["call_duration"])

    def test_what_no_column_takes_is_kept(self):
        row = message.to_row(
            {**CALL, "chatWidgetId": "W", "meta": {"call": {"duration": 1, "sid": "x"}, "ig": {"p": 1}}}
        )
        self.assertEqual(row["extra"], {"chatWidgetId": "W", "meta": {"ig": {"p": 1}, "call": {"sid": "x"}}})

    def test_junk_becomes_nothing_and_never_an_exception(self):
        for junk in (None, 5, "x", [], {}, True, {"call": 5, "email": "x"}):
            with self.subTest(junk):
                row = message.to_row({"id": "M1", **dict.fromkeys(set(CALL) - {"id"}, junk), "error": junk})
                self.assertIsNone(row["call_duration"])
                self.assertIsNone(row["email_ids"])
        for remote in (None, [], {}, {"id": ""}, {"id": 7}, {"id": "x" * 200}):
            with self.subTest(remote), self.assertRaises(MappingError):
                message.to_row(remote)

    def test_an_email_is_a_message_with_the_ids_of_its_texts(self):
        remote = {"id": "E1", "messageType": "TYPE_EMAIL", "subject": "Hi", "meta": {"email": {"messageIds": ["a"]}}}
        row = email.to_row(remote)
        self.assertEqual((row["is_email"], row["subject"], row["email_ids"]), (True, "Hi", ["a"]))
        self.assertEqual({**row, "is_email": False}, message.to_row(remote))

    def test_touches_are_summed_up_most_frequent_first(self):
        counts = {"TYPE_CALL": 1, "TYPE_SMS": 3, "TYPE_CAMPAIGN_VOICEMAIL": 1}
        self.assertEqual(touches.summary(counts), "3 SMS, 1 PHONE CALL, 1 CAMPAIGN VOICEMAIL")
        self.assertEqual(touches.summary(counts, str.lower), "3 type_sms, 1 type_call, 1 type_campaign_voicemail")
        self.assertEqual((touches.summary(None), touches.listed(None)), ("", []))
        sms, call, drop = touches.listed(counts)
        self.assertEqual((sms["type"], sms["count"], sms["icon"]), ("SMS", 3, "fa fa-comment"))
        self.assertEqual((call["icon"], drop["icon"]), ("fa fa-phone", "fa fa-microphone"))
        self.assertEqual(touches.listed({"TYPE_WEBCHAT": 1})[0]["icon"], "fa fa-comments")

    def test_speed_to_lead_is_told_in_its_largest_unit(self):
        added = datetime(2026, 1, 1)
        for seconds, told in (
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (270, "4m"),
            (7_300, "2h"),
            (200_000, "2d"),
            (-1, ""),
        ):
            self.assertEqual(touches.speed(added, added + timedelta(seconds=seconds)), told)
        self.assertEqual((touches.speed(None, added), touches.speed(added, None)), ("", ""))

"""What SansPBX reports: one callback after the end, unsigned."""

from datetime import datetime

from odoo.tests.common import tagged

from ..ghl_calls.providers.base import DeliveryRefused
from .providers_case import delivery
from .sanspbx_data import CALL_ID, CALLBACK, SansPbxCase


@tagged("post_install", "-at_install")
class TestSansPbxReports(SansPbxCase):
    def parse(self, settings=None, **values):
        return self.provider(**(settings or {})).parse(delivery({**CALLBACK, **values}))[0]

    def test_answer_means_that_it_is_over_and_rings_do_not_count(self):
        report = self.parse()
        self.assertEqual((report.provider_call_id, report.state, report.word), (CALL_ID, "completed", "ANSWER"))
        self.assertEqual(
            dict(report.values),
            {
                "talk_seconds": 180,
                "ended_at": datetime(2026, 11, 21, 12, 30),
                "answered_at": datetime(2026, 11, 21, 12, 27),
                "from_number": "1234567",
                "to_number": "09876543210",
            },
        )

    def test_times_are_read_in_the_zone_of_the_account(self):
        report = self.parse({"timezone": "Europe/Berlin"})
        self.assertEqual(report.occurred_at, datetime(2026, 11, 21, 17, 0))

    def test_words_are_read_in_any_spelling(self):
        for word, state in (
            ("NO ANSWER", "no_answer"),
            ("NOANSWER", "no_answer"),
            ("no_answer", "no_answer"),
            ("Busy", "busy"),
            ("FAILED", "failed"),
            ("CONGESTION", "failed"),
            ("CANCEL", "cancelled"),
            ("ANSWERED", "completed"),
            ("VOODOO", None),
            (None, None),
        ):
            with self.subTest(word=word):
                report = self.parse(disposition=word)
                self.assertEqual(report.state, state)
                if state and state != "completed":
                    self.assertEqual(report.values["talk_seconds"], 0)

    def test_causes_say_why(self):
        for cause, reason in (
            (1, "invalid_number"),
            ("20", "unreachable"),
            (21, "declined"),
            (34, "carrier"),
            (17, None),
        ):
            with self.subTest(cause=cause):
                self.assertEqual(self.parse(disposition="FAILED", cause=cause).values.get("end_reason"), reason)
        self.assertNotIn("end_reason", self.parse(cause=1).values)

    def test_a_recording_counts_when_it_can_be_opened(self):
        self.assertEqual(
            self.parse(recfile="https://x.example/r.wav").values["recording_url"], "https://x.example/r.wav"
        )

    def test_the_reference_is_in_the_path_or_in_the_custom_fields(self):
        provider = self.provider()
        self.assertEqual(provider.parse(delivery({**CALLBACK}, reference="ref-9"))[0].reference, "ref-9")
        self.assertEqual(provider.parse(delivery(CALLBACK, reference=""))[0].reference, "ref-1")
        flat = {"linkedid": "c1", "reference": "ref-2", "disposition": "BUSY"}
        self.assertEqual(provider.parse(delivery(flat, reference=""))[0].reference, "ref-2")

    def test_a_form_is_read_as_well(self):
        body = b"Linkedid=c1&disposition=NO+ANSWER&billsec=0"
        report = self.provider().parse(delivery(body, content_type="application/x-www-form-urlencoded"))[0]
        self.assertEqual((report.provider_call_id, report.state), ("c1", "no_answer"))

    def test_a_repeated_callback_has_the_same_key(self):
        self.assertEqual(self.parse().key, self.parse().key)
        self.assertNotEqual(self.parse().key, self.parse(billsec=181).key)

    def test_what_cannot_be_read_is_an_error(self):
        for body in (b"", b"[]", b"{", b"{}", b'{"disposition": "BUSY"}', b"\xff"):
            with self.subTest(body=body), self.assertRaises(ValueError):
                self.provider().parse(delivery(body, reference=""))

    def test_nothing_is_signed_so_that_no_signature_is_believed(self):
        provider = self.provider()
        self.assertFalse(provider.capabilities.signed)
        with self.assertRaises(DeliveryRefused):
            provider.verify(delivery(CALLBACK))

    def test_only_listed_addresses_may_report(self):
        provider = self.provider(ip_allow_list="192.0.2.0/28, 2001:db8::1")
        for address, allowed in (
            ("192.0.2.3", True),
            ("::ffff:192.0.2.3", True),
            ("2001:db8::1", True),
            ("192.0.2.99", False),
            ("nonsense", False),
            ("", False),
        ):
            with self.subTest(address=address):
                self.assertIs(provider.admits(address), allowed)
        self.assertTrue(self.provider().admits("192.0.2.99"))

"""What Bland AI reports: what it means, and when it is believed."""

import hashlib
import hmac
import json
from datetime import datetime

from odoo.tests.common import tagged

from ..ghl_calls.providers.base import DeliveryRefused
from ..ghl_calls.providers.bland import events
from .bland_data import COMPLETED, SECRET, BlandCase, call, silent
from .providers_case import delivery


@tagged("post_install", "-at_install")
class TestBlandReports(BlandCase):
    def test_a_completed_call_says_everything(self):
        report = events.report(COMPLETED)
        self.assertEqual((report.provider_call_id, report.state, report.word), ("c1", "completed", "completed"))
        self.assertEqual(report.occurred_at, datetime(2026, 2, 12, 18, 32, 23))
        self.assertEqual(
            dict(report.values),
            {
                "talk_seconds": 24,
                "answered_at": datetime(2026, 2, 12, 18, 31, 59),
                "ended_at": datetime(2026, 2, 12, 18, 32, 23),
                "answered_by": "human",
                "end_reason": "assistant",
                "cost": 0.036,
                "recording_url": "https://cdn.example.com/c1.mp3",
                "transcript": "assistant: Hello user: Hi",
                "transcript_turns": [
                    {"role": "assistant", "content": "Hello", "timestamp": "2026-02-12T18:32:02.000Z"},
                    {"role": "user", "content": "Hi", "timestamp": "2026-02-12T18:32:04.000Z"},
                ],
                "summary": "They said hi.",
                "from_number": "+15550109999",
                "to_number": "+15550100001",
            },
        )
        self.assertEqual(report.raw["something_new"], {"kept": True})

    def test_minutes_are_not_seconds(self):
        for fields, expected in (
            ({"corrected_duration": "24", "call_length": 0.4}, 24),
            ({"corrected_duration": None, "call_length": 0.4}, 24),
            ({"corrected_duration": "", "call_length": 2}, 120),
            ({"corrected_duration": "24.6", "call_length": 9}, 25),
            ({"corrected_duration": "-3", "call_length": 9}, 0),
            ({"corrected_duration": "NaN", "call_length": 0.5}, 30),
            ({"corrected_duration": None, "call_length": None}, 0),
        ):
            with self.subTest(**fields):
                self.assertEqual(events.report(call(**fields)).values["talk_seconds"], expected)

    def test_words_become_states(self):
        for fields, state in (
            ({"answered_by": "no-answer"}, "no_answer"),
            ({"answered_by": None}, "no_answer"),
            ({"answered_by": "unknown"}, "no_answer"),
            ({"answered_by": "voicemail"}, "completed"),
            ({"answered_by": None, "corrected_duration": "9"}, "completed"),
            ({"answered_by": None, "status": "busy"}, "busy"),
            ({"answered_by": None, "status": "no-answer"}, "no_answer"),
            ({"answered_by": None, "status": "canceled"}, "cancelled"),
            ({"answered_by": None, "status": "failed"}, "failed"),
            ({"answered_by": "no-answer", "status": "failed", "error_message": "Not in service"}, "failed"),
            ({"answered_by": "no-answer", "status": "completed", "error_message": "SIP 503"}, "failed"),
            ({"answered_by": None, "status": "error"}, "failed"),
            ({"answered_by": None, "status": "unknown", "error_message": "SIP 503"}, "failed"),
            ({"answered_by": None, "queue_status": "no_answer", "status": "completed"}, "no_answer"),
            ({"answered_by": None, "error_message": "Number not in service"}, "failed"),
        ):
            with self.subTest(**fields):
                report = events.report(silent(**fields))
                self.assertEqual(report.state, state)
                if state != "completed":
                    self.assertEqual(report.values["talk_seconds"], 0)
                    self.assertNotIn("answered_at", report.values)

    def test_a_person_who_talked_makes_a_failure_a_call(self):
        self.assertEqual(events.report(call(status="failed")).state, "completed")
        self.assertEqual(events.report(call(status="canceled")).state, "completed")

    def test_completed_is_not_believed_while_the_flag_says_no(self):
        self.assertIsNone(events.report(silent(completed=False, answered_by=None)).state)
        self.assertIsNone(events.report(silent(completed=False, status="unknown", queue_status="")).state)

    def test_a_call_under_way(self):
        running = {"completed": False, "end_at": None, "queue_status": "started"}
        self.assertEqual(events.report(silent(status="queued", answered_by=None, **running)).state, "initiated")
        self.assertEqual(events.report(silent(status="in-progress", answered_by=None, **running)).state, "initiated")
        self.assertEqual(events.report(call(status="in-progress", **running)).state, "in_progress")

    def test_a_number_out_of_service_is_named(self):
        report = events.report(silent(error_message="The number you dialed is not found", status="failed"))
        self.assertEqual(report.values["end_reason"], "invalid_number")

    def test_voicemail_is_a_machine(self):
        self.assertEqual(events.report(call(answered_by="voicemail")).values["answered_by"], "machine")

    def test_the_webhook_is_read_with_the_reference_of_the_path(self):
        report = self.provider().parse(delivery({"call_id": "c1", "completed": True, "answered_by": "human"}))[0]
        self.assertEqual((report.reference, report.state), ("ref-1", "completed"))

    def test_the_reference_is_found_in_the_metadata(self):
        nested = {"call_id": "c1", "variables": {"metadata": {"reference": "ref-9"}}}
        self.assertEqual(events.report(nested).reference, "ref-9")

    def test_the_second_webhook_brings_the_corrected_transcript_under_another_key(self):
        later = call(corrected_transcript=[{"speaker": "user", "text": "Hi there"}])
        first, second = events.report(COMPLETED), events.report(later)
        self.assertNotEqual(first.key, second.key)
        self.assertEqual(second.values["transcript"], "user: Hi there")
        self.assertEqual(second.state, "completed")

    def test_the_same_report_has_the_same_key_in_any_order_of_fields(self):
        turned = dict(reversed(COMPLETED.items()))
        self.assertEqual(events.report(turned).key, events.report(COMPLETED).key)

    def test_messages_on_the_way_change_no_state(self):
        body = {"call_id": "c1", "category": "info", "level": "queue", "message": "started", "timestamp": "2026-02-12"}
        report = self.provider().parse(delivery(body))[0]
        self.assertEqual((report.state, report.word), (None, "queue"))

    def test_news_of_a_batch_is_no_news_of_a_call(self):
        body = {"batch_id": "b1", "status": "completed", "calls_total": 3}
        self.assertEqual(self.provider().parse(delivery(body, reference="")), [])

    def test_what_cannot_be_read_is_an_error(self):
        for body in (b"", b"[]", b"{", b'"text"', b"{}", b'{"completed": true}', b"\xff", b"[" * 100000):
            with self.subTest(body=body[:20]), self.assertRaises(ValueError):
                self.provider().parse(delivery(body, reference=""))

    def test_nonsense_in_fields_does_no_harm(self):
        odd = call(
            end_at="yesterday", price="much", transcripts={"a": 1}, variables=[1], metadata="x", corrected_duration=[1],
            call_length="long", answered_by=7, status=None, error_message={"a": 1}, recording_url="c1.mp3", to=None,
        )  # fmt: skip
        report = events.report(odd)
        self.assertEqual(report.state, "no_answer")
        self.assertEqual(dict(report.values).keys() & {"cost", "recording_url", "ended_at", "answered_by"}, set())


@tagged("post_install", "-at_install")
class TestBlandSignature(BlandCase):
    BODY = b'{"call_id":"c1","completed":true}'
    VECTOR = "044a9dea38fb93fc0b56b26cb10f58ba83db9d2bf311e1c1102ed9e64221d5cd"

    def verify(self, body, signature=None, **settings):
        headers = {} if signature is None else {"x-webhook-signature": signature}
        self.provider(**settings).verify(delivery(body, headers))

    def assertRefused(self, body, signature=None, **settings):
        with self.assertRaises(DeliveryRefused) as caught:
            self.verify(body, signature, **settings)
        self.assertNotIn(SECRET, caught.exception.reason)

    def test_the_known_vector_is_believed(self):
        self.verify(self.BODY, self.VECTOR)
        self.verify(self.BODY, self.VECTOR.upper())

    def test_a_body_that_was_signed_in_its_compact_form_is_believed(self):
        loose = json.dumps({"name": "José", "n": 1}, indent=2, ensure_ascii=False).encode()
        compact = '{"name":"José","n":1}'.encode()
        self.verify(loose, hmac.new(SECRET.encode(), compact, hashlib.sha256).hexdigest())

    def test_one_changed_byte_is_refused(self):
        self.assertRefused(self.BODY.replace(b"true", b"null"), self.VECTOR)
        self.assertRefused(self.BODY, self.VECTOR[:-1] + "0")

    def test_a_signature_by_another_secret_is_refused(self):
        self.assertRefused(self.BODY, self.VECTOR, webhook_secret="other")

    def test_no_signature_is_refused(self):
        self.assertRefused(self.BODY)
        self.assertRefused(self.BODY, "")

    def test_without_a_secret_everything_is_refused(self):
        self.assertRefused(self.BODY, self.VECTOR, webhook_secret="")
        self.assertRefused(self.BODY, hmac.new(b"", self.BODY, hashlib.sha256).hexdigest(), webhook_secret="")
        self.assertFalse(self.provider(webhook_secret="").capabilities.signed)
        self.assertTrue(self.provider().capabilities.signed)

    def test_odd_signatures_and_bodies_are_refused_without_another_error(self):
        for signature in ("é", "\x00", "a" * 100000, "sha256=" + self.VECTOR):
            self.assertRefused(self.BODY, signature)
        for body in (b"", b"\xff\xfe", b"[" * 100000, b'{"a":"\\ud800"}'):
            self.assertRefused(body, self.VECTOR)

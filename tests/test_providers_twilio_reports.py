"""What Twilio reports about calls, and what it means."""

from datetime import datetime

from odoo.tests.common import tagged

from ..ghl_calls.providers.twilio import events
from .twilio_data import SID, TwilioCase, callback, posted, resource

ENDED = datetime(2026, 2, 12, 11, 48, 25)


@tagged("post_install", "-at_install")
class TestTwilioReports(TwilioCase):
    def parse(self, headers=(), **values):
        return self.provider().parse(callback(headers, **values))[0]

    def test_a_completed_call_lasted_seconds_not_billed_minutes(self):
        report = self.parse()
        self.assertEqual((report.provider_call_id, report.state, report.word), (SID, "completed", "completed"))
        self.assertEqual((report.reference, report.occurred_at), ("ref-1", ENDED))
        self.assertEqual(
            dict(report.values),
            {
                "talk_seconds": 49,
                "ended_at": ENDED,
                "answered_at": datetime(2026, 2, 12, 11, 47, 36),
                "from_number": "+15550109999",
                "to_number": "+15550100001",
            },
        )
        self.assertEqual(report.raw["FromCity"], "", "everything that came is kept")

    def test_words_become_states(self):
        for word, state in (
            ("queued", "initiated"),
            ("initiated", "initiated"),
            ("ringing", "connecting"),
            ("in-progress", "in_progress"),
            ("completed", "completed"),
            ("busy", "busy"),
            ("no-answer", "no_answer"),
            ("failed", "failed"),
            ("canceled", "cancelled"),
            ("something-new", None),
        ):
            with self.subTest(word=word):
                self.assertEqual(self.parse(CallStatus=word).state, state)
                self.assertEqual(events.report_of_resource(resource(status=word)).state, state)

    def test_the_moment_of_the_answer_is_twilios(self):
        report = self.parse(CallStatus="in-progress", CallDuration=None, Duration=None)
        self.assertEqual(dict(report.values)["answered_at"], ENDED)
        self.assertNotIn("ended_at", report.values)

    def test_who_hangs_up_at_once_completed_a_call_of_no_seconds(self):
        report = self.parse(CallDuration="0")
        self.assertEqual((report.state, report.values["talk_seconds"]), ("completed", 0))
        self.assertNotIn("answered_at", report.values)

    def test_whoever_did_not_answer_did_not_talk(self):
        for word in ("busy", "no-answer", "failed", "canceled"):
            with self.subTest(word=word):
                values = self.parse(CallStatus=word, CallDuration="12").values
                self.assertEqual((values["talk_seconds"], values["ended_at"]), (0, ENDED))
                self.assertNotIn("answered_at", values)

    def test_sip_codes_tell_what_failed_means(self):
        for code, state, reason in (
            ("480", "no_answer", "unreachable"),
            ("408", "no_answer", "unreachable"),
            ("486", "busy", None),
            ("600", "busy", None),
            ("603", "busy", "declined"),
            ("404", "failed", "invalid_number"),
            ("403", "failed", "blocked"),
            ("503", "failed", "carrier"),
            ("607", "failed", "unwanted"),
            ("", "failed", None),
        ):
            with self.subTest(code=code):
                report = self.parse(CallStatus="failed", SipResponseCode=code)
                self.assertEqual((report.state, report.values.get("end_reason")), (state, reason))

    def test_a_real_busy_callback(self):
        report = self.parse(
            CallStatus="busy", SequenceNumber="2", CallDuration="0", Duration="0", SipResponseCode="487"
        )
        self.assertEqual((report.state, report.values["talk_seconds"]), ("busy", 0))

    def test_verdicts_on_who_answered(self):
        for word, who in (
            ("human", "human"),
            ("machine_start", "machine"),
            ("machine_end_beep", "machine"),
            ("machine_end_silence", "machine"),
            ("machine_end_other", "machine"),
            ("fax", "fax"),
            ("unknown", "unknown"),
            ("machine_maybe", "unknown"),
        ):
            with self.subTest(word=word):
                self.assertEqual(self.parse(AnsweredBy=word).values["answered_by"], who)
        self.assertNotIn("answered_by", self.parse().values)

    def test_the_verdict_may_come_by_itself(self):
        fields = [("CallSid", SID), ("AnsweredBy", "machine_start"), ("MachineDetectionDuration", "2800")]
        report = self.provider().parse(posted(fields))[0]
        self.assertEqual((report.state, dict(report.values)), (None, {"answered_by": "machine"}))

    def test_a_recording_changes_no_state(self):
        fields = {"CallSid": SID, "RecordingSid": "RE1", "RecordingUrl": "https://api.twilio.com/r/RE1"}
        done = self.provider().parse(posted([*fields.items(), ("RecordingStatus", "completed")]))[0]
        self.assertEqual((done.state, dict(done.values)), (None, {"recording_url": "https://api.twilio.com/r/RE1"}))
        absent = self.provider().parse(posted([("CallSid", SID), ("RecordingStatus", "absent")]))[0]
        self.assertEqual(dict(absent.values), {})

    def test_an_error_is_told(self):
        report = self.parse(CallStatus="failed", ErrorCode="32005", ErrorMessage="Gone")
        self.assertEqual(report.values["error_message"], "32005 Gone")

    def test_the_question_what_to_say_tells_that_somebody_answered(self):
        fields = [("CallSid", SID), ("CallStatus", "in-progress"), ("Direction", "outbound-api")]
        report = self.provider().parse(posted(fields))[0]
        self.assertEqual((report.state, report.occurred_at), ("in_progress", None))
        self.assertNotIn("answered_at", report.values, "only Twilio's clock tells when")

    def test_a_get_carries_its_fields_in_the_query(self):
        url = f"https://odoo.example.com/ghl/voip/d/status/ref-1?CallSid={SID}&CallStatus=ringing"
        report = self.provider().parse(posted([], url=url, method="GET"))[0]
        self.assertEqual((report.provider_call_id, report.state), (SID, "connecting"))

    def test_a_repeated_delivery_has_the_same_key(self):
        token = {"i-twilio-idempotency-token": "t-1"}
        self.assertEqual(self.parse(token).key, self.parse(token, CallDuration="50").key)
        self.assertEqual(self.parse().key, self.parse().key)
        keys = {self.parse(token).key, self.parse().key, self.parse(SequenceNumber="4").key}
        keys |= {self.parse(CallStatus="busy").key, self.parse(Timestamp="").key}
        self.assertEqual(len(keys), 5)

    def test_stamps_are_read_in_both_spellings(self):
        self.assertEqual(self.parse(Timestamp="2026-02-12T11:48:25.123Z").occurred_at.replace(microsecond=0), ENDED)
        self.assertEqual(self.parse(Timestamp="Thu, 12 Feb 2026 12:48:25 +0100").occurred_at, ENDED)
        self.assertIsNone(self.parse(Timestamp="yesterday").occurred_at)

    def test_of_a_doubled_field_the_first_counts(self):
        fields = [("CallSid", SID), ("CallStatus", "busy"), ("CallStatus", "completed")]
        self.assertEqual(self.provider().parse(posted(fields))[0].state, "busy")

    def test_what_says_nothing_is_an_error(self):
        for fields in ([], [("CallSid", SID)], [("CallSid", " "), ("CallStatus", "busy")], [("CallStatus", "busy")]):
            with self.subTest(fields=fields), self.assertRaises(ValueError):
                self.provider().parse(posted(fields))
        with self.assertRaises(ValueError):
            self.provider().parse(posted([(f"n{number}", "1") for number in range(2000)]))

    def test_a_fetched_call(self):
        report = events.report_of_resource(resource(answered_by="human"))
        self.assertEqual(report.state, "completed")
        self.assertEqual(
            dict(report.values),
            {
                "talk_seconds": 49,
                "ended_at": ENDED,
                "answered_at": datetime(2026, 2, 12, 11, 47, 36),
                "answered_by": "human",
                "cost": 0.03,
                "from_number": "+15550109999",
                "to_number": "+15550100001",
            },
        )

    def test_a_fetched_call_that_is_not_rated_yet(self):
        first, rated = events.report_of_resource(resource(price=None)), events.report_of_resource(resource())
        self.assertNotIn("cost", first.values)
        self.assertNotEqual(first.key, rated.key)

    def test_a_fetched_call_under_way_has_no_times(self):
        running = resource(status="in-progress", end_time=None, duration="", price=None)
        report = events.report_of_resource(running)
        self.assertEqual(report.values.keys(), {"from_number", "to_number"})

"""The simulated Twilio: what it tells and asks, its signatures and retries."""

import base64
import hashlib
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qs, parse_qsl, urlsplit

from odoo.tests.common import tagged

from .twilio_case import ALL, TWIML, TwilioCase, sign

try:
    from twilio.request_validator import RequestValidator
except ImportError:  # an oracle for development, not needed to run
    RequestValidator = None


@tagged("post_install", "-at_install")
class TestSandboxTwilioCallbacks(TwilioCase):
    def test_a_talk_is_told_step_by_step(self):
        call, told = self.finished("01", *ALL)
        words = [f["CallStatus"] for f in told]
        self.assertEqual(sorted(words), ["completed", "in-progress", "initiated", "ringing"])
        told.sort(key=lambda f: int(f["SequenceNumber"]))
        self.assertEqual([f["CallStatus"] for f in told], ["initiated", "ringing", "in-progress", "completed"])
        self.assertEqual([f["SequenceNumber"] for f in told], ["0", "1", "2", "3"])
        stamps = [parsedate_to_datetime(f["Timestamp"]) for f in told]
        self.assertEqual(stamps, sorted(stamps))
        last = told[3]
        self.assertAlmostEqual((stamps[3] - stamps[2]).total_seconds(), int(last["CallDuration"]), delta=1)
        self.assertEqual(last["Duration"], str(-(-int(last["CallDuration"]) // 60)))
        self.assertEqual((call["status"], call["duration"]), ("completed", last["CallDuration"]))
        for form in told:
            self.assertEqual((form["CallSid"], form["AccountSid"]), (call["sid"], self.account))
            self.assertEqual((form["CallbackSource"], form["FromCity"]), ("call-progress-events", ""))
        self.assertNotIn("CallDuration", told[0])
        self.assertNotIn("SipResponseCode", last)

    def test_only_what_was_subscribed_is_told(self):
        self.assertEqual([f["CallStatus"] for f in self.finished("01")[1]], ["completed"])
        self.door.told.clear()
        joined = ("StatusCallbackEvent", "initiated ringing answered completed")
        call, told = self.finished("01", joined)
        self.assertEqual([f["CallStatus"] for f in told], ["completed"], "names in one value are no events")
        notes = self.ask("GET", f"/Calls/{call['sid']}/Notifications.json")[1]["notifications"]
        self.assertEqual([(n["error_code"], n["log"]) for n in notes], [("21626", "1")])

    def test_the_ways_not_to_be_answered(self):
        ends = (("03", "busy", "486"), ("05", "failed", "404"), ("06", "failed", "503"), ("19", "failed", "607"))
        for ending, status, sip in ends:
            self.door.told.clear()
            call, told = self.finished(ending)
            self.assertEqual((call["status"], call["duration"]), (status, "0"))
            self.assertEqual((told[0]["CallStatus"], told[0]["SipResponseCode"]), (status, sip))
            self.assertEqual((told[0]["CallDuration"], told[0]["Duration"]), ("0", "0"))
        self.door.told.clear()
        call, told = self.finished("04", Timeout="20")
        self.assertEqual(told[0]["CallStatus"], "no-answer")
        rang = parsedate_to_datetime(call["end_time"]) - parsedate_to_datetime(call["start_time"])
        self.assertTrue(20 <= rang.total_seconds() <= 28, rang)
        self.assertEqual(self.finished("13", Timeout="30")[0]["status"], "no-answer")
        self.assertEqual(self.finished("13")[0]["status"], "completed")

    def test_requests_are_signed_over_url_and_form(self):
        self.finished("01", *ALL, CallerName="x")
        self.assertEqual(len(self.door.told), 5)
        for told in self.door.told:
            fields = dict(parse_qsl(told.body.decode(), keep_blank_values=True))
            self.assertEqual(told.headers["x-twilio-signature"], sign(self.token, told.url, fields))
            if RequestValidator:
                judge = RequestValidator(self.token)
                self.assertTrue(judge.validate(told.url, fields, told.headers["x-twilio-signature"]))
        self.assertIn("status/7?k=v", self.door.told[0].url)

    def test_a_get_carries_its_fields_in_the_query_and_signs_the_url_alone(self):
        self.finished("01", StatusCallbackMethod="GET")
        told = next(t for t in self.door.told if "/status" in t.url)
        self.assertEqual((told.method, parse_qs(urlsplit(told.url).query)["CallStatus"]), ("GET", ["completed"]))
        self.assertEqual(told.headers["x-twilio-signature"], sign(self.token, told.url, {}))

    def test_wrong_signatures_and_those_of_the_token_of_before(self):
        for ending, token in (("26", None), ("27", self.sandbox.twilio["previous_auth_token"])):
            self.door.told.clear()
            self.finished(ending)
            told = next(t for t in self.door.told if "/status" in t.url)
            fields = dict(parse_qsl(told.body.decode(), keep_blank_values=True))
            given = told.headers["x-twilio-signature"]
            self.assertNotEqual(given, sign(self.token, told.url, fields))
            self.assertEqual(given == sign(token or "", told.url, fields), bool(token))

    def test_a_shared_key_signs_with_another_digest(self):
        self.set(shared_key=True)
        self.finished("01")
        told = next(t for t in self.door.told if "/status" in t.url)
        fields = dict(parse_qsl(told.body.decode(), keep_blank_values=True))
        settings = told.headers["x-twilio-webhooks-signature-settings"]
        self.assertRegex(settings, "^key=KY[0-9a-f]{32},algorithm=HMAC_SHA256$")
        expected = sign(self.sandbox.twilio["webhook_secret"], told.url, fields, hashlib.sha256)
        self.assertEqual(told.headers["x-twilio-signature"], expected)

    def attempts(self):
        return [t for t in self.door.told if "/status" in t.url]

    def test_our_500_is_final_by_default(self):
        self.door.answers["/status"] = (500, "text/plain", b"")
        self.finished("01")
        self.assertEqual(len(self.attempts()), 1)

    def test_retries_follow_the_fragment_and_keep_their_token(self):
        self.door.answers["/status"] = (500, "text/plain", b"")
        self.finished("01", StatusCallback=f"{self.door.url}/status/7?k=v#rc=2&rp=4xx")
        self.assertEqual(len(self.attempts()), 1, "a 500 is no 4xx")
        self.door.told.clear()
        self.finished("01", StatusCallback=f"{self.door.url}/status/7?k=v#ct=2000&rc=2&rp=all")
        told = self.attempts()
        self.assertEqual(len(told), 3)
        self.assertEqual(len({t.headers["i-twilio-idempotency-token"] for t in told}), 1)
        self.assertNotIn("#", told[0].url)
        fields = dict(parse_qsl(told[0].body.decode(), keep_blank_values=True))
        self.assertEqual(told[0].headers["x-twilio-signature"], sign(self.token, told[0].url, fields))

    def test_only_a_failed_connection_is_tried_twice(self):
        self.placed("01", StatusCallback="http://127.0.0.1:9/status")
        told = [e for e in self.settled()["callbacks"] if e["event"] == "completed"]
        self.assertEqual([(e["attempt"], e["status"]) for e in told], [(1, told[0]["status"]), (2, told[0]["status"])])
        self.assertIn("Refused", told[0]["status"])

    def test_callbacks_go_wrong_as_the_number_says(self):
        words = lambda: [f["CallStatus"] for f in self.forms("/status")]  # noqa: E731
        for ending, expected in (("20", 0), ("21", 8), ("22", 12), ("31", 3)):
            self.door.told.clear()
            self.finished(ending, *ALL)
            self.assertEqual(len(words()), expected)
            tokens = {t.headers["i-twilio-idempotency-token"] for t in self.attempts()}
            self.assertEqual(len(tokens), min(expected, 4))
        self.door.told.clear()
        self.finished("23", *ALL)
        self.assertEqual(words(), ["completed", "in-progress", "ringing", "initiated"])
        self.door.told.clear()
        sid = self.finished("28")[0]["sid"]
        self.assertEqual([f["CallSid"] == sid for f in self.forms("/status")], [False, True])
        self.door.told.clear()
        self.slowly()
        sid = self.placed("24", *ALL)["sid"]
        self.assertEqual(self.forms("/status")[0]["CallSid"], sid, "told before the answer")

    # -- answer ----------------------------------------------------------------------------------------------------

    def test_a_door_that_fails_ends_the_call_and_leaves_a_note(self):
        self.door.answers["/answer"] = (500, "text/plain", b"")
        self.sandbox.telephony("clock", {"scale": 20})
        call = self.finished("10")[0]
        self.assertEqual(call["status"], "completed")
        self.assertLess(int(call["duration"]), 300)
        notes = self.ask("GET", f"/Calls/{call['sid']}/Notifications.json")[1]["notifications"]
        self.assertEqual([(n["error_code"], n["log"]) for n in notes], [("11200", "0")])
        events = self.ask("GET", f"/Calls/{call['sid']}/Events.json")[1]["events"]
        self.assertEqual([e["response"]["response_code"] for e in events], [500, 204])

    def test_the_fallback_is_asked_when_the_first_door_fails(self):
        self.door.answers["/answer"] = (200, "text/xml", b"<Respons")
        self.door.answers["/other"] = TWIML
        call = self.finished("09", FallbackUrl=f"{self.door.url}/other")[0]
        self.assertEqual(call["duration"], "3")
        self.assertEqual(self.forms("/other")[0]["ErrorCode"], "12100")

    def test_twiml_in_the_request_needs_no_door_and_a_hang_up_ends_the_call(self):
        self.finished("09", Twiml="<Response><Say>Hi</Say></Response>", without=("Url",))
        self.assertEqual(self.forms("/answer"), [])
        self.sandbox.telephony("clock", {"scale": 10})
        call = self.finished("10", Twiml="<Response><Hangup/></Response>", without=("Url",))[0]
        self.assertLessEqual(int(call["duration"]), 5)

    def test_who_answered_is_said_only_when_asked(self):
        call, told = self.finished("02")
        self.assertEqual((call["answered_by"], "AnsweredBy" in told[0]), (None, False))
        for ending, kind, expected in (
            ("01", "Enable", "human"),
            ("02", "Enable", "machine_start"),
            ("02", "DetectMessageEnd", "machine_end_(beep|silence|other)"),
            ("11", "Enable", "fax"),
            ("12", "Enable", "unknown"),
        ):
            self.door.told.clear()
            self.sandbox.telephony("clock", {"scale": 50})
            call, told = self.finished(ending, MachineDetection=kind)
            self.assertRegex(call["answered_by"], f"^{expected}$")
            self.assertEqual(told[0]["AnsweredBy"], call["answered_by"])
            self.assertEqual([f.get("AnsweredBy") for f in self.forms("/answer")], [call["answered_by"]])

    def test_an_asynchronous_verdict_has_its_own_callback_and_does_not_hold_the_answer(self):
        self.sandbox.telephony("clock", {"scale": 50})
        amd = {"MachineDetection": "Enable", "AsyncAmd": "true", "AsyncAmdStatusCallback": f"{self.door.url}/amd"}
        call = self.finished("02", **amd)[0]
        verdict = self.forms("/amd")[0]
        self.assertEqual((verdict["AnsweredBy"], verdict["CallSid"]), ("machine_start", call["sid"]))
        self.assertTrue(verdict["MachineDetectionDuration"].isdigit())
        self.assertNotIn("AnsweredBy", self.forms("/answer")[0])

    def test_a_recording_can_be_heard_and_its_callback_says_where(self):
        more = {"Record": "true", "RecordingStatusCallback": f"{self.door.url}/rec"}
        call = self.finished("01", **more)[0]
        form = self.forms("/rec")[0]
        self.assertEqual((form["RecordingStatus"], form["RecordingDuration"]), ("completed", call["duration"]))
        self.assertEqual(self.http("GET", form["RecordingUrl"])[0], 401)
        rows = self.ask("GET", f"/Calls/{call['sid']}/Recordings.json")[1]["recordings"]
        self.assertEqual([r["sid"] for r in rows], [form["RecordingSid"]])
        basic = base64.b64encode(f"{self.account}:{self.token}".encode()).decode()
        status, sound, _ = self.http("GET", form["RecordingUrl"] + ".wav", headers={"Authorization": f"Basic {basic}"})
        self.assertEqual((status, sound[:4]), (200, b"RIFF"))
        for ending, told in (("04", 0), ("08", 1)):
            self.door.told.clear()
            self.finished(ending, RecordingStatusCallbackEvent="completed absent", **more)
            self.assertEqual([f["RecordingStatus"] for f in self.forms("/rec")], ["absent"] * told)

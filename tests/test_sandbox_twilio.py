"""The simulated Twilio: its REST API as Twilio's own client reads it, callbacks, signatures, limits."""

import base64
import hashlib
import hmac
import json
import re
import unittest
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from itertools import pairwise
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from odoo.tests.common import tagged

from .telephony_case import TelephonyCase

try:
    from twilio.base.exceptions import TwilioRestException
    from twilio.http.http_client import TwilioHttpClient
    from twilio.request_validator import RequestValidator
    from twilio.rest import Client
except ImportError:  # an oracle for development, not needed to run
    Client = None

ALL = [("StatusCallbackEvent", event) for event in ("initiated", "ringing", "answered", "completed")]
TWIML = (200, "text/xml", b"<Response><Say>Hello</Say><Pause length='60'/></Response>")


def number(ending):
    """A number whose last five digits choose the scenario."""
    return f"+121255990{ending}"


def sign(token, url, fields):
    text = url + "".join(name + value for name, value in sorted(fields.items()))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


class TwilioCase(TelephonyCase):
    options = {"settings": {"twilio.cps": 50}}

    def setUp(self):
        super().setUp()
        self.account = self.sandbox.twilio["account_sid"]
        self.token = self.sandbox.twilio["auth_token"]
        self.door.answers["/answer"] = TWIML

    def ask(self, method, path, pairs=(), user=None, password=None):
        """(status, decoded body); paths begin below the account."""
        user = f"{user or self.account}:{self.token if password is None else password}"
        headers = {"Authorization": f"Basic {base64.b64encode(user.encode()).decode()}"}
        body = None
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(list(pairs)).encode()
        if not path.startswith("/2010"):
            path = f"/2010-04-01/Accounts/{self.account}{path}"
        status, answer, _ = self.http(method, self.sandbox.twilio["base_url"] + path, body, headers)
        return status, json.loads(answer) if answer else None

    def place(self, ending="01", *pairs, without=(), **more):
        own = {"To": number(ending), "From": "+14155550100", "Url": f"{self.door.url}/answer"}
        own = {**own, "StatusCallback": f"{self.door.url}/status/7?k=v", **more}
        return self.ask("POST", "/Calls.json", [*(p for p in own.items() if p[0] not in without), *pairs])

    def placed(self, ending="01", *pairs, **more):
        status, answer = self.place(ending, *pairs, **more)
        self.assertEqual(status, 201, answer)
        return answer

    def finished(self, ending="01", *pairs, **more):
        """(the call as read at the end, forms of the status callbacks)"""
        sid = self.placed(ending, *pairs, **more)["sid"]
        self.settled()
        return self.ask("GET", f"/Calls/{sid}.json")[1], self.forms("/status")

    def forms(self, path):
        found = [t for t in self.door.told if urlsplit(t.url).path.startswith(path)]
        return [dict(parse_qsl(t.body.decode(), keep_blank_values=True)) for t in found]

    def set(self, **settings):
        self.sandbox.telephony("settings", {f"twilio.{name}": value for name, value in settings.items()})

    def slowly(self):
        """Real time: what was placed is still there when we look."""
        self.sandbox.telephony("clock", {"scale": 1})

    def quickly(self):
        self.sandbox.telephony("clock", {"scale": 300})

    def assertRefused(self, answer, status, code):
        self.assertEqual((answer[0], answer[1]["status"], answer[1]["code"]), (status, status, code), answer)
        self.assertTrue(answer[1]["message"] and answer[1]["more_info"].endswith(str(code)))


@tagged("post_install", "-at_install")
class TestSandboxTwilioRest(TwilioCase):
    def test_credentials_are_the_account_or_a_key_of_it(self):
        box = self.sandbox.twilio
        self.assertEqual(self.ask("GET", "/Calls.json")[0], 200)
        self.assertEqual(self.ask("GET", "/Calls.json", (), box["api_key_sid"], box["api_key_secret"])[0], 200)
        self.assertRefused(self.ask("GET", "/Calls.json", password="wrong"), 401, 20003)
        self.assertRefused(self.ask("GET", "/Calls.json", user="AC0", password=""), 401, 20003)
        other = f"/2010-04-01/Accounts/AC{'0' * 32}/Calls.json"
        self.assertRefused(self.ask("GET", other), 401, 20003)
        self.assertEqual(self.ask("GET", f"/2010-04-01/Accounts/{self.account}.json")[1]["status"], "active")

    def test_a_new_call_is_queued_and_all_its_values_are_strings_or_null(self):
        self.slowly()
        call = self.placed("01")
        self.assertRegex(call["sid"], "^CA[0-9a-f]{32}$")
        known = (call["status"], call["duration"], call["price"], call["start_time"], call["direction"])
        self.assertEqual(known, ("queued", None, None, None, "outbound-api"))
        self.assertTrue(call["queue_time"].isdigit())
        self.assertTrue(call["date_created"].endswith(" +0000"))
        self.assertEqual(call["to_formatted"], "(212) 559-9001")
        names = {name for name, value in call.items() if not isinstance(value, str | None)}
        self.assertEqual(names, {"subresource_uris"})
        self.assertEqual(self.ask("GET", f"/Calls/{call['sid']}.json")[0], 200)

    def test_wrong_orders_are_refused_with_their_codes_and_nothing_rings(self):
        for wrong, code in (
            ({"To": ""}, 21201),
            ({"From": ""}, 21213),
            ({"Url": ""}, 21205),
            ({"Url": "ftp://x"}, 21205),
            ({"To": "12"}, 21211),
            ({"To": "+15005550003"}, 21215),
            ({"From": "+19998887777"}, 21210),
            ({"From": "nobody"}, 21212),
            ({"StatusCallback": "http://under_score.example.com/x"}, 21609),
            ({"Timeout": "601"}, 20001),
            ({"MachineDetection": "Maybe"}, 20001),
            ({"Url": "", "Twiml": "<Response>" + " " * 4000 + "</Response>"}, 20001),
        ):
            with self.subTest(wrong=wrong):
                self.assertRefused(self.place(**wrong), 400, code)
        self.assertEqual(self.ask("POST", "/Calls.json")[1]["code"], 21201)
        self.assertEqual(self.settled()["rung"], [])

    def test_refusals_by_number(self):
        expected = {"50": 21211, "51": 21214, "52": 21215, "53": 21216, "54": 21210, "58": 21219}
        for ending, code in expected.items():
            self.assertRefused(self.place(ending), 400, code)
        self.assertRefused(self.place("56"), 403, 10001)
        self.assertRefused(self.place("57"), 401, 20003)
        self.assertRefused(self.place("47"), 429, 20429)
        self.assertRefused(self.place("40"), 500, 20500)
        self.assertEqual([self.place("55")[0], self.place("55")[0]], [400, 201])
        self.assertEqual([self.place("46")[0], self.place("46")[0]], [429, 201])
        self.assertEqual(sorted(e["to"][-2:] for e in self.settled()["rung"]), ["46", "55"])

    def test_a_lost_answer_is_a_call_that_the_list_finds(self):
        self.assertRefused(self.place("41"), 500, 20500)
        with self.assertRaises(ConnectionResetError):
            self.place("45")
        with self.assertRaises(ConnectionResetError):
            self.place("44")
        for ending, times in (("41", 1), ("45", 1), ("44", 0)):
            found = self.ask("GET", f"/Calls.json?{urlencode({'To': number(ending), 'From': '+14155550100'})}")[1]
            self.assertEqual(len(found["calls"]), times)
        self.assertEqual(sorted(e["to"][-2:] for e in self.settled()["rung"]), ["41", "45"])

    def test_the_list_is_paged_by_links_newest_first(self):
        sids = [self.placed("08")["sid"] for _ in range(5)]
        seen, path = [], "/Calls.json?PageSize=2&From=%2B14155550100"
        while path:
            page = self.ask("GET", path)[1]
            seen += [c["sid"] for c in page["calls"]]
            path = page["next_page_uri"]
        self.assertEqual(seen, sids[::-1])
        self.assertEqual((page["page"], page["page_size"], page["start"], page["end"]), (2, 2, 4, 4))
        self.assertEqual(self.ask("GET", "/Calls.json?To=%2B1999")[1]["calls"], [])

    def test_a_filter_by_start_hides_what_is_queued(self):
        self.slowly()
        self.set(cps=0.001)
        self.placed("01")
        self.placed("01")
        today = datetime.now(timezone.utc).date()
        self.eventually(lambda: len(self.ask("GET", f"/Calls.json?StartTime%3E={today}")[1]["calls"]) == 1)
        self.assertEqual(len(self.ask("GET", "/Calls.json")[1]["calls"]), 2)
        tomorrow = today + timedelta(days=1)
        self.assertEqual(self.ask("GET", f"/Calls.json?StartTime%3E={tomorrow}")[1]["calls"], [])

    def test_calls_over_the_rate_wait_in_the_queue_and_are_never_refused_for_it(self):
        self.slowly()
        self.set(cps=0.01)
        waits = [int(self.placed("01")["queue_time"]) for _ in range(4)]
        self.assertEqual(waits[0], 0)
        self.assertTrue(all(90_000 < b - a <= 100_000 for a, b in pairwise(waits)), waits)
        self.set(queue_hours=0)
        self.quickly()
        last = self.placed("01")["sid"]
        self.settled()
        self.assertEqual(self.ask("GET", f"/Calls/{last}.json")[1]["status"], "canceled")

    def test_limits_of_the_account(self):
        self.slowly()
        self.set(concurrency=2)
        self.placed()
        self.placed()
        self.assertRefused(self.place(), 400, 10004)
        self.set(concurrency=None, rest_per_second=0)
        self.assertRefused(self.place(), 429, 20429)

    def test_stopping(self):
        self.slowly()
        queued = self.placed("01")["sid"]
        self.assertEqual(self.ask("POST", f"/Calls/{queued}.json", [("Status", "canceled")])[1]["status"], "canceled")
        self.assertRefused(self.ask("POST", f"/Calls/{queued}.json", [("Status", "completed")]), 400, 21220)
        self.sandbox.telephony("clock", {"scale": 20})
        running = self.placed("10")["sid"]
        path = f"/Calls/{running}.json"
        self.eventually(lambda: self.ask("GET", path)[1]["status"] == "in-progress")
        self.assertEqual(self.ask("POST", path, [("Status", "canceled")])[1]["status"], "in-progress")
        self.assertEqual(self.ask("POST", path, [("Status", "completed")])[1]["status"], "completed")
        self.settled()
        self.assertEqual([f["CallStatus"] for f in self.forms("/status")], ["canceled", "completed"])
        self.assertRefused(self.ask("POST", f"/Calls/CA{'0' * 32}.json", [("Status", "completed")]), 404, 20404)
        self.assertRefused(self.ask("GET", "/Nothing.json"), 404, 20404)
        self.assertEqual(self.ask("DELETE", path), (204, None))
        self.assertRefused(self.ask("GET", path), 404, 20404)

    def test_a_price_comes_later(self):
        self.sandbox.telephony("scenario", {"number": number("01"), "outcomes": ["human"], "talk": 61})
        sid = self.placed("01")["sid"]
        ended = self.eventually(lambda: (c := self.ask("GET", f"/Calls/{sid}.json")[1])["end_time"] and c)
        self.assertEqual((ended["price"], ended["price_unit"], ended["duration"]), (None, "USD", "61"))
        rated = self.eventually(lambda: (c := self.ask("GET", f"/Calls/{sid}.json")[1])["price"] and c)
        self.assertEqual(rated["price"], "-0.02800")

    def test_a_provider_that_is_down(self):
        down = lambda how: self.sandbox.telephony("down", {"provider": "twilio", "how": how})  # noqa: E731
        down("503")
        self.assertEqual(self.http("GET", self.sandbox.twilio["base_url"])[0], 503)
        down("refused")
        with self.assertRaisesRegex(OSError, "refused"):
            self.place()
        down("")
        self.assertEqual(self.place()[0], 201)


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
        for ending, status, sip in (("03", "busy", "486"), ("05", "failed", "404"), ("06", "failed", "503")):
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
            if Client:
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
        for ending, expected in (("20", 0), ("21", 8), ("22", 12)):
            self.door.told.clear()
            self.finished(ending, *ALL)
            self.assertEqual(len(words()), expected)
            tokens = {t.headers["i-twilio-idempotency-token"] for t in self.attempts()}
            self.assertEqual(len(tokens), 4 if expected else 0)
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
        self.finished("04", RecordingStatusCallbackEvent="completed absent", **more)
        self.assertEqual(self.forms("/rec")[1]["RecordingStatus"], "absent")


@unittest.skipUnless(Client, "the twilio package is the judge")
@tagged("post_install", "-at_install")
class TestSandboxTwilioJudged(TwilioCase):
    """Twilio's own client reads what the sandbox answers."""

    def setUp(self):
        super().setUp()
        base = self.sandbox.twilio["base_url"]

        class Here(TwilioHttpClient):
            def request(self, method, url, *args, **options):
                return super().request(method, re.sub(r"^https://[^/]+", base, url), *args, **options)

        self.client = Client(self.account, self.token, http_client=Here(timeout=10))

    def create(self, ending="01", **more):
        events = [name for _, name in ALL]
        own = {"to": number(ending), "from_": "+14155550100", "url": f"{self.door.url}/answer"}
        return self.client.calls.create(
            **{**own, "status_callback": f"{self.door.url}/status", "status_callback_event": events, **more}
        )

    def test_create_fetch_update_list_and_delete(self):
        made = self.create(record=True, machine_detection="Enable", timeout=30)
        self.settled()
        call = self.client.calls(made.sid).fetch()
        self.assertEqual((call.status, call.answered_by, call.duration.isdigit()), ("completed", "human", True))
        self.assertLess(call.start_time, call.end_time)
        self.assertEqual(len(self.forms("/status")), 4)
        self.assertEqual([r.call_sid for r in self.client.recordings.list()], [call.sid])
        since = call.start_time - timedelta(days=1)
        self.assertEqual([c.sid for c in self.client.calls.list(to=number("01"), start_time_after=since)], [call.sid])
        self.slowly()
        waiting = self.create()
        self.assertEqual(self.client.calls(waiting.sid).update(status="completed").status, "canceled")
        self.assertTrue(self.client.calls(waiting.sid).delete())
        self.assertEqual(self.client.api.accounts(self.account).fetch().status, "active")
        self.assertEqual(len(self.client.incoming_phone_numbers.list()), 4)

    def test_the_list_is_walked_to_its_end(self):
        made = [self.create("08", status_callback_event=["completed"]).sid for _ in range(7)]
        self.assertEqual([c.sid for c in self.client.calls.list(page_size=3)], made[::-1])

    def test_errors_arrive_as_twilios(self):
        with self.assertRaises(TwilioRestException) as caught:
            self.create("52")
        self.assertEqual((caught.exception.status, caught.exception.code), (400, 21215))
        with self.assertRaises(TwilioRestException) as caught:
            self.client.calls(f"CA{'0' * 32}").fetch()
        self.assertEqual((caught.exception.status, caught.exception.code), (404, 20404))

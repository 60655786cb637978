"""Calls through Twilio: what goes out, and what is asked back."""

from datetime import datetime
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree

from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from odoo.tests.common import tagged

from ..ghl_base.net.errors import (
    AuthenticationError,
    MalformedResponse,
    RateLimited,
    RejectedRequest,
    ServerError,
    TransportError,
)
from ..ghl_calls.providers.twilio import twiml
from .providers_case import DOOR, order
from .scripted_http import Reply
from .twilio_data import ACCOUNT, RESOURCE, SID, TOKEN, TwilioCase, resource

CREATED = Reply(201, resource(status="queued", end_time=None, start_time=None, duration=None, price=None))
ANSWER_URL = "https://odoo.example.com/ghl/voip/d00r/answer/ref-1"
CALLS = f"/2010-04-01/Accounts/{ACCOUNT}/Calls"
SINCE = datetime(2026, 2, 12, 11, 46)


class SentHere(TwilioHttpClient):
    """Twilio's own HTTP client, asking this server instead of Twilio's."""

    def __init__(self, base_url):
        super().__init__(timeout=5)
        self.base_url = base_url

    def request(self, method, url, *args, **kwargs):
        return super().request(
            method, self.base_url + urlsplit(url)._replace(scheme="", netloc="").geturl(), *args, **kwargs
        )


def refusal(code, status=400):
    return Reply(status, {"code": code, "message": "No.", "more_info": "https://www.twilio.com/docs", "status": status})


@tagged("post_install", "-at_install")
class TestTwilioPlacing(TwilioCase):
    def place(self, **values):
        server = self.serve(CREATED)
        self.accepted = self.provider(server).place(order(**values))
        self.asked = server.asked[0]
        return parse_qsl(self.asked.body.decode(), keep_blank_values=True)

    def test_an_order_is_a_form_with_every_event_as_a_field_of_its_own(self):
        sent = self.place(answer_url=ANSWER_URL, ring_seconds=25, max_seconds=600)
        self.assertEqual((self.asked.method, self.asked.path), ("POST", CALLS + ".json"))
        self.assertEqual(self.asked.headers["Content-Type"], "application/x-www-form-urlencoded")
        self.assertTrue(self.asked.headers["Authorization"].startswith("Basic "))
        self.assertEqual((self.accepted.provider_call_id, self.accepted.state), (SID, "initiated"))
        self.assertEqual(
            sent,
            [
                ("To", "+15550100001"),
                ("From", "+15550109999"),
                ("Url", ANSWER_URL + "#rc=5&rp=all"),
                ("Method", "POST"),
                ("Timeout", "25"),
                ("TimeLimit", "600"),
                ("StatusCallback", DOOR + "#rc=5&rp=all"),
                ("StatusCallbackMethod", "POST"),
                ("StatusCallbackEvent", "initiated"),
                ("StatusCallbackEvent", "ringing"),
                ("StatusCallbackEvent", "answered"),
                ("StatusCallbackEvent", "completed"),
            ],
        )

    def test_machines_and_recordings_report_to_the_same_address(self):
        sent = dict(self.place(answer_url=ANSWER_URL, detect_machine=True, record=True))
        self.assertEqual((sent["MachineDetection"], sent["AsyncAmd"], sent["Record"]), ("Enable", "true", "true"))
        self.assertEqual(sent["AsyncAmdStatusCallback"], DOOR + "#rc=5&rp=all")
        self.assertEqual(sent["RecordingStatusCallback"], DOOR + "#rc=5&rp=all")

    def test_a_message_is_left_after_the_beep(self):
        sent = self.place(detect_machine=True, script={"voicemail_action": "leave_message", "message": "Hi"})
        self.assertEqual(dict(sent)["MachineDetection"], "DetectMessageEnd")

    def test_a_script_without_an_address_is_sent_along(self):
        sent = dict(self.place())
        self.assertIn("<Say>Hello</Say>", sent["Twiml"])
        self.assertNotIn("Url", sent)

    def test_written_twiml_goes_before_the_address_unless_it_is_too_long(self):
        sent = dict(self.place(answer_url=ANSWER_URL, script={"twiml": "<Response/>"}))
        self.assertEqual((sent["Twiml"], sent.get("Url")), ("<Response/>", None))
        sent = dict(self.place(answer_url=ANSWER_URL, script={"twiml": "x" * 4001}))
        self.assertEqual((sent.get("Twiml"), sent["Url"]), (None, ANSWER_URL + "#rc=5&rp=all"))

    def test_extras_pass_but_never_change_who_is_called_and_how_we_hear_of_it(self):
        extra = {"To": "+15550100666", "StatusCallback": "https://x.example", "Trim": "do-not-trim", "AsyncAmd": False}
        sent = dict(self.place(extra=extra, detect_machine=True))
        self.assertEqual((sent["To"], sent["StatusCallback"]), ("+15550100001", DOOR + "#rc=5&rp=all"))
        self.assertEqual((sent["Trim"], sent["AsyncAmd"]), ("do-not-trim", "false"))

    def test_the_wire_is_the_one_of_twilios_own_library(self):
        ours = self.place(answer_url=ANSWER_URL, detect_machine=True, record=True, ring_seconds=25, max_seconds=600)
        server = self.serve(CREATED)
        door = DOOR + "#rc=5&rp=all"
        made = Client(ACCOUNT, TOKEN, http_client=SentHere(server.url)).calls.create(
            to="+15550100001", from_="+15550109999", url=ANSWER_URL + "#rc=5&rp=all", method="POST", timeout=25,
            time_limit=600, status_callback=door, status_callback_method="POST",
            status_callback_event=["initiated", "ringing", "answered", "completed"], machine_detection="Enable",
            async_amd="true", async_amd_status_callback=door, async_amd_status_callback_method="POST", record=True,
            recording_status_callback=door,
        )  # fmt: skip
        self.assertEqual(made.sid, SID)
        theirs = server.asked[0]
        self.assertEqual(sorted(ours), sorted(parse_qsl(theirs.body.decode(), keep_blank_values=True)))
        self.assertEqual((theirs.method, theirs.path), (self.asked.method, self.asked.path))
        self.assertEqual(theirs.headers["Authorization"], self.asked.headers["Authorization"])

    def test_an_api_key_calls_in_the_accounts_name(self):
        server = self.serve(CREATED)
        self.provider(server, api_key_sid="SK1", api_key_secret="s3").place(order())
        self.assertEqual(server.asked[0].headers["Authorization"], "Basic U0sxOnMz")
        self.assertEqual(server.asked[0].path, CALLS + ".json")

    def test_what_cannot_work_is_not_sent(self):
        server = self.serve()
        self.refused(server, "lead", to="5550100001")
        self.refused(server, "lead", to="")
        self.refused(server, "config", from_number="")
        self.refused(server, "config", script={})
        self.refused(server, "config", script={"twiml": "x" * 4001})
        self.assertEqual(server.asked, [])

    def test_every_code_of_twilio_says_what_to_do(self):
        for kind, codes in (
            ("lead", (21211, 21214, 21216, 21217, 21215, 13227, 21219, 573005)),
            ("caller", (21210, 21212)),
            ("later", (10004, 86008, 20429)),
            ("account", (20003, 10001, 10005, 20404)),
            ("config", (20001, 21200, 21201, 21205, 21213, 21609, 99999)),
        ):
            for code in codes:
                with self.subTest(code=code):
                    self.assertEqual(self.refused(self.serve(refusal(code)), kind).code, str(code))

    def test_without_a_code_the_status_decides(self):
        for status, kind in ((401, "account"), (403, "account"), (404, "config"), (400, "config"), (301, "config")):
            with self.subTest(status=status):
                self.refused_with(status, b"", kind)
        self.refused_with(500, b"", "unknown")
        self.refused_with(503, {"code": 20503, "message": "Service unavailable"}, "unknown")

    def test_too_many_requests_wait_as_long_as_they_are_told(self):
        self.assertEqual(self.refused(self.serve(refusal(20429, 429)), "later").retry_after, 1)
        self.assertEqual(self.refused_with(429, {}, "later", {"Retry-After": "4"}).retry_after, 4)
        date = {"Retry-After": "Sat, 21 Nov 2026 12:30:30 GMT"}
        self.assertEqual(self.refused_with(429, {}, "later", date).retry_after, 30)
        self.assertEqual(self.refused(self.serve(refusal(10004)), "later").retry_after, 15)

    def test_errors_in_the_newer_shape_are_read(self):
        body = {"type": "about:blank", "title": "Bad", "status": 400, "code": 21211, "detail": "To is invalid"}
        self.assertIn("To is invalid", str(self.refused_with(400, body, "lead")))

    def test_nobody_knows_when_the_answer_is_useless(self):
        self.refused_with(201, b"<html/>", "unknown")
        self.refused_with(201, {"sid": None}, "unknown")
        self.refused(self.serve(Reply(201, RESOURCE, fault="cut")), "unknown")
        self.refused(self.serve(Reply(fault="reset")), "unknown")

    def test_a_refused_connection_is_not_sent(self):
        self.assertIn("not placed", str(self.refused(None, "not_sent")))


@tagged("post_install", "-at_install")
class TestTwilioAsking(TwilioCase):
    def test_a_call_is_fetched(self):
        server = self.serve(Reply(body=RESOURCE))
        self.assertEqual(self.provider(server).fetch(SID).state, "completed")
        self.assertEqual((server.asked[0].method, server.asked[0].path), ("GET", f"{CALLS}/{SID}.json"))

    def test_an_unknown_call_is_none(self):
        self.assertIsNone(self.provider(self.serve(refusal(20404, 404))).fetch(SID))

    def test_a_call_is_hung_up_whatever_stage_it_is_at(self):
        server = self.serve(Reply(body=resource(status="in-progress")))
        self.provider(server).cancel(SID)
        self.assertEqual((server.asked[0].path, server.asked[0].form), (f"{CALLS}/{SID}.json", {"Status": "completed"}))

    def test_hanging_up_what_is_over_or_unknown_is_no_error(self):
        self.provider(self.serve(refusal(21220))).cancel(SID)
        self.provider(self.serve(refusal(20404, 404))).cancel(SID)

    def test_hanging_up_may_fail(self):
        for reply, kind in (
            (refusal(20003, 401), AuthenticationError),
            (refusal(21205), RejectedRequest),
            (Reply(500, b""), ServerError),
            (Reply(fault="reset"), TransportError),
        ):
            with self.subTest(kind=kind.__name__), self.assertRaises(kind):
                self.provider(self.serve(reply)).cancel(SID)

    def test_a_call_goes_on_with_other_words(self):
        server = self.serve(Reply(body=RESOURCE))
        self.provider(server).redirect(SID, "<Response/>")
        self.assertEqual(server.asked[0].form, {"Twiml": "<Response/>"})

    def test_a_lost_order_is_looked_for_between_the_two_numbers_without_a_time(self):
        server = self.serve(Reply(body={"calls": [RESOURCE], "next_page_uri": None}))
        found = self.provider(server).find(order(), SINCE)
        self.assertEqual([report.provider_call_id for report in found], [SID])
        self.assertEqual(server.asked[0].query, {"To": "+15550100001", "From": "+15550109999", "PageSize": "100"})

    def test_calls_from_before_are_not_found(self):
        old = resource(sid="CA2", date_created="Thu, 12 Feb 2026 11:40:00 +0000")
        server = self.serve(Reply(body={"calls": [RESOURCE, old], "next_page_uri": "/never/asked.json"}))
        found = self.provider(server).find(order(), SINCE)
        self.assertEqual([report.provider_call_id for report in found], [SID])
        self.assertEqual(len(server.asked), 1, "pages go back in time: older ones need not be read")

    def test_a_call_created_in_the_same_second_is_found(self):
        server = self.serve(Reply(body={"calls": [RESOURCE]}))
        since = datetime(2026, 2, 12, 11, 47, 0, 900000)
        self.assertEqual(len(self.provider(server).find(order(), since)), 1)

    def test_the_next_page_is_asked_for_as_it_was_given(self):
        following = f"{CALLS}.json?To=%2B15550100001&PageSize=100&Page=1&PageToken=PACA1"
        server = self.serve(
            Reply(body={"calls": [RESOURCE], "next_page_uri": following}),
            Reply(body={"calls": [resource(sid="CA2", status="queued", end_time=None)], "next_page_uri": None}),
        )
        found = self.provider(server).find(order(), SINCE)
        self.assertEqual([(report.provider_call_id, report.state) for report in found][1], ("CA2", "initiated"))
        self.assertEqual(server.asked[1].query["PageToken"], "PACA1")
        self.assertIn("Authorization", server.asked[1].headers)

    def test_credentials_go_to_no_other_host(self):
        for address in ("https://elsewhere.example.com/x", "//elsewhere.example.com/x"):
            server = self.serve(Reply(body={"calls": [RESOURCE], "next_page_uri": address}))
            with self.subTest(address=address), self.assertRaises(RejectedRequest):
                self.provider(server).find(order(), SINCE)

    def test_asking_fails_with_typed_errors_that_people_understand(self):
        for reply, kind in (
            (refusal(20003, 401), AuthenticationError),
            (Reply(429, {}, {"Retry-After": "3"}), RateLimited),
            (Reply(200, {"x": 1}), MalformedResponse),
            (Reply(200, b"no"), MalformedResponse),
        ):
            with self.subTest(kind=kind.__name__), self.assertRaises(kind) as caught:
                self.provider(self.serve(reply)).fetch(SID)
            self.assertIn("Twilio", caught.exception.human())

    def test_the_connection_is_tested(self):
        server = self.serve(Reply(body={"calls": []}))
        self.assertEqual(self.provider(server).check(), f"Connected to Twilio account {ACCOUNT}.")
        self.assertEqual(server.asked[0].query, {"PageSize": "1"})

    def test_our_errors_are_those_of_twilios_library(self):
        server = self.serve(lambda asked: refusal(20003, 401))
        with self.assertRaises(TwilioRestException) as theirs:
            Client(ACCOUNT, TOKEN, http_client=SentHere(server.url)).calls(SID).fetch()
        with self.assertRaises(AuthenticationError) as ours:
            self.provider(server).fetch(SID)
        self.assertEqual((theirs.exception.status, theirs.exception.code), (401, 20003))
        self.assertEqual((ours.exception.status, ours.exception.message), (401, "No. (20003)"))


@tagged("post_install", "-at_install")
class TestTwiml(TwilioCase):
    def tree(self, what, answered_by=""):
        return ElementTree.fromstring(self.provider().answer(what, answered_by).encode())

    def test_the_message_is_spoken_with_the_variables_filled_in(self):
        tree = self.tree(order(script={"message": "Hello {{ name }}{{nobody}}"}, variables={"name": "Ann"}))
        self.assertEqual([(child.tag, child.text) for child in tree], [("Say", "Hello Ann"), ("Hangup", None)])

    def test_nothing_of_what_is_said_becomes_markup(self):
        tree = self.tree({"first_sentence": 'Tom & "Jo" <Dial>+1900</Dial>\x00', "voice": 'x" y="', "language": "en"})
        self.assertEqual(tree[0].text, 'Tom & "Jo" <Dial>+1900</Dial>')
        self.assertEqual((tree[0].tag, tree[0].attrib), ("Say", {}))

    def test_voices_of_twilio_are_used(self):
        tree = self.tree({"message": "Hi", "voice": "Polly.Joanna", "language": "en-US"})
        self.assertEqual(tree[0].attrib, {"voice": "Polly.Joanna", "language": "en-US"})

    def test_a_stream_is_told_which_call_it_is(self):
        script = {"stream_url": "wss://media.example.com/s?a=1&b=2"}
        stream = self.tree(order(script=script, variables={"name": "<Ann>"}))[0][0]
        self.assertEqual((stream.tag, stream.attrib["url"]), ("Stream", "wss://media.example.com/s?a=1&b=2"))
        told = {parameter.attrib["name"]: parameter.attrib["value"] for parameter in stream}
        self.assertEqual(told, {"name": "<Ann>", "reference": "ref-1"})

    def test_a_machine_is_hung_up_on_left_a_message_or_talked_to(self):
        script = {"message": "Hi", "voicemail_message": "Call us"}
        for action, expected in (
            (None, ["Hangup"]),
            ("leave_message", ["Say", "Hangup"]),
            ("ignore", ["Say", "Hangup"]),
        ):
            with self.subTest(action=action):
                tree = self.tree({**script, "voicemail_action": action}, "machine_end_beep")
                self.assertEqual([child.tag for child in tree], expected)
        self.assertEqual(self.tree({**script, "voicemail_action": "leave_message"}, "machine_start")[0].text, "Call us")

    def test_whoever_may_be_human_is_talked_to(self):
        for word in ("human", "unknown", "", "fax"):
            self.assertEqual(self.tree({"message": "Hi"}, word)[0].tag, "Say")

    def test_a_script_without_words_hangs_up(self):
        self.assertEqual([child.tag for child in self.tree({})], ["Hangup"])
        self.assertFalse(twiml.has_words({"voice": "alice"}))

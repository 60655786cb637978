"""The simulated Twilio: its REST API, and Twilio's own client as the judge of it."""

import re
import unittest
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from urllib.parse import urlencode

from odoo.tests.common import tagged

from .twilio_case import ALL, TwilioCase, number

try:
    from twilio.base.exceptions import TwilioRestException
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client
except ImportError:  # an oracle for development, not needed to run
    Client = None


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

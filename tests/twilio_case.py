"""A simulated Twilio for the tests of the simulator itself."""

import base64
import hashlib
import hmac
import json
from urllib.parse import parse_qsl, urlencode, urlsplit

from .telephony_case import TelephonyCase

ALL = [("StatusCallbackEvent", event) for event in ("initiated", "ringing", "answered", "completed")]
TWIML = (200, "text/xml", b"<Response><Say>Hello</Say><Pause length='60'/></Response>")


def number(ending):
    """A number whose last five digits choose the scenario."""
    return f"+121255990{ending}"


def sign(token, url, fields, digest=hashlib.sha1):
    text = url + "".join(name + value for name, value in sorted(fields.items()))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), digest).digest()).decode()


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

"""One account at SansPBX: the token, the dial door, the hang-up door, the callback."""

import base64
import json
import re
from datetime import datetime, timedelta, timezone

from ..draw import hexadecimal
from ..http import Response
from ..telephony.app import Ask, ProviderApp, Refused
from ..telephony.delivery import Event
from ..telephony.line import Call
from .settings import SansPbxSettings

ROOT = "/pbxadmin/sanpbxapi"
PLACES = ("data.msg", "data", "top")
RING_SECONDS = 45
DIDS = tuple(f"01145550{n:02d}0" for n in range(4))
CALLER = re.compile(r"\d{7}|0?\d{10}|91\d{10}")
# end -> spellings of the disposition
WORDS = {
    "completed": ("ANSWER", "ANSWER", "ANSWERED"),
    "no-answer": ("NOANSWER", "NO ANSWER"),
    "busy": ("BUSY", "Busy"),
    "failed": ("FAILED", "CONGESTION"),
    "canceled": ("CANCEL", "Cancel"),
}
# SIP -> (Q.850 cause, its text)
CAUSES = {
    200: (16, "Normal Clearing"),
    404: (1, "Unallocated (unassigned) number"),
    480: (18, "No user responding"),
    486: (17, "User busy"),
    487: (19, "No answer from user (user alerted)"),
    503: (34, "No circuit/channel available"),
    603: (21, "Call rejected"),
    607: (21, "Call rejected"),
}
REFUSALS = {
    "number": (200, "Invalid number in call_to"),
    "unreachable": (200, "call_to cannot be reached"),
    "country": (200, "ISD calls are not allowed: call_to"),
    "blocked": (200, "call_to is in DND"),
    "caller": (200, "Invalid caller_id"),
    "concurrency": (429, "Channel limit reached"),
    "money": (200, "Insufficient balance"),
    "credentials": (401, "Unauthorized"),
    "trial": (200, "Number is not verified: call_to"),
}


class SansPbxApp(ProviderApp):
    name = "sanspbx"
    id_field = "Linkedid"
    placing = (f"POST {ROOT}/dialcall",)

    def __init__(self, exchange):
        super().__init__(exchange)
        seed = f"{exchange.seed}/sanspbx"
        self.settings = SansPbxSettings()
        self.access_token = hexadecimal(f"{seed}/token", 48)
        self.access_key = hexadecimal(f"{seed}/key", 24)
        self.basic = ("sandbox", hexadecimal(f"{seed}/basic", 12))
        self.appid = 4001
        self.tokens = {}  # token -> when it ends, simulated ms
        for path, handler in (
            ("gentoken", self._gentoken),
            ("dialcall", self._dialcall),
            ("calldisconnect", self._disconnect),
        ):
            self.router.add("POST", f"{ROOT}/{path}", handler)

    def describe(self) -> dict:
        return {
            "base_url": f"{self.url}{ROOT}",
            "access_token": self.access_token,
            "access_key": self.access_key,
            "basic_user": self.basic[0],
            "basic_password": self.basic[1],
            "appid": self.appid,
            "numbers": [f"+91{did[1:]}" for did in DIDS],
        }

    def reset(self):
        super().reset()
        self.tokens.clear()

    def new_id(self, key) -> str:
        return f"api-{self.appid}-{key}-{self.clock.now_ms()}"

    # -- requests --------------------------------------------------------------------------------------------------

    def unknown_path(self, request):
        return fault(404, "Not Found")

    def too_many(self):
        return Response.of_json({"status": "error", "msg": "Too many requests"}, 429, {"Retry-After": "2"})

    async def _gentoken(self, ask) -> Response:
        headers, body = ask.request.headers, body_of(ask)
        user = base64.b64encode(":".join(self.basic).encode()).decode()
        if self.settings.basic and headers.get("authorization") != f"Basic {user}":
            raise fault(401, "Authorization required")
        if headers.get("accesstoken") != self.access_token or body.get("access_key") != self.access_key:
            raise fault(401, "Invalid Accesstoken or access_key")
        ends = self.clock.now_ms() + round(self.settings.token_life_s * 1000)
        head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
        token = f"{head}.{hexadecimal(f'{self.exchange.run}/{len(self.tokens)}', 40)}.{hexadecimal(f'{ends}', 43)}"
        self.tokens[token] = ends
        given = {"Apitoken": token, "expiry_time": self._local(ends)}
        if self.settings.nested_token:
            return Response.of_json({"status": "success", "data": given})
        return Response.of_json({"status": "success", **given})

    def _authorized(self, ask):
        ends = self.tokens.get(ask.request.headers.get("apitoken", ""))
        if ends is None or ends <= self.clock.now_ms():
            raise fault(401, "Token is expired or invalid")

    def number_called(self, ask: Ask) -> str:
        """As E.164; empty when it is not one."""
        ask.body = body_of(ask)
        digits = str(ask.body.get("call_to") or "")
        if not digits.isdigit() or len(digits) < 8:
            return ""
        if re.fullmatch(r"0\d{10}", digits):
            return f"+91{digits[1:]}"
        return f"+91{digits}" if len(digits) == 10 else f"+{digits}"

    async def _dialcall(self, ask) -> Response:
        self._authorized(ask)
        body = ask.body
        self._check(ask, body)
        reason = self.refusal(ask.number)
        if reason:
            status, text = REFUSALS[reason]
            raise fault(status, text)
        limit = self.settings.concurrency
        if limit is not None and sum(1 for c in self.calls() if not c.ended_at) >= limit:
            raise Refused(429, {"status": "error", "msg": REFUSALS["concurrency"][1]}, {"Retry-After": "2"})
        if self.settings.without_callid:
            return Response.of_json({"status": "success", "data": {"msg": {"text": "Request accepted"}}})
        call_id = self._fresh_id(body["call_to"])
        call = Call(self, call_id, ask.number, str(body["caller_id"]), body, ring_limit=RING_SECONDS)
        self.begin(ask, call)
        return Response.of_json(self._accepted_as(call))

    def _check(self, ask, body):
        if body.get("appid") != self.appid:
            raise fault(200, "Invalid appid")
        pattern = {"0+10": r"0\d{10}", "91+10": r"91\d{10}", "any": r"\d{8,15}"}[self.settings.number_format]
        if not ask.number or not re.fullmatch(pattern, str(body["call_to"])):
            raise fault(200, "Invalid number in call_to")
        if not CALLER.fullmatch(str(body.get("caller_id") or "")):
            raise fault(200, "Invalid caller_id")

    def _fresh_id(self, number):
        call_id = self.new_id(number)
        while call_id in self.ledger.calls:
            call_id += "1"
        return call_id

    def _accepted_as(self, call) -> dict:
        """The id stands in one of three places."""
        place = self.settings.callid_place or PLACES[len(self.calls()) % 3]
        callid = {"callid": call.id}
        if place == "top":
            return {"status": "success", **callid, "msg": "Call initiated"}
        return {"status": "success", "data": {"msg": callid} if place == "data.msg" else {**callid, "msg": "ok"}}

    async def _disconnect(self, ask) -> Response:
        self._authorized(ask)
        call = self.ledger.calls.get(str(body_of(ask).get("callid")))
        if call is None or call.app is not self:
            raise fault(200, "No such call")
        if call.ended_at:
            raise fault(200, "Call is not active")
        call.hang_up()
        return Response.of_json({"status": "success", "msg": "Call disconnected"})

    # -- the life of a call ----------------------------------------------------------------------------------------

    def tells(self, call) -> bool:
        return bool(self._door(call))

    @staticmethod
    def _door(call) -> str:
        """The callback address counts only at the root of the request."""
        url = call.given.get("status_callback")
        return url if isinstance(url, str) and url.startswith(("http://", "https://")) else ""

    def ended(self, call):
        self.spawn(self._report(call))

    async def _report(self, call):
        """The only callback: some twenty seconds after the end."""
        await self.clock.sleep(0 if "early" in call.faults else call.rng.uniform(15, 25))
        if not self._door(call):
            return
        cause, text = CAUSES[call.sip or (200 if call.answered_at else 487)]
        began = call.dialed_at or call.created_at
        custom = call.given.get("custom_field")
        fields = {
            "Linkedid": call.id,
            "api_call_id": call.id,
            "did": call.from_,
            "call_to": call.given["call_to"],
            "disposition": call.rng.choice(WORDS[call.end]),
            "duration": round((call.ended_at - began) / 1000),
            "billsec": call.talk_seconds,
            "cause": cause,
            "cause_txt": text,
            "end_time": self._local(call.ended_at),
            "recfile": f"/recordings/{call.id}.wav" if call.talk_seconds else "",
            **(custom if isinstance(custom, dict) else {}),
        }
        self.courier.tell(Event(call, "end", self._door(call), fields, last=True))

    def encode(self, event, fields, signature):
        """Nothing is signed."""
        return {"Content-Type": "application/json"}, event.url, json.dumps(fields, ensure_ascii=False).encode()

    def _local(self, ms) -> str:
        moment = datetime.fromtimestamp(ms / 1000, timezone.utc) + timedelta(minutes=self.settings.zone_minutes)
        return moment.strftime("%Y-%m-%d %H:%M:%S")


def fault(status, text) -> Refused:
    """Errors come with 200 as well; the text tells."""
    return Refused(status, {"status": "error", "msg": text})


def body_of(ask) -> dict:
    try:
        body = ask.request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise fault(400, "Invalid JSON")
    return body

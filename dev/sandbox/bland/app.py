"""One account at Bland AI: who may ask, how calls live, what is told."""

import hashlib
import hmac
import json

from ..clock import iso
from ..draw import hexadecimal, uuid_of
from ..http import Response
from ..telephony.app import Ask, ProviderApp, Refused
from ..telephony.delivery import Event
from ..telephony.line import Call
from ..telephony.pace import Pace
from . import dialogue, view
from .batches import BatchDoors
from .doors import CallDoors
from .place import body_of, e164, place
from .settings import BlandSettings

NUMBERS = [f"+1415555020{n}" for n in range(4)]


class BlandApp(ProviderApp):
    name = "bland"
    id_field = "call_id"
    placing = ("POST /v1/calls",)

    def __init__(self, exchange):
        super().__init__(exchange)
        self.settings = BlandSettings()
        self.api_key = f"org_{hexadecimal(f'{exchange.seed}/bland/key', 64)}"
        self.webhook_secret = hexadecimal(f"{exchange.seed}/bland/webhook", 40)
        self.numbers = NUMBERS
        self.pace = Pace(self.clock)
        self.batches = {}
        self.router.add("POST", "/v1/calls", self._guarded(self._place))
        for doors in (CallDoors(self), BatchDoors(self)):
            for method, template, handler in doors.routes():
                self.router.add(method, template, self._guarded(handler))
            for method, template, handler in doors.open_routes():
                self.router.add(method, template, handler)

    def describe(self) -> dict:
        return {
            "base_url": self.url,
            "api_key": self.api_key,
            "webhook_secret": self.webhook_secret,
            "numbers": self.numbers,
        }

    def reset(self):
        super().reset()
        self.pace = Pace(self.clock)
        self.batches = {}

    def configured(self):
        self.pace.rate = self.settings.calls_per_second
        self.pace.limit = self.settings.limits[0]

    def new_id(self, key) -> str:
        return uuid_of(f"{self.exchange.run}/bland/{key}")

    # -- requests --------------------------------------------------------------------------------------------------

    def _guarded(self, handler):
        async def guarded(ask):
            given = ask.request.headers.get("authorization", "")
            if not hmac.compare_digest(given.removeprefix("Bearer ").encode(), self.api_key.encode()):
                raise Refused(401, {"status": "error", "message": "Unauthorized", "errors": ["Invalid API key"]})
            return await handler(ask)

        return guarded

    def number_called(self, ask: Ask) -> str:
        ask.body = body_of(ask)
        number = ask.body.get("phone_number")
        return e164(number) if isinstance(number, str) else ""

    def unknown_path(self, request):
        return Refused(404, {"status": "error", "message": f"Cannot {request.method} {request.path}"})

    def too_many(self):
        return Response.of_json({"status": "error", "message": "Rate limit exceeded", "code": "CALL_RL_REQUESTS"}, 429)

    def broken(self):
        return Response.of_json({"status": "error", "message": "Internal server error."}, 500)

    async def _place(self, ask) -> Response:
        call = place(self, ask.body, ask.number)
        self.begin(ask, call)
        answer = {"status": "success", "message": "Call successfully queued.", "call_id": call.id, "batch_id": None}
        return Response.of_json(answer)

    # -- the life of a call ----------------------------------------------------------------------------------------

    def tells(self, call) -> bool:
        return bool(call.given.get("webhook"))

    async def admitted(self, call: Call):
        call.extra["odd"] = call.rng.random() < 1 / 3
        self.note(call, "queue", "Call queued")
        starts = call.extra.get("starts_at")
        if starts:
            await self.clock.sleep(starts / 1000 - self.clock.now(), call.stop)
            call.extra["waited"] = True
        await self.pace.turn(call.stop)

    def dialing(self, call):
        self.note(call, "queue", "Call started")

    async def answered(self, call):
        self.note(call, "call", "Call answered")
        if call.fate.outcome == "machine":
            call.talk_limit = min(call.talk_limit, dialogue.voicemail_seconds(call.given, call.fate.talk))

    def ended(self, call):
        if call.dialed_at:
            self.pace.leave()
        self.note(call, "call", "Call ended")
        self.spawn(self._finish(call))

    async def _finish(self, call):
        """The transcript takes some seconds; only then the call is complete and is told."""
        await self.clock.sleep(call.rng.uniform(2, 6))
        call.extra["ready"] = True
        second = self.settings.second_webhook
        self.tell(call, call.given.get("webhook"), last=not second)
        batch = self.batches.get(call.given.get("batch_id"))
        if batch:
            batch.moved(self)
        if second:
            await self.clock.sleep(call.rng.uniform(30, 60))
            self.tell(call, call.given.get("webhook"), second=True, last=True)

    def note(self, call, level, message):
        """An interim webhook, if the request asked for events of this kind."""
        if call.given.get("webhook") and level in (call.given.get("webhook_events") or ()):
            now = iso(self.clock.now_ms())
            fields = {"call_id": call.id, "category": "info", "level": level, "message": message, "timestamp": now}
            self.courier.tell(Event(call, level, call.given["webhook"], fields))

    def tell(self, call, url, *, second=False, last=True, name="webhook"):
        if url:
            self.courier.tell(Event(call, name, url, view.told(call, second), last=last))
        call.extra["told"] = True

    def encode(self, event, fields, signature):
        """The signature is over the bytes sent; in the mode `reserialised` over their compact form."""
        compact = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
        mode = self.settings.webhook_mode
        body = json.dumps(fields, ensure_ascii=False, indent=2).encode() if mode == "reserialised" else compact
        headers = {"Content-Type": "application/json", "User-Agent": "axios/1.7.7"}
        if mode != "unsigned":
            key = {"good": "", "bad": "wrong ", "old": "previous "}[signature] + self.webhook_secret
            headers["X-Webhook-Signature"] = hmac.new(key.encode(), compact, hashlib.sha256).hexdigest()
        return headers, event.url, body

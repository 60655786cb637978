"""One account at Twilio: who may ask, how calls live."""

import asyncio
import base64
import hmac
import itertools
import time
from collections import deque

from ..draw import hexadecimal, uuid_of
from ..http import Response
from ..telephony.app import Ask, ProviderApp
from ..telephony.clock import HungUp
from ..telephony.delivery import exchange
from ..telephony.line import Call
from ..telephony.pace import Pace
from . import callbacks, order, twiml
from .doors import Doors
from .errors import error
from .form import Form
from .resource import call_resource, rfc2822
from .settings import TwilioSettings

NUMBERS = [f"+1415555010{n}" for n in range(4)]
LOOKS_LIKE = {"fax": "fax", "silence": "unknown", "human": "human"}
ENDS_OF_GREETING = ("machine_end_beep", "machine_end_beep", "machine_end_silence", "machine_end_other")


class TwilioApp(ProviderApp):
    name = "twilio"
    id_field = "CallSid"
    placing = ("POST /2010-04-01/Accounts/{account}/Calls.json",)

    def __init__(self, exchange):
        super().__init__(exchange)
        seed = f"{exchange.seed}/twilio"
        self.settings = TwilioSettings()
        self.account_sid = f"AC{hexadecimal(f'{seed}/account', 32)}"
        self.auth_token = hexadecimal(f"{seed}/token", 32)
        self.previous_auth_token = hexadecimal(f"{seed}/previous", 32)
        self.api_key = (f"SK{hexadecimal(f'{seed}/key', 32)}", hexadecimal(f"{seed}/secret", 32))
        self.shared_key = (f"KY{hexadecimal(f'{seed}/shared', 32)}", hexadecimal(f"{seed}/shared secret", 48))
        self.numbers = NUMBERS
        self.pace = Pace(self.clock)
        self._serial = itertools.count()
        self._recent = deque()
        self.router.add("POST", "/2010-04-01/Accounts/{account}/Calls.json", self._guarded(self._place))
        for method, template, handler in Doors(self).routes():
            self.router.add(method, template, self._guarded(handler))

    def describe(self) -> dict:
        return {
            "base_url": self.url,
            "account_sid": self.account_sid,
            "auth_token": self.auth_token,
            "previous_auth_token": self.previous_auth_token,
            "api_key_sid": self.api_key[0],
            "api_key_secret": self.api_key[1],
            "webhook_secret": self.shared_key[1],
            "numbers": self.numbers,
        }

    def reset(self):
        super().reset()
        self.pace = Pace(self.clock)
        self._recent.clear()

    def configured(self):
        self.pace.rate = self.settings.cps

    def new_id(self, key, prefix="CA") -> str:
        return prefix + hexadecimal(f"{self.exchange.run}/twilio/{key}", 32)

    def number_sid(self, number) -> str | None:
        return f"PN{hexadecimal(f'{self.exchange.seed}/{number}', 32)}" if number in self.numbers else None

    def new_token(self) -> str:
        return uuid_of(f"{self.exchange.run}/token/{next(self._serial)}")

    # -- requests --------------------------------------------------------------------------------------------------

    def _guarded(self, handler):
        async def guarded(ask):
            self._authenticate(ask)
            self._count()
            return await handler(ask)

        return guarded

    def _authenticate(self, ask):
        scheme, _, given = ask.request.headers.get("authorization", "").partition(" ")
        try:
            user, _, password = base64.b64decode(given).decode().partition(":")
        except ValueError:
            raise error(20003) from None
        known = {self.account_sid: self.auth_token, self.api_key[0]: self.api_key[1]}
        account = (ask.args.get("account") or ask.args["file"]).removesuffix(".json")
        right = hmac.compare_digest(known.get(user, "").encode(), password.encode()) and user in known
        if scheme.lower() != "basic" or not right or account != self.account_sid:
            raise error(20003)

    def _count(self):
        """Refuse what is too much for one second."""
        limit, now = self.settings.rest_per_second, time.monotonic()
        if limit is not None:
            while self._recent and now - self._recent[0] > 1:
                self._recent.popleft()
            if len(self._recent) >= limit:
                raise error(20429)
            self._recent.append(now)

    def number_called(self, ask: Ask) -> str:
        form = Form(ask.request)
        ask.body = form.as_dict()
        return order.plain(form.get("To"))

    def unknown_path(self, request):
        return error(20404, request.path)

    def too_many(self):
        return error(20429).response

    def broken(self):
        return error(20500).response

    async def _place(self, ask) -> Response:
        form = Form(ask.request)
        to, from_ = order.check_numbers(self, form)
        wanted = order.read(form)
        order.refuse_by_scenario(self, to, from_)
        sid = self.new_id(f"call/{next(self._serial)}")
        call = Call(self, sid, to, from_, ask.body, ring_limit=wanted.timeout, talk_limit=wanted.time_limit)
        call.extra.update(order=wanted, sequence=0, notifications=[], queue_time=self.pace.wait_ms())
        if wanted.unknown_events:
            self.warn(call, 21626, "Invalid StatusCallbackEvent(s) value", 1)
        self.begin(ask, call)
        return Response.of_json(call_resource(call), 201)

    # -- the life of a call ----------------------------------------------------------------------------------------

    def tells(self, call) -> bool:
        return bool(call.extra["order"].status_callback)

    async def admitted(self, call: Call):
        most = self.settings.queue_hours * 3600
        if call.extra["queue_time"] > most * 1000:
            await self.clock.sleep(most, call.stop)
            raise HungUp
        await self.pace.turn(call.stop)
        await self.clock.sleep(call.rng.uniform(0, 0.5), call.stop)

    def dialing(self, call):
        callbacks.tell_step(call, "initiated", call.dialed_at)

    def ringing(self, call):
        if "no_ringing" not in call.faults:
            callbacks.tell_step(call, "ringing", call.rang_at)

    async def answered(self, call):
        """The callback and the request for TwiML leave together, unless the TwiML waits for a verdict."""
        wanted = call.extra["order"]
        if wanted.record:
            sid = self.new_id(f"recording/{call.id}", "RE")
            url = f"{self.url}/2010-04-01/Accounts/{self.account_sid}/Recordings/{sid}"
            call.extra["recording"] = {"sid": sid, "url": url}
            callbacks.tell_recording(call, "in-progress")
        waits = wanted.detection and not wanted.asynchronous
        first = [lambda: callbacks.tell_step(call, "answered", call.answered_at)]
        if not waits:
            first.append(lambda: self.spawn(self._talk(call)))
        call.rng.shuffle(first)
        for act in first:
            act()
        if wanted.detection:
            self.spawn(self._detect(call, waits))

    async def _detect(self, call, waits):
        wanted, machine = call.extra["order"], call.fate.outcome == "machine"
        took = min(30.0, call.rng.lognormvariate(1.4, 0.4), 0.8 * call.fate.talk)
        if machine and wanted.detection == "DetectMessageEnd":
            took = max(took, 0.6 * call.fate.talk)
        try:
            await self.clock.sleep(call.answered_at / 1000 + took - self.clock.now(), call.stop)
        except HungUp:
            return
        if call.ended_at:
            return
        choice = call.rng.choice(ENDS_OF_GREETING) if wanted.detection == "DetectMessageEnd" else "machine_start"
        call.extra["verdict"] = choice if machine else LOOKS_LIKE[call.fate.outcome]
        if waits:
            await self._talk(call, {"AnsweredBy": call.extra["verdict"], "MachineDetectionDuration": f"{took:.3f}"})
        elif wanted.async_callback:
            callbacks.tell_verdict(call, round(took * 1000))

    def redirect(self, call):
        self.spawn(self._talk(call))

    async def _talk(self, call, more=None):
        """Ask what to say; without a usable answer the caller hears an error and the call ends."""
        wanted = call.extra["order"]
        try:
            if wanted.twiml:
                ends = twiml.ends_at_once(wanted.twiml)
            elif wanted.url:
                try:
                    ends = twiml.ends_at_once(await self._fetch(call, wanted.url, wanted.method, more))
                except twiml.NotTwiml as fault:
                    if not wanted.fallback_url:
                        raise
                    self.warn(call, fault.code, str(fault))
                    trouble = {**(more or {}), "ErrorCode": str(fault.code), "ErrorUrl": wanted.url}
                    ends = twiml.ends_at_once(
                        await self._fetch(call, wanted.fallback_url, wanted.fallback_method, trouble)
                    )
            else:
                return
        except twiml.NotTwiml as fault:
            self.warn(call, fault.code, str(fault))
            ends = True
        if ends:
            call.hang_up("twiml")

    async def _fetch(self, call, url, method, more) -> str:
        """The document our door answers; NotTwiml."""
        fields = {**callbacks.common(call, "in-progress"), **(more or {})}
        event = callbacks.Event(call, "twiml", url, fields, method, callbacks.patience(url), token=self.new_token())
        kind = "bad" if "bad_signature" in call.faults else "good"
        started, status = time.monotonic(), ""
        try:
            headers, target, body = self.encode(event, fields, kind)
            status, answered, text = await exchange(method, target, headers, body, event.patience)
            return twiml.answer(status, answered, text)
        except (OSError, ValueError) as fault:
            status = type(fault).__name__
            raise twiml.NotTwiml(11200, f"HTTP retrieval failure: {status}") from None
        finally:
            self.ledger.told(call, "twiml", url, status, kind, fields, 1, started)

    def ended(self, call):
        if call.dialed_at:
            self.pace.leave()
        call.extra["rated_at"] = call.ended_at + round(call.rng.uniform(20, 90) * 1000)
        recording = call.extra.get("recording")
        in_time = bool(recording and call.talk_seconds and call.rng.random() < 0.5)
        callbacks.tell_end(call, recording if in_time else None)
        if recording:
            self.spawn(self._process(call))

    async def _process(self, call):
        """A recording takes some seconds to be ready; of a call of 0 s there is none."""
        await self.clock.sleep(call.rng.uniform(1, 4))
        callbacks.tell_recording(call, "completed" if call.talk_seconds else "absent")
        call.extra["recorded"] = bool(call.talk_seconds)

    async def settle(self, call):
        """Let a call that was told to end do so."""
        for _ in range(50):
            if call.ended_at:
                return
            await asyncio.sleep(0)

    def warn(self, call, code, text, log=0):
        """An entry of Notifications; `log` 0 is an error, 1 a warning."""
        sid = self.new_id(f"notification/{next(self._serial)}", "NO")
        entry = {"sid": sid, "account_sid": self.account_sid, "call_sid": call.id, "log": str(log)}
        entry.update(error_code=str(code), message_text=text, message_date=rfc2822(self.clock.now_ms()))
        entry.update(more_info=f"https://www.twilio.com/docs/errors/{code}", api_version="2010-04-01")
        call.extra["notifications"].append(entry)

    def encode(self, event, fields, signature):
        tokens = {"good": self.auth_token, "old": self.previous_auth_token, "bad": "0" * 32}
        shared = self.shared_key if self.settings.shared_key and signature == "good" else None
        return callbacks.request_of(event.url, event.method, fields, tokens[signature], event.token, shared)

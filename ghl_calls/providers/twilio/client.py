"""Calls through Twilio's 2010-04-01 API: forms in, JSON out (twilio.com/docs/voice/api/call-resource).

There is no idempotency key: two POSTs are two telephones ringing. A 429 was not processed; too many calls per second
are no error at all, they wait at Twilio.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import requests

from ....ghl_base.net.errors import MalformedResponse, NotFoundError, RejectedRequest
from ..base import Accepted, CallOrder, Capabilities, Delivery, Field, PlaceError, PlaceKind, Report, SubmissionUnknown
from ..reading import is_e164, stamp, text
from ..remote import Answer, Remote, clean, no_room, refusal, utcnow
from . import events, signature, twiml

BASE_URL = "https://api.twilio.com"
EVENTS = ("initiated", "ringing", "answered", "completed")
# Twilio's error codes (twilio.com/docs/api/errors) -> PlaceError's kinds.
KINDS: Mapping[str, PlaceKind] = {
    **dict.fromkeys(("10001", "10005", "20003", "20005", "20006", "20404"), "account"),
    **dict.fromkeys(("10004", "86008", "20429"), "later"),
    **dict.fromkeys(("21210", "21212"), "caller"),
    **dict.fromkeys(("21211", "21214", "21216", "21217"), "lead"),  # not a number, not reachable, blocked
    **dict.fromkeys(("13227", "21215", "21219", "573005"), "lead"),  # country not allowed; trial and not verified
    **dict.fromkeys(("20001", "21200", "21201", "21205", "21213", "21609"), "config"),
}
OVER = "21220"  # the call is not in a state that allows it: it has ended
RETRY_AT_ONCE = "20429"
PAGE = 100
MOST_PAGES = 20
# `date_created` has whole seconds, and two clocks are never the same. Others' calls to the number are told apart by
# whoever asked: they know which ids belong to which call.
CLOCK_SLACK = timedelta(seconds=5)
# Decided by us whatever an agent's extra parameters say: whom to call, and how we hear of it.
_OURS = ("To", "StatusCallback", "StatusCallbackEvent", "StatusCallbackMethod")


class Twilio:
    """One account at Twilio. `clock` answers naive UTC."""

    name = "twilio"
    label = "Twilio"
    FIELDS = (
        Field("base_url", "API address", help=f"Empty: {BASE_URL}"),
        Field("account_sid", "Account SID", required=True, help="AC and 32 characters."),
        Field("auth_token", "Auth token", secret=True, required=True, help="Of the account that owns the calls."),
        Field("previous_auth_token", "Previous auth token", secret=True, help="Accepted too after a change of tokens."),
        Field("api_key_sid", "API key SID", help="To call with an API key instead of the auth token."),
        Field("api_key_secret", "API key secret", secret=True),
        Field("webhook_secret", "Shared key", secret=True, help="When callbacks are signed with HMAC_SHA256."),
    )

    def __init__(
        self,
        settings: Mapping[str, Any],
        *,
        session: requests.Session | None = None,
        clock: Callable[[], datetime] = utcnow,
    ) -> None:
        self._remote = Remote(self.label, settings.get("base_url") or BASE_URL, session)
        self._account = settings["account_sid"]
        user, password = settings.get("api_key_sid"), settings.get("api_key_secret")
        user, password = (user, password) if user and password else (self._account, settings["auth_token"])
        self._auth = (user.encode(), password.encode())
        self._tokens = (settings["auth_token"], settings.get("previous_auth_token") or "")
        self._shared_key = settings.get("webhook_secret") or ""
        self._clock = clock
        self._calls = f"/2010-04-01/Accounts/{quote(self._account, safe='')}/Calls"
        self.capabilities = Capabilities(
            ringing=True, answered=True, fetch=True, find=True, cancel=True, machine=True, signed=True
        )

    # -- placing

    def place(self, order: CallOrder) -> Accepted:
        """POST Calls.json. Accepted means queued at Twilio, which dials at the account's calls per second."""
        answer = self._remote.submit(
            "POST", f"{self._calls}.json", template="/Calls.json", data=self._order(order), auth=self._auth
        )
        if not answer.ok:
            raise self._refusal(answer)
        sid = text(answer.data.get("sid"))
        if not sid:
            raise SubmissionUnknown("Twilio named no call; it may have been placed.")
        return Accepted(sid)

    def answer(self, what: CallOrder | Mapping[str, Any], answered_by: str = "") -> str:
        """TwiML for our answer door: see `twiml.answer`."""
        return twiml.answer(what, answered_by)

    def redirect(self, provider_call_id: str, document: str) -> None:
        """Have a call under way go on with this TwiML; no error when it is over already. RemoteError."""
        self._update(provider_call_id, {"Twiml": document})

    def _order(self, order: CallOrder) -> list[tuple[str, str]]:
        if not is_e164(order.to) and not order.to.startswith(("sip:", "client:")):
            raise PlaceError("lead", f"{order.to or 'An empty number'} is no international number.")
        if not order.from_number and not order.extra.get("From"):
            raise PlaceError("config", "Twilio needs a number of ours to call from.")
        fields: dict[str, Any] = {"To": order.to, "From": order.from_number, **_what_to_say(order)}
        fields["Timeout"] = min(max(order.ring_seconds, 5), 600)
        fields["TimeLimit"] = max(order.max_seconds, 1)
        callback = _callback(order.callback_url)
        if order.detect_machine:
            leave = order.script.get("voicemail_action") == "leave_message"
            # Asynchronous: otherwise people hear nothing until the verdict is out, some eight seconds.
            fields.update(MachineDetection="DetectMessageEnd" if leave else "Enable", AsyncAmd=True)
        if order.record:
            fields["Record"] = True
        if callback:
            fields.update(StatusCallback=callback, StatusCallbackMethod="POST", StatusCallbackEvent=EVENTS)
            if order.detect_machine:
                fields.update(AsyncAmdStatusCallback=callback, AsyncAmdStatusCallbackMethod="POST")
            if order.record:
                fields["RecordingStatusCallback"] = callback
        fields.update({name: value for name, value in order.extra.items() if name not in _OURS})
        return [(name, _form_value(value)) for name, values in fields.items() for value in _each(values)]

    def _refusal(self, answer: Answer) -> PlaceError:
        code, message = _error(answer)
        kind = KINDS.get(code)
        if kind == "later":
            wait = 1.0 if code == RETRY_AT_ONCE else 15.0
            return no_room(answer, f"{message} ({code})", code=code, wait=wait, now=self._clock())
        if kind is None:
            return refusal(answer, f"{message} ({code})" if code else message, code=code, now=self._clock())
        return PlaceError(kind, f"Twilio refused the call: {clean(message)} ({code})", code=code)

    # -- asking

    def fetch(self, provider_call_id: str) -> Report | None:
        """GET Calls/{sid}.json."""
        try:
            call = self._ask("GET", self._path(provider_call_id), "/Calls/{sid}.json")
        except NotFoundError:
            return None
        if not text(call.get("sid")):
            raise MalformedResponse(
                "the answer names no call", service=self.label, method="GET", path="/Calls/{sid}.json"
            )
        return events.report_of_resource(call)

    def find(self, order: CallOrder, since: datetime) -> list[Report]:
        """Calls between the two numbers since then, newest first. Twilio gives back nothing of ours to tell them by.

        There is no filter by start: it would hide calls that are still queued.
        """
        since -= CLOCK_SLACK
        found = []
        for call in self._calls_between(order.from_number, order.to, since):
            created = stamp(call.get("date_created"))
            if text(call.get("sid")) and (created is None or created >= since):
                found.append(events.report_of_resource(call))
        return found

    def cancel(self, provider_call_id: str) -> None:
        """Status=completed: ends queued, ringing and answered calls alike."""
        self._update(provider_call_id, {"Status": "completed"})

    def check(self) -> str:
        """GET Calls.json with one row, which any kind of key may."""
        self._ask("GET", f"{self._calls}.json", "/Calls.json", params={"PageSize": 1})
        return f"Connected to Twilio account {self._account}."

    def _update(self, sid: str, fields: Mapping[str, str]) -> None:
        path = self._path(sid)
        answer = self._remote.ask("POST", path, template="/Calls/{sid}.json", data=fields, auth=self._auth)
        if not answer.ok and answer.status != 404 and _error(answer)[0] != OVER:
            raise _failure(answer)

    def _calls_between(self, caller: str, to: str, since: datetime) -> Iterator[dict]:
        query = {"To": to, "PageSize": PAGE, **({"From": caller} if caller else {})}
        page = self._ask("GET", f"{self._calls}.json", "/Calls.json", params=query)
        for _page in range(MOST_PAGES):
            rows = [row for row in page.get("calls") or () if isinstance(row, dict)]
            yield from rows
            following = text(page.get("next_page_uri"))
            oldest = stamp(rows[-1].get("date_created")) if rows else None
            if not following or (oldest and oldest < since):
                return
            # As it was given, but with our credentials only to where they belong.
            if not following.startswith("/") or following.startswith("//"):
                raise RejectedRequest("the next page is somewhere else", service=self.label, path="/Calls.json")
            page = self._ask("GET", following, "/Calls.json")

    def _path(self, sid: str) -> str:
        return f"{self._calls}/{quote(sid, safe='')}.json"

    def _ask(self, method: str, path: str, template: str, **options: Any) -> dict:
        answer = self._remote.ask(method, path, template=template, auth=self._auth, **options)
        if not answer.ok:
            raise _failure(answer)
        return answer.required()

    # -- reports

    def verify(self, delivery: Delivery) -> None:
        """By the auth token, the previous one, or the shared key."""
        signature.verify(delivery, self._tokens, self._shared_key)

    def admits(self, address: str) -> bool:
        """Twilio calls back from anywhere."""
        return True

    def parse(self, delivery: Delivery) -> list[Report]:
        """Call progress, the verdict on answering machines, recordings, and the question what to say."""
        # Of a doubled name the first value counts.
        fields = dict(reversed(signature.fields_of(delivery)))
        token = delivery.headers.get("i-twilio-idempotency-token", "").strip()
        return [events.report_of_callback(fields, token, delivery.reference)]


def _what_to_say(order: CallOrder) -> dict[str, str]:
    written = text(order.script.get("twiml"))
    if not order.answer_url and not written and twiml.has_words(order.script):
        written = twiml.answer(order)
    if written and len(written) <= twiml.LONGEST:
        return {"Twiml": written}
    if order.answer_url:
        return {"Url": _callback(order.answer_url), "Method": "POST"}
    if any(order.extra.get(name) for name in ("Url", "Twiml", "ApplicationSid")):
        return {}
    reason = "is too long for Twilio" if written else "does not say what happens when somebody answers"
    raise PlaceError("config", f"The agent's script {reason}.")


def _callback(url: str) -> str:
    """With the wish for retries: by default a callback that we did not answer well is gone."""
    return url + signature.OVERRIDES if url and "#" not in url else url


def _each(value: Any) -> tuple | list:
    return value if isinstance(value, (tuple, list)) else (value,)


def _form_value(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _error(answer: Answer) -> tuple[str, str]:
    """Code and message of an error, in the classic shape or that of RFC 9457."""
    data = answer.data
    message = text(data.get("message")) or text(data.get("detail")) or text(data.get("title"))
    return text(data.get("code")), message or f"HTTP {answer.status}"


def _failure(answer: Answer):
    code, message = _error(answer)
    return answer.error(f"{message} ({code})" if code else message)

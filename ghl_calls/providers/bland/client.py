"""Calls through Bland AI (docs.bland.ai): JSON in, JSON out, the key in ``Authorization``.

Bland judges some requests with status 200 and says "error" in the body, so that both are looked at. There is no
idempotency key: an order whose answer was lost is looked for (`find`), never sent again.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import requests

from ....ghl_base.net.errors import MalformedResponse, NotFoundError, RejectedRequest, ServerError
from ...lifecycle import FINAL
from ..base import Accepted, CallOrder, Capabilities, Delivery, Field, PlaceError, Report, SubmissionUnknown
from ..reading import is_e164, json_object, stamp, text
from ..remote import Answer, Remote, clean, no_room, refusal, utcnow
from . import events, signature

BASE_URL = "https://api.bland.ai"
# Names in `CallOrder.script` that Bland knows by the same name.
SPEECH = ("voice", "language", "first_sentence", "wait_for_greeting", "transfer_phone_number")
BRAINS = ("pathway_id", "persona_id", "task")
PAGE = 1000
MOST_PAGES = 5
# Between our clock and Bland's. The metadata decide, so that looking back too far does no harm.
CLOCK_SLACK = timedelta(minutes=2)
_CODE = re.compile(r"\bCALL_[A-Z_]+\b")
_MONEY = re.compile(r"\b(balance|credits?|payment|billing|unpaid|insufficient funds)\b", re.IGNORECASE)
_TO_FIELD = re.compile(r"\b(phone_number|phone number|to number)\b", re.IGNORECASE)
_FROM_FIELD = re.compile(r"\bfrom[\"'` ]*(:|number|phone|is|must)|\bcaller.?id\b", re.IGNORECASE)
_LEAD_CODES = ("CALL_UNPAID_INTL_BLOCK", "CALL_PLAN_DESTINATION_BLOCKED", "CALL_PLAN_TRANSFER_BLOCKED")
_RATE_CODES = "CALL_RL_"


class Bland:
    """One account at Bland AI. `clock` answers naive UTC."""

    name = "bland"
    label = "Bland AI"
    FIELDS = (
        Field("base_url", "API address", help=f"Empty: {BASE_URL}"),
        Field("api_key", "API key", secret=True, required=True),
        Field(
            "webhook_secret",
            "Webhook secret",
            secret=True,
            help="From the keys page; without it reports are checked back.",
        ),
    )

    def __init__(
        self,
        settings: Mapping[str, Any],
        *,
        session: requests.Session | None = None,
        clock: Callable[[], datetime] = utcnow,
    ) -> None:
        self._remote = Remote(self.label, settings.get("base_url") or BASE_URL, session)
        self._headers = {"Authorization": settings["api_key"]}
        self._secret = settings.get("webhook_secret") or ""
        self._clock = clock
        self.capabilities = Capabilities(fetch=True, find=True, cancel=True, machine=True, signed=bool(self._secret))

    # -- placing

    def place(self, order: CallOrder) -> Accepted:
        """POST /v1/calls. Accepted means queued: the call is dialled as the account's limits allow."""
        answer = self._submit("/v1/calls", self._order(order))
        call_id = text(answer.data.get("call_id"))
        if not call_id:
            raise SubmissionUnknown("Bland AI named no call; it may have been placed.")
        return Accepted(call_id)

    def place_batch(self, orders: Sequence[CallOrder]) -> str:
        """Hand over many orders at once (POST /v1/batches): the batch's id.

        Bland dials them when it pleases: not for calls that must stay within a calling window.
        """
        calls = [self._order(order) for order in orders]
        if not calls:
            raise ValueError("no orders")
        common = {key: value for key, value in calls[0].items() if all(call.get(key) == value for call in calls)}
        common.pop("phone_number", None)
        objects = [{key: value for key, value in call.items() if key not in common} for call in calls]
        data = self._submit("/v1/batches", {"global": common, "call_objects": objects}).data
        inner = data.get("data")
        batch_id = text(data.get("batch_id")) or text(inner.get("batch_id") if isinstance(inner, Mapping) else "")
        if not batch_id:
            raise SubmissionUnknown("Bland AI named no batch; it may have been placed.")
        return batch_id

    def _order(self, order: CallOrder) -> dict[str, Any]:
        if not is_e164(order.to):
            # Bland would take a number without + for one of the US.
            raise PlaceError("lead", f"{order.to or 'An empty number'} is no international number.")
        script, extra = order.script, dict(order.extra)
        wanted = {key: script[key] for key in SPEECH if script.get(key) is not None}
        brain = next((key for key in BRAINS if extra.get(key) or script.get(key)), None)
        if brain is None:
            raise PlaceError("config", "The agent has neither a prompt nor a pathway.")
        wanted[brain] = extra.get(brain) or script[brain]
        wanted["voicemail"] = _voicemail(script)
        wanted.update({key: value for key, value in extra.items() if key not in (*BRAINS, "retry")})
        # Ours whatever the extras say: who is called, how we hear of it, and that Bland does not call again by itself.
        wanted.update(
            phone_number=order.to,
            max_duration=wanted.get("max_duration") or max(1, math.ceil(order.max_seconds / 60)),
            record=bool(wanted.get("record", order.record)),
            answered_by_enabled=True,
            metadata={**_mapping(extra.get("metadata")), **order.metadata, "reference": order.reference},
        )
        if order.variables or extra.get("request_data"):
            wanted["request_data"] = {**_mapping(extra.get("request_data")), **order.variables}
        if order.from_number:
            wanted["from"] = order.from_number
        if order.callback_url:
            wanted["webhook"] = order.callback_url
        return wanted

    def _submit(self, path: str, body: Mapping[str, Any]) -> Answer:
        answer = self._remote.submit("POST", path, json=body, headers=self._headers)
        if answer.ok and not _says_error(answer.data):
            return answer
        raise self._refusal(answer)

    def _refusal(self, answer: Answer) -> PlaceError:
        message = _message(answer.data)
        code = next(iter(_CODE.findall(f"{answer.data.get('code')} {answer.data.get('error')} {message}")), "")
        if code.startswith(_RATE_CODES):
            return no_room(answer, message, code=code, wait=self._wait(code), now=self._clock())
        if code in _LEAD_CODES or events.is_dead_number(message):
            return PlaceError("lead", f"Bland AI cannot call this number: {clean(message)}", code=code)
        if answer.status >= 500 or answer.status in (401, 402, 403, 408, 429):
            return refusal(answer, message, code=code, now=self._clock())
        if _MONEY.search(message):
            return PlaceError("account", f"Bland AI asks for money: {clean(message)}", code=code)
        if _FROM_FIELD.search(message):
            return PlaceError("caller", f"Bland AI does not accept our number: {clean(message)}", code=code)
        if _TO_FIELD.search(message):
            return PlaceError("lead", f"Bland AI cannot call this number: {clean(message)}", code=code)
        return refusal(answer, message, code=code, now=self._clock())

    def _wait(self, code: str) -> float:
        """Seconds until the hour or the day turns, for limits of an hour or a day; else a short while."""
        now = self._clock()
        since_midnight = now.hour * 3600 + now.minute * 60 + now.second
        if "DAILY" in code or "DAY" in code:
            return 86400.0 - since_midnight
        return 3600.0 - since_midnight % 3600 if "HOUR" in code else 15.0

    # -- asking

    def fetch(self, provider_call_id: str) -> Report | None:
        """GET /v1/calls/{id}."""
        call = self._call(provider_call_id)
        return events.report(call) if call else None

    def find(self, order: CallOrder, since: datetime) -> list[Report]:
        """Among the calls to the number since then, those that carry our reference in their metadata."""
        found = []
        for row in self._calls_to(order.to, since - CLOCK_SLACK):
            call = row if isinstance(row.get("metadata"), Mapping) else self._call(text(row.get("call_id")))
            if call and events.reference_of(call) == order.reference:
                found.append(events.report(call))
        return found

    def cancel(self, provider_call_id: str) -> None:
        """POST /v1/calls/{id}/stop; also takes queued calls out of the queue.

        Bland answers an unknown or ended call with all kinds of errors, so that a refusal is checked against the call.
        """
        try:
            self._ask("POST", f"/v1/calls/{quote(provider_call_id, safe='')}/stop", "/v1/calls/{id}/stop", json={})
        except (NotFoundError, RejectedRequest, ServerError):
            report = self.fetch(provider_call_id)
            if report and report.state not in FINAL:
                raise

    def check(self) -> str:
        """GET /v1/calls with one row."""
        data = self._ask("GET", "/v1/calls", params={"limit": 1})
        total = data.get("total_count")
        return f"Connected to Bland AI ({total} calls so far)." if isinstance(total, int) else "Connected to Bland AI."

    def _call(self, call_id: str) -> dict | None:
        if not call_id:
            return None
        try:
            data = self._ask("GET", f"/v1/calls/{quote(call_id, safe='')}", "/v1/calls/{id}")
        except NotFoundError:
            return None
        except RejectedRequest as error:
            if "not found" in error.message.lower():
                return None
            raise
        if not text(data.get("call_id")) and not text(data.get("c_id")):
            raise MalformedResponse("the answer names no call", service=self.label, method="GET", path="/v1/calls/{id}")
        return data

    def _calls_to(self, to: str, since: datetime) -> Iterator[dict]:
        """`from` and `to` count positions in the list; the number is `to_number`."""
        start = 0
        for _page in range(MOST_PAGES):
            query = {"to_number": to, "start_date": f"{since:%Y-%m-%d}", "limit": PAGE, "from": start}
            calls = self._ask("GET", "/v1/calls", params=query).get("calls")
            rows = [row for row in calls if isinstance(row, dict)] if isinstance(calls, list) else []
            for row in rows:
                created = stamp(row.get("created_at"))
                if created is None or created >= since:
                    yield row
            start += len(rows)
            if len(rows) < PAGE:
                return

    def _ask(self, method: str, path: str, template: str = "", **options: Any) -> dict:
        answer = self._remote.ask(method, path, template=template, headers=self._headers, **options)
        if not answer.ok:
            raise answer.error(_message(answer.data))
        data = answer.required()
        # A call object has a status of its own, which may be "error": that is news, no refusal.
        if _says_error(data) and not text(data.get("call_id")):
            raise RejectedRequest(_message(data) or "the answer reports an error", **{**answer.facts, "status": 200})
        return data

    # -- reports

    def verify(self, delivery: Delivery) -> None:
        """By the webhook secret; without one every delivery is refused."""
        signature.verify(delivery, self._secret)

    def admits(self, address: str) -> bool:
        """Bland publishes no addresses to expect."""
        return True

    def parse(self, delivery: Delivery) -> list[Report]:
        """The webhook at the end, the later one with the corrected transcript, and messages while the call goes on.

        Messages about a whole batch say nothing about a call: [].
        """
        data = json_object(delivery.body)
        if (
            "batch_id" in data
            and not delivery.reference
            and not any(text(data.get(key)) for key in ("call_id", "c_id"))
        ):
            return []
        return [events.report(data, delivery.reference)]


def _voicemail(script: Mapping[str, Any]) -> dict[str, Any]:
    action = script.get("voicemail_action") or "hangup"
    # A message makes Bland leave it, whatever the action says.
    message = script.get("voicemail_message") if action == "leave_message" else None
    return {"action": action, **({"message": message} if message else {})}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _says_error(data: Mapping[str, Any]) -> bool:
    return text(data.get("status")).lower() == "error" or bool(data.get("errors"))


def _message(data: Mapping[str, Any]) -> str:
    """The sentences of an error: `message`, `error` and the entries of `errors`."""
    parts: list[str] = []
    errors = data.get("errors")
    for value in (data.get("message"), data.get("error"), *(errors if isinstance(errors, list) else [errors])):
        if isinstance(value, Mapping):
            value = " ".join(text(value.get(key)) for key in ("code", "field", "error", "message"))
        if text(value) and text(value) not in parts:
            parts.append(text(value))
    return "; ".join(parts)

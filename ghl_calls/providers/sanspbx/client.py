"""Calls through SansPBX: a token first, then JSON with the token in a header.

There is no public documentation: paths and fields are those of public integrations. A call cannot be asked about and
there is no list; nothing is signed. So an order without an answer stays unknown until a report or time decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import requests

from ....ghl_base.net.errors import AuthenticationError, MalformedResponse, RateLimited, RejectedRequest, RemoteError
from ..base import (
    Accepted,
    CallOrder,
    Capabilities,
    Delivery,
    DeliveryRefused,
    Field,
    PlaceError,
    Report,
    SubmissionUnknown,
)
from ..number_format import FORMATS, check_format, write_number
from ..reading import address_allowed, check_networks, fold, form_pairs, is_form, json_object, stamp, text, zone_named
from ..remote import Answer, Remote, clean, no_room, not_sent, refusal, utcnow
from ..token_cache import TokenCache
from . import events

ZONE = "Asia/Kolkata"
NUMBER_FORMAT, CALLER_FORMAT = "0+national", "national"
_BAD_TOKEN = re.compile(
    r"\btoken\b.*\b(expired|invalid)\b|\b(expired|invalid)\b.*\btoken\b|unauthori[sz]ed", re.IGNORECASE
)
_NO_ROOM = re.compile(r"\b(limit|channels?|congest\w*|too many|capacity|concurren\w*)\b", re.IGNORECASE)
_MONEY = re.compile(r"\b(balance|credits?|recharge|payment)\b", re.IGNORECASE)
_TO = re.compile(r"\bcall_to\b|\binvalid (phone )?number\b|\bdnd\b", re.IGNORECASE)
_CALLER = re.compile(r"\bcaller_?id\b|\bdid\b", re.IGNORECASE)
_OVER = re.compile(r"not found|no such|already|not active|ended", re.IGNORECASE)
_FAILED = frozenset({"error", "fail", "failed", "failure", "false"})


class SansPbx:
    """One account at SansPBX. `clock` answers naive UTC."""

    name = "sanspbx"
    label = "SansPBX"
    FIELDS = (
        Field("base_url", "API address", required=True, help="Up to and with /pbxadmin/sanpbxapi."),
        Field("access_token", "Access token", secret=True, required=True),
        Field("access_key", "Access key", secret=True, required=True),
        Field("basic_user", "User name", help="When the token step asks for HTTP Basic as well."),
        Field("basic_password", "Password", secret=True),
        Field("appid", "App ID", required=True, help="The flow that talks; for AI agents one with a web socket."),
        Field("number_format", "Form of numbers called", help=f"{', '.join(FORMATS)}. Empty: {NUMBER_FORMAT}"),
        Field("caller_format", "Form of caller numbers", help=f"Empty: {CALLER_FORMAT}"),
        Field("timezone", "Time zone of reports", help=f"Empty: {ZONE}"),
        Field("ip_allow_list", "Addresses that may report", help="Separated by commas. Empty: every address."),
    )
    # Its reports come after the end, and are not signed.
    capabilities = Capabilities(cancel=True)

    def __init__(
        self,
        settings: Mapping[str, Any],
        *,
        session: requests.Session | None = None,
        clock: Callable[[], datetime] = utcnow,
    ) -> None:
        self._remote = Remote(self.label, settings["base_url"], session)
        self._access_token, self._access_key = settings["access_token"], settings["access_key"]
        user, password = settings.get("basic_user") or "", settings.get("basic_password") or ""
        self._auth = (user.encode(), password.encode()) if user else None
        if not str(settings["appid"]).isdigit():
            raise ValueError("The App ID must be a number.")
        self._appid = int(settings["appid"])
        self._to_format = settings.get("number_format") or NUMBER_FORMAT
        self._from_format = settings.get("caller_format") or CALLER_FORMAT
        for form in (self._to_format, self._from_format):
            check_format(form)
        self._zone = zone_named(settings.get("timezone") or ZONE)
        self._allowed = settings.get("ip_allow_list") or ""
        check_networks(self._allowed)
        self._clock = clock
        self._tokens = TokenCache(self._new_token, clock)

    # -- placing

    def place(self, order: CallOrder) -> Accepted:
        """POST /dialcall. What fails before it, at the token, has rung nowhere."""
        body = self._order(order)
        try:
            token = self._tokens.token()
            answer = self._dial(body, token)
            if self._wants_another_token(answer):
                answer = self._dial(body, self._tokens.token(rejected=token))
        except AuthenticationError as error:
            raise PlaceError("account", error.human()) from error
        except RateLimited as error:
            raise PlaceError("later", error.human(), retry_after=error.retry_after) from error
        except RemoteError as error:
            raise not_sent(error) from error
        call_id = _call_id(answer.data) if answer.ok else ""
        if not call_id:
            raise self._refusal(answer)
        return Accepted(call_id)

    def _dial(self, body: Mapping[str, Any], token: str) -> Answer:
        return self._remote.submit("POST", "/dialcall", json=body, headers={"Apitoken": token})

    def _order(self, order: CallOrder) -> dict[str, Any]:
        try:
            to = write_number(order.to, self._to_format)
        except ValueError as error:
            raise PlaceError("lead", str(error)) from error
        try:
            caller = write_number(order.from_number, self._from_format) if order.from_number else ""
        except ValueError as error:
            raise PlaceError("caller", str(error)) from error
        extra = {name: value for name, value in order.extra.items() if name not in ("call_to", "status_callback")}
        custom = extra.pop("custom_field", None)
        stream = text(order.script.get("stream_url"))
        return {
            "appid": self._appid,
            **({"caller_id": caller} if caller else {}),
            **({"websocket_url": stream} if stream else {}),
            **extra,
            "call_to": to,
            "status_callback": order.callback_url,
            "custom_field": {
                **(custom if isinstance(custom, Mapping) else {}),
                **order.variables,
                **order.metadata,
                "reference": order.reference,
            },
        }

    def _wants_another_token(self, answer: Answer) -> bool:
        if answer.status == 401:
            return True
        return answer.ok and not _call_id(answer.data) and bool(_BAD_TOKEN.search(_message(answer.data)))

    def _refusal(self, answer: Answer) -> PlaceError:
        """200 without an id is no call, when the words say so too; else nobody knows."""
        message = _message(answer.data)
        if answer.ok:
            if not message or not _says_failed(answer.data):
                return SubmissionUnknown("SansPBX named no call; it may have been placed.")
            if _BAD_TOKEN.search(message):
                return PlaceError("account", f"SansPBX does not accept the account: {clean(message)}")
            if _NO_ROOM.search(message):
                return no_room(answer, message, now=self._clock())
            if _MONEY.search(message):
                return PlaceError("account", f"SansPBX asks for money: {clean(message)}")
        if answer.ok or answer.status in (400, 422):
            if _TO.search(message):
                return PlaceError("lead", f"SansPBX cannot call this number: {clean(message)}")
            if _CALLER.search(message):
                return PlaceError("caller", f"SansPBX does not accept our number: {clean(message)}")
        return refusal(answer, message, now=self._clock())

    # -- the token

    def _new_token(self) -> tuple[str, datetime | None]:
        """POST /gentoken."""
        answer = self._remote.ask(
            "POST",
            "/gentoken",
            json={"access_key": self._access_key},
            headers={"Accesstoken": self._access_token},
            auth=self._auth,
        )
        if not answer.ok:
            raise answer.error(_message(answer.data))
        data = answer.required()
        inner = data.get("data")
        fields = {
            fold(name): value for part in (inner, data) if isinstance(part, Mapping) for name, value in part.items()
        }
        token = text(fields.get("apitoken"))
        if not token:
            facts = {**answer.facts, "status": answer.status}
            if _says_failed(data):
                raise AuthenticationError(clean(_message(data)) or "no token was given", **facts)
            raise MalformedResponse("the answer has no token", **facts)
        return token, stamp(fields.get("expirytime"), self._zone)

    # -- asking

    def fetch(self, provider_call_id: str) -> Report | None:
        """SansPBX cannot be asked about a call: always None."""
        return None

    def find(self, order: CallOrder, since: datetime) -> list[Report]:
        """SansPBX lists no calls: always []."""
        return []

    def cancel(self, provider_call_id: str) -> None:
        """POST /calldisconnect."""
        token = self._tokens.token()
        answer = self._disconnect(provider_call_id, token)
        if answer.status == 401:
            answer = self._disconnect(provider_call_id, self._tokens.token(rejected=token))
        message = _message(answer.data)
        if answer.status == 404 or _OVER.search(message):
            return
        if not answer.ok:
            raise answer.error(message)
        if _says_failed(answer.data):
            raise RejectedRequest(clean(message) or "the answer reports a failure", **answer.facts)

    def _disconnect(self, call_id: str, token: str) -> Answer:
        return self._remote.ask("POST", "/calldisconnect", json={"callid": call_id}, headers={"Apitoken": token})

    def check(self) -> str:
        """Fetches a token, which proves the credentials; nothing can be asked with it."""
        self._new_token()
        return "Connected to SansPBX: the credentials are accepted."

    # -- reports

    def verify(self, delivery: Delivery) -> None:
        """SansPBX signs nothing: always DeliveryRefused. See `Capabilities.signed`."""
        raise DeliveryRefused("SansPBX signs nothing")

    def admits(self, address: str) -> bool:
        """Whether the address is on the account's list; everyone is when there is none."""
        return address_allowed(self._allowed, address)

    def parse(self, delivery: Delivery) -> list[Report]:
        """The callback after the end of a call."""
        if is_form(delivery.content_type):
            data: dict[str, Any] = dict(reversed(form_pairs(delivery.body)))
        else:
            data = json_object(delivery.body)
        return [events.report(data, self._zone, delivery.reference)]


def _call_id(data: Mapping[str, Any]) -> str:
    """The id, which is found at ``data.msg.callid``, ``data.callid`` or at the top."""
    inner = data.get("data")
    message = inner.get("msg") if isinstance(inner, Mapping) else None
    places = (message, inner, data.get("msg"), data)
    return next((found for place in places if isinstance(place, Mapping) and (found := events.id_in(place))), "")


def _message(data: Mapping[str, Any]) -> str:
    inner = data.get("data")
    for place in (data, inner if isinstance(inner, Mapping) else {}):
        for name in ("msg", "message", "error"):
            if text(place.get(name)):
                return text(place[name])
    return ""


def _says_failed(data: Mapping[str, Any]) -> bool:
    inner = data.get("data")
    for place in (data, inner if isinstance(inner, Mapping) else {}):
        if place.get("status") is False or fold(place.get("status")) in _FAILED or place.get("success") is False:
            return True
    return False

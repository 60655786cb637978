"""Calls through a service that is described by settings: see `adapter` for the description."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests

from ....ghl_base.net.errors import AuthenticationError, MalformedResponse, NotFoundError, RateLimited, RemoteError
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
from ..number_format import write_number
from ..reading import address_allowed, form_pairs, json_object, stamp, text, zone_named
from ..remote import Answer, Remote, clean, no_room, not_sent, refusal, utcnow
from ..token_cache import TokenCache
from . import signature
from .adapter import secrets_named, validate
from .events import Reader, at, first
from .template import fill, fill_header, fill_text, fill_url


class Generic:
    """One account at a described service. `clock` answers naive UTC."""

    name = "generic"
    label = "Other service"
    FIELDS = (
        Field("base_url", "API address", help="Paths of the description are taken from here."),
        Field("adapter", "Description", required=True, help="How the service is spoken to, as a JSON object."),
        Field("secrets", "Secrets", secret=True, help="A JSON object: what ${secret.NAME} stands for."),
    )

    def __init__(
        self,
        settings: Mapping[str, Any],
        *,
        session: requests.Session | None = None,
        clock: Callable[[], datetime] = utcnow,
    ) -> None:
        adapter = _parsed(settings["adapter"], "description")
        if wrong := validate(adapter):
            raise ValueError("The description of the service cannot be used:\n" + "\n".join(wrong))
        self._secrets = _parsed(settings.get("secrets") or {}, "secrets")
        if missing := sorted(name for name in secrets_named(adapter) if not self._secrets.get(name)):
            raise ValueError(f"The description needs secrets that are not set: {', '.join(missing)}.")
        self._adapter, self._auth = adapter, adapter.get("auth") or {"kind": "none"}
        self.label = adapter.get("label") or self.label
        base_url = settings.get("base_url") or ""
        if not base_url and any(request["url"].startswith("/") for request in _requests(adapter)):
            raise ValueError("The description has paths, so that the API address is needed.")
        self._remote = Remote(self.label, base_url, session)
        self._security = adapter["security"]
        self._reader = Reader(adapter["callback"])
        fetched = adapter.get("fetch", {}).get("report")
        self._fetched = Reader({**adapter["callback"], **fetched}) if fetched else self._reader
        early = timedelta(seconds=self._auth.get("refresh_before", 300))
        self._tokens = TokenCache(self._new_token, clock, early)
        self._clock = clock
        self.capabilities = Capabilities(
            ringing="connecting" in self._reader.states,
            answered="in_progress" in self._reader.states,
            fetch="fetch" in adapter,
            cancel="cancel" in adapter,
            machine=self._reader.tells_machines,
            signed=self._security["kind"] == "hmac",
        )

    # -- placing

    def place(self, order: CallOrder) -> Accepted:
        """The request ``dial``. What fails before it, at the token, has rung nowhere."""
        dial, names = self._adapter["dial"], self._names(order)
        try:
            answer = self._authorized(dial, names, self._remote.submit)
        except AuthenticationError as error:
            raise PlaceError("account", error.human()) from error
        except RateLimited as error:
            raise PlaceError("later", error.human(), retry_after=error.retry_after) from error
        except RemoteError as error:
            raise not_sent(error) from error
        taken = answer.status in dial.get("success_codes", [200, 201, 202])
        call_id = text(first(answer.data, dial["id_paths"])) if taken else ""
        if not call_id:
            raise self._refusal(answer)
        return Accepted(call_id)

    def _names(self, order: CallOrder) -> dict[str, Any]:
        forms = self._adapter.get("numbers") or {}
        try:
            to = write_number(order.to, forms.get("to", "e164"))
        except ValueError as error:
            raise PlaceError("lead", str(error)) from error
        try:
            caller = write_number(order.from_number, forms.get("from", "e164")) if order.from_number else ""
        except ValueError as error:
            raise PlaceError("caller", str(error)) from error
        return {
            "to": to,
            "from": caller,
            "reference": order.reference,
            "call_id": order.reference,
            "callback_url": order.callback_url,
            "answer_url": order.answer_url,
            "ring_seconds": order.ring_seconds,
            "max_seconds": order.max_seconds,
            "record": order.record,
            "variables": dict(order.variables),
            "metadata": dict(order.metadata),
            "extra": dict(order.extra),
            "script": dict(order.script),
        }

    def _refusal(self, answer: Answer) -> PlaceError:
        message = text(first(answer.data, self._adapter["dial"].get("error_paths", ())))
        for kind, parts in (self._adapter["dial"].get("refusals") or {}).items():
            if any(part.lower() in message.lower() for part in parts):
                if kind == "later":
                    return no_room(answer, message, now=self._clock())
                if kind == "unknown":
                    return SubmissionUnknown(f"{self.label}: {clean(message)}")
                return PlaceError(kind, f"{self.label} refused the call: {clean(message)}")
        if answer.ok and (not message or first(answer.data, self._adapter["dial"]["id_paths"])):
            return SubmissionUnknown(f"{self.label} named no call; it may have been placed.")
        return refusal(answer, message, now=self._clock())

    # -- requests

    def _authorized(self, request: Mapping[str, Any], names: Mapping[str, Any], send: Callable[..., Answer]) -> Answer:
        """The answer; a token that is refused is replaced once, because what was refused was not done."""
        if self._auth["kind"] != "token":
            return self._send(request, names, send)
        token = self._tokens.token()
        answer = self._send(request, names, send, token)
        if answer.status == 401:
            answer = self._send(request, names, send, self._tokens.token(rejected=token))
        return answer

    def _send(
        self, request: Mapping[str, Any], names: Mapping[str, Any], send: Callable[..., Answer], token: str = ""
    ) -> Answer:
        names = {**names, "secret": self._secrets}
        auth, kind = self._auth, self._auth["kind"]
        headers = dict(request.get("headers") or {})
        options: dict[str, Any] = {}
        if kind == "headers":
            headers = {**auth["headers"], **headers}
        elif kind == "bearer":
            headers["Authorization"] = "Bearer " + auth["token"]
        elif kind == "basic":
            options["auth"] = tuple(fill_text(auth[name], names).encode() for name in ("user", "password"))
        if request.get("body"):
            body = fill(request["body"], names)
            options["data" if request.get("content_type") == "form" else "json"] = body
        options["headers"] = {name: fill_header(value, names) for name, value in headers.items()}
        if token:
            options["headers"][auth.get("header", "Authorization")] = auth.get("prefix", "Bearer ") + token
        url = fill_url(request["url"], names)
        return send(request.get("method", "POST"), url, template=urlsplit(request["url"]).path, **options)

    def _new_token(self) -> tuple[str, datetime | None]:
        answer = self._send({"headers": {}, **self._auth["request"]}, {}, self._remote.ask)
        if not answer.ok:
            raise self._failure(answer)
        data = answer.required()
        token = text(at(data, self._auth["token_path"]))
        if not token:
            raise MalformedResponse("the answer has no token", **{**answer.facts, "status": answer.status})
        ends = at(data, self._auth["expiry_path"]) if "expiry_path" in self._auth else None
        return token, stamp(ends, zone_named(self._auth.get("zone", "UTC")))

    def _ask(self, section: str, provider_call_id: str = "") -> Answer:
        answer = self._authorized(self._adapter[section], {"provider_call_id": provider_call_id}, self._remote.ask)
        if not answer.ok:
            raise self._failure(answer)
        return answer

    def _failure(self, answer: Answer) -> RemoteError:
        return answer.error(text(first(answer.data, self._adapter["dial"].get("error_paths", ()))))

    # -- asking

    def fetch(self, provider_call_id: str) -> Report | None:
        """The request ``fetch``; None as well when the service cannot be asked."""
        if not self.capabilities.fetch:
            return None
        try:
            answer = self._ask("fetch", provider_call_id)
        except NotFoundError:
            return None
        return self._fetched.report(answer.required(), call_id=provider_call_id)

    def find(self, order: CallOrder, since: datetime) -> list[Report]:
        """Described services list no calls: always []."""
        return []

    def cancel(self, provider_call_id: str) -> None:
        """The request ``cancel``; nothing where the service cannot hang up (see `capabilities`)."""
        if self.capabilities.cancel:
            try:
                self._ask("cancel", provider_call_id)
            except NotFoundError:
                return

    def check(self) -> str:
        """The request ``check``; without one, fetches a token; without one of those, asks nothing."""
        if "check" in self._adapter:
            self._ask("check")
        elif self._auth["kind"] == "token":
            self._new_token()
        else:
            return f"The description of {self.label} is complete; the service has no way to test the connection."
        return f"Connected to {self.label}: the credentials are accepted."

    # -- reports

    def verify(self, delivery: Delivery) -> None:
        """By the described HMAC; a service that signs nothing is never proven. See `Capabilities.signed`."""
        if not self.capabilities.signed:
            raise DeliveryRefused(f"{self.label} signs nothing")
        signature.verify(delivery, self._security, text(self._secrets.get(self._security["secret"])))

    def admits(self, address: str) -> bool:
        """Whether the address is on the described list; everyone is when there is none."""
        return address_allowed(self._security.get("ip_allow_list") or [], address)

    def parse(self, delivery: Delivery) -> list[Report]:
        """The report in a delivery of the described kind."""
        kind = self._adapter["callback"].get("content_type", "json")
        if kind == "json":
            data = json_object(delivery.body)
        else:
            sent = delivery.body if kind == "form" else urlsplit(delivery.url).query
            # Of a doubled name the first value counts.
            data = dict(reversed(form_pairs(sent)))
        return [self._reader.report(data, delivery.reference)]


def _parsed(value: Any, what: str) -> dict[str, Any]:
    """A JSON object, as a dict or written; ValueError."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"The {what} must be a JSON object.") from error
    if not isinstance(value, dict):
        raise ValueError(f"The {what} must be a JSON object.")
    return value


def _requests(adapter: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = [adapter[name] for name in ("dial", "cancel", "fetch", "check") if name in adapter]
    auth = adapter.get("auth") or {}
    return found + ([auth["request"]] if auth.get("kind") == "token" else [])

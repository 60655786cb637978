"""HTTP with a provider. Plain Python.

Two ways to ask, because a telephone rings at the end of one of them:
- `ask` for everything that may be repeated: RemoteError when no answer came
- `submit` for orders: PlaceError "not_sent" when the request certainly never left, SubmissionUnknown when it may have
Both hand back an `Answer` of any status; `Answer.error` and `refusal` say what a refusing one means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from ...ghl_base.net.codec import loads
from ...ghl_base.net.errors import (
    AuthenticationError,
    ForbiddenError,
    MalformedResponse,
    NotFoundError,
    RateLimited,
    RejectedRequest,
    RemoteError,
    ServerError,
    TransportError,
)
from ...ghl_base.net.redaction import redact
from ...ghl_base.net.session import new_session
from ...ghl_base.net.transport import read_body, transport_error
from .base import PlaceError, SubmissionUnknown

# Seconds to stay away when a provider has no room and does not say for how long.
USUAL_WAIT = 15.0
LONGEST_WAIT = 86400.0
MESSAGE_LENGTH = 500


def utcnow() -> datetime:
    """Now, as naive UTC."""
    return datetime.now(timezone.utc).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, whatever its status. `facts` are service, method and path."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    facts: Mapping[str, Any]

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def data(self) -> dict:
        """The JSON object in the body; {} for anything else."""
        try:
            data = loads(self.body)
        except ValueError:
            return {}
        return data if isinstance(data, dict) else {}

    def required(self) -> dict:
        """The JSON object in the body; MalformedResponse for anything else."""
        data = self.data
        if not data:
            facts = {**self.facts, "status": self.status}
            raise MalformedResponse(f"the answer is not a JSON object ({len(self.body)} bytes)", **facts)
        return data

    def retry_after(self, now: datetime) -> float | None:
        """Seconds that a Retry-After header asks for, a number or a date; None without one."""
        value = (self.headers.get("Retry-After") or "").strip()
        if value.isascii() and value.isdigit():
            return min(float(value), LONGEST_WAIT)
        try:
            asked = parsedate_to_datetime(value)
        except (TypeError, ValueError):
            return None
        asked = asked.astimezone(timezone.utc).replace(tzinfo=None) if asked.tzinfo else asked
        return min(max((asked - now).total_seconds(), 0.0), LONGEST_WAIT)

    def error(self, message: str = "") -> RemoteError:
        """The typed error of an answer that refuses."""
        facts = {**self.facts, "status": self.status}
        text = clean(message) or f"HTTP {self.status}"
        if self.status == 429:
            wait = self.retry_after(utcnow())
            return RateLimited(text, retry_after=USUAL_WAIT if wait is None else wait, **facts)
        if self.status >= 500 or self.status == 408:
            return ServerError(text, **facts)
        kinds = {401: AuthenticationError, 403: ForbiddenError, 404: NotFoundError}
        return kinds.get(self.status, RejectedRequest)(text, **facts)


class Remote:
    """The door of one provider. May be shared by threads."""

    def __init__(self, service: str, base_url: str, session: requests.Session | None = None) -> None:
        self.service = service
        self.base_url = base_url.rstrip("/")
        self._session = session or new_session()

    def ask(self, method: str, path: str, *, template: str = "", **options: Any) -> Answer:
        """The answer, of any status. `options` are those of ``requests`` (headers, json, data, params, auth).

        `path` may be a whole URL. `template` stands for it in errors, where it holds ids or secrets. TransportError,
        RemoteTimeout, or MalformedResponse when the answer broke off.
        """
        facts = {"service": self.service, "method": method, "path": template or path}
        url = path if path.startswith(("http://", "https://")) else self.base_url + path
        try:
            with self._session.request(method, url, allow_redirects=False, stream=True, **options) as response:
                body = read_body(response, facts)
        except requests.RequestException as error:
            raise transport_error(error, facts) from error
        except ValueError as error:
            # urllib3 and http.client refuse some addresses and headers by themselves, before they connect.
            raise TransportError(
                f"the request cannot be written ({type(error).__name__})", sent=False, **facts
            ) from error
        return Answer(response.status_code, response.headers, body, facts)

    def submit(self, method: str, path: str, **options: Any) -> Answer:
        """Like `ask`, for an order: PlaceError "not_sent", or SubmissionUnknown when it may have been taken."""
        try:
            return self.ask(method, path, **options)
        except TransportError as error:
            if not error.sent:
                raise not_sent(error) from error
            raise SubmissionUnknown(f"{self.service} gave no answer; the call may have been placed.") from error
        except MalformedResponse as error:
            raise SubmissionUnknown(f"{self.service}'s answer broke off; the call may have been placed.") from error


def not_sent(error: RemoteError) -> PlaceError:
    """For an order that was given up before anything could ring."""
    return PlaceError("not_sent", f"The call was not placed: {error.human()}", retry_after=error.retry_after)


def refusal(answer: Answer, message: str, *, code: str = "", now: datetime | None = None) -> PlaceError:
    """What the status of an answer to an order means, where the provider's own code says nothing more precise.

    5xx is unknown: the order may have been taken before the provider failed.
    """
    service, text = answer.facts["service"], clean(message) or f"HTTP {answer.status}"
    if answer.status >= 500 or answer.status == 408:
        return SubmissionUnknown(f"{service} failed ({text}); the call may have been placed.", code=code)
    if answer.status == 429:
        return no_room(answer, text, code=code, now=now)
    if answer.status in (401, 402, 403):
        return PlaceError("account", f"{service} does not accept the account: {text}", code=code)
    return PlaceError("config", f"{service} refused the call: {text}", code=code)


def no_room(answer: Answer, message: str, *, code: str = "", wait: float = USUAL_WAIT, now: datetime | None = None):
    """PlaceError "later": as long as the provider asks for, else `wait` seconds."""
    asked = answer.retry_after(now or utcnow())
    text = f"{answer.facts['service']} has no room for the call now: {clean(message)}"
    return PlaceError("later", text, code=code, retry_after=wait if asked is None else asked)


def clean(message: object) -> str:
    """A provider's text, fit to be stored and shown: one line, bounded, without secrets."""
    return redact(" ".join(str(message or "").split()))[:MESSAGE_LENGTH]

"""Reading GoHighLevel's answers: JSON, error bodies, traces. Lenient in what it accepts, typed in what it raises."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from ...ghl_base.net.budget import RateLimits
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
)
from ...ghl_base.net.redaction import redact

SERVICE = "GoHighLevel"
MESSAGE_LENGTH = 500
# The burst limit is counted in intervals of ten seconds; no Retry-After is documented.
INTERVAL = 10.0

# A missing contact answers 400 "Contact not found for id:X", a deleted task 400 "The task id is invalid.".
_MISSING = re.compile(r"\bnot found\b|\btask id is invalid\b", re.IGNORECASE)
# A 401 is also the answer to a missing scope, another location and an unknown user: no new token helps there.
_OTHER_THAN_TOKEN = re.compile(r"\bscopes?\b|\busers?\b|\blocation\b|\bpermissions?\b|\baccess to\b", re.IGNORECASE)
_TOKEN = re.compile(r"\binvalid token\b|\bjwt\b|\bexpired\b|\brevoked\b", re.IGNORECASE)


def parse_object(body: bytes, content_type: str, listed: str = "", **facts) -> dict:
    """The JSON object in ``body`` ({} for no body), a list as ``{listed: [...]}``; MalformedResponse for others."""
    if not body.strip():
        return {}
    try:
        data = loads(body)
    except ValueError as error:
        kind = "an HTML page" if "html" in content_type.lower() else f"unreadable JSON ({len(body)} bytes)"
        raise MalformedResponse(f"the answer is {kind}", service=SERVICE, **facts) from error
    if listed and isinstance(data, list):
        return {listed: data}
    if not isinstance(data, dict):
        raise MalformedResponse("the answer is not a JSON object", service=SERVICE, **facts)
    return data


def error_from(status: int, headers: Mapping[str, str], body: bytes, method: str, path: str) -> RemoteError:
    """The typed error for an answer that is not 2xx."""
    try:
        data = loads(body)
    except ValueError:
        data = None
    data = data if isinstance(data, dict) else {}
    message = _message(data) or f"HTTP {status}"
    facts: dict[str, Any] = {
        "status": status,
        "trace_id": trace_id(data),
        "method": method,
        "path": path,
        "service": SERVICE,
    }
    if status == 429:
        return RateLimited(message, retry_after=_retry_after(headers), **facts)
    if status >= 500 or status == 408:
        return ServerError(message, retry_after=_asked_wait(headers), **facts)
    if status == 401:
        return AuthenticationError(message, **facts)
    if status == 403:
        return ForbiddenError(message, **facts)
    if status == 404 or (status == 400 and _MISSING.search(message)):
        return NotFoundError(message, **facts)
    if 300 <= status < 400:
        message = f"the address redirects to another place (HTTP {status}); check the base URL"
    return RejectedRequest(message, **facts)


def is_token_problem(error: AuthenticationError) -> bool:
    """Whether a new token may help (expired, revoked), as opposed to a missing scope or a wrong location or user."""
    return bool(_TOKEN.search(error.message)) or not _OTHER_THAN_TOKEN.search(error.message)


def check_success(data: Mapping[str, object], flags: Iterable[str], **facts) -> None:
    """RejectedRequest when one of the flags is there and false."""
    if any(data.get(flag) is False for flag in flags):
        message = _message(data) or "the answer reports a failure"
        raise RejectedRequest(message, trace_id=trace_id(data), service=SERVICE, **facts)


def trace_id(data: Mapping[str, object]) -> str | None:
    value = data.get("traceId")
    return value if isinstance(value, str) else None


def server_time(headers: Mapping[str, str]) -> datetime | None:
    """The server's clock (the Date header) as naive UTC."""
    try:
        stamp = parsedate_to_datetime(headers["Date"])
    except (KeyError, TypeError, ValueError):
        return None
    return stamp.astimezone(timezone.utc).replace(tzinfo=None) if stamp.tzinfo else stamp


def _retry_after(headers: Mapping[str, str]) -> float:
    limits = RateLimits.from_headers(headers)
    asked = _asked_wait(headers)
    if asked is not None:
        return asked
    if limits.daily_wait:
        return limits.daily_wait
    return limits.interval_ms / 1000 if limits.interval_ms else INTERVAL


def _asked_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds of a Retry-After header, which is not documented but may come from a proxy in between."""
    value = headers.get("Retry-After", "").strip()
    return float(value) if value.isascii() and value.isdigit() else None


def _message(data: Mapping[str, object]) -> str:
    """The message of any of the error shapes: string, list of strings, or the envelope {"error": {"message": ...}}."""
    for value in (data.get("message"), data.get("error_description"), data.get("error"), data.get("msg")):
        if isinstance(value, Mapping):
            value = value.get("message")
        if isinstance(value, list):
            value = "; ".join(str(item) for item in value)
        if isinstance(value, str) and value.strip():
            return redact(value.strip())[:MESSAGE_LENGTH]
    return ""

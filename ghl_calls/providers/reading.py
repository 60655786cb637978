"""Reading what providers send: stamps, numbers, bodies. Lenient: what cannot be read is None. Plain Python."""

from __future__ import annotations

import hashlib
import ipaddress
import math
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ...ghl_base.net.codec import dumps, loads

# A form of a provider has some forty fields.
MOST_FIELDS = 1000
_E164 = re.compile(r"\+[1-9]\d{5,14}")
_EPOCH = re.compile(r"\d{9,13}(\.\d{1,9})?")
_FORM = "application/x-www-form-urlencoded"
# NUL, and half a character, as is left of a text that was cut within an emoji.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
DEEPEST = 50


def is_form(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == _FORM


def form_pairs(body: bytes | str) -> list[tuple[str, str]]:
    """Names and values of a form or a query, decoded, in order, doubled and empty ones included.

    ValueError for more fields than any provider sends.
    """
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    return parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)


def json_object(body: bytes) -> dict:
    """The JSON object in `body`; ValueError for anything else."""
    data = loads(body)
    if not isinstance(data, dict):
        raise ValueError("not a JSON object")
    return data


def storable(value: Any, depth: int = 0) -> Any:
    """`value`, as decoded from JSON, without what PostgreSQL cannot hold: one bad character must not cost a report."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("", value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (Mapping, list, tuple)):
        if depth == DEEPEST:
            return None
        if isinstance(value, Mapping):
            return {storable(str(name)): storable(part, depth + 1) for name, part in value.items()}
        return [storable(part, depth + 1) for part in value]
    return value


def stamp(value: object, zone: tzinfo = timezone.utc) -> datetime | None:
    """Naive UTC of an ISO 8601 or RFC 2822 text, or of seconds since 1970; without a zone it is read in `zone`."""
    text = "" if isinstance(value, bool) else str(value or "").strip()
    try:
        moment = _from_epoch(float(text)) if _EPOCH.fullmatch(text) else _iso(text) or _rfc2822(text)
        if moment is None:
            return None
        aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        moment = aware.astimezone(timezone.utc).replace(tzinfo=None)
    except (OverflowError, ValueError):
        return None
    # Further away it is no time of a call, and reckoning with it leaves the calendar.
    return moment if 1990 <= moment.year <= 2200 else None


def _iso(text: str) -> datetime | None:
    # Before 3.11, fromisoformat knows neither Z nor fractions of other than 3 or 6 digits.
    text = re.sub(r"[zZ]$", "+00:00", text)
    text = re.sub(r"\.(\d+)", lambda found: "." + found[1][:6].ljust(6, "0"), text, count=1)
    text = re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", text)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _rfc2822(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def _from_epoch(value: float) -> datetime:
    # Milliseconds, when seconds would be thousands of years ahead.
    return datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=value / 1000 if value > 1e11 else value)


def zone_named(name: str) -> tzinfo:
    """The time zone; ValueError, with a sentence for people, when there is none of this name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"There is no time zone named {name!r}.") from error


def number(value: object) -> float | None:
    """A finite number, also from text; None for anything else."""
    if isinstance(value, bool):
        return None
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def seconds(value: object, unit: float = 1.0) -> int | None:
    """Whole seconds, never below zero; `unit` is how many seconds one of `value` is."""
    found = number(value)
    # Nobody talks for a year; and a column holds no more.
    return None if found is None else min(max(round(found * unit), 0), 365 * 86400)


def talk(seconds: int, ended_at: datetime | None) -> dict[str, Any]:
    """The times of a call in which somebody answered: it began `seconds` before it ended, by the provider's clock."""
    values: dict[str, Any] = {"talk_seconds": seconds}
    if ended_at:
        values["ended_at"] = ended_at
        if seconds:
            values["answered_at"] = ended_at - timedelta(seconds=seconds)
    return values


def no_talk(ended_at: datetime | None) -> dict[str, Any]:
    """The times of a call that is over and never came about."""
    return {"talk_seconds": 0, **({"ended_at": ended_at} if ended_at else {})}


def known(values: Mapping[str, Any]) -> dict[str, Any]:
    """Only what says something."""
    return {name: value for name, value in values.items() if value is not None and value != ""}


def text(value: object) -> str:
    """A text or a number as text, without blanks around; "" for anything else."""
    return str(value).strip() if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""


def web_address(value: object) -> str | None:
    """An address that a browser opens; None for file names and anything else."""
    address = text(value)
    return address if address.startswith(("https://", "http://")) else None


def fold(word: object) -> str:
    """`NO ANSWER`, `no_answer`, `NoAnswer`, `no-answer` are one word: ``noanswer``."""
    return re.sub(r"[^a-z0-9]", "", text(word).lower())


def digest(content: object) -> str:
    """The same for equal content, whatever the order of its keys."""
    return hashlib.sha256(dumps(content, sort_keys=True)).hexdigest()[:32]


def is_e164(value: str) -> bool:
    return bool(_E164.fullmatch(value))


def address_allowed(allowed: str | Iterable[str], address: str) -> bool:
    """Whether `address` is one of the addresses or networks; everything is when none are given."""
    networks = re.split(r"[\s,;]+", allowed.strip()) if isinstance(allowed, str) else list(allowed)
    networks = [network for network in networks if network]
    if not networks:
        return True
    try:
        asking = ipaddress.ip_address(address.strip())
    except ValueError:
        return False
    asking = getattr(asking, "ipv4_mapped", None) or asking
    return any(asking in ipaddress.ip_network(network, strict=False) for network in networks)


def check_networks(allowed: str | Iterable[str]) -> None:
    """ValueError when one of the addresses or networks is none."""
    for network in re.split(r"[\s,;]+", allowed.strip()) if isinstance(allowed, str) else allowed:
        if network:
            ipaddress.ip_network(network, strict=False)

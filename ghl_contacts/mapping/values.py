"""Lenient readers of remote values: what cannot be understood becomes None, never an exception.

Only a missing or absurd id is refused, because a row without identity cannot be mirrored.
"""

from __future__ import annotations

import json
import math
from datetime import date, datetime, timezone
from typing import Any

ID_LIMIT = 128
TAG_LIMIT = 255
SENT = {str: "a text", int: "a number", float: "a number", bool: "yes or no", list: "a list", type(None): "nothing"}
EPOCH_LIMIT_MS = 253_402_300_799_000  # the year 9999, where Python's and PostgreSQL's dates still agree


class MappingError(ValueError):
    """A remote record cannot become a row; the message says why, for people."""


def record(remote: Any) -> dict:
    """The record itself, if it is an object."""
    if not isinstance(remote, dict):
        raise MappingError(f"GoHighLevel sent {SENT.get(type(remote), 'something else')} in the place of a record.")
    return remote


def identity(remote: dict, *keys: str) -> str:
    """The record's own id: the first of ``keys`` that holds one."""
    for key in keys:
        value = remote.get(key)
        if isinstance(value, str) and value.strip():
            if len(value) > ID_LIMIT or "\x00" in value:
                raise MappingError("The record has an ID that cannot be one of GoHighLevel.")
            return value
    raise MappingError("GoHighLevel sent the record without an ID.")


def reference(value: Any) -> str | None:
    """Another record's id, or None."""
    if isinstance(value, str) and 0 < len(value) <= ID_LIMIT and "\x00" not in value:
        return value
    return None


def clean(value: str) -> str:
    """Text that PostgreSQL can hold: no NUL, no half of a surrogate pair."""
    if "\x00" in value:
        value = value.replace("\x00", "")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            value = value.encode("utf-8", "replace").decode()
    return value


def text(value: Any) -> str | None:
    """Text as sent, None when empty; numbers and lists become their text."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, list) and all(isinstance(item, (str, int, float)) for item in value):
        return clean(", ".join(str(item) for item in value)) or None
    return clean(json.dumps(value, ensure_ascii=False))


def number(value: Any) -> float | None:
    """A finite float, also from numeric text such as "1,250.50"."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        result = float(value.replace(",", "")) if isinstance(value, str) else float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return result if math.isfinite(result) else None


def integer(value: Any, low: int = -(2**31), high: int = 2**31 - 1) -> int | None:
    """A whole number that fits a database integer."""
    result = number(value)
    return int(result) if result is not None and low <= result <= high else None


def boolean(value: Any) -> bool:
    """True for true, 1 and "true"; False for everything else, null included."""
    return value is True or value == 1 or (isinstance(value, str) and value.strip().lower() == "true")


def tidy(value: Any) -> Any:
    """JSON data that jsonb accepts (no NUL, finite numbers), or None when empty."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list):
        return [tidy(item) for item in value]
    if isinstance(value, dict):
        return {clean(str(key)): tidy(item) for key, item in value.items()}
    return value


def structure(value: Any) -> Any:
    """A list or an object, tidied; None when empty or something else."""
    return tidy(value) if value and isinstance(value, (list, dict)) else None


def stamp(value: Any) -> datetime | None:
    """Naive UTC datetime, cut to the second, from ISO text or epoch milliseconds."""
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value[:-1] + "+00:00" if value.endswith(("Z", "z")) else value)
        except ValueError:
            return None
        try:
            if moment.tzinfo:
                moment = moment.astimezone(timezone.utc).replace(tzinfo=None)
        except OverflowError:
            return None
        return moment.replace(microsecond=0)
    milliseconds = epoch_ms(value)
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds // 1000, timezone.utc).replace(tzinfo=None)


def epoch_ms(value: Any) -> int | None:
    """Epoch milliseconds from a number, ISO text, or Firestore's {seconds, nanoseconds}."""
    if isinstance(value, dict):
        seconds = integer(value.get("seconds") or value.get("_seconds"), 0, EPOCH_LIMIT_MS // 1000)
        return seconds * 1000 if seconds is not None else None
    if isinstance(value, str) and not value.strip().isdigit():
        try:
            moment = datetime.fromisoformat(value[:-1] + "+00:00" if value.endswith(("Z", "z")) else value)
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        return int(moment.timestamp() * 1000 + 0.5)
    return integer(value, 0, EPOCH_LIMIT_MS)


def day(value: Any) -> date | None:
    """A date from ISO text, with or without a time."""
    if not isinstance(value, str) or len(value) < 10:
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def rest(remote: dict, known: frozenset[str]) -> dict | None:
    """The fields of the record that no column takes."""
    extra = {clean(key): tidy(remote[key]) for key in remote.keys() - known}
    extra = {key: extra[key] for key in sorted(extra) if extra[key] not in (None, "", [], {})}
    return extra or None

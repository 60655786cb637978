"""Durations as people and older clients write them. Plain Python."""

from __future__ import annotations

import re

_CLOCK = re.compile(r"(\d{1,5}):([0-5]?\d)\Z")
_UNITS = re.compile(r"(?:(\d{1,5})\s*h)?\s*(?:(\d{1,5})\s*m(?:in(?:ute)?s?)?)?\s*(?:(\d{1,6})\s*s)?\Z")
_NUMBER = re.compile(r"\d{1,6}(\.\d{1,3})?\Z")


def seconds(text: str) -> int:
    """Seconds of ``5m 30s``, ``5:30`` (minutes and seconds), ``90s``, ``90m``, ``1h`` or ``90`` (minutes).

    ValueError for anything else.
    """
    text = text.strip().lower()
    if match := _CLOCK.match(text):
        return int(match[1]) * 60 + int(match[2])
    if _NUMBER.match(text):
        return round(float(text) * 60)
    if text and (match := _UNITS.match(text)):
        hours, minutes, rest = (int(part or 0) for part in match.groups())
        return hours * 3600 + minutes * 60 + rest
    raise ValueError("must be a duration like 90, 5:30 or 5m 30s")

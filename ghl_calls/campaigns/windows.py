"""Calling windows: at which hours of which weekdays a recipient's telephone may ring. Plain Python.

Times are those of the recipient's wall clock, days their calendar days. Instants are naive UTC, as everywhere in Odoo.
Where a clock change leaves room for doubt (02:30 may exist twice or not at all) the shorter reading counts.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from .zones import is_zone

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = 24 * 60
# Longest look ahead for the next opening: a list of holidays may be long, but not for ever.
HORIZON_DAYS = 70
_STEP_DAYS = 7
_TIME = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)\Z")

Minutes = tuple[int, int]  # from, to (not included), since midnight
Span = tuple[datetime, datetime]  # naive UTC, end not included


class WindowError(ValueError):
    """A window that cannot be meant; `str()` is a sentence for people."""


@dataclass(frozen=True)
class Windows:
    """`week` holds for each weekday, Monday first, its windows; no call on `holidays`; none in the last
    `margin_seconds` of a window, because ringing takes time.
    """

    week: tuple[tuple[Minutes, ...], ...]
    holidays: frozenset[date] = frozenset()
    margin_seconds: int = 0

    @property
    def always(self) -> bool:
        return not self.holidays and all(day == ((0, DAY),) for day in self.week)

    def is_open(self, at: datetime, zones: Sequence[str]) -> bool:
        """Whether a call may be placed at that instant in all ``zones``; never without a zone."""
        return self.next_open(at, zones, limit=at) == at

    def next_open(self, at: datetime, zones: Sequence[str], limit: datetime | None = None) -> datetime | None:
        """The first instant from ``at`` on when a call may be placed in all ``zones``; None when there is none.

        Not looked for beyond ``limit``, by default ten weeks.
        """
        if not zones or not all(is_zone(name) for name in zones):
            return None
        if self.always:
            return at
        limit = limit or at + timedelta(days=HORIZON_DAYS)
        day = at.date()
        while datetime.combine(day, time()) <= limit:
            for begin, end in _common_spans(self, tuple(sorted(zones)), day):
                if end > at:
                    return max(begin, at) if max(begin, at) <= limit else None
            day += timedelta(days=_STEP_DAYS)
        return None


def parse(week: Mapping[str, object], holidays: Iterable[str | date] = (), margin_seconds: int = 0) -> Windows:
    """Windows from ``{"mon": [["09:00", "20:00"]], ...}``; days that are not named are closed. WindowError."""
    if not isinstance(week, Mapping):
        raise WindowError("Calling windows are given per weekday.")
    if unknown := sorted(set(week) - set(WEEKDAYS)):
        raise WindowError(f"{unknown[0]!r} is not a weekday: use {', '.join(WEEKDAYS)}.")
    return Windows(
        tuple(_parse_day(name, week.get(name) or ()) for name in WEEKDAYS),
        frozenset(_parse_date(day) for day in holidays),
        max(0, int(margin_seconds)),
    )


def daily(begin: str, end: str, days: Iterable[str] = WEEKDAYS) -> dict[str, list[list[str]]]:
    """The same window on several days, in the form ``parse`` takes."""
    return {day: [[begin, end]] for day in days}


def _parse_day(name: str, windows: object) -> tuple[Minutes, ...]:
    if not isinstance(windows, (list, tuple)):
        raise WindowError(f"The windows of {name} must be a list such as [['09:00', '20:00']].")
    found = []
    for window in windows:
        if not isinstance(window, (list, tuple)) or len(window) != 2:
            raise WindowError(f"A window of {name} must have a begin and an end.")
        begin, end = _parse_time(window[0]), _parse_time(window[1])
        if begin >= end:
            raise WindowError(f"On {name} the window {window[0]}-{window[1]} ends before it begins.")
        found.append((begin, end))
    found.sort()
    for (_, end), (begin, _) in itertools.pairwise(found):
        if begin < end:
            raise WindowError(f"Two windows of {name} overlap.")
    return tuple(found)


def _parse_time(text: object) -> int:
    match = _TIME.match(text) if isinstance(text, str) else None
    minutes = int(match[1]) * 60 + int(match[2]) if match else DAY + 1
    if minutes > DAY:
        raise WindowError(f"{text!r} is not a time of day between 00:00 and 24:00.")
    return minutes


def _parse_date(day: str | date) -> date:
    try:
        return day if isinstance(day, date) else date.fromisoformat(day)
    except (TypeError, ValueError):
        raise WindowError(f"{day!r} is not a date such as 2026-12-25.") from None


@lru_cache(maxsize=4096)
def _common_spans(windows: Windows, zones: tuple[str, ...], day: date) -> tuple[Span, ...]:
    """What is open in all zones in the week from ``day`` on (and, at its ends, what reaches into it)."""
    common = _spans(windows, zones[0], day)
    for name in zones[1:]:
        common = _intersect(common, _spans(windows, name, day))
    return common


@lru_cache(maxsize=4096)
def _spans(windows: Windows, zone_name: str, day: date) -> tuple[Span, ...]:
    zone = ZoneInfo(zone_name)
    found: list[Span] = []
    # Two days more on both sides: no clock is further from UTC, and adjoining windows must be met to be joined.
    for offset in range(-2, _STEP_DAYS + 3):
        local = day + timedelta(days=offset)
        if local in windows.holidays:
            continue
        for begin_minute, end_minute in windows.week[local.weekday()]:
            begin, end = max(_instants(local, begin_minute, zone)), min(_instants(local, end_minute, zone))
            if begin >= end:
                continue
            if found and found[-1][1] >= begin:
                found[-1] = (found[-1][0], max(end, found[-1][1]))
            else:
                found.append((begin, end))
    margin = timedelta(seconds=windows.margin_seconds)
    # The last day's end may be joined by a day not looked at: it is left to the next week's look.
    horizon = datetime.combine(day + timedelta(days=_STEP_DAYS + 1), time())
    ended = ((begin, min(end - margin, horizon)) for begin, end in found)
    return tuple((begin, end) for begin, end in ended if begin < end)


def _instants(day: date, minute: int, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The two readings of a wall-clock time; they differ only around a clock change."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    return tuple(wall.replace(tzinfo=zone, fold=fold).astimezone(timezone.utc).replace(tzinfo=None) for fold in (0, 1))


def _intersect(left: Sequence[Span], right: Sequence[Span]) -> tuple[Span, ...]:
    found: list[Span] = []
    i = j = 0
    while i < len(left) and j < len(right):
        begin, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if begin < end:
            found.append((begin, end))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)

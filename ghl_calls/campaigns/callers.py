"""Which of our own numbers calls a recipient. Plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Caller:
    """One of our numbers: `daily_cap` 0 means none, `rest_until` while the provider or people refuse it."""

    number: str
    daily_cap: int = 0
    calls_today: int = 0
    rest_until: datetime | None = None
    last_used_at: datetime | None = None


def choose(callers: Sequence[Caller], to: str, now: datetime, last: str | None = None) -> str | None:
    """The number to call ``to`` from; None when none may be used now.

    ``last`` is what this recipient was called from before: kept, so that a call back makes sense. Otherwise the number
    that looks most like the recipient's own (at least country and area), and among equals the one longest unused.
    """
    usable = [
        caller
        for caller in callers
        if not (caller.rest_until and caller.rest_until > now)
        and not (caller.daily_cap and caller.calls_today >= caller.daily_cap)
    ]
    if last and any(caller.number == last for caller in usable):
        return last
    if not usable:
        return None
    best = min(
        usable, key=lambda caller: (-_likeness(caller.number, to), caller.last_used_at or datetime.min, caller.number)
    )
    return best.number


def _likeness(ours: str, theirs: str) -> int:
    """Leading digits in common, from five on (`+1212`): fewer is the country by chance or the country only."""
    common = next(
        (i for i, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), min(len(ours), len(theirs))
    )
    return min(common, 6) if common >= 5 else 0

"""How many calls may start now, and how long a campaign will take. Plain Python.

A slot is a live call, never a counter: `slots` takes what was counted just now.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# Of a call nobody has measured yet: waiting and ringing, and how long those last that are answered.
TYPICAL_SECONDS = 45.0
# Measured calls weigh against the typical one like this many.
_PRIOR = 5


def slots(*limits: tuple[int, int]) -> int:
    """Free slots under all of ``(limit, live)``; a limit of 0 means none is set."""
    return max(0, min((limit - live for limit, live in limits if limit > 0), default=0))


@dataclass(slots=True)
class Demand:
    """A campaign that wants ``wanted`` more calls at once through ``account``, with ``live`` under way."""

    campaign: int
    account: int
    wanted: int
    live: int = 0


def share(demands: Sequence[Demand], accounts: Mapping[int, int], room: int) -> dict[int, int]:
    """Campaign -> calls it may start, when ``accounts`` have so many free slots and the company ``room`` in all.

    Slots go one by one to the campaign with the fewest calls under way, so that none starves another.
    """
    free, given = dict(accounts), {demand.campaign: 0 for demand in demands}
    queue = [(demand.live, index) for index, demand in enumerate(demands) if demand.wanted > 0]
    heapq.heapify(queue)
    while queue and room > 0:
        live, index = heapq.heappop(queue)
        demand = demands[index]
        if free.get(demand.account, 0) <= 0:
            continue
        free[demand.account] -= 1
        room -= 1
        given[demand.campaign] += 1
        if given[demand.campaign] < demand.wanted:
            heapq.heappush(queue, (live + 1, index))
    return given


@dataclass(frozen=True, slots=True)
class Bucket:
    """A token bucket: `rate` calls per second, `burst` at once. `level` tokens were in it at second `at`."""

    rate: float
    burst: float = 1.0
    level: float = 1.0
    at: float = 0.0

    @classmethod
    def strict(cls, limit: float, level: float, at: float) -> Bucket:
        """One that never lets more than ``limit`` calls start within any second (or one within ``1 / limit``).

        Beyond ten a second it hands them out ten times a second, a handful at once.
        """
        burst = max(1.0, limit // 10)
        return cls(limit if burst == 1.0 else limit - burst, burst, min(level, burst), at)

    def take(self, wanted: int, now: float) -> tuple[int, Bucket]:
        """How many of ``wanted`` calls may start, and the bucket after them. A clock that went back gives nothing."""
        level = min(self.burst, self.level + max(0.0, now - self.at) * self.rate)
        granted = max(0, min(wanted, int(level + 1e-9)))
        return granted, Bucket(self.rate, self.burst, level - granted, max(now, self.at))

    def reserve(self, count: int, now: float) -> tuple[float, Bucket]:
        """Seconds until ``count`` calls may have started, and the bucket that owes them: nobody else gets a turn."""
        level = min(self.burst, self.level + max(0.0, now - self.at) * self.rate) - count
        wait = 0.0 if level >= -1e-9 else -level / self.rate if self.rate > 0 else math.inf
        return wait, Bucket(self.rate, self.burst, level, max(now, self.at))

    def wait(self, now: float) -> float:
        """Seconds until a call may start; infinite at rate 0."""
        missing = 1.0 - min(self.burst, self.level + max(0.0, now - self.at) * self.rate)
        if missing <= 1e-9:
            return 0.0
        return missing / self.rate if self.rate > 0 else math.inf


def slowed(rate: float, seconds_since_refusal: float | None, hold: float = 60.0, recovery: float = 300.0) -> float:
    """The rate after a provider said "too fast": half of it for a minute, then growing back in five."""
    if seconds_since_refusal is None or seconds_since_refusal >= hold + recovery:
        return rate
    return rate * (0.5 + 0.5 * max(0.0, seconds_since_refusal - hold) / recovery)


def mean_seconds(durations: Iterable[float]) -> float:
    """How long a call holds its slot, from what was measured, leaning on the typical call while little was."""
    measured = [value for value in durations if value >= 0]
    return (TYPICAL_SECONDS * _PRIOR + sum(measured)) / (_PRIOR + len(measured))


def estimate_seconds(remaining: int, slots: int, mean: float = TYPICAL_SECONDS, rate: float = 0.0) -> float:
    """How long ``remaining`` calls take with ``slots`` at a time and ``rate`` starts per second (0: no limit).

    All slots stay busy until the last calls; at the end the longest one is waited for.
    """
    if remaining <= 0:
        return 0.0
    slots = max(1, min(slots, remaining))
    work = max(remaining * mean / slots, remaining / rate if rate > 0 else 0.0)
    return work + mean * (1 - 1 / slots)


def in_words(seconds: float) -> str:
    """``~20min``, ``~2h 20min``, as older clients show it."""
    minutes = math.ceil(max(0.0, seconds) / 60)
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return f"~{minutes}min"
    return f"~{hours}h {minutes}min" if minutes else f"~{hours}h"

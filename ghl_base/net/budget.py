"""How many requests may be sent: one budget per scope (for GoHighLevel: application and location)."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

# Shortest wait ever answered, so that rounding cannot make a caller spin.
SHORTEST_WAIT = 0.001
# How long to stay away when a day's requests are used up and the service does not say until when.
UNKNOWN_DAILY_RESET = 3600.0


@dataclass(frozen=True)
class RateLimits:
    """What the headers of an answer say about the budget; None where a header is missing or unreadable.

    The names are GoHighLevel's: X-RateLimit-Max and -Remaining per X-RateLimit-Interval-Milliseconds,
    X-RateLimit-Limit-Daily, X-RateLimit-Daily-Remaining, X-RateLimit-Daily-Reset (milliseconds until the reset).
    """

    limit: int | None = None
    interval_ms: int | None = None
    remaining: int | None = None
    daily_limit: int | None = None
    daily_remaining: int | None = None
    daily_reset_ms: int | None = None

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> RateLimits:
        lowered = {key.lower(): value for key, value in headers.items()}
        return cls(
            limit=_number(lowered.get("x-ratelimit-max")),
            interval_ms=_number(lowered.get("x-ratelimit-interval-milliseconds")),
            remaining=_number(lowered.get("x-ratelimit-remaining")),
            daily_limit=_number(lowered.get("x-ratelimit-limit-daily")),
            daily_remaining=_number(lowered.get("x-ratelimit-daily-remaining")),
            daily_reset_ms=_number(lowered.get("x-ratelimit-daily-reset")),
        )

    @property
    def daily_wait(self) -> float | None:
        """Seconds until requests are allowed again when the day's budget is used up, else None."""
        if self.daily_remaining is None or self.daily_remaining > 0:
            return None
        return self.daily_reset_ms / 1000 if self.daily_reset_ms else UNKNOWN_DAILY_RESET


class RateBudget(Protocol):
    """Grants requests. Implementations may be shared by threads and, through a database, by processes."""

    def acquire(self, scope: str) -> float:
        """0.0: one request is granted now. More: nothing is granted, ask again after that many seconds."""

    def observe(self, scope: str, limits: RateLimits) -> None:
        """An answer carried these limits."""

    def blocked(self, scope: str, seconds: float) -> None:
        """The service refused a request; grant nothing for ``seconds``."""


@dataclass
class _Scope:
    limit: int
    interval: float
    grants: deque[float] = field(default_factory=deque)
    blocked_until: float = float("-inf")


class MemoryRateBudget:
    """Sliding window log in this process: never more than ``limit`` grants in any ``interval`` seconds.

    ``margin`` seconds are added to the window, because two requests sent one interval apart may arrive closer together.
    """

    def __init__(
        self,
        limit: int = 100,
        interval: float = 10.0,
        margin: float = 0.5,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._limit, self._interval, self._margin, self._clock = limit, interval, margin, clock
        self._scopes: dict[str, _Scope] = {}
        self._lock = threading.Lock()

    def acquire(self, scope: str) -> float:
        with self._lock:
            state, now = self._state(scope), self._clock()
            if now < state.blocked_until:
                return max(SHORTEST_WAIT, state.blocked_until - now)
            window = self._forget_old(state, now)
            if len(state.grants) < state.limit:
                state.grants.append(now)
                return 0.0
            # The limit may have shrunk: wait until enough grants have left the window, not just the oldest.
            leaving = state.grants[len(state.grants) - state.limit]
            return max(SHORTEST_WAIT, leaving + window - now)

    def observe(self, scope: str, limits: RateLimits) -> None:
        with self._lock:
            state, now = self._state(scope), self._clock()
            if limits.limit:
                state.limit = limits.limit
            if limits.interval_ms:
                state.interval = limits.interval_ms / 1000
            if limits.daily_wait:
                state.blocked_until = max(state.blocked_until, now + limits.daily_wait)
            if limits.remaining is not None:
                # Somebody else spends the same budget: count those requests as if they had been ours, made now.
                self._forget_old(state, now)
                others = min(state.limit, state.limit - limits.remaining) - len(state.grants)
                state.grants.extend([now] * others)

    def blocked(self, scope: str, seconds: float) -> None:
        with self._lock:
            state = self._state(scope)
            state.blocked_until = max(state.blocked_until, self._clock() + seconds)

    def _state(self, scope: str) -> _Scope:
        if scope not in self._scopes:
            self._scopes[scope] = _Scope(self._limit, self._interval)
        return self._scopes[scope]

    def _forget_old(self, state: _Scope, now: float) -> float:
        window = state.interval + self._margin
        while state.grants and state.grants[0] + window <= now:
            state.grants.popleft()
        return window


def _number(text: str | None) -> int | None:
    try:
        number = int(float(text))
    except (TypeError, ValueError, OverflowError):
        return None
    return number if number >= 0 else None

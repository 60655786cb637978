"""How long a failed job waits before its next attempt."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Backoff:
    """Exponential, capped, spread by up to a fifth so that jobs that failed together do not return together.

    The gateway has already retried single requests for some seconds, so the first wait is not shorter than ``base``.
    """

    base: float = 10.0
    factor: float = 3.0
    cap: float = 3600.0
    jitter: Callable[[], float] = random.random

    def delay(self, attempt: int, retry_after: float | None = None) -> float:
        """Seconds to wait after the failed ``attempt`` (1, 2, ...), never less than the service asked for."""
        wait = min(self.cap, self.base * self.factor ** min(attempt - 1, 30))
        return max(wait * (1 + 0.2 * self.jitter()), retry_after or 0.0)

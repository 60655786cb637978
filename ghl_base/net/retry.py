"""Whether and when a failed call is tried again. Pure decisions: nothing here waits."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from .errors import RateLimited, RemoteError, TransportError


@dataclass(frozen=True)
class RetryPolicy:
    """Exponential backoff with full jitter: the n-th wait is drawn from 0 .. min(cap, base * 2**(n-1)) seconds."""

    max_attempts: int = 5
    base: float = 0.5
    cap: float = 30.0
    jitter: Callable[[], float] = random.random

    def delay(self, attempt: int, error: RemoteError, idempotent: bool) -> float | None:
        """Seconds to wait before the next attempt, or None to give up.

        ``attempt`` counts the attempts made (1 after the first failure). A call that is not idempotent is repeated only
        when the service certainly did not execute it: it was rate limited, or the request never left. A wait that the
        service asks for is honoured, but not when it exceeds ``cap``: then somebody else must come back later.
        """
        if attempt >= self.max_attempts or not error.retryable:
            return None
        if not (idempotent or _not_executed(error)):
            return None
        asked = error.retry_after or 0.0
        if asked > self.cap:
            return None
        if isinstance(error, RateLimited):
            return asked + self.jitter() * self.base
        return max(asked, self.jitter() * min(self.cap, self.base * 2 ** min(attempt - 1, 32)))


def _not_executed(error: RemoteError) -> bool:
    return isinstance(error, RateLimited) or (isinstance(error, TransportError) and not error.sent)

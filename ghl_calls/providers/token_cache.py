"""A token that has to be fetched, kept while it is good. Plain Python."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

REFRESH_BEFORE = timedelta(minutes=5)
# A token whose end is unknown, or already past because the two sides disagree on the time zone.
USUAL_LIFE = timedelta(minutes=10)
SHORTEST_LIFE = timedelta(minutes=1)


class TokenCache:
    """Hands out one token to all threads; only one of them fetches, the others wait for it.

    ``fetch()`` answers the token and when it ends (naive UTC, None when not told); what it raises is passed on.
    """

    def __init__(
        self,
        fetch: Callable[[], tuple[str, datetime | None]],
        clock: Callable[[], datetime],
        refresh_before: timedelta = REFRESH_BEFORE,
    ) -> None:
        self._fetch, self._clock, self._early = fetch, clock, refresh_before
        self._lock = threading.Lock()
        self._token, self._good_until = "", datetime.min

    def token(self, rejected: str = "") -> str:
        """A token that is not `rejected` one: fetched anew unless another thread has done that meanwhile."""
        with self._lock:
            if not self._token or self._token == rejected or self._clock() >= self._good_until:
                now = self._clock()
                self._token, ends = self._fetch()
                until = ends - self._early if ends else now + USUAL_LIFE
                self._good_until = max(until, now + SHORTEST_LIFE)
            return self._token

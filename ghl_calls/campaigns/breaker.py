"""Stops a campaign whose calls fail one after the other, before the list is burned. Plain Python."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

# Outcomes that speak against line, account or provider. A dead number speaks against the list, busy against nobody.
FAILURES = frozenset({"failed", "unknown", "not_sent"})


@dataclass(frozen=True, slots=True)
class Breaker:
    """Opens when `share` of the calls that ended within `seconds` failed, if there were `least` of them."""

    share: float = 0.5
    seconds: int = 120
    least: int = 5

    def judge(
        self, results: Iterable[tuple[datetime, bool]], now: datetime, since: datetime | None = None
    ) -> tuple[int, int] | None:
        """(failed, calls) when the breaker opens, else None.

        ``results`` are (ended at, failed); those up to ``since``, when a person said to go on, are forgiven.
        """
        begin = now - timedelta(seconds=self.seconds)
        recent = [failed for at, failed in results if at > begin and (since is None or at > since)]
        return (sum(recent), len(recent)) if self.opens(sum(recent), len(recent)) else None

    def opens(self, failed: int, calls: int) -> bool:
        """The same for results somebody else has counted."""
        return calls >= self.least and failed >= self.share * calls

    def sentence(self, failed: int, calls: int) -> str:
        return f"{failed} of {calls} calls failed within {self.seconds} seconds."

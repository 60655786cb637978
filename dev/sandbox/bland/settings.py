"""What may be changed about the simulated Bland AI."""

from __future__ import annotations

from dataclasses import dataclass

# name -> (calls at a time, an hour, a day, USD a minute); None: no bound
PLANS = {
    "start": (10, 100, 100, 0.14),
    "build": (50, 1000, 2000, 0.12),
    "scale": (100, 1000, 5000, 0.11),
    "enterprise": (None, None, None, 0.09),
}
MINIMUM_PRICE = 0.015


@dataclass
class BlandSettings:
    plan: str = "enterprise"
    concurrent: int | None = None  # instead of the plan's
    per_hour: int | None = None
    per_day: int | None = None
    over_concurrent: str = "refuse"  # or queue
    calls_per_second: float | None = 5.5  # how fast the queue is dialled
    webhook_mode: str = "raw"  # reserialised (signed otherwise than sent), unsigned
    second_webhook: bool = False
    b_cid: bool = False  # whether the client may choose the id

    @property
    def limits(self) -> tuple:
        """(at a time, an hour, a day)"""
        own = (self.concurrent, self.per_hour, self.per_day)
        return tuple(o if o is not None else p for o, p in zip(own, PLANS[self.plan], strict=False))

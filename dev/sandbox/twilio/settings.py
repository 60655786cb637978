"""What may be changed about the simulated Twilio."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class TwilioSettings:
    cps: float = 1.0  # calls that begin in a simulated second; others wait in the queue
    concurrency: int | None = None  # calls at a time of the account; over it 10004
    rest_per_second: int | None = None  # requests in a real second; over it 20429
    shared_key: bool = False  # callbacks are signed with HMAC-SHA256 by a shared key
    queue_hours: float = 24.0  # what waits longer is canceled

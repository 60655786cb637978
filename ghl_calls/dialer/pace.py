"""How many calls may start at a telephone account now: one token bucket for campaigns and for calls placed by hand."""

from __future__ import annotations

import math
from collections import Counter

from odoo.exceptions import UserError

from ..campaigns import pacing
from ..campaigns.pacing import Bucket
from . import transactions

LOCK = 0x67686D  # first key of the advisory locks; the second is the company
NO_LIMIT = 10**9
# Seconds that an order takes more or less than another to arrive: without room for them the provider would at times
# count one call too many in a second.
JITTER = 0.05
# Who places a call by hand waits for so long at most.
PATIENCE_SECONDS = 3.0


class TooFastError(UserError):
    """Calls of an account come too fast: nothing was placed. `retry_after` seconds."""

    error_code = "too_many_calls"

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Pace:
    """The bucket of an account, kept in ``ghl.call.pace``. The caller holds the company's lock; see `lock`."""

    def __init__(self, cr, account) -> None:
        self._cr, self._account, self._used = cr, account, False
        cr.execute(
            """SELECT now.second, level, at, refused_at
                 FROM (SELECT extract(epoch FROM clock_timestamp())::float8) AS now(second)
            LEFT JOIN ghl_call_pace ON account_id = %s""",
            [account.id],
        )
        self._now, level, at, refused_at = cr.fetchone()
        since = self._now - refused_at if refused_at else None
        rate = pacing.slowed(account.calls_per_second, since)
        self._bucket = Bucket.strict(rate / (1 + JITTER * min(1.0, rate)), 1.0 if level is None else level, at or 0.0)
        self.tokens, _after = self._bucket.take(NO_LIMIT, self._now)

    def use(self, count: int) -> None:
        _granted, self._bucket = self._bucket.take(count, self._now)
        self._used |= bool(count)
        self.tokens -= count

    def reserve(self, count: int) -> float:
        """Have ``count`` calls go before all that are claimed later; the seconds until the last of them may start."""
        wait, self._bucket = self._bucket.reserve(count, self._now)
        self._used = True
        return wait

    @property
    def wait(self) -> float:
        return self._bucket.wait(self._now)

    def save(self) -> None:
        if self._used:
            self._cr.execute(
                """INSERT INTO ghl_call_pace (account_id, company_id, level, at) VALUES (%s, %s, %s, %s)
                   ON CONFLICT (account_id) DO UPDATE SET level = EXCLUDED.level, at = EXCLUDED.at""",
                [self._account.id, self._account.company_id.id, self._bucket.level, self._bucket.at],
            )


def lock(cr, company_id: int) -> None:
    """Nobody else claims or reserves calls of the company until the transaction, which must be READ COMMITTED, ends."""
    cr.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, company_id])


def reserve(calls) -> float:
    """Make room for these calls, which somebody places by hand: seconds to wait before they are placed.

    They go before those of campaigns. TooFastError when it would take longer than `PATIENCE_SECONDS`; nothing is
    reserved then.
    """
    tx, longest = transactions.of(calls.env), 0.0
    for account, count in Counter(call.voip_account_id for call in calls if call.voip_account_id).items():
        with tx.env() as env:
            lock(env.cr, account.company_id.id)
            pace = Pace(env.cr, account)
            wait = pace.reserve(count)
            if wait > PATIENCE_SECONDS:
                raise TooFastError(
                    calls.env._(
                        "The account %(name)s may start %(rate)g calls per second: try again in %(wait)s seconds.",
                        name=account.name,
                        rate=account.calls_per_second,
                        wait=math.ceil(wait),
                    ),
                    wait,
                )
            pace.save()
        longest = max(longest, wait)
    return longest

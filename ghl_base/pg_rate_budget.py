"""The request budget all workers share: a sliding window log kept in PostgreSQL (see ``net/budget.py``)."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from psycopg2.extensions import ISOLATION_LEVEL_READ_COMMITTED

from odoo.sql_db import BaseCursor, db_connect

from .net.budget import RateLimits

_logger = logging.getLogger(__name__)

# Shortest wait ever answered, so that rounding cannot make a caller spin.
SHORTEST_WAIT = 0.005
UNKNOWN_DAILY_RESET = 3600.0
# Share by which the window is widened: a first request may lose 0.3 s of 10 s (a TLS handshake) on a later one.
DEFAULT_MARGIN = 0.03
# Unless a header tells something new, the daily figures are stored this often (seconds).
OBSERVE_EVERY = 2.0


class PgRateBudget:
    """Never more than the limit in any window, counted over all threads, processes and machines of a database.

    ``margin`` widens the window by that share of it, because two requests sent one interval apart may arrive closer
    together. Each call is one short transaction of about a millisecond on a pooled connection; the time is the
    database server's. Instances are cheap and may be shared by threads.
    """

    def __init__(
        self,
        dbname: str,
        *,
        limit: int = 100,
        interval: float = 10.0,
        margin: float = DEFAULT_MARGIN,
        company_id: int | None = None,
        name: str | None = None,
    ):
        self._dbname, self._limit, self._interval, self._margin = dbname, limit, interval, margin
        self._company_id, self._name = company_id, name
        self._seen: dict[str, _Seen] = {}
        self._lock = threading.Lock()

    def acquire(self, scope: str) -> float:
        """0.0: one request is granted now. More: nothing is granted, ask again after that many seconds."""
        with self._locked(scope) as (cr, row):
            window = row["interval"] * (1 + self._margin)
            stamps = [stamp for stamp in row["stamps"] if stamp > row["now"] - window]
            wait = row["blocked_until"] - row["now"]
            if wait > 0:
                return max(SHORTEST_WAIT, wait)
            if len(stamps) >= row["limit"]:
                # The limit may have shrunk: enough grants have to leave the window, not just the oldest.
                return max(SHORTEST_WAIT, stamps[len(stamps) - row["limit"]] + window - row["now"])
            # Never before the stamp granted last, should the server's clock step back.
            stamps.append(max(row["now"], stamps[-1] if stamps else 0.0))
            cr.execute(
                """UPDATE ghl_rate_budget SET stamps = %s, granted = granted + 1,
                          daily_remaining = greatest(daily_remaining - 1, 0) WHERE id = %s AND granted = %s""",
                [stamps, row["id"], row["granted"]],
            )
            if not cr.rowcount:
                # Granted to somebody else although we held the row: nothing is granted on a log that is out of date.
                _logger.warning("The request budget %s changed while it was locked", scope)
                return SHORTEST_WAIT
            with self._lock:
                self._seen.setdefault(scope, _Seen()).used = len(stamps)
            return 0.0

    def observe(self, scope: str, limits: RateLimits) -> None:
        """An answer carried these limits: obey them, and count what others spent of the same budget as ours."""
        if not self._is_news(scope, limits):
            return
        with self._locked(scope) as (cr, row):
            limit = limits.limit or row["limit"]
            interval = limits.interval_ms / 1000 if limits.interval_ms else row["interval"]
            window = interval * (1 + self._margin)
            stamps = [stamp for stamp in row["stamps"] if stamp > row["now"] - window]
            if limits.remaining is not None:
                others = min(limit, limit - limits.remaining) - len(stamps)
                stamps += [max(row["now"], stamps[-1] if stamps else 0.0)] * others
            blocked_until = row["blocked_until"]
            if limits.daily_remaining == 0:
                reset = limits.daily_reset_ms / 1000 if limits.daily_reset_ms else UNKNOWN_DAILY_RESET
                blocked_until = max(blocked_until, row["now"] + reset)
            cr.execute(
                """UPDATE ghl_rate_budget
                   SET request_limit = %s, interval_seconds = %s, stamps = %s,
                       blocked_until = CASE WHEN %s > 0 THEN to_timestamp(%s) AT TIME ZONE 'UTC' END,
                       daily_limit = coalesce(%s, daily_limit), daily_remaining = coalesce(%s, daily_remaining),
                       daily_reset_at = coalesce(
                           (clock_timestamp() AT TIME ZONE 'UTC') + %s * interval '1 millisecond', daily_reset_at)
                   WHERE id = %s""",
                [
                    limit,
                    interval,
                    stamps,
                    blocked_until,
                    blocked_until,
                    limits.daily_limit,
                    limits.daily_remaining,
                    limits.daily_reset_ms,
                    row["id"],
                ],
            )

    def blocked(self, scope: str, seconds: float) -> None:
        """The service refused a request: grant nothing to anybody for ``seconds``."""
        with self._locked(scope) as (cr, row):
            cr.execute(
                """UPDATE ghl_rate_budget
                   SET blocked_until = greatest(
                       blocked_until, (clock_timestamp() AT TIME ZONE 'UTC') + %s * interval '1 second')
                   WHERE id = %s""",
                [seconds, row["id"]],
            )

    def _is_news(self, scope: str, limits: RateLimits) -> bool:
        """Whether an answer is worth a transaction: not if it only confirms what the log already says."""
        now = time.monotonic()
        with self._lock:
            seen = self._seen.setdefault(scope, _Seen())
            told = (limits.limit, limits.interval_ms)
            others_spend = None not in (limits.limit, limits.remaining) and limits.limit - limits.remaining > seen.used
            recent = now < seen.stored + OBSERVE_EVERY
            if recent and told == seen.told and not others_spend and limits.daily_remaining != 0:
                return False
            seen.told, seen.stored = told, now
            return True

    @contextmanager
    def _locked(self, scope: str) -> Iterator[tuple[BaseCursor, dict]]:
        """The scope's row under a lock, in a transaction committed on exit; created when it is asked for first."""
        with db_connect(self._dbname).cursor() as cr:
            # Snapshot per statement: the log is read after the lock was waited for.
            cr.connection.set_isolation_level(ISOLATION_LEVEL_READ_COMMITTED)
            row = self._read(cr, scope)
            if row is None:
                cr.execute(
                    """INSERT INTO ghl_rate_budget (scope, name, company_id, request_limit, interval_seconds, margin,
                                                    stamps, granted, create_date, write_date)
                       VALUES (%s, %s, (SELECT id FROM res_company WHERE id = %s), %s, %s, %s, '{}', 0, now(), now())
                       ON CONFLICT (scope) DO NOTHING""",
                    [scope, self._name or scope, self._company_id, self._limit, self._interval, self._margin],
                )
                row = self._read(cr, scope)
            yield cr, row

    @staticmethod
    def _read(cr: BaseCursor, scope: str) -> dict | None:
        # One round trip; the second statement sees the time and the log as they are once the lock is held.
        cr.execute(
            """SELECT 1 FROM ghl_rate_budget WHERE scope = %(scope)s FOR UPDATE;
               SELECT id, request_limit AS limit, interval_seconds AS interval, stamps, granted,
                      coalesce(extract(epoch FROM blocked_until), 0)::float8 AS blocked_until,
                      extract(epoch FROM clock_timestamp())::float8 AS now
               FROM ghl_rate_budget WHERE scope = %(scope)s""",
            {"scope": scope},
        )
        return cr.dictfetchone()


@dataclass
class _Seen:
    """What this process knows of a scope without asking the database."""

    used: int = 0
    told: tuple | None = None
    stored: float = float("-inf")

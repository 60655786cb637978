"""The job queue in SQL: every method is one short READ COMMITTED transaction, never the handler's.

States: pending -> running -> done | failed | parked | cancelled, and running -> pending (retry, yield, lost worker).

``awaits`` holds the ids of transactions that asked for a job while they were still open. A job does not start before
they have ended, it is dropped when all of them rolled back, and a running job that was asked for again runs once more.
That way a unique job can be enqueued on a connection of its own, without conflicts between requests, and still behave
as if it had been enqueued by the caller's transaction.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .lease import Owner
from .outcome import Outcome

# Server clock; clock_timestamp() because now() stands still inside a transaction.
NOW = "(clock_timestamp() AT TIME ZONE 'UTC')"
# A job whose worker died this often without an error of its own probably kills its workers.
MAX_LOST = 10

ACTIVE = "state IN ('pending', 'running')"
# Ready once no transaction that asked for the job is open any more. The hour is for databases restored into another
# cluster, where the transaction ids mean nothing.
_READY = f"""(awaits IS NULL OR write_date < {NOW} - interval '1 hour' OR NOT EXISTS (
    SELECT 1 FROM unnest(awaits) asked WHERE NOT pg_visible_in_snapshot(asked, pg_current_snapshot())))"""
# Wanted unless every transaction that asked for it rolled back (an id too old or too new to be known counts as asked).
_WANTED = """(due.awaits IS NULL OR (
    SELECT coalesce(bool_or(CASE WHEN asked >= pg_snapshot_xmax(pg_current_snapshot()) THEN TRUE
                        ELSE coalesce(pg_xact_status(asked) <> 'aborted', TRUE) END), TRUE)
    FROM unnest(due.awaits) asked))"""
# Certain to run: at least one transaction that asked for it has committed.
_CERTAIN = """(awaits IS NULL OR EXISTS (
    SELECT 1 FROM unnest(awaits) asked
    WHERE CASE WHEN pg_visible_in_snapshot(asked, pg_current_snapshot())
               THEN coalesce(pg_xact_status(asked) = 'committed', TRUE) ELSE FALSE END))"""
SHOWN = """id, name, state, company_id, progress_done, progress_total, progress_message, error, stop_requested"""


@dataclass(frozen=True)
class ClaimedJob:
    """A job this worker holds the lease of."""

    id: int
    name: str
    model: str
    method: str
    payload: dict
    attempt: int
    max_attempts: int
    company_id: int
    user_id: int | None
    owner: str


class JobStore:
    """``transaction()`` opens a short transaction and gives its cursor; ``changed(cr, row)`` tells the listeners."""

    def __init__(
        self,
        transaction: Callable[[], AbstractContextManager[Any]],
        changed: Callable[[Any, dict], None],
        lease_seconds: float = 60.0,
    ):
        self._transaction, self._changed, self.lease_seconds = transaction, changed, lease_seconds

    # -- callers ------------------------------------------------------------------------------------------------

    def insert(
        self, cr: Any, values: dict, caller: str | None = None, rerun: bool = False, log_exceptions: bool = True
    ) -> dict:
        """The new job's row, written on ``cr``; with a key that is already active, the row of that job."""
        values = dict(values, payload=json.dumps(values["payload"]) if values["payload"] else None)
        eta = values.pop("eta", None)
        cr.execute(
            f"""
            INSERT INTO ghl_job (state, attempt, lost, eta, create_date, write_date, awaits, {", ".join(values)})
            VALUES ('pending', 0, 0, coalesce(%(eta)s, {NOW}), {NOW}, {NOW}, %(caller)s::text[]::xid8[],
                    {", ".join(f"%({name})s" for name in values)})
            ON CONFLICT (identity_key) WHERE {ACTIVE} DO UPDATE
            SET awaits = CASE
                    WHEN ghl_job.state = 'running' AND NOT %(rerun)s THEN ghl_job.awaits
                    WHEN ghl_job.state = 'pending' AND ghl_job.awaits IS NULL AND NOT %(rerun)s THEN NULL
                    ELSE coalesce(ghl_job.awaits, '{{}}') || coalesce(EXCLUDED.awaits, '{{}}') END,
                write_date = {NOW}
            RETURNING *""",
            values | {"eta": eta, "caller": [caller] if caller else None, "rerun": rerun},
            log_exceptions=log_exceptions,
        )
        # Not announced: a push costs more than the insert, and the run announces itself in a moment.
        return _dicts(cr)[0]

    def enqueue_unique(self, values: dict, caller: str | None, rerun: bool) -> tuple[dict, bool]:
        """The row of the one active job with this identity key, created if need be; whether anything was asked of it.

        ``caller`` is the id of the caller's transaction, None if there is none to wait for.
        """
        with self._transaction() as cr:
            # Nobody holds a lock on this key for long; should it happen, an error is better than a hanging request.
            cr.execute(
                f"""SET LOCAL lock_timeout = '10s';
                    SELECT *, {_CERTAIN} AS certain FROM ghl_job WHERE identity_key = %s AND {ACTIVE}""",
                [values["identity_key"]],
            )
            for row in _dicts(cr):
                # The common case of a busy endpoint: the job is there and will run, so nothing is written.
                if not rerun and (row["state"] == "running" or row["certain"]):
                    return row, False
            # The caller knows what to do about a company or location that only its own transaction sees.
            return self.insert(cr, values, caller, rerun, log_exceptions=False), True

    def stop(self, job_ids: list[int]) -> None:
        """Ask running jobs to stop at their next check, cancel pending ones."""
        with self._transaction() as cr:
            cr.execute(
                f"""
                UPDATE ghl_job SET stop_requested = TRUE,
                       state = CASE state WHEN 'pending' THEN 'cancelled' ELSE state END,
                       finished_at = CASE state WHEN 'pending' THEN {NOW} ELSE finished_at END, write_date = {NOW}
                WHERE id = ANY(%s) AND {ACTIVE} RETURNING {SHOWN}""",
                [job_ids],
            )
            self._announce(cr)

    def retry(self, job_ids: list[int]) -> list[int]:
        """Make failed, parked and cancelled jobs pending again; the ids that are.

        A job whose identity key has become active in the meantime stays as it is.
        """
        with self._transaction() as cr:
            retried = []
            for job_id in job_ids:
                cr.execute(
                    f"""
                    UPDATE ghl_job j SET state = 'pending', eta = {NOW}, attempt = 0, lost = 0, stop_requested = FALSE,
                           error = NULL, error_detail = NULL, finished_at = NULL, write_date = {NOW}
                    WHERE id = %s AND state IN ('failed', 'parked', 'cancelled')
                      AND NOT EXISTS (SELECT 1 FROM ghl_job o WHERE o.identity_key = j.identity_key AND o.{ACTIVE})
                    RETURNING {SHOWN}""",
                    [job_id],
                )
                retried += [job["id"] for job in self._announce(cr)]
            return retried

    # -- workers ------------------------------------------------------------------------------------------------

    def adopt(self) -> int:
        """Put back the running jobs of dead workers: lease run out, or a process of this machine that is gone."""
        with self._transaction() as cr:
            # pylint: disable-next=sql-injection  # constants of this module only
            cr.execute(f"SELECT id, lease_owner, lease_until < {NOW} FROM ghl_job WHERE state = 'running'")
            adopted = 0
            for job_id, owner, expired in cr.fetchall():
                known = Owner.parse(owner)
                gone = known is None or known.is_dead_here()
                if expired or gone:
                    adopted += self._put_back(cr, job_id, owner, gone)
            return adopted

    def _put_back(self, cr: Any, job_id: int, owner: str | None, gone: bool) -> int:
        # Owner and lease are looked at again under the lock: they may have been renewed or taken in between.
        cr.execute(
            f"""
            UPDATE ghl_job SET lost = coalesce(lost, 0) + 1, attempt = greatest(attempt - 1, 0), eta = {NOW},
                   lease_owner = NULL, lease_until = NULL, write_date = {NOW},
                   state = CASE WHEN stop_requested THEN 'cancelled'
                                WHEN coalesce(lost, 0) + 1 >= %(most)s THEN 'failed' ELSE 'pending' END,
                   error = CASE WHEN coalesce(lost, 0) + 1 >= %(most)s THEN %(sentence)s ELSE error END,
                   finished_at = {NOW}
            WHERE id = (SELECT id FROM ghl_job WHERE id = %(id)s AND state = 'running' FOR UPDATE SKIP LOCKED)
              AND state = 'running' AND lease_owner IS NOT DISTINCT FROM %(owner)s
              AND (%(gone)s OR lease_until < {NOW})
            RETURNING {SHOWN}""",
            {
                "id": job_id,
                "owner": owner,
                "gone": gone,
                "most": MAX_LOST,
                "sentence": f"The server process running this job died {MAX_LOST} times.",
            },
        )
        return len(self._announce(cr))

    def claim(self, job_id: int | None = None) -> ClaimedJob | None:
        """The most urgent due job (or that job, if it is due), now running and leased to this worker."""
        while True:
            owner = str(Owner.here())
            with self._transaction() as cr:
                cr.execute(
                    f"""
                    WITH due AS (
                        SELECT id, awaits FROM ghl_job
                        WHERE state = 'pending' AND eta <= {NOW} AND (%(id)s IS NULL OR id = %(id)s) AND {_READY}
                        ORDER BY priority, eta, id LIMIT 1 FOR UPDATE SKIP LOCKED)
                    UPDATE ghl_job SET state = 'running', attempt = attempt + 1, awaits = NULL, lease_owner = %(owner)s,
                           lease_until = {NOW} + %(lease)s * interval '1 second', started_at = {NOW},
                           finished_at = NULL, write_date = {NOW}
                    FROM due WHERE ghl_job.id = due.id
                    RETURNING ghl_job.*, {_WANTED} AS wanted""",
                    {"id": job_id, "owner": owner, "lease": self.lease_seconds},
                )
                row = next(iter(_dicts(cr)), None)
                if row is None:
                    return None
                if row["wanted"]:
                    return ClaimedJob(
                        **{k: row[k] for k in ("id", "name", "model", "method", "attempt", "max_attempts")},
                        payload=row["payload"] or {},
                        company_id=row["company_id"],
                        user_id=row["user_id"],
                        owner=owner,
                    )
                # Every transaction that asked for it rolled back: as if it had never been asked for.
                cr.execute("DELETE FROM ghl_job WHERE id = %s", [row["id"]])

    def renew(self, job: ClaimedJob) -> bool | None:
        """Renew the lease: True if Stop was pressed, False if not, None if the job is not ours any more."""
        return self.progress(job, {}, announce=False)

    def progress(self, job: ClaimedJob, values: dict, announce: bool = True) -> bool | None:
        """Store progress values, tell the listeners and renew the lease; answers like ``renew``."""
        with self._transaction() as cr:
            assignments, params = _assign(values)
            cr.execute(
                f"""
                UPDATE ghl_job SET {assignments} write_date = {NOW},
                       lease_until = {NOW} + %(lease)s * interval '1 second'
                WHERE id = %(id)s AND state = 'running' AND lease_owner = %(owner)s RETURNING {SHOWN}""",
                params | {"lease": self.lease_seconds, "id": job.id, "owner": job.owner},
            )
            rows = self._announce(cr) if announce else _dicts(cr)
            return rows[0]["stop_requested"] is True if rows else None

    def holds(self, cr: Any, job: ClaimedJob) -> bool:
        """Whether the job is still ours, checked on the handler's cursor; nobody can take it until that commits."""
        cr.execute(
            "SELECT 1 FROM ghl_job WHERE id = %s AND state = 'running' AND lease_owner = %s FOR SHARE",
            [job.id, job.owner],
        )
        return bool(cr.fetchone())

    def settle(self, job: ClaimedJob, outcome: Outcome, progress: dict) -> str | None:
        """Record how the run ended; the new state, None if the job is not ours any more.

        A job that was asked for again while it ran goes back to pending instead of ending as done or failed.
        """
        values = dict(progress)
        if outcome.state == "done":
            values |= {"result": outcome.result if outcome.result is not None else values.get("result")}
        with self._transaction() as cr:
            assignments, params = _assign(values)
            cr.execute(
                f"""
                UPDATE ghl_job SET {assignments}
                       state = CASE WHEN awaits IS NOT NULL AND %(state)s IN ('done', 'failed') THEN 'pending'
                                    WHEN stop_requested AND %(state)s = 'pending' THEN 'cancelled'
                                    ELSE %(state)s END,
                       attempt = CASE WHEN awaits IS NOT NULL AND %(state)s IN ('done', 'failed') THEN 0
                                      WHEN %(counts)s THEN attempt ELSE attempt - 1 END,
                       eta = {NOW} + %(delay)s * interval '1 second', finished_at = {NOW}, write_date = {NOW},
                       error = %(error)s, error_detail = %(error_detail)s, lease_owner = NULL, lease_until = NULL
                WHERE id = %(id)s AND state = 'running' AND lease_owner = %(owner)s RETURNING {SHOWN}""",
                params
                | {
                    "state": outcome.state,
                    "counts": outcome.counts,
                    "delay": outcome.delay,
                    "error": outcome.error,
                    "error_detail": outcome.error_detail,
                    "id": job.id,
                    "owner": job.owner,
                },
            )
            rows = self._announce(cr)
            return rows[0]["state"] if rows else None

    def seconds_to_next(self) -> float | None:
        """Seconds until the next pending job is due (0 or less: one is), None if no job is pending."""
        with self._transaction() as cr:
            # pylint: disable-next=sql-injection  # constants of this module only
            cr.execute(f"SELECT extract(epoch FROM min(eta) - {NOW}) FROM ghl_job WHERE state = 'pending' AND {_READY}")
            (seconds,) = cr.fetchone()
            return None if seconds is None else float(seconds)

    def due_at(self, job_id: int) -> datetime | None:
        """When that job is to run (naive UTC), None if it is not pending."""
        with self._transaction() as cr:
            cr.execute("SELECT eta FROM ghl_job WHERE id = %s AND state = 'pending'", [job_id])
            row = cr.fetchone()
            return row[0] if row else None

    def outcome(self, job_id: int) -> dict:
        """The job's ``state``, ``result`` and ``error`` now; a job that is gone counts as cancelled."""
        with self._transaction() as cr:
            cr.execute("SELECT state, result, error FROM ghl_job WHERE id = %s", [job_id])
            return next(iter(_dicts(cr)), {"state": "cancelled", "result": None, "error": None})

    def _announce(self, cr: Any) -> list[dict]:
        rows = _dicts(cr)
        for row in rows:
            self._changed(cr, row)
        return rows


def _assign(values: dict) -> tuple[str, dict]:
    """The SET part for progress values and its parameters."""
    params = {f"set_{name}": json.dumps(value) if name == "result" else value for name, value in values.items()}
    return "".join(f"{name} = %(set_{name})s, " for name in values), params


def _dicts(cr: Any) -> list[dict]:
    names = [column.name for column in cr.description]
    return [dict(zip(names, row, strict=True)) for row in cr.fetchall()]

"""The loop every executor shares: claim a due job, run its handler, record what became of it."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from ..net.errors import Stopped
from .backoff import Backoff
from .outcome import Outcome, failure, success
from .run import JobRun, LeaseLost
from .store import ClaimedJob, JobStore

_logger = logging.getLogger(__name__)

HANDLER_PREFIX = "_job_"
ANNOUNCE_AFTER = 0.2


class HandlerTransaction(Protocol):
    """The transaction a handler works in."""

    env: Any

    def commit(self, still_ours: Callable[[Any], bool]) -> bool:
        """Commit if ``still_ours(cursor)``, else roll back; what it said."""


class Worker:
    """Runs due jobs in the calling thread; ``open_handler(job)`` opens the transaction the handler works in."""

    def __init__(
        self,
        store: JobStore,
        open_handler: Callable[[ClaimedJob], AbstractContextManager[HandlerTransaction]],
        *,
        heartbeats: bool = True,
        backoff: Backoff | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._store, self._open_handler, self._heartbeats = store, open_handler, heartbeats
        self._backoff, self._clock = backoff or Backoff(), clock

    def drain(self, limit: int | None = None, seconds: float | None = None, job_id: int | None = None) -> int:
        """Adopt what dead workers left, then run due jobs (or that one) until none is due; how many were run.

        After ``seconds`` no further job is started and the running one is asked to yield.
        """
        end = None if seconds is None else self._clock() + seconds
        self._store.adopt()
        ran = 0
        while (limit is None or ran < limit) and (end is None or self._clock() < end):
            job = self._store.claim(job_id)
            if job is None:
                break
            self._run(job, end)
            ran += 1
        return ran

    def _run(self, job: ClaimedJob, slice_end: float | None) -> None:
        port = _Port(self._store, job)
        run = JobRun(
            job_id=job.id,
            payload=job.payload,
            attempt=job.attempt,
            env=None,
            port=port,
            slice_end=slice_end,
            clock=self._clock,
        )
        started = self._clock()
        heartbeat = _Heartbeat(self._store, job, run) if self._heartbeats else None
        if heartbeat:
            heartbeat.start()
        try:
            outcome = self._call(job, run, port)
        except LeaseLost:
            _logger.warning("Job %s (%s) was taken over by another worker; this run ends", job.id, job.name)
            return
        finally:
            if heartbeat:
                heartbeat.stop()
        state = self._store.settle(job, outcome, run.last_progress)
        _logger.info(
            "Job %s (%s) attempt %s: %s after %.3f s",
            job.id,
            job.name,
            job.attempt,
            state or "taken over",
            self._clock() - started,
        )

    def _call(self, job: ClaimedJob, run: JobRun, port: _Port) -> Outcome:
        try:
            with self._open_handler(job) as transaction:
                port.transaction, run.env = transaction, transaction.env
                try:
                    result = self._handler(job, run)(run)
                except Stopped:
                    # A wait inside the gateway was ended on our behalf: say why.
                    run.check()
                    raise
                json.dumps(result)
                run.commit()
            return success(result)
        except LeaseLost:
            raise
        except Exception as error:
            outcome = failure(error, job.attempt, job.max_attempts, self._backoff)
            if outcome.error_detail and outcome.state != "parked":
                # Once per failed run, with the redacted detail: the raw traceback could show a token.
                _logger.warning(
                    "Job %s (%s) attempt %s failed: %s\n%s",
                    job.id,
                    job.name,
                    job.attempt,
                    outcome.error,
                    outcome.error_detail,
                )
            return outcome
        except BaseException:
            # The process is being shut down: hand the job back on the way out.
            self._store.settle(job, Outcome("pending", counts=False), run.last_progress)
            raise

    @staticmethod
    def _handler(job: ClaimedJob, run: JobRun) -> Callable[[JobRun], dict | None]:
        if not job.method.startswith(HANDLER_PREFIX) or job.model not in run.env:
            raise MissingHandler(f"This version of the software has no job {job.model}.{job.method}.")
        handler = getattr(run.env[job.model], job.method, None)
        if handler is None:
            raise MissingHandler(f"This version of the software has no job {job.model}.{job.method}.")
        return handler


class MissingHandler(Exception):
    """The job's model or method does not exist (any more)."""

    retryable = False

    def human(self) -> str:
        return str(self)


class _Port:
    """What a run needs of its job row and transaction (see ``run.JobPort``)."""

    def __init__(self, store: JobStore, job: ClaimedJob):
        self._store, self._job = store, job
        self.transaction: HandlerTransaction | None = None

    def progress(self, values: dict) -> bool | None:
        return self._store.progress(self._job, values)

    def renew(self) -> bool | None:
        return self._store.renew(self._job)

    def commit(self) -> bool:
        return self.transaction.commit(lambda cr: self._store.holds(cr, self._job))


class _Heartbeat(threading.Thread):
    """Renews the lease while the handler works, and hears of Stop and of a lost lease."""

    def __init__(self, store: JobStore, job: ClaimedJob, run: JobRun):
        super().__init__(name=f"ghl.job.heartbeat.{job.id}", daemon=True)
        self.dbname = getattr(threading.current_thread(), "dbname", None)
        self._store, self._job, self._run = store, job, run
        self._done = threading.Event()

    def run(self) -> None:
        # Announced as running only if it takes a while: a push costs several times as much as a short job.
        pause, announce = ANNOUNCE_AFTER, True
        while not self._done.wait(pause):
            try:
                self._run.note(self._store.progress(self._job, {}, announce=announce))
                pause, announce = self._store.lease_seconds / 3, False
            except Exception:
                # The next beat tries again; if none succeeds the lease runs out and the job is adopted.
                _logger.warning("Heartbeat of job %s failed", self._job.id, exc_info=True)

    def stop(self) -> None:
        self._done.set()
        self.join()

"""What a job handler gets, and the exceptions it may end with.

JobStopped           a user pressed Stop                        -> cancelled
 └ LeaseLost         another worker owns the job now            -> nothing is recorded, the other one goes on
JobYield             the executor's time slice is over          -> pending at once, the attempt does not count
JobPark(reason)      only a human can help (bad credentials)    -> parked, ``reason`` is shown
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

# Progress is stored and pushed at most twice a second, the stop flag is read at most once a second.
PROGRESS_EVERY = 0.5
LOOK_EVERY = 1.0


class JobStopped(Exception):
    """The job shall end now; nothing more is expected of it."""


class LeaseLost(JobStopped):
    """Another worker took the job over: this one must not write anything any more."""


class JobYield(Exception):
    """Put the job back at once; its handler goes on later from its own stored cursor."""


class JobPark(Exception):
    """The job cannot go on without a human. ``reason`` is a sentence for that human."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


class JobPort(Protocol):
    """The job row as its running handler sees it; every method is one short transaction of its own."""

    def progress(self, values: dict) -> bool | None:
        """Store the progress and renew the lease. Like ``renew``: whether Stop was pressed, None if not ours."""

    def renew(self) -> bool | None:
        """Renew the lease. True if Stop was pressed, False if not, None if the job is not ours any more."""

    def commit(self) -> bool:
        """Commit the handler's transaction if, and only if, the job is still ours."""


class JobRun:
    """One attempt at one job. ``check`` and ``should_stop`` are safe in any thread, the rest is for the handler's."""

    def __init__(
        self,
        *,
        job_id: int,
        payload: dict | None,
        attempt: int,
        env: Any,
        port: JobPort,
        slice_end: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.job_id = job_id
        self.payload = payload or {}
        self.attempt = attempt
        self.env = env
        self._port, self._slice_end, self._clock = port, slice_end, clock
        self._stop = self._lost = False
        self._looked = clock()
        self._stored = float("-inf")
        self._pending: dict = {}
        self._looking = threading.Lock()

    def progress(
        self, done: int | None = None, total: int | None = None, message: str | None = None, result: dict | None = None
    ) -> None:
        """Show how far the job is (what is left out keeps its value), at most twice a second unless it is final.

        Stored outside the handler's transaction: visible at once, kept when the handler rolls back.
        Raises JobStopped like ``check`` when it stored something.
        """
        given = {"progress_done": done, "progress_total": total, "progress_message": message, "result": result}
        self._pending |= {key: value for key, value in given.items() if value is not None}
        final = result is not None or (done is not None and done == self._pending.get("progress_total"))
        if self._pending and (final or self._clock() - self._stored >= PROGRESS_EVERY):
            self._stored = self._looked = self._clock()
            # The totals stay, so that a later call with ``done`` alone can still be recognised as final.
            self.note(self._port.progress(self._pending))
            self._raise_if_stopped()

    def check(self) -> None:
        """Raise JobStopped, LeaseLost or JobYield when the handler must end here; cheap, call it in every loop."""
        if self.should_stop():
            self._raise_if_stopped()
            raise JobYield()

    def should_stop(self) -> bool:
        """Whether ``check`` would raise: for helper threads and waits, which must not raise themselves."""
        due = not (self._stop or self._lost) and self._clock() - self._looked >= LOOK_EVERY
        # One thread asks the database, the others go by what is known.
        if due and self._looking.acquire(blocking=False):
            try:
                self._looked = self._clock()
                self.note(self._port.renew())
            finally:
                self._looking.release()
        return self._stop or self._lost or (self._slice_end is not None and self._clock() >= self._slice_end)

    def commit(self) -> None:
        """Commit the handler's transaction; raises LeaseLost, with nothing committed, when the job is not ours."""
        if not self._port.commit():
            self._lost = True
            raise LeaseLost()

    def note(self, stop_requested: bool | None) -> None:
        """Take in what the job row said (the heartbeat calls this): None means the job is not ours any more."""
        if stop_requested is None:
            self._lost = True
        elif stop_requested:
            self._stop = True

    @property
    def last_progress(self) -> dict:
        """The values given last, stored with the outcome because throttling may have held them back."""
        return dict(self._pending)

    def _raise_if_stopped(self) -> None:
        if self._lost:
            raise LeaseLost()
        if self._stop:
            raise JobStopped()

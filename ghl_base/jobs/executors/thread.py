"""Runs jobs in threads of this process right after the commit that asked for them: quick, and not needed for safety.

A thread that dies with its process leaves a lease that others take over (see ``store.adopt``).
"""

from __future__ import annotations

import logging
import os
import threading
from dataclasses import dataclass

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from .engine import Engine, lease_seconds
from .sessions import OwnSessions

_logger = logging.getLogger(__name__)

# An idle thread waits this long for a retry that is about to be due, or for new work, before it ends.
LINGER = 30.0


class ThreadExecutor:
    """At most ``threads`` workers per database in this process; they end when nothing is due."""

    def __init__(self):
        self._reset()

    def _reset(self) -> None:
        self._pid = os.getpid()
        self._changed = threading.Condition()
        self._pools: dict[str, _Pool] = {}

    def wake(self, dbname: str, threads: int) -> None:
        """Have somebody look for due jobs now. Never raises: the cron finds the job in any case."""
        try:
            if self._pid != os.getpid():
                # A forked child inherits the counters, but none of the threads.
                self._reset()
            with self._changed:
                pool = self._pools.setdefault(dbname, _Pool())
                pool.calls += 1
                if pool.idle:
                    # Taken off here and now, so that a second call does not count on the same thread.
                    pool.idle -= 1
                    pool.taken += 1
                    self._changed.notify_all()
                    return
                if pool.running >= threads:
                    return
                pool.running += 1
            try:
                _JobThread(self, dbname).start()
            except BaseException:
                self.gone(dbname)
                raise
        except Exception:
            _logger.warning("No job thread could be started; the scheduled action will run the job", exc_info=True)

    def calls(self, dbname: str) -> int:
        with self._changed:
            return self._pools[dbname].calls

    def wait(self, dbname: str, seconds: float) -> None:
        """Stay at hand for that long at most, or until somebody calls."""
        with self._changed:
            pool = self._pools[dbname]
            pool.idle += 1
            if self._changed.wait_for(lambda: pool.taken > 0, timeout=seconds):
                pool.taken -= 1
            else:
                pool.idle -= 1

    def leave(self, dbname: str, calls: int) -> bool:
        """Whether a thread that found nothing since ``calls`` may end; False if somebody called in the meantime."""
        with self._changed:
            pool = self._pools[dbname]
            if pool.calls != calls:
                return False
            pool.running -= 1
            return True

    def gone(self, dbname: str) -> None:
        """Take a thread off the count that did not ``leave`` by itself."""
        with self._changed:
            self._pools[dbname].running -= 1


@dataclass
class _Pool:
    running: int = 0
    idle: int = 0
    taken: int = 0
    calls: int = 0


class _JobThread(threading.Thread):
    def __init__(self, executor: ThreadExecutor, dbname: str):
        super().__init__(name=f"ghl.job.{dbname}", daemon=True)
        # Odoo's log lines look for the database on the thread.
        self.dbname = dbname
        self._executor = executor

    def run(self) -> None:
        try:
            while True:
                calls = self._executor.calls(self.dbname)
                engine = self._engine()
                engine.worker.drain()
                seconds = engine.store.seconds_to_next()
                if seconds is not None and seconds <= LINGER:
                    self._executor.wait(self.dbname, max(seconds, 0.05))
                elif self._executor.leave(self.dbname, calls):
                    return
        except BaseException:
            _logger.exception("Job thread failed; the scheduled action goes on")
            self._executor.gone(self.dbname)

    def _engine(self) -> Engine:
        registry = Registry(self.dbname).check_signaling()
        with registry.cursor() as cr:
            return Engine(OwnSessions(self.dbname), lease_seconds(api.Environment(cr, SUPERUSER_ID, {})))


executor = ThreadExecutor()

"""One thread per database that works off what waits, as soon as somebody says so: for speed, never for safety."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable

import psycopg2

_logger = logging.getLogger(__name__)

# A thread that found nothing to do stays at hand for so long: the next delivery usually comes soon.
LINGER_SECONDS = 20.0
# From one round to the next: the first delivery is worked off at once, and those of a flood by the handful.
REST_SECONDS = 0.1


class Background:
    """Runs ``work(dbname)``, which does all there is to do, after each `wake` and never twice at once in a process."""

    def __init__(self, name: str, work: Callable[[str], object]) -> None:
        self._name, self._work = name, work
        self._reset()

    def _reset(self) -> None:
        self._pid = os.getpid()
        self._changed = threading.Condition()
        self._calls: dict[str, int] = {}
        self._running: set[str] = set()

    def wake(self, dbname: str) -> None:
        """Have the work done now, by the thread at hand or a new one. Never raises: scheduled actions look as well."""
        try:
            if self._pid != os.getpid():
                self._reset()  # a forked child has inherited the books, but none of the threads
            with self._changed:
                self._calls[dbname] = self._calls.get(dbname, 0) + 1
                self._changed.notify_all()
                if dbname in self._running:
                    return
                self._running.add(dbname)
            thread = threading.Thread(target=self._run, args=(dbname,), name=f"{self._name}.{dbname}", daemon=True)
            thread.dbname = dbname  # Odoo's log lines look for it
            try:
                thread.start()
            except BaseException:
                with self._changed:
                    self._running.discard(dbname)
                raise
        except Exception:
            _logger.warning("No thread for %s: the scheduled action does the work", self._name, exc_info=True)

    def _run(self, dbname: str) -> None:
        while self._is_called(dbname):
            rested = time.monotonic() + REST_SECONDS
            try:
                self._work(dbname)
            except psycopg2.OperationalError:
                _logger.info("%s: the database is gone", self._name)
            except Exception:
                _logger.exception("%s failed; the scheduled action goes on", self._name)
            time.sleep(max(0.0, rested - time.monotonic()))

    def _is_called(self, dbname: str) -> bool:
        """Wait until somebody calls; False, and off the books, when nobody does for a while."""
        with self._changed:
            if self._changed.wait_for(lambda: self._calls[dbname] > 0, timeout=LINGER_SECONDS):
                self._calls[dbname] = 0
                return True
            self._running.discard(dbname)
            return False

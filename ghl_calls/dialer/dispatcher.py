"""Runs `tick` in a thread of this process as soon as something moved: for speed; the scheduled action is the safety.

The thread itself never waits for a provider: calls are placed by a few helpers, so that a slow answer holds up nobody.
No more is claimed than helpers are free: a call that waited for one would be sent at another's pace.
It stays at hand while pace or a near retry asks for another look, and ends when nothing is left to do.
"""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg2

from odoo import api

from ...ghl_base.jobs.executors.sessions import is_test_cursor
from . import place as placing
from . import transactions
from .background import LINGER_SECONDS, REST_SECONDS, Background
from .tick import tick

_logger = logging.getLogger(__name__)


class Dispatcher(Background):
    """One thread per database."""

    def __init__(self) -> None:
        super().__init__("ghl.campaigns", tick)

    def _run(self, dbname: str) -> None:
        seen, pause, busy = 0, None, set()

        def freed(future):
            all_were_busy = len(busy) >= placing.THREADS
            busy.discard(future)
            if all_were_busy:
                self.wake(dbname)

        with ThreadPoolExecutor(placing.THREADS, thread_name_prefix="ghl.campaigns.place") as helpers:

            def hand_over(source, call_ids):
                tx = transactions.of(dbname)
                for call_id in call_ids:
                    future = helpers.submit(_place, tx, call_id)
                    busy.add(future)
                    future.add_done_callback(freed)

            while True:
                with self._changed:
                    timeout = LINGER_SECONDS if pause is None else pause
                    called = self._changed.wait_for(lambda seen=seen: self._calls[dbname] > seen, timeout=timeout)
                    if not called and pause is None:
                        self._running.discard(dbname)
                        return
                    seen = self._calls[dbname]
                rested = time.monotonic() + REST_SECONDS
                try:
                    pause = tick(dbname, place=hand_over, most=placing.THREADS - len(busy))
                except psycopg2.OperationalError:
                    pause = None
                    _logger.info("The database %s is gone, or busy; the scheduled action goes on", dbname)
                except Exception:
                    pause = None
                    _logger.exception("Campaigns could not be moved on; the scheduled action goes on")
                time.sleep(max(0.0, rested - time.monotonic()))


def _place(tx: transactions.Transactions, call_id: int) -> None:
    threading.current_thread().dbname = tx.dbname
    try:
        placing.place(tx, [call_id])
    except Exception:
        # The row says how far it came: taken back if it was not sent, asked about if it may have been.
        _logger.exception("Placing call %s failed", call_id)


dispatcher = Dispatcher()


def wake_after_commit(env: api.Environment) -> None:
    """Have campaigns looked at as soon as this transaction is committed."""
    # In a test nobody else can see the transaction: the test ticks itself.
    if not is_test_cursor(env.cr):
        dbname = env.cr.dbname
        env.cr.postcommit.add(lambda: dispatcher.wake(dbname))

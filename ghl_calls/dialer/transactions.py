"""The short transactions of the engine: each on a connection of its own, except inside the transaction of a test."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from ...ghl_base.jobs.executors.sessions import OwnSessions, SharedSessions, is_test_cursor

# Written by programs, many times in the life of a call: no chatter message for each, and no line of the activity log
# for each report, as the call's events tell the same.
CONTEXT = {"tracking_disable": True, "mail_notrack": True, "active_test": False, "ghl_log_updates": False}

LOOK_EVERY = 1.0  # seconds
_looked_at: dict[str, float] = {}

Item = TypeVar("Item")
Result = TypeVar("Result")


class Transactions:
    """Opens READ COMMITTED transactions of one database, as superuser: the engine works for all companies."""

    def __init__(self, sessions: OwnSessions | SharedSessions, dbname: str):
        self._sessions = sessions
        self.dbname = dbname
        self.shared = isinstance(sessions, SharedSessions)

    @contextmanager
    def env(self) -> Iterator[api.Environment]:
        """An environment whose transaction is committed on exit, and rolled back by an exception."""
        with self._sessions.short() as cr:
            env = api.Environment(cr, SUPERUSER_ID, CONTEXT)
            if self.shared:
                env.invalidate_all()
            yield env
            env.flush_all()

    def each(self, work: Callable[[Item], Result], items: Iterable[Item], threads: int) -> list[Result]:
        """``work`` done for all items, side by side where connections allow it; results in the items' order."""
        items = list(items)
        if self.shared or len(items) < 2:
            return [work(item) for item in items]

        def named(item):
            threading.current_thread().dbname = self.dbname  # for Odoo's log lines
            return work(item)

        with ThreadPoolExecutor(min(threads, len(items)), thread_name_prefix="ghl.dialer") as pool:
            return list(pool.map(named, items))


def _look_for_changes(dbname: str) -> None:
    """Take over what other processes changed in models and settings; a second late at most, as calls come by dozens."""
    now = time.monotonic()
    if now - _looked_at.get(dbname, -math.inf) >= LOOK_EVERY:
        _looked_at[dbname] = now
        Registry(dbname).check_signaling()


def of(source: api.Environment | str | Transactions) -> Transactions:
    """The transactions of an environment's database, or of a database by its name."""
    if isinstance(source, Transactions):
        return source
    if isinstance(source, str):
        _look_for_changes(source)
        return Transactions(OwnSessions(source), source)
    shared = is_test_cursor(source.cr)
    return Transactions(SharedSessions(source.cr) if shared else OwnSessions(source.cr.dbname), source.cr.dbname)

"""The transactions jobs are run in: short ones for the queue, a longer one for each handler, all READ COMMITTED."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from psycopg2.extensions import ISOLATION_LEVEL_READ_COMMITTED

from odoo import SUPERUSER_ID, api
from odoo.modules import module
from odoo.modules.registry import Registry
from odoo.sql_db import BaseCursor, Cursor

from ..store import ClaimedJob


def is_test_cursor(cr: BaseCursor) -> bool:
    """Whether ``cr`` is the transaction of a running Odoo test, which no second connection can see.

    Odoo's test cases forbid commits by replacing the method on their cursor; HttpCase requests get a TestCursor.
    """
    return bool(module.current_test) and (not isinstance(cr, Cursor) or "commit" in vars(cr))


class OwnSessions:
    """Every transaction on a connection of its own."""

    heartbeats = True

    def __init__(self, dbname: str):
        self.dbname = dbname

    @contextmanager
    def short(self) -> Iterator[BaseCursor]:
        """A short transaction, committed on exit."""
        with Registry(self.dbname).cursor() as cr:
            # For the life of this cursor, also after a commit; Odoo sets the level anew for every cursor.
            cr.connection.set_isolation_level(ISOLATION_LEVEL_READ_COMMITTED)
            yield cr

    @contextmanager
    def handler(self, job: ClaimedJob) -> Iterator[OwnTransaction]:
        """The transaction of one handler run, rolled back unless the handler committed it."""
        # Another process may have changed the registry or its caches since this thread looked last.
        registry = Registry(self.dbname).check_signaling()
        with registry.cursor() as cr:
            cr.connection.set_isolation_level(ISOLATION_LEVEL_READ_COMMITTED)
            try:
                yield OwnTransaction(_env(cr, job))
            except BaseException:
                registry.reset_changes()
                raise
            registry.signal_changes()


class OwnTransaction:
    def __init__(self, env: api.Environment):
        self.env = env

    def commit(self, still_ours: Callable[[Any], bool]) -> bool:
        self.env.flush_all()
        if not still_ours(self.env.cr):
            self.env.cr.rollback()
            return False
        # A handler commits page by page, in a transaction of its own.
        self.env.cr.commit()  # pylint: disable=invalid-commit
        return True


class SharedSessions:
    """Everything inside the one transaction of a running test: savepoints instead of transactions, no threads."""

    heartbeats = False

    def __init__(self, cr: BaseCursor):
        self.cr = cr

    @contextmanager
    def short(self) -> Iterator[BaseCursor]:
        with self.cr.savepoint():
            yield self.cr
        self.cr.transaction.invalidate_field_data()

    @contextmanager
    def handler(self, job: ClaimedJob) -> Iterator[SharedTransaction]:
        transaction = SharedTransaction(_env(self.cr, job))
        try:
            yield transaction
        except BaseException:
            transaction.savepoint.close(rollback=True)
            raise
        transaction.savepoint.close(rollback=False)


class SharedTransaction:
    """A savepoint renewed at each commit: what the handler committed stays when it fails later, as in real life."""

    def __init__(self, env: api.Environment):
        self.env = env
        self.savepoint = env.cr.savepoint()

    def commit(self, still_ours: Callable[[Any], bool]) -> bool:
        self.env.flush_all()
        ours = still_ours(self.env.cr)
        self.savepoint.close(rollback=not ours)
        self.savepoint = self.env.cr.savepoint()
        return ours


def _env(cr: BaseCursor, job: ClaimedJob) -> api.Environment:
    return api.Environment(cr, SUPERUSER_ID, {"allowed_company_ids": [job.company_id]})

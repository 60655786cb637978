"""When the engine looks at what waits: woken by a door or a button, and every minute by a scheduled action."""

from __future__ import annotations

from odoo import api

from ...ghl_base.jobs.executors.sessions import is_test_cursor
from . import inbox, reconcile


def wake_inbox(env: api.Environment) -> None:
    """Work off the inbox as soon as this transaction is committed."""
    _after_commit(env, inbox.drainer)


def wake_reconcile(env: api.Environment) -> None:
    """Ask about the calls that are due as soon as this transaction is committed."""
    _after_commit(env, reconcile.reconciler)


def _after_commit(env: api.Environment, background) -> None:
    # In a test nobody else can see the transaction: the test does the work itself.
    if not is_test_cursor(env.cr):
        dbname = env.cr.dbname
        env.cr.postcommit.add(lambda: background.wake(dbname))


def catch_up(env: api.Environment) -> None:
    """Do now all that is due."""
    if not is_test_cursor(env.cr):
        env.cr.commit()  # the work is done in transactions of its own: do not keep this one open meanwhile
    inbox.drain(env)
    reconcile.run(env)

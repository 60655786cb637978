"""Puts store, worker and sessions together for one database."""

from __future__ import annotations

from odoo import SUPERUSER_ID, api
from odoo.sql_db import BaseCursor

from ..store import JobStore
from ..worker import Worker
from .sessions import OwnSessions, SharedSessions, is_test_cursor

DEFAULT_LEASE_SECONDS = 60


class Engine:
    """``store`` (the queue) and ``worker`` (runs it) of one database."""

    def __init__(self, sessions: OwnSessions | SharedSessions, lease_seconds: float = DEFAULT_LEASE_SECONDS):
        self.sessions = sessions
        self.store = JobStore(sessions.short, announce, lease_seconds)
        self.worker = Worker(self.store, sessions.handler, heartbeats=sessions.heartbeats)

    @classmethod
    def of(cls, env: api.Environment) -> Engine:
        """The engine for this database; works inside this transaction if, and only if, that is a test's."""
        shared = is_test_cursor(env.cr)
        return cls(SharedSessions(env.cr) if shared else OwnSessions(env.cr.dbname), lease_seconds(env))

    @property
    def shared(self) -> bool:
        return isinstance(self.sessions, SharedSessions)


def lease_seconds(env: api.Environment) -> float:
    return setting(env, "ghl.job_lease_seconds", DEFAULT_LEASE_SECONDS, minimum=3)


def setting(env: api.Environment, key: str, default: int, minimum: int = 1) -> int:
    """A whole number from the system parameters; the default when it is missing or not a number."""
    # sudo: system parameters are closed to everybody else, and these are no secrets.
    value = env["ir.config_parameter"].sudo().get_param(key)
    try:
        # A missing parameter reads as False, which int() would take for 0.
        return max(minimum, int(value or default))
    except (TypeError, ValueError):
        return default


def announce(cr: BaseCursor, row: dict) -> None:
    """Push the state of a job to the browsers of its company, when ``cr`` commits."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    done, total = row["progress_done"] or 0, row["progress_total"] or 0
    env["ghl.bus"]._send(
        env["res.company"].browse(row["company_id"]),
        "ghl.job/progress",
        {
            "id": row["id"],
            "name": row["name"],
            "state": row["state"],
            "done": done,
            "total": total,
            "percent": percent(row["state"], done, total),
            "message": row["progress_message"] or "",
            "error": row["error"] or "",
        },
        location_id=env["ghl.job"].browse(row["id"])._bus_location(),
    )


def percent(state: str | bool, done: int, total: int) -> float:
    """How much of a job is done, 0 to 100; a finished job is complete, whatever it once expected."""
    if state == "done":
        return 100.0
    return round(min(100.0, 100.0 * done / total), 1) if total else 0.0

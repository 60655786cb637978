"""Figures about telephone calls: one grouped query each, which an index answers alone.

A call belongs to the day it starts on (UTC). Only calls that lasted are in an average duration.
"""

from collections import Counter
from datetime import datetime, time, timedelta

from odoo import fields
from odoo.fields import Domain
from odoo.tools import SQL

from .. import lifecycle
from . import listing

DAYS = 30  # of `stats`


def stats(calls):
    """All calls the reader may see.

    ``{"total_calls", "<state>_calls" for every state, "average_duration_seconds" (None without any),
    "success_rate", "failure_rate" (shares of all, 0 to 1), "by_day": [{"day", "total", "completed"}] of the last 30
    days that had calls}``
    """
    since = datetime.combine(fields.Datetime.now(), time.min) - timedelta(days=DAYS - 1)
    tally = _Tally()
    for day, state, *figures in _grouped(calls, Domain.TRUE, _day(since), "state"):
        tally.add(day, state, *figures)
    return {
        "total_calls": tally.total,
        **{f"{state}_calls": tally.states[state] for state, _label in lifecycle.STATES},
        **tally.rates(),
        "by_day": tally.days(),
    }


def analytics(calls, start, end):
    """Calls that start at ``start`` or later and before ``end`` (naive UTC).

    As `stats`, with `start_date`, `end_date`, `by_status` and `by_outcome` (``{word: number}``),
    `total_duration_seconds`, `total_cost`, and every day of the period that had calls.
    """
    where = Domain("start_time", ">=", start) & Domain("start_time", "<", end)
    tally = _Tally()
    for day, state, outcome, *figures in _grouped(calls, where, _day(), "state", "outcome"):
        tally.add(day, state, *figures, outcome=outcome)
    return {
        "start_date": start.isoformat(),
        "end_date": end.isoformat(),
        "total_calls": tally.total,
        "by_status": dict(tally.states),
        "by_outcome": dict(tally.outcomes),
        "total_duration_seconds": tally.seconds,
        "total_cost": round(tally.cost, 4),
        **tally.rates(),
        "by_day": tally.days(),
    }


def performers(calls, *, limit, start=None, end=None):
    """The owners with the most completed calls: ``[{"owner_id", "name", "total_calls", "completed_calls",
    "success_rate", "total_duration_seconds", "average_duration_seconds"}]``."""
    where = Domain("owner_id", "!=", False)
    where &= Domain("start_time", ">=", start) if start else Domain.TRUE
    where &= Domain("start_time", "<", end) if end else Domain.TRUE
    owners = {}
    for owner_id, state, *figures in _grouped(calls, where, "owner_id", "state"):
        owners.setdefault(owner_id, _Tally()).add(None, state, *figures)
    best = sorted(owners.items(), key=lambda item: (-item[1].states["completed"], -item[1].total, item[0]))[:limit]
    # sudo: whom a call belongs to is part of the call, as in any many2one shown to a reader.
    names = {user.id: user.name for user in calls.env["res.users"].sudo().browse([owner_id for owner_id, _ in best])}
    return [
        {
            "owner_id": owner_id,
            "name": names[owner_id],
            "total_calls": tally.total,
            "completed_calls": tally.states["completed"],
            "success_rate": tally.rates()["success_rate"],
            "total_duration_seconds": tally.seconds,
            "average_duration_seconds": tally.rates()["average_duration_seconds"],
        }
        for owner_id, tally in best
    ]


def counts(calls, name):
    """``{value: how many calls}`` by one of the fields state, outcome and source; calls without a value under None."""
    return {value: number for value, number, *_ in _grouped(calls, Domain.TRUE, name)}


class _Tally:
    def __init__(self):
        self.total = self.talked = self.seconds = 0
        self.cost = 0.0
        self.states, self.outcomes, self._days, self._completed = Counter(), Counter(), Counter(), Counter()

    def add(self, day, state, number, talked, seconds, cost, outcome=None):
        self.total += number
        self.talked += talked
        self.seconds += seconds or 0
        self.cost += float(cost or 0)
        self.states[state] += number
        if outcome:
            self.outcomes[outcome] += number
        if day:
            self._days[day] += number
            self._completed[day] += number if state == "completed" else 0

    def rates(self):
        def share(state):
            return round(self.states[state] / self.total, 3) if self.total else 0.0

        return {
            "average_duration_seconds": round(self.seconds / self.talked, 1) if self.talked else None,
            "success_rate": share("completed"),
            "failure_rate": share("failed"),
        }

    def days(self):
        return [
            {"day": day.isoformat(), "total": self._days[day], "completed": self._completed[day]}
            for day in sorted(self._days)
        ]


def _day(since=None):
    """SQL of the day a call starts on; of days before `since`, NULL."""

    def sql(table):
        start = SQL.identifier(table, "start_time")
        day = SQL("%s::date", start)
        return SQL("CASE WHEN %s >= %s THEN %s END", start, since, day) if since else day

    return sql


def _grouped(calls, where, *keys):
    """Rows of the keys (columns, or functions that give SQL for a table), then number, lasted, seconds and cost."""
    env = calls.env
    env.flush_all()
    query = calls.with_context(active_test=True)._search(listing.mine(calls, where))
    groups = [key(query.table) if callable(key) else SQL.identifier(query.table, key) for key in keys]
    seconds, cost = (SQL.identifier(query.table, name) for name in ("duration_seconds", "cost"))
    query.order = None
    query.groupby = SQL(", ").join(SQL(str(position)) for position in range(1, len(keys) + 1))
    # Compiling the statement would take longer than running it.
    env.cr.execute("SET LOCAL jit = off")
    return env.execute_query(
        query.select(
            *groups,
            SQL("count(*)"),
            SQL("count(*) FILTER (WHERE %s > 0)", seconds),
            SQL("sum(%s)", seconds),
            SQL("sum(%s)", cost),
        )
    )

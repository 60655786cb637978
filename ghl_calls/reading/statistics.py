"""Figures of a period: one grouped query, which the index on company and start time answers alone.

A call belongs to the period it starts in, and counts as what the status it stands in counts as.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from odoo.fields import Domain
from odoo.tools import SQL

DAY = timedelta(days=1)
CHART_DAYS = 7
SHORT, LONG = 120, 600  # seconds: calls below SHORT are short, above LONG long


@dataclass
class Figures:
    """Counts of calls; ``talked`` and ``seconds`` count those that lasted."""

    total: int = 0
    kinds: Counter = field(default_factory=Counter)  # by what their status counts as
    directions: Counter = field(default_factory=Counter)  # of connected calls, by type
    purposes: Counter = field(default_factory=Counter)
    lengths: Counter = field(default_factory=Counter)  # short, medium, long
    talked: int = 0
    seconds: int = 0

    def add(self, kind, direction, purpose, length, number, seconds):
        self.total += number
        self.kinds[kind] += number
        if kind == "connected":
            self.directions[direction] += number
        if purpose:
            self.purposes[purpose] += number
        if length:
            self.lengths[length] += number
            self.talked += number
            self.seconds += seconds

    @property
    def missed(self):
        return self.kinds["missed"] + self.kinds["overdue"]

    @property
    def connected(self):
        return self.kinds["connected"]

    @property
    def minutes(self):
        """The average length of the calls that lasted."""
        return self.seconds / self.talked / 60 if self.talked else 0.0


@dataclass
class Period:
    """``[begin, end)`` in whole UTC days, the period of equal length before it, and the last days up to its end."""

    begin: datetime
    end: datetime

    @classmethod
    def of(cls, first, last):
        """From the day of `first` to the end of the day of `last`."""
        begin = datetime.combine(first, time.min)
        end = datetime.combine(last, time.min)
        return cls(begin, min(end, datetime.max - DAY) + DAY)

    @property
    def before(self):
        length = self.end - self.begin
        return Period(self.begin - min(length, self.begin - datetime.min), self.begin)

    @property
    def chart(self):
        """The last days, the oldest first."""
        days = [self.end - DAY * ago for ago in range(CHART_DAYS, 0, -1) if self.end - datetime.min >= DAY * ago]
        return [Period(day, day + DAY) for day in days]


@dataclass
class Statistics:
    """``Figures`` of the period, of the one before, and of each of its last days."""

    now: Figures
    before: Figures
    days: list


def read(calls, period):
    """The ``Statistics`` of the calls that the reader may see, in the reader's companies."""
    env = calls.env
    wanted = [period, period.before, *period.chart]
    edges = sorted({edge for one in wanted for edge in (one.begin, one.end)})
    kinds = {status.id: status.kind for status in env["ghl.call.status"].search_fetch([], ["kind"])}
    # Compiling the statement would take longer than running it.
    env.cr.execute("SET LOCAL jit = off")
    rows = env.execute_query(grouped(calls, edges))
    parts = [Figures() for _one in wanted]
    for position, status_id, direction, purpose, length, number, seconds in rows:
        begin = edges[position - 1]
        for one, figures in zip(wanted, parts, strict=True):
            if one.begin <= begin < one.end:
                figures.add(kinds.get(status_id), direction, purpose, length, number, seconds)
    return Statistics(parts[0], parts[1], parts[2:])


def grouped(calls, edges):
    """SQL of the calls between the first and the last edge by slice, status, type, purpose and length.

    A slice is what lies between two neighbouring edges; they are counted from 1.
    """
    where = Domain("company_id", "in", calls.env.companies.ids)
    where &= Domain("start_time", ">=", edges[0]) & Domain("start_time", "<", edges[-1])
    query = calls.with_context(active_test=True)._search(where)
    column = {
        name: SQL.identifier(query.table, name)
        for name in ("start_time", "status_id", "type", "purpose", "duration_seconds")
    }
    seconds = column["duration_seconds"]
    length = SQL(
        "CASE WHEN %(s)s > %(long)s THEN 'long' WHEN %(s)s >= %(short)s THEN 'medium' WHEN %(s)s > 0 THEN 'short' END",
        s=seconds, long=LONG, short=SHORT,
    )  # fmt: skip
    query.order, query.groupby = None, SQL("1, 2, 3, 4, 5")
    return query.select(
        SQL("width_bucket(%s, %s::timestamp[])", column["start_time"], edges),
        column["status_id"], column["type"], column["purpose"], length, SQL("count(*)"), SQL("sum(%s)", seconds),
    )  # fmt: skip

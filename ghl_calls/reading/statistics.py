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

    def add(self, kind, purpose, number, inbound, outbound, short, medium, long, seconds):
        self.total += number
        self.kinds[kind] += number
        if kind == "connected":
            self.directions.update(inbound=inbound, outbound=outbound)
        if purpose:
            self.purposes[purpose] += number
        self.lengths.update(short=short, medium=medium, long=long)
        self.talked += short + medium + long
        self.seconds += seconds or 0

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
    kinds = {status.id: status.kind for status in env["ghl.call.status"].search_fetch([], ["kind"])}
    now, before = Figures(), Figures()
    days = {day.begin.date(): Figures() for day in period.chart}
    # Compiling the statement would take longer than running it.
    env.cr.execute("SET LOCAL jit = off")
    for day, is_now, status_id, *rest in env.execute_query(grouped(calls, period)):
        figures = days[day] if day else now if is_now else before
        figures.add(kinds.get(status_id), *rest)
    return Statistics(now, before, list(days.values()))


def grouped(calls, period):
    """SQL of the calls of the period's last days by day, and of the period and the one before by whether it is now.

    Then status, purpose, counts, by type and by length, and seconds. The two are apart because of the planner: it takes
    days for as many groups as there are times of calls, and would not count a long period in parallel.
    """
    chart, start = period.chart, SQL.identifier("ghl_call", "start_time")
    ranges = [(period.before.begin, SQL("NULL::date"), SQL("%s >= %s", start, period.begin))]
    if chart:
        ranges.append((chart[0].begin, SQL("%s::date", start), SQL("NULL::boolean")))
    return SQL(" UNION ALL ").join(_counts(calls, begin, period.end, *keys) for begin, *keys in ranges)


def _counts(calls, begin, end, *keys):
    where = Domain("company_id", "in", calls.env.companies.ids)
    where &= Domain("start_time", ">=", begin) & Domain("start_time", "<", end)
    query = calls.with_context(active_test=True)._search(where)
    status, kind, purpose, seconds = (
        SQL.identifier(query.table, name) for name in ("status_id", "type", "purpose", "duration_seconds")
    )
    query.order, query.groupby = None, SQL("1, 2, 3, 4")
    return query.select(
        *keys,
        status,
        purpose,
        SQL("count(*)"),
        SQL("count(*) FILTER (WHERE %s = 'inbound')", kind),
        SQL("count(*) FILTER (WHERE %s = 'outbound')", kind),
        SQL("count(*) FILTER (WHERE %s > 0 AND %s < %s)", seconds, seconds, SHORT),
        SQL("count(*) FILTER (WHERE %s BETWEEN %s AND %s)", seconds, SHORT, LONG),
        SQL("count(*) FILTER (WHERE %s > %s)", seconds, LONG),
        SQL("sum(%s)", seconds),
    )

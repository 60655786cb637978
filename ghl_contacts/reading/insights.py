"""Figures of a period about contacts, messages and opportunities: one grouped query each, whatever there is.

A ``Scope`` says whose and when. Its edges cut the time into slices that the database counts into by ``width_bucket``:
slice 1 is the period before, the others are the bars of the charts.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytz

from odoo.fields import Domain
from odoo.tools import SQL

DAY, RESOLUTION = timedelta(days=1), timedelta(microseconds=1)
BARS = 32  # days; longer periods are shown by week, much longer ones by month
MONTHS_FROM = 190
# Neither notes among colleagues nor what GoHighLevel itself did is a word to or from a contact.
UNSPOKEN = ("TYPE_ACTIVITY", "TYPE_INTERNAL_COMMENT")


@dataclass(frozen=True)
class Scope:
    """Days ``first`` to ``last`` of a time zone, in a location and of the contacts of a GoHighLevel user, or of all."""

    first: date
    last: date
    timezone: str = "UTC"
    location_id: int | None = None
    user_id: int | None = None

    @property
    def bars(self):
        """The first day of each bar."""
        days = (self.last - self.first).days + 1
        if days > MONTHS_FROM:
            found = [self.first]
            while (following := (found[-1].replace(day=1) + 32 * DAY).replace(day=1)) <= self.last:
                found.append(following)
            return found
        return [self.first + n * DAY for n in range(0, days, 1 if days <= BARS else 7)]

    @property
    def edges(self):
        """Naive UTC: where the period before begins, the bars begin, and the last one ends."""
        length = self.last - self.first + DAY
        return [self._utc(day) for day in (self.first - length, *self.bars, self.last + DAY)]

    def _utc(self, day):
        zone = pytz.timezone(self.timezone)
        return zone.localize(datetime.combine(day, time.min)).astimezone(pytz.utc).replace(tzinfo=None)

    def where(self, env, stamp=None, user="assigned_user_id", before=True):
        """Domain of the reader's records in scope; with ``stamp``, of the period (and the one before)."""
        found = Domain("company_id", "in", env.companies.ids)
        if self.location_id:
            found &= Domain("location_id", "=", self.location_id)
        if self.user_id:
            found &= Domain(user, "=", self.user_id)
        if stamp:
            edges = self.edges
            found &= Domain(stamp, ">=", edges[0 if before else 1]) & Domain(stamp, "<", edges[-1])
        return found

    def slice(self, column):
        return SQL("width_bucket(%s, %s::timestamp[])", column, self.edges[:-1])

    def cut(self):
        """What the slices are made of: ``(whole days of UTC, what is left at their edges)``, both as
        ``[(slice, begin, end)]``."""
        days, rest = [], []
        for place, (begin, end) in enumerate(pairwise(self.edges), 1):
            first, last = (begin + DAY - RESOLUTION).date(), end.date()
            if first >= last:
                rest.append((place, begin, end))
                continue
            days.append((place, first, last))
            midnights = [datetime.combine(day, time.min) for day in (first, last)]
            rest += [(place, *ends) for ends in ((begin, midnights[0]), (midnights[1], end)) if ends[0] < ends[1]]
        return days, rest


def rows(query, groupby, *columns):
    query.order, query.groupby = None, SQL(groupby) if groupby else None
    return query.select(*columns)


def count(env, scope, name, total, keys, stamp, user):
    """``[(*keys, slice, number)]`` of the period and the one before, several rows of a key among them. One query.

    Whole days come from the totals kept of them as long as these can tell what the reader wants, the hours at their
    edges, or all, from the records.

    :param name: the model, ``total`` that of its totals by day
    :param keys: ``{column of the totals: function(query of the records) -> SQL of it}``
    """
    model = env[name].with_context(active_test=True)
    kept = None if scope.user_id else env[total]._find("day", scope.where(env))
    if kept is None:
        query = model._search(scope.where(env, stamp, user=user))
        columns = [column(query) for column in keys.values()]
        place = scope.slice(SQL.identifier(query.table, stamp))
        return env.execute_query(rows(query, _places(len(keys) + 1), *columns, place, SQL("count(*)")))
    days, rest = scope.cut()
    parts = []
    if days:
        place = _pieces(kept, "day", "date", days)
        number = SQL("sum(%s)", SQL.identifier(kept.table, env[total]._total_number))
        columns = [SQL.identifier(kept.table, key) for key in keys]
        parts.append(rows(kept, _places(len(keys) + 1), *columns, place, number))
    if rest:
        query = model._search(scope.where(env))
        place = _pieces(query, stamp, "timestamp", rest)
        columns = [column(query) for column in keys.values()]
        parts.append(rows(query, _places(len(keys) + 1), *columns, place, SQL("count(*)")))
    return env.execute_query(SQL(" UNION ALL ").join(parts))


def _pieces(query, column, kind, pieces):
    """Narrow the query to these pieces of time; gives SQL of the slice each row falls into."""
    column, kind = SQL.identifier(query.table, column), SQL(kind)
    places, begins, ends = map(list, zip(*pieces, strict=True))
    query.add_join(
        "JOIN",
        "piece",
        SQL(
            "(SELECT * FROM unnest(%s::int[], %s::%s[], %s::%s[]) AS cut(slice, since, until))",
            places, begins, kind, ends, kind,
        ),
        SQL("%s >= piece.since AND %s < piece.until", column, column),
    )  # fmt: skip
    return SQL("piece.slice")


def _places(number):
    return ", ".join(str(place + 1) for place in range(number))


def by_column(name):
    return lambda query: SQL.identifier(query.table, name)


def is_set(name):
    return lambda query: SQL("%s IS NOT NULL", SQL.identifier(query.table, name))


def contacts(env, scope):
    """``{"total", "slices": Counter, "now"/"before": {"new", "touched", "engaged", "speed"}}``. Two queries.

    ``speed`` is the median in seconds from a contact's being added to the first touch.
    """
    [(total, *speeds)] = env.execute_query(_speeds(env, scope, _total(env, scope)))
    result = {"total": total, "slices": Counter()}
    for when, speed in zip(("now", "before"), speeds, strict=True):
        result[when] = {"new": 0, "touched": 0, "engaged": 0, "speed": speed}
    keys = {"touched": is_set("first_touch_date"), "engaged": is_set("engagements")}
    for touched, engaged, place, number in count(
        env, scope, "ghl.contact", "ghl.contact.day", keys, "remote_created_at", "assigned_user_id"
    ):
        result["slices"][place] += number
        whole = result["now" if place > 1 else "before"]
        whole["new"] += number
        whole["touched"] += number if touched else 0
        whole["engaged"] += number if engaged else 0
    return result


def _total(env, scope):
    kept = None if scope.user_id else env["ghl.contact.day"]._find("day", scope.where(env))
    if kept is None:
        return rows(env["ghl.contact"]._search(scope.where(env)), None, SQL("count(*)"))
    return rows(kept, None, SQL("coalesce(sum(%s), 0)", SQL.identifier(kept.table, "contacts")))


def _speeds(env, scope, total):
    where = scope.where(env, "remote_created_at") & Domain("first_touch_date", "!=", False)
    query = env["ghl.contact"]._search(where)
    added, touched = (SQL.identifier(query.table, name) for name in ("remote_created_at", "first_touch_date"))
    wait = SQL("date_part('epoch', %s - %s)", touched, added)
    medians = (
        SQL(
            "percentile_cont(0.5) WITHIN GROUP (ORDER BY %s) FILTER (WHERE %s >= %s AND %s %s %s)",
            wait, touched, added, added, then, scope.edges[1],
        )
        for then in (SQL(">="), SQL("<"))
    )  # fmt: skip
    return rows(query, None, SQL("(%s)", total), *medians)


def messages(env, scope):
    """``{(message type, direction): Counter by slice}`` of what was said to or by contacts. One query."""
    keys = {name: by_column(name) for name in ("message_type", "direction")}
    found = defaultdict(Counter)
    for kind, way, place, number in count(
        env, scope, "ghl.contact.message", "ghl.contact.message.day", keys, "remote_created_at",
        "contact_id.assigned_user_id",
    ):  # fmt: skip
        if not (kind or "").startswith(UNSPOKEN):
            found[kind or "", way or ""][place] += number
    return found


def opportunities(env, scope):
    """``{"stages": [{"id", "name", "pipeline", "count", "value"}], "open", "won", "lost", "won_before",
    "lost_before"}``, the latter as (count, value). Won and lost count when they became so in the period. Two queries.
    """
    result = {"stages": [], "open": (0, 0.0), **_closed(env, scope)}
    by_stage = {}
    for stage_id, stage_name, place, pipeline_name, number, amount in env.execute_query(
        SQL(
            """SELECT counted.stage_id, stage.name, stage.sequence, pipeline.name, number, amount
                 FROM (%s) AS counted
            LEFT JOIN ghl_pipeline_stage stage ON stage.id = counted.stage_id
            LEFT JOIN ghl_pipeline pipeline ON pipeline.id = counted.pipeline_id""",
            _open(env, scope),
        )
    ):
        result["open"] = (result["open"][0] + number, result["open"][1] + float(amount))
        row = {"id": stage_id or 0, "name": stage_name or "", "pipeline": pipeline_name or ""}
        by_stage[pipeline_name or "", place or 0, stage_id or 0] = {**row, "count": number, "value": float(amount)}
    result["stages"] = [by_stage[key] for key in sorted(by_stage)]
    return result


def _open(env, scope):
    """SQL of the open opportunities by stage."""
    query = env["ghl.contact.opportunity"]._search(scope.where(env) & Domain("status", "=", "open"))
    stage, pipeline, value = (
        SQL.identifier(query.table, name) for name in ("stage_id", "pipeline_id", "monetary_value")
    )
    columns = SQL("%s AS stage_id", stage), SQL("%s AS pipeline_id", pipeline), SQL("count(*) AS number")
    return rows(query, _places(2), *columns, SQL("coalesce(sum(%s), 0) AS amount", value))


def _closed(env, scope):
    """``{"won", "lost", "won_before", "lost_before"}``: (count, value). Without groups: these would be sorted."""
    query = env["ghl.contact.opportunity"]._search(scope.where(env) & Domain("status", "in", ("won", "lost")))
    status, value, changed, updated = (
        SQL.identifier(query.table, name)
        for name in ("status", "monetary_value", "last_status_change_at", "remote_updated_at")
    )
    since = SQL("coalesce(%s, %s)", changed, updated)
    before, begin, end = scope.edges[0], scope.edges[1], scope.edges[-1]
    query.add_where(SQL("%s >= %s AND %s < %s", since, before, since, end))
    names = ("won", "lost", "won_before", "lost_before")
    columns = []
    for name in names:
        then = SQL("<" if name.endswith("_before") else ">=")
        which = SQL("FILTER (WHERE %s = %s AND %s %s %s)", status, name.partition("_")[0], since, then, begin)
        columns += SQL("count(*) %s", which), SQL("coalesce(sum(%s) %s, 0)", value, which)
    [found] = env.execute_query(rows(query, None, *columns))
    return {name: (found[2 * n], float(found[2 * n + 1])) for n, name in enumerate(names)}

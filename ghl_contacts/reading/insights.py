"""Figures of a period about contacts, messages and opportunities: one grouped query each, whatever there is.

A ``Scope`` says whose and when. Its edges cut the time into slices that the database counts into by ``width_bucket``:
slice 1 is the period before, the others are the bars of the charts.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import pytz

from odoo.fields import Domain
from odoo.tools import SQL

DAY = timedelta(days=1)
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


def rows(query, groupby, *columns):
    query.order, query.groupby = None, SQL(groupby) if groupby else None
    return query.select(*columns)


def contacts(env, scope):
    """``{"total", "slices": Counter, "now"/"before": {"new", "touched", "engaged", "speed"}}``. Two queries.

    ``speed`` is the median in seconds.
    """
    model = env["ghl.contact"]
    total = env.execute_query(rows(model._search(scope.where(env)), None, SQL("count(*)")))[0][0]
    query = model._search(scope.where(env, "remote_created_at"))
    name = {key: SQL.identifier(query.table, key) for key in ("remote_created_at", "first_touch_date", "engagements")}
    slot = scope.slice(name["remote_created_at"])
    wait = SQL("extract(epoch FROM %s - %s)", name["first_touch_date"], name["remote_created_at"])
    found = env.execute_query(
        rows(
            query,
            "GROUPING SETS ((1), (2))",
            slot,
            SQL("%s > 1", slot),
            SQL("count(*)"),
            SQL("count(%s)", name["first_touch_date"]),
            SQL("count(%s)", name["engagements"]),
            SQL("percentile_cont(0.5) WITHIN GROUP (ORDER BY %s) FILTER (WHERE %s >= 0)", wait, wait),
        )
    )
    result = {"total": total, "slices": Counter()}
    for when in ("now", "before"):
        result[when] = {"new": 0, "touched": 0, "engaged": 0, "speed": None}
    for place, current, number, touched, engaged, speed in found:
        if place is not None:
            result["slices"][place] = number
        else:
            whole = {"new": number, "touched": touched, "engaged": engaged, "speed": speed}
            result["now" if current else "before"] = whole
    return result


def messages(env, scope):
    """``{(message type, direction): Counter by slice}`` of what was said to or by contacts. One query."""
    query = env["ghl.contact.message"]._search(
        scope.where(env, "remote_created_at", user="contact_id.assigned_user_id")
    )
    kind, direction, stamp = (
        SQL.identifier(query.table, name) for name in ("message_type", "direction", "remote_created_at")
    )
    found = defaultdict(Counter)
    for kind_name, way, place, number in env.execute_query(
        rows(query, "1, 2, 3", kind, direction, scope.slice(stamp), SQL("count(*)"))
    ):
        if not (kind_name or "").startswith(UNSPOKEN):
            found[kind_name or "", way or ""][place] += number
    return found


def opportunities(env, scope):
    """``{"stages": [{"id", "name", "pipeline", "count", "value"}], "open", "won", "lost", "won_before",
    "lost_before"}``, the latter as (count, value). Won and lost count when they became so in the period. One query.
    """
    query = env["ghl.contact.opportunity"]._search(scope.where(env))
    column = {
        name: SQL.identifier(query.table, name)
        for name in "stage_id pipeline_id status monetary_value last_status_change_at remote_updated_at".split()
    }
    since = SQL("coalesce(%s, %s)", column["last_status_change_at"], column["remote_updated_at"])
    before, now, end = (scope.edges[0], scope.edges[1], scope.edges[-1])
    when = SQL("CASE WHEN %s = 'open' THEN 1 WHEN %s >= %s AND %s < %s THEN 1 WHEN %s >= %s AND %s < %s THEN 0 END",
               column["status"], since, now, since, end, since, before, since, now)  # fmt: skip
    counted = rows(
        query,
        "1, 2, 3, 4",
        SQL("%s AS stage_id", column["stage_id"]),
        SQL("%s AS pipeline_id", column["pipeline_id"]),
        SQL("%s AS status", column["status"]),
        SQL("%s AS current", when),
        SQL("count(*) AS number"),
        SQL("coalesce(sum(%s), 0) AS amount", column["monetary_value"]),
    )
    result = {"stages": [], **dict.fromkeys(("open", "won", "lost", "won_before", "lost_before"), (0, 0.0))}
    by_stage = {}
    for stage_id, stage_name, place, pipeline_name, state, current, number, amount in env.execute_query(
        SQL(
            """SELECT counted.stage_id, stage.name, stage.sequence, pipeline.name, status, current, number, amount
                 FROM (%s) AS counted
            LEFT JOIN ghl_pipeline_stage stage ON stage.id = counted.stage_id
            LEFT JOIN ghl_pipeline pipeline ON pipeline.id = counted.pipeline_id""",
            counted,
        )
    ):
        amount = float(amount)
        key = state if current == 1 else f"{state}_before"
        if current is not None and key in result:
            result[key] = (result[key][0] + number, result[key][1] + amount)
        if state == "open":
            row = {"id": stage_id or 0, "name": stage_name or "", "pipeline": pipeline_name or ""}
            by_stage[pipeline_name or "", place or 0, stage_id or 0] = {**row, "count": number, "value": amount}
    result["stages"] = [by_stage[key] for key in sorted(by_stage)]
    return result

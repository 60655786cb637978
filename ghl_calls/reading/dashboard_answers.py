"""The figures of the analytics page as outside clients know them."""

from odoo.tools import SQL

from ...ghl_contacts.reading import insights
from . import dashboard


def totals(env, scope):
    """``totalContacts``, ``totalOpportunities``, ``totalRevenue``, ``conversionRate``, ``averageDealSize``."""
    where = scope.where(env)
    contacts = env.execute_query(insights.rows(env["ghl.contact"]._search(where), None, SQL("count(*)")))[0][0]
    query = env["ghl.contact.opportunity"]._search(where)
    status, value = (SQL.identifier(query.table, name) for name in ("status", "monetary_value"))
    found = env.execute_query(
        insights.rows(
            query,
            None,
            SQL("count(*)"),
            SQL("count(*) FILTER (WHERE %s = 'won')", status),
            SQL("coalesce(sum(%s) FILTER (WHERE %s = 'won'), 0)", value, status),
        )
    )
    opportunities, won, revenue = found[0]
    return {
        "totalContacts": contacts,
        "totalOpportunities": opportunities,
        "totalRevenue": round(float(revenue), 2),
        "conversionRate": dashboard.rate(won, opportunities),
        "averageDealSize": round(float(revenue) / won, 2) if won else None,
    }


def call_volume(env, scope):
    """``totalCalls``, ``previousCalls``, ``days`` and ``series``, one for each status. Two queries."""
    made = dashboard.calls(env, scope)
    statuses = env["ghl.call.status"].search_fetch([], ["name", "color"])
    now, before = dashboard.counted(made)
    return {
        "totalCalls": now,
        "previousCalls": before,
        "days": [day.isoformat() for day in scope.bars],
        "series": [
            {"id": row["key"], "name": row["label"], "color": row["color"], "values": row["values"]}
            for row in dashboard.call_chart(scope, statuses, made)
        ],
    }


def pipeline(env, scope):
    """``stages``, ``open``, ``won``, ``lost`` (count and value) and ``closeRate`` in per cent, None if none closed."""
    found = insights.opportunities(env, scope)
    sums = {key: {"count": found[key][0], "value": round(found[key][1], 2)} for key in ("open", "won", "lost")}
    won, lost = sums["won"]["count"], sums["lost"]["count"]
    return {"stages": found["stages"], **sums, "closeRate": dashboard.rate(won, won + lost)}


def engagement(env, scope, limit, offset):
    """Messages of the period, newest first, as the analytics of older clients read them. One query."""
    query = env["ghl.contact.message"]._search(
        scope.where(env, "remote_created_at", before=False),
        order="remote_created_at DESC, id DESC",
        limit=limit,
        offset=offset,
    )
    contact = query.left_join(query.table, "contact_id", "ghl_contact", "id", "contact")
    own = "id direction user_external_id remote_created_at message_type call_duration".split()
    found = env.execute_query(
        query.select(
            *(SQL.identifier(query.table, name) for name in own),
            *(SQL.identifier(contact, name) for name in ("id", "source", "name")),
        )
    )
    return [
        {
            "id": row_id,
            "direction": direction or "",
            "user_id": user_id or "",
            "date_added": added.isoformat(),
            "message_type": kind or "",
            "meta": {"call_duration": duration},
            "contact_id": {"id": contact_id, "source": source or "", "name": name or ""} if contact_id else None,
        }
        for row_id, direction, user_id, added, kind, duration, contact_id, source, name in found
    ]

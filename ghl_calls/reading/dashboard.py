"""Everything the analytics page shows, in a fixed number of queries (see ``ghl.dashboard``)."""

from collections import Counter
from datetime import timedelta

from odoo import fields
from odoo.fields import Domain

from ...ghl_contacts.mapping import readable
from ...ghl_contacts.reading import freshness, insights

PERIODS = {"7d": 7, "30d": 30, "90d": 90, "365d": 365}
DEFAULT_PERIOD = "30d"
MOST_USERS = 300
MOST_STAGES = 12


def scope_of(env, location_id=None, user_id=None, period=DEFAULT_PERIOD):
    """The ``Scope`` of a period that ends today, in the reader's time zone."""
    today = fields.Date.context_today(env["ghl.contact"])
    days = PERIODS.get(period) or PERIODS[DEFAULT_PERIOD]
    first = today - timedelta(days=days - 1)
    return insights.Scope(first, today, env.tz.zone, location_id or None, user_id or None)


def calls(env, scope):
    """``{status id: Counter by slice}`` of the calls that start in the period. One query."""
    keys = {"status_id": insights.by_column("status_id")}
    found = {}
    for status_id, place, number in insights.count(
        env, scope, "ghl.call", "ghl.call.total", keys, "start_time", "contact_id.assigned_user_id"
    ):
        found.setdefault(status_id, Counter())[place] += number
    return found


def read(env, scope, period):
    """The page: see ``ghl.dashboard.read_dashboard``."""
    # Compiling the statements would take longer than running them.
    env.cr.execute("SET LOCAL jit = off")
    people = insights.contacts(env, scope)
    said = insights.messages(env, scope)
    deals = insights.opportunities(env, scope)
    made = calls(env, scope)
    statuses = env["ghl.call.status"].search_fetch([], ["name", "color", "kind"])
    sync = freshness.read(env, scope.location_id)
    return {
        "filters": {"location_id": scope.location_id or 0, "user_id": scope.user_id or 0, "period": period},
        "choices": {"locations": sync.pop("locations"), "users": _users(env, scope)},
        "sync": sync,
        "bars": [day.isoformat() for day in scope.bars],
        "cards": cards(env, people, deals, made),
        "charts": {
            "calls": call_chart(scope, statuses, made),
            "contacts": _bars(scope, people["slices"]),
            "engagement": _engagement(said),
            "pipeline": _stages(deals["stages"]),
        },
        "domains": domains(env, scope),
    }


def cards(env, people, deals, made):
    """The figures at the top: ``{key, label, value, kind, change, hint}``. ``kind``: number, percent, seconds or money.
    ``change``: per cent against the period before, None where there is nothing to compare with."""
    now, before = people["now"], people["before"]
    rung, rung_before = counted(made)
    won, lost, won_before, lost_before = (deals[key] for key in ("won", "lost", "won_before", "lost_before"))
    closed, closed_before = (rate(a[0], a[0] + b[0]) for a, b in ((won, lost), (won_before, lost_before)))
    touched, engaged = (rate(now[key], now["new"]) for key in ("touched", "engaged"))
    return [
        card("contacts", env._("Contacts"), people["total"]),
        card("new_contacts", env._("New contacts"), now["new"], change=change(now["new"], before["new"])),
        card("calls", env._("Calls"), rung, change=change(rung, rung_before)),
        card(
            "touched",
            env._("Touched"),
            touched,
            "percent",
            change(touched, rate(before["touched"], before["new"])),
            env._("New contacts somebody wrote to or called"),
        ),
        card(
            "engaged",
            env._("Answered"),
            engaged,
            "percent",
            change(engaged, rate(before["engaged"], before["new"])),
            env._("New contacts who wrote or called"),
        ),
        card(
            "speed",
            env._("Speed to lead"),
            now["speed"],
            "seconds",
            change(now["speed"], before["speed"]),
            env._("Median time from a contact's being added to the first touch"),
        ),
        card(
            "pipeline",
            env._("Open pipeline"),
            deals["open"][1],
            "money",
            None,
            env._("%s opportunities", deals["open"][0]),
        ),
        card("won", env._("Won"), won[1], "money", change(won[1], won_before[1]), env._("%s opportunities", won[0])),
        card(
            "close_rate",
            env._("Close rate"),
            closed,
            "percent",
            change(closed, closed_before),
            env._("Won among the opportunities closed"),
        ),
    ]


def counted(made):
    """The calls of the period, and of the one before."""
    slices = sum(made.values(), Counter())
    before = slices[1]
    return slices.total() - before, before


def card(key, label, value, kind="number", change=None, hint=""):
    return {"key": key, "label": label, "value": value, "kind": kind, "change": change, "hint": hint}


def rate(part, whole):
    """Per cent, one decimal; None of nothing."""
    return round(100.0 * part / whole, 1) if whole else None


def change(now, before):
    """Per cent against before, one decimal; None where there is nothing to compare with."""
    return round(100.0 * (now - before) / before, 1) if before and now is not None else None


def domains(env, scope):
    """What opens behind each figure: model and domain, for lists."""
    own = scope.where(env, user="assigned_user_id") & Domain("company_id", "in", env.companies.ids)
    by_contact = {"user": "contact_id.assigned_user_id", "before": False}
    new = scope.where(env, "remote_created_at", before=False)
    since, end = scope.edges[1], scope.edges[-1]
    closed_then = Domain("last_status_change_at", ">=", since) & Domain("last_status_change_at", "<", end)
    found = {
        "contacts": ("ghl.contact", own),
        "new_contacts": ("ghl.contact", new),
        "touched": ("ghl.contact", new & Domain("first_touch_date", "!=", False)),
        "engaged": ("ghl.contact", new & Domain("engagements", "!=", False)),
        "speed": ("ghl.contact", new & Domain("first_touch_date", "!=", False)),
        "calls": ("ghl.call", scope.where(env, "start_time", **by_contact)),
        "messages": ("ghl.contact.message", scope.where(env, "remote_created_at", **by_contact)),
        "pipeline": ("ghl.contact.opportunity", own & Domain("status", "=", "open")),
        "won": ("ghl.contact.opportunity", own & Domain("status", "=", "won") & closed_then),
        "close_rate": ("ghl.contact.opportunity", own & Domain("status", "in", ("won", "lost")) & closed_then),
    }
    return {key: {"model": model, "domain": _plain(domain)} for key, (model, domain) in found.items()}


def _plain(domain):
    """As JSON takes it."""
    return [item if isinstance(item, str) else (item[0], item[1], _value(item[2])) for item in Domain(domain)]


def _value(value):
    if isinstance(value, (list, tuple, set, frozenset)) or (hasattr(value, "__iter__") and not isinstance(value, str)):
        return list(value)
    return fields.Datetime.to_string(value) if hasattr(value, "isoformat") else value


def _users(env, scope):
    where = [("location_id", "=", scope.location_id)] if scope.location_id else []
    users = env["ghl.user"].search_fetch(where, ["name"], order="name, id", limit=MOST_USERS)
    return [{"id": user.id, "name": user.name or user.external_id} for user in users]


def _bars(scope, slices):
    return [slices.get(place, 0) for place in range(2, len(scope.bars) + 2)]


def call_chart(scope, statuses, made):
    """A series for each status that occurs."""
    return [
        {"key": status.id, "label": status.name, "color": status.color, "values": _bars(scope, made[status.id])}
        for status in statuses
        if any(_bars(scope, made.get(status.id, {})))
    ]


def _engagement(said):
    """Messages of the period by channel: sent and received, the most used channel first."""
    found = {}
    for (kind, way), slices in said.items():
        row = found.setdefault(kind, {"type": kind, "label": readable.channel(kind), "inbound": 0, "outbound": 0})
        if way in ("inbound", "outbound"):
            row[way] += sum(number for place, number in slices.items() if place > 1)
    rows = [row for row in found.values() if row["inbound"] or row["outbound"]]
    return sorted(rows, key=lambda row: (-row["inbound"] - row["outbound"], row["type"]))


def _stages(stages):
    """The stages with open opportunities; of many, the most valuable."""
    best = sorted(stages, key=lambda row: -row["value"])[:MOST_STAGES]
    kept = {row["id"] for row in best}
    return [row for row in stages if row["id"] in kept]

"""The views and filters of call lists and boards, as domains."""

from datetime import datetime, time, timedelta

from odoo import fields
from odoo.fields import Domain
from odoo.tools import escape_psql

DAY = timedelta(days=1)
VIEWS = (
    "all_calls my_calls calls_today calls_this_week missed_calls connected_calls favorite_calls related_to_accounts "
    "related_to_deals related_to_contacts related_to_leads start_time"
).split()
# What a call is related to, as older clients say -> the field that is then set.
RELATED = {
    "contacts": "contact_id",
    "leads": "lead_ref",
    "accounts": "partner_id",
    "deals": "opportunity_id",
    "campaigns": "campaign_id",
}
# A call shows one record of each kind, the first of these that is set: person, and what it is about.
SHOWN = (("contacts", "leads"), ("deals", "accounts", "campaigns"))


def related(kind):
    """Domain of the calls that show a record of this kind, as documents do."""
    before = next(kinds[: kinds.index(kind)] for kinds in SHOWN if kind in kinds)
    return Domain(RELATED[kind], "!=", False) & Domain.AND(Domain(RELATED[other], "=", False) for other in before)


def day(field_name, moment):
    """Domain of the whole UTC day of ``moment``."""
    start = datetime.combine(moment, time.min)
    found = Domain(field_name, ">=", start)
    if datetime.max - start < DAY:
        return found  # the last day there is
    return found & Domain(field_name, "<", start + DAY)


def view(env, name, today=None):
    """Domain of a standard view; ``today``: the day meant by `calls_today`, now by default."""
    now = fields.Datetime.now()
    if name.startswith("related_to_"):
        return related(name.removeprefix("related_to_"))
    return {
        "all_calls": Domain.TRUE,
        "my_calls": Domain("user_id", "=", env.uid),
        "calls_today": day("create_date", today or now),
        "calls_this_week": Domain("create_date", ">=", now - timedelta(days=7)),
        "missed_calls": Domain("status_id.kind", "in", ("missed", "overdue")),
        "connected_calls": Domain("status_id.kind", "=", "connected"),
        "favorite_calls": Domain("favorite", "=", True),
        "start_time": day("start_time", now),
    }[name]


def chosen(*, subject="", start_time=None, seconds=None, related_to="", owner_id=0, assigned_to_id=0):
    """Domain of what a caller filters by; what is empty is not filtered by. ``seconds``: the whole minute counts."""
    found = Domain.TRUE
    if subject:
        found &= Domain("subject", "ilike", escape_psql(subject))
    if start_time:
        found &= day("start_time", start_time)
    if seconds is not None:
        minute = seconds // 60 * 60
        found &= Domain("duration_seconds", ">=", minute) & Domain("duration_seconds", "<", minute + 60)
    if related_to:
        found &= related(related_to)
    if owner_id:
        found &= Domain("owner_id", "=", owner_id)
    if assigned_to_id:
        found &= Domain("assigned_to_id", "=", assigned_to_id)
    return found

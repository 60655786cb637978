"""Calls within the conversation with a contact, as sources of ``ghl_contacts.reading.thread.page``."""

from odoo import fields
from odoo.fields import Domain
from odoo.tools import SQL

from ...ghl_contacts.reading.thread import messages
from ..mirrored.calls import MESSAGE_TYPE, PROVIDER

FETCHED = (
    "subject type source status_id state outcome summary result start_time duration_seconds error_message owner_id "
    "assigned_to_id"
).split()


def other_messages(contact, older_than, limit):
    """The entries of the messages of which no call was made."""
    uncalled = Domain.custom(
        to_sql=lambda model, alias, query: SQL(
            """NOT EXISTS (SELECT 1 FROM ghl_call WHERE company_id = %s AND provider = %s AND provider_call_id = %s)""",
            SQL.identifier(alias, "company_id"),
            PROVIDER,
            SQL.identifier(alias, "external_id"),
        )
    )
    return messages(contact, older_than, limit, Domain("message_type", "!=", MESSAGE_TYPE) | uncalled)


def calls(contact, older_than, limit):
    """The entries of the calls with the contact, those of GoHighLevel too."""
    domain = Domain("contact_id", "=", contact.id) & older_than("start_time")
    rows = contact.env["ghl.call"].search_fetch(domain, FETCHED, limit=limit, order="start_time desc, id desc")
    return [_entry(row) for row in rows]


def _entry(call):
    labels = {name: dict(call._fields[name]._description_selection(call.env)) for name in ("state", "outcome")}
    return {
        "at": fields.Datetime.to_string(call.start_time),
        "direction": "outbound" if call.type == "outbound" else "inbound",
        "kind": "call",
        "channel": call.env._("Call"),
        "icon": "fa-phone",
        "subject": call.subject or "",
        "text": (call.summary or call.result or "").strip(),
        "files": [],
        "author": (call.assigned_to_id or call.owner_id).name or "",
        "status": "",
        "failed": call.state == "failed",
        "error": call.error_message or "",
        "seconds": call.duration_seconds or None,
        # A call nobody telephoned through us stands where people put it on the board.
        "result": labels["outcome"].get(call.outcome)
        or (call.status_id.name if call.state == "pending" else labels["state"][call.state]),
        "talk": call.can_play,
        "model": call._name,
        "id": call.id,
    }

"""Call documents out of rows: the JSON names CRM clients know. Plain Python.

Conventions: missing text is "", missing numbers 0, a missing person or record {}; times are UTC with Z.
"""

from __future__ import annotations

from .. import codes

# Columns of a call in the order `call` takes them.
COLUMNS = (
    "id company_id status_id subject type purpose reminder outgoing_status start_time end_time duration_seconds "
    "contact_id lead_ref opportunity_id partner_id campaign_id owner_id user_id assigned_to_id agenda description "
    "result tag from_number to_number favorite active closed deletable deleted_by_id sequence create_uid write_uid "
    "create_date write_date state source"
).split()
# Read as text: parsing thousands of times only to print them again costs more than all the rest.
TIMES = {"start_time", "end_time", "create_date", "write_date"}
PERSON_KEYS = ("id", "first_name", "last_name", "name", "email", "phone", "mobile", "image")


def stamp(text: str | None) -> str:
    """PostgreSQL's text of a time, as ``2025-10-13T10:00:00.000Z``; "" for none."""
    return f"{text[:10]}T{text[11:19]}.000Z" if text else ""


def person(row_id: int, name: str | None, email: str | None, phone: str | None) -> dict:
    """A user as callers may see one: nothing but these keys ever leaves."""
    first, _, last = (name or "").partition(" ")
    return {
        "id": row_id,
        "first_name": first,
        "last_name": last,
        "name": name or "",
        "email": email or "",
        "phone": phone or "",
        "mobile": "",
        "image": "",
    }


def record(row_id: int, name: str | None, first: str | None, last: str | None, email: str | None, phone: str | None):
    """A contact, lead, deal or account that a call names."""
    return {
        "id": row_id,
        "title": name or "",
        "name": name or "",
        "first_name": first or "",
        "last_name": last or "",
        "email": email or "",
        "phone": phone or "",
    }


def lead_id(reference: str | None) -> int:
    """The id in a stored reference like ``crm.lead,5``."""
    return int(reference.partition(",")[2]) if reference else 0


def call(row: tuple, found: dict) -> dict:
    """The document of a row of `COLUMNS`.

    `found` maps ``(kind, id)`` of the people and records that calls name to their documents.
    """
    (row_id, company_id, status_id, subject, kind, purpose, reminder, outgoing_status, start_time, end_time,
     duration_seconds, contact_id, lead_ref, opportunity_id, partner_id, campaign_id, owner_id, user_id,
     assigned_to_id, agenda, description, result, tag, from_number, to_number, favorite, active, closed, deletable,
     deleted_by_id, sequence, create_uid, write_uid, create_date, write_date, state, source) = row  # fmt: skip
    if contact_id:
        call_for, call_for_id = "contacts", contact_id
    else:
        call_for, call_for_id = ("leads", lead_id(lead_ref)) if lead_ref else ("", 0)
    if opportunity_id:
        related_to, related_to_id = "deals", opportunity_id
    elif partner_id:
        related_to, related_to_id = "accounts", partner_id
    else:
        related_to, related_to_id = ("campaigns", campaign_id) if campaign_id else ("", 0)
    owner = found.get(("users", owner_id), {})
    user = found.get(("users", user_id), {})
    assigned_to = found.get(("users", assigned_to_id), {})
    related = found.get((related_to, related_to_id), {})
    return {
        "id": row_id,
        "ukey": codes.ukey(company_id, row_id),
        "subject": subject or "",
        "type": kind or "",
        "type_id": codes.TYPE_CODES.get(kind, 0),
        "status_id": status_id,
        "outgoing_status_id": codes.OUTGOING_STATUS_CODES.get(outgoing_status, 0),
        "purpose": purpose or "",
        "purpose_id": codes.PURPOSE_CODES.get(purpose, 0),
        "reminder": reminder or "",
        "reminder_id": int(reminder or 0),
        "start_time": stamp(start_time),
        "end_time": stamp(end_time),
        "duration": (duration_seconds or 0) // 60,
        "call_for": call_for,
        "call_for_id": call_for_id,
        "related_to": related_to,
        "related_to_id": related_to_id,
        "owner_id": owner_id or 0,
        "user_id": user_id or 0,
        "assigned_to_id": assigned_to_id or 0,
        "agenda": agenda or "",
        "description": description or "",
        "result": result or "",
        "tag": tag or "",
        "caller_id": from_number or "",
        "dialled_number": to_number or "",
        "favorite": int(favorite or 0),
        "active": 1,
        "deleted": 0 if active else 1,
        "deleted_by": deleted_by_id or 0,
        "closed": int(closed or 0),
        "deletable": int(deletable or 0),
        "sort_by": sequence or 0,
        "tenant_id": company_id,
        "add_by": create_uid or 0,
        "edit_by": write_uid or 0,
        "createdon": stamp(create_date),
        "updatedon": stamp(write_date),
        "state": state,
        "source": source,
        "owner_details": owner,
        "user_details": user,
        "assigned_to_details": assigned_to,
        "caller_details": {"caller_id": from_number} if from_number else {},
        "call_for_details": found.get((call_for, call_for_id), {}),
        "related_to_details": related,
        "related_entity": related,
        "owner": owner,
        "user": user,
        "assigned_to": assigned_to,
    }

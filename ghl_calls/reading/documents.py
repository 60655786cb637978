"""Call documents out of rows: the JSON names CRM clients know. Plain Python.

Documents are made as JSON text: dicts in between would take longer to make and to write than everything else, most of
all where orjson is not installed.

Conventions: missing text is "", missing numbers 0, a missing person or record {}; times are UTC with Z.
"""

from __future__ import annotations

from json.encoder import encode_basestring as quoted

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
NOTHING = "{}"
PERSON_KEYS = ("id", "first_name", "last_name", "name", "email", "phone", "mobile", "image")


def stamp(text: str | None) -> str:
    """PostgreSQL's text of a time, as ``2025-10-13T10:00:00.000Z``; "" for none."""
    return f"{text[:10]}T{text[11:19]}.000Z" if text else ""


def person(row_id: int, name: str | None, email: str | None, phone: str | None) -> str:
    """A user as callers may see one: nothing but these keys (`PERSON_KEYS`) ever leaves."""
    first, _, last = (name or "").partition(" ")
    return (
        f'{{"id":{row_id},"first_name":{quoted(first)},"last_name":{quoted(last)},"name":{quoted(name or "")},'
        f'"email":{quoted(email or "")},"phone":{quoted(phone or "")},"mobile":"","image":""}}'
    )


def record(
    row_id: int, name: str | None, first: str | None, last: str | None, email: str | None, phone: str | None
) -> str:
    """A contact, lead, deal or account that a call names."""
    title = quoted(name or "")
    return (
        f'{{"id":{row_id},"title":{title},"name":{title},"first_name":{quoted(first or "")},'
        f'"last_name":{quoted(last or "")},"email":{quoted(email or "")},"phone":{quoted(phone or "")}}}'
    )


def lead_id(reference: str | None) -> int:
    """The id in a stored reference like ``crm.lead,5``."""
    return int(reference.partition(",")[2]) if reference else 0


def call(row: tuple, found: dict, **more: str) -> str:
    """The document of a row of `COLUMNS`.

    `found` maps kinds to ``{id: document}`` of the people and records that calls name, "" to nothing, and
    "newest_deals" to those of contacts, shown where a call with one names nothing that it is about; `more` are
    further texts of the document.
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
    users = found["users"]
    owner = users.get(owner_id, NOTHING)
    user = users.get(user_id, NOTHING)
    assigned_to = users.get(assigned_to_id, NOTHING)
    entity = found[related_to].get(related_to_id, NOTHING)
    related = entity if related_to else found["newest_deals"].get(contact_id, NOTHING)
    caller = quoted(from_number or "")
    caller_details = f'{{"caller_id":{caller}}}' if from_number else NOTHING
    return (
        f'{{"id":{row_id},"ukey":"{codes.ukey(company_id, row_id)}","subject":{quoted(subject or "")},'
        f'"type":{quoted(kind or "")},"type_id":{codes.TYPE_CODES.get(kind, 0)},"status_id":{status_id},'
        f'"outgoing_status_id":{codes.OUTGOING_STATUS_CODES.get(outgoing_status, 0)},'
        f'"purpose":{quoted(purpose or "")},"purpose_id":{codes.PURPOSE_CODES.get(purpose, 0)},'
        f'"reminder":{quoted(reminder or "")},"reminder_id":{int(reminder or 0)},'
        f'"start_time":"{stamp(start_time)}","end_time":"{stamp(end_time)}","duration":{(duration_seconds or 0) // 60},'
        f'"call_for":"{call_for}","call_for_id":{call_for_id},'
        f'"related_to":"{related_to}","related_to_id":{related_to_id},'
        f'"owner_id":{owner_id or 0},"user_id":{user_id or 0},"assigned_to_id":{assigned_to_id or 0},'
        f'"agenda":{quoted(agenda or "")},"description":{quoted(description or "")},"result":{quoted(result or "")},'
        f'"tag":{quoted(tag or "")},"caller_id":{caller},"dialled_number":{quoted(to_number or "")},'
        f'"favorite":{1 if favorite else 0},"active":1,"deleted":{0 if active else 1},'
        f'"deleted_by":{deleted_by_id or 0},'
        f'"closed":{1 if closed else 0},"deletable":{1 if deletable else 0},"sort_by":{sequence or 0},'
        f'"tenant_id":{company_id},"add_by":{create_uid or 0},"edit_by":{write_uid or 0},'
        f'"createdon":"{stamp(create_date)}","updatedon":"{stamp(write_date)}",'
        f'"state":{quoted(state or "")},"source":{quoted(source or "")},'
        f'"owner_details":{owner},"user_details":{user},"assigned_to_details":{assigned_to},'
        f'"caller_details":{caller_details},'
        f'"call_for_details":{found[call_for].get(call_for_id, NOTHING)},'
        f'"related_to_details":{related},"related_entity":{entity},'
        f'"owner":{owner},"user":{user},"assigned_to":{assigned_to}'
        + ("".join(f',"{key}":{quoted(text)}' for key, text in more.items()) if more else "")
        + "}"
    )

"""Documents out of rows: the JSON names and conventions callers know. Plain Python.

Conventions: missing text and dates are "", missing numbers 0; dates are naive UTC (ISO text once they are JSON).
Rows are tuples in the order of the columns in ``contacts.py`` and ``contact_parts.py``; those of parts begin with the
contact they hang on.
"""

from __future__ import annotations

from datetime import datetime

from . import touches, unmirrored


def task(row: tuple, now: datetime) -> dict:
    """What is late is worked out now, not when it was mirrored."""
    _contact, row_id, external_id, title, body, due, completed, assigned, assigned_name, created, written = row
    return {
        "id": row_id,
        "external_id": external_id,
        "title": title or "",
        "body": body or "",
        "due_date": due or "",
        "completed": completed or False,
        "is_overdue": bool(due and not completed and due < now),
        "days_until_due": (due - now).days if due else 0,
        "assigned_to": assigned or "",
        "assigned_user_name": assigned_name or "",
        "create_date": created or "",
        "write_date": written or "",
    }


def task_state(tasks: list[dict]) -> str:
    """``overdue`` (an open one is late), ``upcoming`` (open ones, none late), ``empty`` (all done) or ``no_tasks``."""
    if not tasks:
        return "no_tasks"
    if any(item["is_overdue"] for item in tasks):
        return "overdue"
    return "empty" if all(item["completed"] for item in tasks) else "upcoming"


def conversation(row: tuple) -> dict:
    (_contact, row_id, external_id, date, body, message_type, direction, kind, unread, full_name, contact_name, email,
     phone, created, written) = row  # fmt: skip
    return {
        "id": row_id,
        "ghl_id": external_id,
        "last_message_date": date or "",
        "last_message_body": body or "",
        "last_message_type": message_type or "",
        "last_message_direction": direction or "",
        "type": kind or "",
        "unread_count": unread or 0,
        "full_name": full_name or "",
        "contact_name": contact_name or "",
        "email": email or "",
        "phone": phone or "",
        "display_name": full_name or contact_name or external_id,
        "create_date": created or "",
        "write_date": written or "",
    }


def last_message(own: tuple, conversations: list[dict]) -> dict | str:
    """The contact's ``own`` last message, or that of the newest conversation when that is newer (messages may not be
    synchronised); "" when there is none. Conversations come newest first."""
    external_id, body, message_type, direction, source, date = own
    newest = conversations[0] if conversations else {}
    unread, told = newest.get("unread_count", 0), newest.get("last_message_date")
    if date and not (told and told > date):
        # Of e-mails the conversation knows the first words, the list of messages none.
        words = newest.get("last_message_body") if told == date else ""
        return _message(external_id, body or words or "", message_type or "", direction or "", source, date, unread)
    if not (told or newest.get("last_message_body")):
        return ""
    return _message(
        "",
        newest["last_message_body"],
        newest["last_message_type"],
        newest["last_message_direction"],
        "",
        newest["last_message_date"],
        unread,
    )


def _message(external_id, body, message_type, direction, source, date, unread):
    return {
        "body": body,
        "type": message_type.removeprefix("TYPE_").replace("_", " "),
        "direction": direction,
        "source": source or "",
        "date_added": date,
        "id": external_id,
        "unread_count": unread,
    }


def attribution(row: tuple) -> dict:
    _contact, touch, url, campaign, utm_source, utm_medium, referrer, ip, medium = row
    return {
        "touch": touch,
        "url": url or "",
        "campaign": campaign or "",
        "utm_source": utm_source or "",
        "utm_medium": utm_medium or "",
        "referrer": referrer or "",
        "ip": ip or "",
        "medium": medium or "",
    }


def opportunity(row: tuple) -> dict:
    (_contact, row_id, external_id, name, stage, close_date, created, modified, value, pipeline, pipeline_stage,
     assigned, status, source, contact, location, followers) = row  # fmt: skip
    return {
        "id": row_id,
        "external_id": external_id,
        "name": name or "",
        "title": name or "",
        "description": "",
        "stage": stage or "",
        "expected_close_date": close_date or "",
        "date_created": created or "",
        "date_modified": modified or "",
        "monetary_value": value or 0.0,
        "pipeline_id": pipeline or "",
        "pipeline_stage_id": pipeline_stage or "",
        "assigned_to": assigned or "",
        "status": status or "",
        "source": source or "",
        "contact_external_id": contact or "",
        "location_external_id": location or "",
        "index_version": "",
        "notes": [],
        "tasks": [],
        "calendar_events": [],
        "followers": followers or [],
    }


def contact(row: tuple, parts: dict[str, dict]) -> dict:
    """The full document of a contact. ``parts`` maps a part to {contact id: its rows}; parts not read are empty."""
    (row_id, external_id, name, first_name, last_name, email, phone, company_name, address, city, state, postal_code,
     country, website, timezone, source, kind, dnd, added, updated, activity, business, first_touch, last_touch,
     touched, engaged, *message, followers, assigned_name, assigned) = row  # fmt: skip
    tags = parts["tags"].get(row_id, ())
    custom_values = parts["custom_values"].get(row_id)
    attributions = parts["attributions"].get(row_id)
    tasks = parts["tasks"].get(row_id) or []
    conversations = parts["conversations"].get(row_id) or []
    deals, value = parts["opportunity_totals"].get(row_id, (0, 0.0))
    document = {
        "id": row_id,
        "external_id": external_id,
        "name": name or "",
        "first_name": first_name or "",
        "last_name": last_name or "",
        "email": email or "",
        "phone": phone or "",
        "company_name": company_name or "",
        "address": address or "",
        "city": city or "",
        "state": state or "",
        "postal_code": postal_code or "",
        "country": country or "",
        "website": website or "",
        "timezone": timezone or "",
        "source": source or "",
        "type": kind or "",
        "dnd": dnd or False,
        "date_added": added or "",
        "date_updated": updated or "",
        "last_activity": activity or "",
        "business_id": business or "",
        "followers": followers or "[]",
        "assigned_to": assigned_name or assigned or "",
        "assigned_to_id": assigned or "",
        "tag_list": ", ".join(tags),
        "contact_tags": list(tags),
        "custom_fields_count": len(custom_values or ()),
        "attributions_count": len(attributions or ()),
        "crm_tasks": task_state(tasks),
        "tasks": tasks,
        "tasks_count": len(tasks),
        "conversations": conversations,
        "conversations_count": len(conversations),
        "last_message": last_message(tuple(message), conversations),
        "speed_to_lead": touches.speed(added, first_touch),
        "touch_summary": touches.summary(touched) or "no_touches",
        "engagement_summary": touches.listed(engaged),
        "last_touch_date": last_touch or "",
        "opportunities": deals,
        "total_pipeline_value": value or 0.0,
        **unmirrored.VALUES,
    }
    if parts["opportunity_list"]:
        document["opportunity_list"] = parts["opportunity_list"].get(row_id, [])
    # Callers tell "none" by the missing key here.
    if custom_values:
        document["custom_fields"] = custom_values
    if attributions:
        document["attributions"] = attributions
    return document

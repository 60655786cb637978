"""The floor: the same page by hand-written SQL on a bare connection, and orjson: no Odoo, no rules, no choice."""

from collections import defaultdict
from datetime import datetime, timezone

try:
    from orjson import dumps
except ImportError:  # the floor is then as slow as the design
    import json

    def dumps(data):
        return json.dumps(data, default=lambda value: value.isoformat(), separators=(",", ":")).encode()


LOCATION = """
SELECT l.id, l.external_id, l.name, l.last_synced_at, j.id,
       (SELECT jsonb_object_agg(entity, seen) FROM ghl_sync_cursor WHERE location_id = l.id)
  FROM ghl_location l
  LEFT JOIN LATERAL (SELECT id FROM ghl_job WHERE location_id = l.id ORDER BY id DESC LIMIT 1) j ON TRUE
 WHERE l.external_id = %s AND l.active IS TRUE"""
COUNT = "SELECT count(*) FROM ghl_contact WHERE location_id = %s AND active IS TRUE"
PAGE = """
SELECT c.id, c.external_id, c.name, c.first_name, c.last_name, c.email, c.phone, c.company_name, c.address, c.city,
       c.state, c.postal_code, c.country, c.website, c.timezone, c.source, c.type, c.dnd, c.remote_created_at,
       c.remote_updated_at, c.last_activity_at, c.business_external_id, c.first_touch_date, c.last_touch_date,
       c.touches, c.engagements, c.last_message_external_id, c.last_message_body, c.last_message_type,
       c.last_message_direction, c.last_message_source, c.last_message_date, c.followers::text, u.name,
       c.assigned_external_id
  FROM ghl_contact c LEFT JOIN ghl_user u ON u.id = c.assigned_user_id
 WHERE c.location_id = %s AND c.active IS TRUE
 ORDER BY c.remote_created_at DESC, c.id DESC LIMIT %s"""
TAGS = """
SELECT r.contact_id, t.name FROM ghl_contact_tag_rel r JOIN ghl_tag t ON t.id = r.tag_id
 WHERE r.contact_id = ANY(%s) ORDER BY t.name"""
CUSTOM_VALUES = """
SELECT contact_id, field_external_id, value ->> 'v' FROM ghl_contact_custom_value
 WHERE contact_id = ANY(%s) ORDER BY id"""
ATTRIBUTIONS = """
SELECT contact_id, touch, url, campaign, utm_source, utm_medium, referrer, ip, medium FROM ghl_contact_attribution
 WHERE contact_id = ANY(%s) ORDER BY touch"""
TASKS = """
SELECT t.contact_id, t.id, t.external_id, t.title, t.body, t.due_date, t.completed, t.assigned_external_id, u.name,
       date_trunc('second', t.create_date), date_trunc('second', t.write_date)
  FROM ghl_contact_task t LEFT JOIN ghl_user u ON u.id = t.assigned_user_id
 WHERE t.contact_id = ANY(%s) AND t.active IS TRUE ORDER BY t.completed, t.due_date, t.id"""
CONVERSATIONS = """
SELECT contact_id, id, external_id, last_message_date, last_message_body, last_message_type, last_message_direction,
       type, unread_count, full_name, contact_name, email, phone, date_trunc('second', create_date),
       date_trunc('second', write_date)
  FROM ghl_contact_conversation WHERE contact_id = ANY(%s) AND active IS TRUE
 ORDER BY last_message_date DESC NULLS LAST, id DESC"""
OPPORTUNITIES = """
SELECT contact_id, count(*), sum(monetary_value)::float FROM ghl_contact_opportunity
 WHERE contact_id = ANY(%s) AND active IS TRUE GROUP BY contact_id"""


def page(cursor, location, limit):
    """The JSON bytes of the first page."""

    def rows(statement, *params):
        cursor.execute(statement, params)
        return cursor.fetchall()

    [(location_id, _external_id, _name, synced, job, summary)] = rows(LOCATION, location)
    [(total,)] = rows(COUNT, location_id)
    contacts = rows(PAGE, location_id, limit + 1)
    more, contacts = len(contacts) > limit, contacts[:limit]
    ids = [row[0] for row in contacts]
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    tags, values, attributions, tasks, conversations = (defaultdict(list) for _ in range(5))
    for contact, name in rows(TAGS, ids):
        tags[contact].append(name)
    for contact, field, value in rows(CUSTOM_VALUES, ids):
        values[contact].append({"id": field, "value": value})
    for contact, touch, url, campaign, source, medium_, referrer, ip, medium in rows(ATTRIBUTIONS, ids):
        attributions[contact].append(
            {"touch": touch, "url": url or "", "campaign": campaign or "", "utm_source": source or "",
             "utm_medium": medium_ or "", "referrer": referrer or "", "ip": ip or "", "medium": medium or ""}
        )  # fmt: skip
    for contact, id_, key, title, body, due, done, user, user_name, created, written in rows(TASKS, ids):
        tasks[contact].append(
            {"id": id_, "external_id": key, "title": title or "", "body": body or "", "due_date": due or "",
             "completed": done or False, "is_overdue": bool(due and not done and due < now),
             "days_until_due": (due - now).days if due else 0, "assigned_to": user or "",
             "assigned_user_name": user_name or "", "create_date": created or "", "write_date": written or ""}
        )  # fmt: skip
    for row in rows(CONVERSATIONS, ids):
        (contact, id_, key, date, body, message_type, direction, kind, unread, full_name, contact_name, email, phone,
         created, written) = row  # fmt: skip
        conversations[contact].append(
            {"id": id_, "ghl_id": key, "last_message_date": date or "", "last_message_body": body or "",
             "last_message_type": message_type or "", "last_message_direction": direction or "", "type": kind or "",
             "unread_count": unread or 0, "full_name": full_name or "", "contact_name": contact_name or "",
             "email": email or "", "phone": phone or "", "display_name": full_name or contact_name or key,
             "create_date": created or "", "write_date": written or ""}
        )  # fmt: skip
    deals = {contact: (count, value) for contact, count, value in rows(OPPORTUNITIES, ids)}
    documents = []
    for row in contacts:
        (id_, key, name, first, last, email, phone, company, address, city, state, postal, country, website, zone,
         source, kind, dnd, added, updated, activity, business, *_no_messages, followers, user_name, user
         ) = row  # fmt: skip
        own_tasks, own_talks = tasks.get(id_, []), conversations.get(id_, [])
        talk = own_talks[0] if own_talks else None
        count, value = deals.get(id_, (0, 0.0))
        state_of_tasks = "no_tasks"
        if own_tasks:
            open_ones = [task for task in own_tasks if not task["completed"]]
            late = any(task["is_overdue"] for task in open_ones)
            state_of_tasks = "overdue" if late else "upcoming" if open_ones else "empty"
        document = {
            "id": id_, "external_id": key, "name": name or "", "first_name": first or "", "last_name": last or "",
            "email": email or "", "phone": phone or "", "company_name": company or "", "address": address or "",
            "city": city or "", "state": state or "", "postal_code": postal or "", "country": country or "",
            "website": website or "", "timezone": zone or "", "source": source or "", "type": kind or "",
            "dnd": dnd or False, "date_added": added or "", "date_updated": updated or "",
            "last_activity": activity or "", "business_id": business or "", "followers": followers or "[]",
            "assigned_to": user_name or user or "", "assigned_to_id": user or "", "tag_list": ", ".join(tags[id_]),
            "contact_tags": tags[id_], "custom_fields_count": len(values[id_]),
            "attributions_count": len(attributions[id_]), "crm_tasks": state_of_tasks, "tasks": own_tasks,
            "tasks_count": len(own_tasks), "conversations": own_talks, "conversations_count": len(own_talks),
            "last_message": "" if talk is None else {
                "body": talk["last_message_body"],
                "type": talk["last_message_type"].removeprefix("TYPE_").replace("_", " "),
                "direction": talk["last_message_direction"], "source": "", "date_added": talk["last_message_date"],
                "id": "", "unread_count": talk["unread_count"],
            },
            "opportunities": count, "total_pipeline_value": value or 0.0, "ai_status": "<span>Not Contacted</span>",
            "ai_status_code": "not_contacted", "ai_summary": "Read", "ai_reasoning": "", "ai_quality_grade": "no_grade",
            "ai_sales_grade": "no_grade", "category": "manual", "channel": "manual", "created_by": "",
            "attribution": "", "speed_to_lead": "", "touch_summary": "no_touches", "engagement_summary": [],
            "last_touch_date": "",
        }  # fmt: skip
        if values[id_]:
            document["custom_fields"] = values[id_]
        if attributions[id_]:
            document["attributions"] = attributions[id_]
        documents.append(document)
    return dumps(
        {
            "success": True,
            "sync_summary": summary or {},
            "last_synced_at": synced or "",
            "sync_job_id": job or 0,
            "contacts": documents,
            "total_contacts": total,
            "has_more": more,
        }
    )

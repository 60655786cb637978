"""What happened to a call: changes, what its provider reported, and what people wrote; two queries.

No rules are applied to these: they belong to a call that the reader has been shown already, as its form shows it.
"""

from odoo.tools import SQL, html2plaintext

from . import documents, related

MOST = 1000
_LINES = """
    SELECT * FROM (
        (SELECT 'activity' AS kind, id, create_date AS moment, activity_type AS type, title, description,
                metadata, user_id
           FROM ghl_activity_log WHERE entity_model = 'ghl.call' AND entity_id = %(call)s
          ORDER BY id DESC LIMIT %(limit)s)
        UNION ALL
        (SELECT 'event', id, COALESCE(occurred_at, received_at), event, NULL, details,
                jsonb_build_object('verdict', verdict, 'state', state, 'provider', provider,
                                   'duration_seconds', duration_seconds), NULL
           FROM ghl_call_event WHERE call_id = %(call)s ORDER BY id DESC LIMIT %(limit)s)
        UNION ALL
        (SELECT 'note', id, COALESCE(date, create_date), message_type, subject, body, NULL, create_uid
           FROM mail_message
          WHERE model = 'ghl.call' AND res_id = %(call)s AND message_type IN ('comment', 'email', 'email_outgoing')
          ORDER BY id DESC LIMIT %(limit)s)
    ) AS line ORDER BY moment DESC, kind, id DESC LIMIT %(limit)s
"""


def read(env, call_id, *, limit=100):
    """The latest ``limit`` entries, the newest first.

    ``{"kind": "activity" | "event" | "note", "id", "activity_type", "title", "description", "metadata", "user_id",
    "user_details", "createdon", "timestamp"}``; a note's `description` is its plain text. `title` of an event is its
    label. Times are UTC with Z.
    """
    env.flush_all()
    rows = env.execute_query(SQL(_LINES, call=call_id, limit=limit))
    people = related.people(env, {row[7] for row in rows} - {None})
    labels = dict(env["ghl.call.event"]._fields["event"]._description_selection(env))
    return [_entry(row, people, labels) for row in rows]


def activity_logs(entries, call_id, company_id):
    """The changes among them, under the names of the activity log."""
    return [
        {
            **{key: entry[key] for key in ("id", "activity_type", "title", "description", "metadata", "user_id")},
            "createdon": entry["createdon"],
            "timestamp": entry["timestamp"],
            "entity_type": "call",
            "entity_id": call_id,
            "tenant_id": company_id,
            "deleted": 0,
            "active": 1,
        }
        for entry in entries
        if entry["kind"] == "activity"
    ]


def notes(entries, call_id):
    """What people wrote among them, under the names of notes."""
    return [
        {
            "id": entry["id"],
            "note": entry["description"],
            "related_to": "calls",
            "related_to_id": call_id,
            "add_by": entry["user_id"],
            "user_details": entry["user_details"],
            "createdon": entry["createdon"],
        }
        for entry in entries
        if entry["kind"] == "note"
    ]


def attachments(env, call_id, *, limit=100):
    """The latest files of the call that the reader may see: ``[{"id", "name", "mimetype", "createdon"}]``."""
    found = env["ir.attachment"].search_fetch(
        [("res_model", "=", "ghl.call"), ("res_id", "=", call_id)],
        ["name", "mimetype", "create_date"],
        limit=limit,
        order="id desc",
    )
    return [
        {
            "id": file.id,
            "name": file.name,
            "mimetype": file.mimetype or "",
            "createdon": documents.stamp(str(file.create_date)),
        }
        for file in found
    ]


def tasks(env, call_id, *, limit=100):
    """What is planned about the call, as far as the reader may see it, the most urgent first.

    ``[{"id", "title", "due_date", "user_id"}]``
    """
    found = env["mail.activity"].search_fetch(
        [("res_model", "=", "ghl.call"), ("res_id", "=", call_id)],
        ["summary", "activity_type_id", "date_deadline", "user_id"],
        limit=limit,
        order="date_deadline, id",
    )
    return [
        {
            "id": task.id,
            "title": task.summary or task.activity_type_id.name or "",
            "due_date": task.date_deadline.isoformat(),
            "user_id": task.user_id.id or 0,
        }
        for task in found
    ]


def _entry(row, people, labels):
    kind, row_id, moment, word, title, text, metadata, user_id = row
    when = documents.stamp(str(moment))
    return {
        "kind": kind,
        "id": row_id,
        "activity_type": word or "",
        "title": (labels.get(word) if kind == "event" else title) or "",
        "description": html2plaintext(text or "").strip() if kind == "note" else text or "",
        "metadata": metadata or {},
        "user_id": user_id or 0,
        "user_details": people.get(user_id, {}),
        "createdon": when,
        "timestamp": when,
    }

"""What happened to a call, the latest first: its own lines of the activity log, and what its provider reported."""

from odoo import fields

MOST = 100
ICONS = {
    "call_created": "fa-plus",
    "call_status_changed": "fa-exchange",
    "call_deleted": "fa-trash-o",
    "call_restored": "fa-undo",
    "call_marked_as_favorite": "fa-star",
    "call_unmarked_as_favorite": "fa-star-o",
}
EVENT_ICONS = {
    "ANSWERED": "fa-comments-o",
    "COMPLETED": "fa-check",
    "NO_ANSWER": "fa-times",
    "BUSY": "fa-times",
    "FAILED": "fa-exclamation-circle",
    "CANCELLED": "fa-ban",
    "NOTE": "fa-sticky-note-o",
}


def entries(call):
    """``[{key, at, icon, title, detail, who}]`` of a call, at most ``MOST``; ``at`` is UTC text."""
    found = [*_lines(call), *_events(call)]
    found.sort(key=lambda entry: (entry["at"], entry["key"]), reverse=True)
    return found[:MOST]


def _lines(call):
    env = call.env
    lines = env["ghl.activity.log"].search(
        [("entity_model", "=", call._name), ("entity_id", "=", call.id)], limit=MOST, order="id desc"
    )
    # sudo: whoever may see a call may see which columns it was in
    moved = {line.metadata.get(key) for line in lines for key in ("from_status_id", "to_status_id") if line.metadata}
    statuses = {s.id: s.name for s in env["ghl.call.status"].sudo().browse(filter(None, moved)).exists()}
    for line in lines:
        told = line.metadata or {}
        detail = ""
        if "to_status_id" in told:
            detail = " → ".join(statuses.get(told.get(key), "?") for key in ("from_status_id", "to_status_id"))
        elif told.get("changed"):
            detail = ", ".join(
                call._fields[name]._description_string(env) for name in told["changed"] if name in call._fields
            )
        yield {
            "key": f"line-{line.id:012}",
            "at": fields.Datetime.to_string(line.create_date),
            "icon": ICONS.get(line.activity_type, "fa-pencil"),
            "title": line.title,
            "detail": detail,
            "who": line.user_id.name or "",
        }


def _events(call):
    events = call.env["ghl.call.event"].search([("call_id", "=", call.id)], limit=MOST, order="id desc")
    labels = {name: dict(events._fields[name]._description_selection(call.env)) for name in ("event", "verdict")}
    for event in events:
        detail = event.details or ""
        if event.verdict != "applied":
            detail = " · ".join(filter(None, (labels["verdict"].get(event.verdict), detail)))
        yield {
            "key": f"event-{event.id:012}",
            "at": fields.Datetime.to_string(event.occurred_at or event.received_at),
            "icon": EVENT_ICONS.get(event.event, "fa-phone"),
            "title": labels["event"].get(event.event, event.event),
            "detail": detail,
            "who": event.provider or "",
        }

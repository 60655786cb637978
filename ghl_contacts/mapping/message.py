"""Messages of all channels, calls among them. Source: rows of GET /conversations/messages/export."""

from __future__ import annotations

from typing import Any

from . import values as v

IGNORED = frozenset(("traceId",))
KNOWN = IGNORED | frozenset(
    """id locationId contactId conversationId userId type messageType direction status body subject contentType
    attachments dateAdded dateUpdated source altId from to error""".split()
)


def to_row(remote: Any) -> dict:
    """Columns of ``ghl.contact.message``. A call that was not answered has no duration: None, not 0."""
    remote = v.record(remote)
    get = remote.get
    meta = get("meta") if isinstance(get("meta"), dict) else {}
    call, email = (meta.get(key) if isinstance(meta.get(key), dict) else {} for key in ("call", "email"))
    return {
        "external_id": v.identity(remote, "id", "_id"),
        "is_email": False,
        "message_type": v.text(get("messageType")) or v.text(get("type")),
        "direction": v.text(get("direction")),
        "status": v.text(get("status")),
        "subject": v.text(get("subject")),
        "body": v.text(get("body")),
        "content_type": v.text(get("contentType")),
        "attachments": v.structure(get("attachments")),
        "source": v.text(get("source")),
        "sender": v.text(get("from")),
        "recipient": v.text(get("to")),
        "error": v.text(get("error")),
        "alt_id": v.text(get("altId")),
        # The official description has flat names and text, live answers an object and numbers.
        "call_duration": v.integer(call.get("duration", meta.get("callDuration")), 0),
        "call_status": v.text(call.get("status", meta.get("callStatus"))),
        "email_ids": v.structure(email.get("messageIds")),
        "contact_external_id": v.reference(get("contactId")),
        "conversation_external_id": v.reference(get("conversationId")),
        "user_external_id": v.reference(get("userId")),
        "remote_created_at": v.stamp(get("dateAdded")) or v.stamp(get("dateUpdated")),
        "remote_updated_at": v.stamp(get("dateUpdated")),
        "active": not v.boolean(get("deleted")),
        "extra": v.rest({**remote, "meta": _unread(meta, call, email)}, KNOWN),
    }


def _unread(meta: dict, call: dict, email: dict) -> dict:
    """What no column takes of the parts that columns are read from."""
    left = {
        **meta,
        "call": {key: value for key, value in call.items() if key not in ("duration", "status")},
        "email": {key: value for key, value in email.items() if key != "messageIds"},
    }
    return {key: value for key, value in left.items() if value and key not in ("callDuration", "callStatus")}

"""Conversations. Source: rows of GET /conversations/search; stamps are epoch milliseconds."""

from __future__ import annotations

from typing import Any

from . import values as v

# Where the row stood in the answer, and tags that belong to the contact.
IGNORED = frozenset(("sort", "tags"))
KNOWN = IGNORED | frozenset(
    """id contactId locationId lastMessageBody lastMessageType lastMessageDirection type unreadCount fullName
    contactName email phone dateAdded dateUpdated lastMessageDate starred assignedTo deleted""".split()
)


def to_row(remote: Any) -> dict:
    """Columns of ``ghl.contact.conversation``."""
    remote = v.record(remote)
    get = remote.get
    return {
        "external_id": v.identity(remote, "id", "_id"),
        "type": v.text(get("type")),
        "full_name": v.text(get("fullName")),
        "contact_name": v.text(get("contactName")),
        "email": v.text(get("email")),
        "phone": v.text(get("phone")),
        "unread_count": v.integer(get("unreadCount")) or 0,
        "starred": v.boolean(get("starred")),
        "last_message_body": v.text(get("lastMessageBody")),
        "last_message_type": v.text(get("lastMessageType")),
        "last_message_direction": v.text(get("lastMessageDirection")),
        "last_message_date": v.stamp(get("lastMessageDate")),
        "contact_external_id": v.reference(get("contactId")),
        "assigned_external_id": v.reference(get("assignedTo")),
        "remote_created_at": v.stamp(get("dateAdded")),
        "remote_updated_at": v.stamp(get("dateUpdated")),
        "active": not v.boolean(get("deleted")),
        "extra": v.rest(remote, KNOWN),
    }

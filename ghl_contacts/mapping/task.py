"""Tasks. Source: rows of POST /locations/{id}/tasks/search (``_id``) and GET /contacts/{id}/tasks (``id``)."""

from __future__ import annotations

from typing import Any

from . import values as v

# Names that belong to other records, and where the row stood in the answer.
IGNORED = frozenset(("contactDetails", "assignedToUserDetails", "searchAfter"))
KNOWN = IGNORED | frozenset(
    """_id id title body completed status statusGroup dueDate contactId assignedTo locationId deleted dateAdded
    dateUpdated""".split()
)


def to_row(remote: Any) -> dict:
    """Columns of ``ghl.contact.task``; a row marked deleted comes with ``active`` False."""
    remote = v.record(remote)
    get = remote.get
    return {
        "external_id": v.identity(remote, "_id", "id"),
        "title": v.text(get("title")),
        "body": v.text(get("body")),
        "due_date": v.stamp(get("dueDate")),
        "completed": v.boolean(get("completed")),
        "status": v.text(get("statusGroup")) or v.text(get("status")),
        "contact_external_id": v.reference(get("contactId")),
        "assigned_external_id": v.reference(get("assignedTo")),
        "remote_created_at": v.stamp(get("dateAdded")),
        "remote_updated_at": v.stamp(get("dateUpdated")),
        "active": not v.boolean(get("deleted")),
        "extra": v.rest(remote, KNOWN),
    }

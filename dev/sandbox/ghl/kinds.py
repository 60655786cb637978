"""The kinds of records: how many, their sort keys, how a generated one is made and a written one is indexed."""

from collections.abc import Callable
from dataclasses import dataclass

from ..clock import parse_ms
from . import message_data
from .generator import Generator


@dataclass(frozen=True)
class Kind:
    """One kind of record: its table, its columns after (id, added, updated), and how to read them off a record."""

    name: str
    columns: tuple
    indexes: tuple
    count: Callable  # generator -> how many
    keys: Callable  # generator, n -> (id, added, updated, *columns)
    record: Callable  # generator, n -> record
    index: Callable  # record -> (id, added, updated, *columns)


def _contact_index(r):
    name = f"{r.get('firstName') or ''} {r.get('lastName') or ''} {r.get('companyName') or ''}".lower()
    return (
        r["id"],
        parse_ms(r["dateAdded"]),
        parse_ms(r["dateUpdated"]),
        r.get("email"),
        r.get("phone"),
        name,
        r.get("assignedTo"),
    )


def _task_index(r):
    return (
        r["id"],
        parse_ms(r["dateAdded"]),
        parse_ms(r["dateUpdated"]),
        r.get("contactId"),
        r.get("assignedTo"),
        int(bool(r.get("completed"))),
        parse_ms(r["dueDate"]) if r.get("dueDate") else None,
    )


def _conversation_index(r):
    return (
        r["id"],
        r["dateAdded"],
        r["lastMessageDate"],
        r["contactId"],
        r.get("assignedTo"),
        r["unreadCount"],
        int(bool(r.get("starred"))),
        r.get("lastMessageType"),
    )


def _opportunity_index(r):
    return (
        r["id"],
        parse_ms(r["createdAt"]),
        parse_ms(r["updatedAt"]),
        r.get("contactId"),
        r.get("pipelineId"),
        r.get("pipelineStageId"),
        r.get("status"),
        r.get("assignedTo"),
        r.get("monetaryValue"),
    )


KINDS = (
    Kind(
        "contact",
        ("email", "phone", "name", "assigned"),
        ("loc, updated, id", "loc, added, id"),
        lambda g: g.contacts,
        Generator.contact_keys,
        Generator.contact,
        _contact_index,
    ),
    Kind(
        "task",
        ("contact", "assigned", "completed", "due"),
        ("loc, added, id", "contact"),
        lambda g: g.tasks,
        Generator.task_keys,
        Generator.task,
        _task_index,
    ),
    Kind(
        "conversation",
        ("contact", "assigned", "unread", "starred", "last_type"),
        ("loc, updated, id", "loc, added, id", "contact"),
        lambda g: g.conversations,
        Generator.conversation_keys,
        Generator.conversation,
        _conversation_index,
    ),
    Kind(
        "opportunity",
        ("contact", "pipeline", "stage", "status", "assigned", "value"),
        ("loc, added, id", "contact"),
        lambda g: g.opportunities,
        Generator.opportunity_keys,
        Generator.opportunity,
        _opportunity_index,
    ),
)
MESSAGE = Kind(
    "message",
    ("conversation", "contact", "message_type", "channel"),
    ("loc, added, id", "loc, updated, id", "conversation"),
    message_data.count,
    message_data.keys,
    message_data.record,
    message_data.index,
)

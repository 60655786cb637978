"""Conversations: the search with its bare millisecond cursor, and reads and writes by id."""

from ..clock import iso
from ..draw import token
from .api import Page, Routes, dumps
from .errors import ApiError
from .validate import body_of, check, integer, required

routes = Routes()
SORT_BY = ("last_message_date", "last_manual_message_date", "score_profile", "overdue_at", "due_at")
STATUSES = ("all", "read", "unread", "starred", "recents")
NUMBER_TYPES = {"TYPE_PHONE": 1, "TYPE_EMAIL": 2, "TYPE_FB_MESSENGER": 3, "TYPE_REVIEW": 4, "TYPE_GROUP_SMS": 5}
SEARCH_LIMIT = 100


@routes("GET", "/conversations/search", "conversations.readonly")
def search(call):
    """Unknown parameters such as `offset` are ignored in silence: a client that pages by them reads page 1 for ever."""
    query = call.query
    required(query, "locationId")
    location = call.location(query["locationId"])
    limit = integer(query, "limit", 20, 1, SEARCH_LIMIT)
    faults = [
        f"{name} must be one of the following values: {', '.join(allowed)}"
        for name, allowed in (("sort", ("asc", "desc")), ("sortBy", SORT_BY), ("status", STATUSES))
        if query.get(name) and query[name] not in allowed
    ]
    if faults:
        raise ApiError(422, faults)
    clause, params = _where(query)
    total = call.store.conversation.total(location.index, clause, params)
    direction = query.get("sort", "desc").upper()
    if query.get("startAfterDate"):
        cursor = integer(query, "startAfterDate", 0)
        clause, params = f"({clause}) AND updated {'>' if direction == 'ASC' else '<'} ?", [*params, cursor]
    keys = call.store.conversation.keys(location.index, clause, params, f"updated {direction}, id {direction}", limit)
    return 200, Page("conversations", [dumps(_row(call.store.conversation.load(k))) for k in keys], total=total)


def _where(query):
    parts, params = ["1"], []
    for name, column in (("contactId", "contact"), ("id", "id"), ("lastMessageType", "last_type")):
        if query.get(name):
            parts.append(f"{column} = ?")
            params.append(query[name])
    if query.get("assignedTo"):
        wanted = query["assignedTo"].split(",")
        named = [w for w in wanted if w != "unassigned"]
        tests = ["assigned IS NULL"] if len(named) < len(wanted) else []
        if named:
            tests.append(f"assigned IN ({','.join('?' * len(named))})")
            params += named
        parts.append(f"({' OR '.join(tests)})")
    for name, test in (("startDate", "added >= ?"), ("endDate", "added < ?")):
        if query.get(name):
            parts.append(test)
            params.append(integer(query, name, 0))
    parts.append({"unread": "unread > 0", "read": "unread = 0", "starred": "starred = 1"}.get(query.get("status"), "1"))
    if query.get("query"):
        parts.append("contact IN (SELECT id FROM contact WHERE name LIKE ? OR email LIKE ? OR phone LIKE ?)")
        params += [f"%{query['query'].lower()}%"] * 3
    return " AND ".join(parts), params


def _row(record):
    shown = {k: v for k, v in record.items() if k not in ("typeNumber", "feedback")}
    shown["sort"] = [record["lastMessageDate"]]
    return shown


def _firestore(ms):
    return {"seconds": ms // 1000, "nanoseconds": ms % 1000 * 1_000_000}


def _detail(record):
    """By id: `type` is a number and stamps are Firestore objects."""
    shown = {
        "id": record["id"],
        "contactId": record["contactId"],
        "locationId": record["locationId"],
        "deleted": False,
        "inbox": True,
        "type": record["typeNumber"],
        "unreadCount": record["unreadCount"],
        "starred": record["starred"],
        "lastMessageType": record["lastMessageType"],
        "dateAdded": _firestore(record["dateAdded"]),
        "dateUpdated": _firestore(record["dateUpdated"]),
        "lastMessageDate": _firestore(record["lastMessageDate"]),
    }
    if record.get("assignedTo"):
        shown["assignedTo"] = record["assignedTo"]
    if record.get("lastMessageBody"):
        shown["lastMessageBody"] = record["lastMessageBody"]
    return shown


def conversation_of(call):
    return call.own(
        "conversation", call.args["conversationId"], f"Conversation not found for id:{call.args['conversationId']}"
    )


@routes("GET", "/conversations/{conversationId}", "conversations.readonly")
def get(call):
    return 200, _detail(conversation_of(call))


@routes("POST", "/conversations", "conversations.write")
def create(call):
    body = check(body_of(call.request), {"locationId": "string*", "contactId": "string*"})
    location = call.location(body["locationId"])
    contact = call.own("contact", body["contactId"], f"Contact not found for id:{body['contactId']}")
    if call.store.conversation.where("contact = ?", (contact["id"],), 1):
        raise ApiError(400, "Conversation already exists")
    row = insert(call.store, location, contact)
    shown = {k: row[k] for k in ("id", "contactId", "locationId")}
    stamp = iso(row["dateAdded"])
    return 201, {
        "success": True,
        "conversation": {**shown, "deleted": False, "dateAdded": stamp, "dateUpdated": stamp, "lastMessageDate": stamp},
    }


def insert(store, location, contact, body="", message_type="TYPE_SMS"):
    stamp = store.stamp()
    name = f"{contact.get('firstName') or ''} {contact.get('lastName') or ''}".strip()
    return store.conversation.insert(
        location.index,
        {
            "id": token(f"{store.plan.seed}/new/conversation/{store.serial()}"),
            "contactId": contact["id"],
            "locationId": location.id,
            "lastMessageBody": body,
            "lastMessageType": message_type,
            "type": "TYPE_PHONE",
            "typeNumber": 1,
            "unreadCount": 0,
            "fullName": name,
            "contactName": name,
            "email": contact.get("email"),
            "phone": contact.get("phone"),
            "dateAdded": stamp,
            "dateUpdated": stamp,
            "lastMessageDate": stamp,
            "tags": [],
            "followers": [],
            "mentions": [],
            "messageTypes": [2],
            "starred": False,
            "scoring": [],
            "assignedTo": contact.get("assignedTo"),
        },
    )


@routes("PUT", "/conversations/{conversationId}", "conversations.write")
def update(call):
    row = conversation_of(call)
    body = check(
        body_of(call.request),
        {"locationId": "string*", "unreadCount": "number", "starred": "boolean", "feedback": "any"},
    )
    call.location(body["locationId"])
    row.update({k: v for k, v in body.items() if k in ("unreadCount", "starred", "feedback")})
    row = call.store.conversation.save(row)
    shown = {k: v for k, v in _detail(row).items() if k not in ("type", "dateAdded", "dateUpdated", "lastMessageDate")}
    return 200, {"success": True, "conversation": shown}


@routes("DELETE", "/conversations/{conversationId}", "conversations.write")
def delete(call):
    call.store.remove_conversation(conversation_of(call))
    return 200, {"success": True}

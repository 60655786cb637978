"""Messages: of one conversation, the location-wide export, by id, and sending."""

import base64
import json

from ..clock import iso, now_ms, parse_ms
from ..draw import token
from . import message_data
from .api import Page, Routes, dumps
from .conversations import conversation_of, insert
from .errors import ApiError
from .keyset import behind, order_by, with_id
from .validate import body_of, check, integer, required

routes = Routes()
CURSOR_LIFE_MS = 120_000
CHANNELS = ("Call", "SMS", "Email", "WhatsApp", "Instagram", "Facebook")
SENT_AS = {"SMS": "TYPE_SMS", "Email": "TYPE_EMAIL", "WhatsApp": "TYPE_WHATSAPP", "FB": "TYPE_FACEBOOK"}
SEND = {
    "type": f"{'|'.join(SENT_AS)}*",
    "contactId": "string*",
    **dict.fromkeys(("message", "html", "subject", "emailFrom", "emailTo", "fromNumber", "toNumber"), "string"),
    **dict.fromkeys(
        ("replyMessageId", "threadId", "templateId", "conversationProviderId", "status", "subType"), "string"
    ),
    **dict.fromkeys(("attachments", "emailCc", "emailBcc"), "array"),
    "scheduledTimestamp": "number",
}


def _messages(call):
    return call.store.messages()


@routes("GET", "/conversations/{conversationId}/messages", "conversations/message.readonly")
def of_conversation(call):
    """Newest first (of one stamp the one written last), and nested once more than the spec says."""
    conversation = conversation_of(call)
    limit = integer(call.query, "limit", 20, 1, 100)
    clause, params = "conversation = ?", [conversation["id"]]
    if call.query.get("type"):
        wanted = call.query["type"].split(",")
        clause += f" AND message_type IN ({','.join('?' * len(wanted))})"
        params += wanted
    sorts = [("added", "DESC"), ("pk", "DESC")]
    if call.query.get("lastMessageId"):
        last = _messages(call).get(call.query["lastMessageId"], conversation.loc)
        if not last:
            raise ApiError(400, "The message id is invalid.")
        more, values = behind(sorts, [last.added, last.pk])
        clause, params = f"{clause} AND {more}", [*params, *values]
    found = _messages(call).keys(conversation.loc, clause, params, order_by(sorts), limit + 1)
    rows = [dict(_messages(call).load(key)) for key in found[:limit]]
    last_id = rows[-1]["id"] if rows else None
    return 200, {"messages": {"lastMessageId": last_id, "nextPage": len(found) > limit, "messages": rows}}


@routes("GET", "/conversations/messages/export", "conversations/message.readonly")
def export(call):
    """Everything but e-mail and activities; e-mail only with `channel=Email`. A cursor lives two minutes."""
    query = call.query
    required(query, "locationId")
    location = call.location(query["locationId"])
    limit = integer(query, "limit", 100, 10, 500)
    column, direction = _export_order(query)
    clause, params = _export_where(query, column)
    total = _messages(call).total(location.index, clause, params)
    sorts = with_id([(column, direction)])
    if query.get("cursor"):
        more, values = behind(sorts, _open_cursor(query["cursor"]))
        clause, params = f"({clause}) AND {more}", [*params, *values]
    found = _messages(call).keys(location.index, clause, params, order_by(sorts), limit + 1, 0, f", {column}, id")
    rows = [dumps(_messages(call).load(key)) for key in found[:limit]]
    rest = {"total": total}
    if len(found) > limit:
        rest["nextCursor"] = base64.urlsafe_b64encode(dumps([now_ms(), *found[limit - 1][6:]]).encode()).decode()
    return 200, Page("messages", rows, **rest)


def _export_order(query):
    columns = {"createdAt": "added", "updatedAt": "updated"}
    sort_by, order = query.get("sortBy") or "createdAt", query.get("sortOrder") or "desc"
    faults = []
    if sort_by not in columns:
        faults.append("sortBy must be one of the following values: createdAt, updatedAt")
    if order not in ("asc", "desc"):
        faults.append("sortOrder must be one of the following values: asc, desc")
    if faults:
        raise ApiError(422, faults)
    return columns[sort_by], order.upper()


def _export_where(query, column):
    channel = query.get("channel")
    if channel and channel not in CHANNELS:
        raise ApiError(422, [f"channel must be one of the following values: {', '.join(CHANNELS)}"])
    parts, params = (["channel = ?"], [channel]) if channel else (["channel <> 'Email'"], [])
    for name, test in (("conversationId", "conversation = ?"), ("contactId", "contact = ?")):
        if query.get(name):
            parts.append(test)
            params.append(query[name])
    for name, test in (("startDate", f"{column} >= ?"), ("endDate", f"{column} < ?")):
        if query.get(name):
            try:
                params.append(parse_ms(query[name]))
            except ValueError:
                raise ApiError(422, [f"{name} must be a valid ISO 8601 date string"]) from None
            parts.append(test)
    return " AND ".join(parts), params


def _open_cursor(text):
    try:
        used_at, *values = json.loads(base64.urlsafe_b64decode(text))
    except (ValueError, TypeError):
        raise ApiError(400, "Invalid cursor") from None
    if now_ms() - used_at > CURSOR_LIFE_MS or len(values) != 2:
        raise ApiError(400, "The cursor has expired")
    return values


def message_of(call, name="id"):
    """The message that the address names; 400 for one of somebody else."""
    location = call.store.locations.get(call.token.location_id or "")
    row = _messages(call).get(call.args[name], location.index if location else None)
    if not row:
        raise ApiError(400, f"Message not found for id:{call.args[name]}")
    return row


@routes("GET", "/conversations/messages/{id}", "conversations/message.readonly")
def get(call):
    return 200, {"message": dict(message_of(call))}


@routes("POST", "/conversations/messages", "conversations/message.write")
def send(call):
    """There is no idempotency key: asking twice sends twice."""
    body = check(body_of(call.request), SEND)
    contact = call.own("contact", body["contactId"], f"Contact not found for id:{body['contactId']}")
    location = call.location_of(contact)
    if not (body.get("message") or body.get("html") or body.get("attachments")):
        raise ApiError(400, "There is no message or attachments for this message. Skip sending.")
    held = call.store.conversation.where("contact = ?", (contact["id"],), 1)
    conversation = held[0] if held else insert(call.store, location, contact)
    row = add_message(
        call.store, conversation, SENT_AS[body["type"]], body.get("message") or body.get("html"), "outbound", "api"
    )
    answer = {"conversationId": conversation["id"], "messageId": row["id"], "status": row["status"]}
    return 200, {**answer, "msg": "Message queued successfully."}


def add_message(store, conversation, message_type, text, direction, source="app"):
    """A new message that also becomes the conversation's last one."""
    stamp = store.stamp()
    row = {
        "id": token(f"{store.plan.seed}/new/message/{store.serial()}"),
        "type": message_data.TYPES[message_type][0],
        "messageType": message_type,
        "locationId": conversation["locationId"],
        "contactId": conversation["contactId"],
        "conversationId": conversation["id"],
        "dateAdded": iso(stamp),
        "dateUpdated": iso(stamp),
        "direction": direction,
        "status": "pending" if direction == "outbound" else "delivered",
        "contentType": "text/plain",
        "attachments": [],
        "source": source,
        "body": text,
    }
    store.message.insert(conversation.loc, row)
    conversation.update(
        lastMessageBody=text,
        lastMessageType=message_type,
        lastMessageDirection=direction,
        lastMessageDate=stamp,
        dateUpdated=stamp,
    )
    if direction == "inbound":
        conversation["unreadCount"] += 1
    store.conversation.save(conversation)
    return row

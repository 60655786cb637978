"""Generated messages: every conversation has the same small number of them, the last one at its `lastMessageDate`."""

from ..clock import iso, parse_ms
from ..draw import Draw, token
from .words import MESSAGES

# message type -> (number of the type, channel of the export)
TYPES = {
    "TYPE_CALL": (1, "Call"),
    "TYPE_SMS": (2, "SMS"),
    "TYPE_EMAIL": (3, "Email"),
    "TYPE_CAMPAIGN_VOICEMAIL": (10, "Call"),
    "TYPE_FACEBOOK": (11, "Facebook"),
    "TYPE_WHATSAPP": (19, "WhatsApp"),
    "TYPE_ACTIVITY_OPPORTUNITY": (28, None),
}
_EARLIER = {
    "TYPE_PHONE": ("TYPE_SMS", "TYPE_SMS", "TYPE_CALL", "TYPE_CAMPAIGN_VOICEMAIL"),
    "TYPE_EMAIL": ("TYPE_EMAIL",),
    "TYPE_FB_MESSENGER": ("TYPE_FACEBOOK",),
}
_CALL_STATUSES = ("completed", "completed", "no-answer", "voicemail", "busy")


def count(generator) -> int:
    return generator.conversations * generator.plan.messages


def _head(generator, n):
    each = generator.plan.messages
    conversation, place = divmod(n, each)
    _, added, last, _, _, _, kind = generator.conversation_head(conversation)
    draw = Draw(f"{generator.key}/message/{n}")
    final = place == each - 1
    stamp = last if final else added + (last - added) * (place + 1) // (each + 1)
    message_type = kind[1] if final else draw.one_of(_EARLIER[kind[0]])
    return draw, conversation, stamp, message_type


def email_id(message_id):
    """The id of the only e-mail of a message, and the other way round."""
    return message_id[::-1]


def keys(generator, n):
    _, conversation, stamp, message_type = _head(generator, n)
    names = (generator.conversation_id(conversation), generator.contact_id(conversation))
    return (token(f"{generator.key}/m/{n}"), stamp, stamp, *names, message_type, TYPES[message_type][1])


def record(generator, n) -> dict:
    draw, conversation, stamp, message_type = _head(generator, n)
    row = {
        "id": token(f"{generator.key}/m/{n}"),
        "type": TYPES[message_type][0],
        "messageType": message_type,
        "locationId": generator.location.id,
        "contactId": generator.contact_id(conversation),
        "conversationId": generator.conversation_id(conversation),
        "dateAdded": iso(stamp),
        "dateUpdated": iso(stamp),
        "direction": draw.one_of(("inbound", "outbound")),
        "status": draw.one_of(("delivered", "delivered", "read", "failed")),
        "contentType": "text/plain",
        "attachments": [],
        "source": draw.one_of(("app", "workflow", "api")),
    }
    if row["direction"] == "outbound":
        row["userId"] = generator.user_ids[0]
    if message_type in ("TYPE_CALL", "TYPE_CAMPAIGN_VOICEMAIL"):
        row.update(_call(draw, n, message_type))
    elif message_type == "TYPE_EMAIL":  # the body is behind another request
        row.update(contentType="text/html", meta={"email": {"messageIds": [email_id(row["id"])]}})
    else:
        row["body"] = draw.one_of(MESSAGES)
    return row


def _call(draw, n, message_type):
    status = "voicemail" if message_type == "TYPE_CAMPAIGN_VOICEMAIL" else draw.one_of(_CALL_STATUSES)
    duration = draw.below(900) if status == "completed" else None
    numbers = {"from": "+15550001111", "to": f"+1555{4000000 + n % 1000000}"}
    return {"altId": f"CA{n:032x}", "meta": {"call": {"duration": duration, "status": status}}, **numbers}


def index(row):
    stamps = (parse_ms(row["dateAdded"]), parse_ms(row["dateUpdated"]))
    names = (row["conversationId"], row["contactId"], row["messageType"])
    return (row["id"], *stamps, *names, TYPES.get(row["messageType"], (0, None))[1])

"""What is asked for message by message: the bodies of e-mails, recordings and transcripts of calls."""

from ..draw import Draw
from ..http import Response
from ..telephony.sound import wav
from .api import Routes
from .errors import ApiError
from .message_data import email_id
from .messages import message_of
from .words import MESSAGES

routes = Routes()
EVERY_MS = 2500  # from one sentence to the next


def _call_of(call, what):
    """The message of a call that was answered, else the refusal."""
    call.location(call.args["locationId"])
    row = message_of(call, "messageId")
    told = (row.get("meta") or {}).get("call") or {}
    if told.get("status") != "completed" or not told.get("duration"):
        raise ApiError(400, f"No {what} found for this message")
    return row, told["duration"]


@routes("GET", "/conversations/messages/{messageId}/locations/{locationId}/recording", "conversations/message.readonly")
def recording(call):
    """At most 20 seconds of a tone for a call that was answered; 400 when there is none."""
    _row, seconds = _call_of(call, "recording")
    return Response(200, wav(seconds), {"Content-Type": "audio/x-wav"})


@routes(
    "GET", "/conversations/locations/{locationId}/messages/{messageId}/transcription", "conversations/message.readonly"
)
def transcription(call):
    """A list of sentences, though the spec shows one; two thirds of the answered calls have one."""
    row, seconds = _call_of(call, "transcription")
    draw = Draw(f"{row['id']}/transcription")
    if draw.below(3) == 0:
        raise ApiError(400, "No transcription found for this message")
    number = max(2, min(8, seconds * 1000 // EVERY_MS))
    return 200, [
        {
            "mediaChannel": 1 + index % 2,
            "sentenceIndex": index,
            "startTime": index * EVERY_MS,
            "endTime": (index + 1) * EVERY_MS - 200,
            "transcript": draw.one_of(MESSAGES),
            "confidence": (80 + draw.below(20)) / 100,
        }
        for index in range(number)
    ]


@routes("GET", "/conversations/messages/email/{id}", "conversations/message.readonly")
def email(call):
    """One e-mail with its body; its id is in `meta.email.messageIds` of the message."""
    location = call.store.locations.get(call.token.location_id or "")
    owner = call.store.messages().get(email_id(call.args["id"]), location.index if location else None)
    if not owner or owner["messageType"] != "TYPE_EMAIL":
        raise ApiError(400, f"Email message not found for id:{call.args['id']}")
    text = Draw(f"{call.args['id']}/body").one_of(MESSAGES)
    keys = ("locationId", "contactId", "conversationId", "dateAdded", "direction", "source")
    return 200, {
        "id": call.args["id"],
        "altId": f"<{call.args['id']}@mail.example.com>",
        "threadId": owner["id"],
        **{key: owner[key] for key in keys},
        "status": owner["status"],
        "subject": owner.get("subject") or "About our talk",
        "body": owner.get("body") or f"<p>Hello,</p><p>{text}</p><p>Best regards</p>",
        "contentType": "text/html",
        "attachments": [],
        "provider": "Leadconnector",
        "from": "Desk <desk@example.com>",
        "to": ["client@example.com"],
        "cc": [],
        "bcc": [],
    }

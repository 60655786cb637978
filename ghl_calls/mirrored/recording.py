"""Asking GoHighLevel for what it keeps of one call."""

from dataclasses import dataclass

from ...ghl_base.jobs.run import JobPark
from ...ghl_base.net.errors import (
    AuthenticationError,
    ForbiddenError,
    MalformedResponse,
    NotFoundError,
    RejectedRequest,
)

MOST_KEPT = 64 << 20  # bytes: more than an hour
NONE = (400, 404)  # how GoHighLevel says that there is none
ENDINGS = {"audio/x-wav": "wav", "audio/wav": "wav", "audio/wave": "wav", "audio/mpeg": "mp3", "audio/mp4": "m4a"}


@dataclass(frozen=True)
class Found:
    """A recording that exists; ``content`` is empty unless it was asked for."""

    content_type: str
    content: bytes


def asker(run, call):
    """``ask(question)``: what ``question(client)`` gives, or None when GoHighLevel has nothing.

    Ends the transaction first: nothing is held while GoHighLevel is asked.

    :raises JobPark: GoHighLevel refuses in a way only people can mend
    """
    try:
        client = call.location_id._client(should_stop=run.should_stop)
    except AuthenticationError as error:
        raise JobPark(error.human()) from error
    run.commit()

    def ask(question):
        try:
            return question(client)
        except (AuthenticationError, ForbiddenError) as error:
            raise JobPark(error.human()) from error
        except NotFoundError:
            return None
        except RejectedRequest as error:
            if error.status in NONE:
                return None
            raise

    return ask


def read(client, message_id, whole):
    """The recording as ``Found``, its bytes only when ``whole``. Raises like ``GhlClient.recording``."""
    with client.recording(message_id) as source:
        if not whole:
            return Found(source.content_type, b"")
        content = bytearray()
        for chunk in source.chunks():
            content += chunk
            if len(content) > MOST_KEPT:
                raise MalformedResponse("the recording is too large", service="GoHighLevel")
        return Found(source.content_type, bytes(content))


def file_name(call, content_type):
    return f"call-{call.number or call.id}.{ENDINGS.get(content_type, 'audio')}"

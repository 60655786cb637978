"""What GoHighLevel says of a call, in our words. Plain Python.

Source: `meta.call.status` of messages, else their `status`. `voicemail` says that nobody answered: of a call to us it
is one we missed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..lifecycle import FINAL

PROVIDER = "ghl"
# What of a call tells whether there is a recording.
TELLING = ("provider", "state", "answered_by", "recording_state", "recording_url", "recording_attachment_id")
STATES = {
    "pending": "initiated",
    "queued": "initiated",
    "scheduled": "initiated",
    "sent": "initiated",
    "initiated": "initiated",
    "ringing": "connecting",
    "answered": "in_progress",
    "connected": "in_progress",
    "in-progress": "in_progress",
    "completed": "completed",
    "delivered": "completed",
    "voicemail": "no_answer",
    "no-answer": "no_answer",
    "missed": "no_answer",
    "undelivered": "no_answer",
    "busy": "busy",
    "failed": "failed",
    "canceled": "cancelled",
    "cancelled": "cancelled",
}
OTHER = ""  # stands for every word not listed
# Nobody talked. Talk that a duration proves later is believed.
UNANSWERED = frozenset({"no_answer", "busy", "failed", "missed", "cancelled"})


class Meaning(NamedTuple):
    """What a word means of a call that came in or not, and lasted or not."""

    word: str
    inbound: bool
    lasted: bool
    state: str
    type: str
    outgoing_status: str
    answered_by: str | None


def meanings() -> Iterator[Meaning]:
    """Every word, `OTHER` among them, in all combinations."""
    for word in (*STATES, OTHER):
        for inbound in (False, True):
            for lasted in (False, True):
                state = STATES.get(word, "initiated")
                if lasted and state not in FINAL:
                    state = "completed"  # what has lasted is over, whatever it is called
                elif inbound and state == "no_answer":
                    state = "missed"
                unanswered = state in UNANSWERED
                yield Meaning(
                    word,
                    inbound,
                    lasted,
                    state,
                    type="outbound" if not inbound else "missed" if unanswered else "inbound",
                    outgoing_status="completed" if state == "completed" else "scheduled",
                    answered_by="voicemail" if word == "voicemail" else None,
                )


def column(state: str) -> str:
    """The kind of the board's column (``ghl.call.status``) where calls of a state appear."""
    if state == "completed":
        return "connected"
    return "missed" if state in FINAL else "scheduled"


def was_recorded(provider: str | None, state: str | None, answered_by: str | None) -> bool:
    """Whether GoHighLevel may have recorded a call: somebody, or a voicemail, answered it."""
    return provider == PROVIDER and (state == "completed" or answered_by == "voicemail")


def has_recording(call: Mapping) -> bool:
    """Whether there is, as far as known, something to play; ``call`` has what is `TELLING`."""
    if call["recording_attachment_id"] or call["recording_url"]:
        return True
    recorded = was_recorded(call["provider"], call["state"], call["answered_by"])
    return recorded and call["recording_state"] != "none"

"""The whole numbers by which the CRM clients know purposes, types and reminders. Plain Python.

Source: contract of the CRM Admin API. 0 stands for "none" in every set.
"""

from __future__ import annotations

from datetime import datetime

TYPES = {1: "outbound", 2: "inbound", 3: "missed"}
PURPOSES = {1: "prospecting", 2: "administrative", 3: "negotiation", 4: "demo", 5: "project", 6: "desk"}
REMINDERS = {minutes: str(minutes) for minutes in (5, 10, 15, 30)}
OUTGOING_STATUSES = {1: "scheduled", 2: "completed"}

TYPE_CODES = {word: code for code, word in TYPES.items()}
PURPOSE_CODES = {word: code for code, word in PURPOSES.items()}
OUTGOING_STATUS_CODES = {word: code for code, word in OUTGOING_STATUSES.items()}


def ukey(company_id: int, call_id: int) -> str:
    """The text key of a call: company, 000, id."""
    return f"{company_id}000{call_id}"


def activity_metadata(
    kind: str | None,
    purpose: str | None,
    start_time: datetime,
    *,
    call_for: tuple[str, int],
    related_to: tuple[str, int],
) -> dict:
    """What a line of the activity log says of a call: each fact as word and as number, the start in UTC with Z."""
    return {
        "call_for": call_for[0],
        "call_for_id": call_for[1],
        "type": kind or "",
        "type_id": TYPE_CODES.get(kind, 0),
        "purpose": purpose or "",
        "purpose_id": PURPOSE_CODES.get(purpose, 0),
        "start_time": start_time.isoformat(timespec="milliseconds") + "Z",
        "related_to": related_to[0],
        "related_to_id": related_to[1],
    }

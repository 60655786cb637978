"""Calls as the call log shows them: the JSON names that clients of the AI SDR know, older and newer. Plain Python.

Conventions: all keys are always there, null when there is nothing; ids are text; times are UTC without a zone.
"""

from __future__ import annotations

from collections.abc import Callable

from ..mirrored import words

# Columns of a call in the order `document` takes them.
COLUMNS = (
    "id contact_id lead_ref type to_number from_number provider provider_call_id reference task pathway_id voice "
    "webhook_url max_duration transfer_phone_number request_data state duration_seconds cost answered_by end_reason "
    "summary transcript transcript_turns recording_url analysis classification error_message retry_count retry_of_id "
    "retry_reason webhook_payload metadata initiated_at answered_at ended_at start_time submitted_at create_date "
    "write_date outcome description source recording_state recording_attachment_id"
).split()
# Read as text: parsing only to print again costs more than all the rest.
TIMES = {"initiated_at", "answered_at", "ended_at", "start_time", "submitted_at", "create_date", "write_date"}
# How programs call a recording's address in their reports, in small letters without underscores.
RECORDING_KEY = "recordingurl"
# What may be written under the names of a document -> field of ``ghl.call``.
FIELDS = {
    "contact_id": "contact_id",
    "lead_id": "lead_ref",
    "call_id_bland": "provider_call_id",
    "call_id": "provider_call_id",
    "call_id_external": "provider_call_id",
    "task": "task",
    "pathway_id_used": "pathway_id",
    "pathway_id": "pathway_id",
    "voice_id": "voice",
    "voice": "voice",
    "webhook_url": "webhook_url",
    "max_duration": "max_duration",
    "transfer_phone_number": "transfer_phone_number",
    "request_data_variables": "request_data",
    "request_data": "request_data",
    "status": "state",
    "duration_seconds": "duration_seconds",
    "duration": "duration_seconds",
    "cost": "cost",
    "answered_by": "answered_by",
    "ended_reason": "end_reason",
    "summary": "summary",
    "transcript": "transcript",
    "transcript_payload": "transcript_turns",
    "recording_url": "recording_url",
    "analysis": "analysis",
    "classification_payload": "classification",
    "error_message": "error_message",
    "retry_count": "retry_count",
    "retry_reason": "retry_reason",
    "full_webhook_payload": "webhook_payload",
    "metadata": "metadata",
    "call_initiated_at": "initiated_at",
    "started_at": "initiated_at",
    "answered_at": "answered_at",
    "call_completed_at": "ended_at",
    "ended_at": "ended_at",
    "start_time": "start_time",
    "call_type": "type",
    "outcome": "outcome",
    "notes": "description",
    "subject": "subject",
    "source": "source",
    "from_number": "from_number",
}


def stamp(text: str | None) -> str | None:
    """PostgreSQL's text of a time, as ``2025-07-09T10:00:00``."""
    return f"{text[:10]}T{text[11:19]}" if text else None


def turns(stored: list | None) -> list | None:
    """The spoken turns as ``[{id, user, text, created_at}]``; they are kept as ``[{role, content, timestamp}]``."""
    if not isinstance(stored, list):
        return None
    return [
        {
            "id": turn.get("id", number),
            "user": turn.get("user") or turn.get("role"),
            "text": turn.get("text") or turn.get("content"),
            "created_at": turn.get("created_at") or turn.get("timestamp"),
        }
        for number, turn in enumerate(stored, 1)
        if isinstance(turn, dict)
    ]


def masked(payload, stored: str | None, shown: str | None):
    """A report as kept, with ``shown`` wherever it tells the address at which its provider keeps the recording."""
    if isinstance(payload, dict):
        return {
            key: shown if value and _names_recording(key) else masked(value, stored, shown)
            for key, value in payload.items()
        }
    if isinstance(payload, list):
        return [masked(value, stored, shown) for value in payload]
    return shown if stored and payload == stored else payload


def _names_recording(key: str) -> bool:
    return key.replace("_", "").lower() == RECORDING_KEY


def document(row: tuple, contacts: dict[int, str], listen: Callable[[int], str]) -> dict:
    """The document of a row of `COLUMNS`.

    :param contacts: the ids of contacts -> those GoHighLevel knows them by
    :param listen: gives the address at which the reader hears the recording of the call with this id
    """
    call = dict(zip(COLUMNS, row, strict=True))
    recording = listen(call["id"]) if words.has_recording(call) else None
    metadata = call["metadata"] if isinstance(call["metadata"], dict) else {}
    contact = contacts.get(call["contact_id"]) or metadata.get("contact_id")
    lead = call["lead_ref"].partition(",")[2] if call["lead_ref"] else metadata.get("lead_id")
    inbound = call["type"] == "inbound"
    number = call["from_number"] if inbound else call["to_number"]
    provider_id = call["provider_call_id"] or None
    bland_id = provider_id if call["provider"] in ("bland", None) else None
    started = stamp(call["initiated_at"] or call["start_time"])
    ended = stamp(call["ended_at"])
    return {
        "id": str(call["id"]),
        "contact_id": None if contact is None else str(contact),
        "lead_id": None if lead is None else str(lead),
        "phone_number": number or None,
        "call_id_bland": bland_id,
        "call_id_external": provider_id if bland_id is None else None,
        "call_id": provider_id,
        "reference": call["reference"] or None,
        "task": call["task"] or None,
        "pathway_id_used": call["pathway_id"] or None,
        "voice_id": call["voice"] or None,
        "webhook_url": call["webhook_url"] or None,
        "max_duration": call["max_duration"],
        "transfer_phone_number": call["transfer_phone_number"] or None,
        "request_data_variables": call["request_data"],
        "status": call["state"],
        "duration_seconds": call["duration_seconds"],
        "duration": call["duration_seconds"],
        "cost": None if call["cost"] is None else float(call["cost"]),
        "answered_by": call["answered_by"] or None,
        "ended_reason": call["end_reason"] or None,
        "summary": call["summary"] or None,
        "transcript": call["transcript"] or None,
        "transcript_payload": turns(call["transcript_turns"]),
        "recording_url": recording,
        "recordings": [recording] if recording else [],
        "analysis": call["analysis"],
        "classification_payload": call["classification"],
        "error_message": call["error_message"] or None,
        "retry_count": call["retry_count"] or 0,
        "retry_of_call_id": str(call["retry_of_id"]) if call["retry_of_id"] else None,
        "retry_reason": call["retry_reason"] or None,
        "last_retry_attempt_at": stamp(call["submitted_at"] or call["create_date"]) if call["retry_of_id"] else None,
        "full_webhook_payload": masked(call["webhook_payload"], call["recording_url"], recording),
        "processing_result_payload": None,
        "processing_status_message": None,
        "background_task_id": None,
        "metadata": call["metadata"],
        "call_type": call["type"] or None,
        "outcome": call["outcome"] or None,
        "notes": call["description"] or None,
        "source": call["source"],
        "call_initiated_at": stamp(call["initiated_at"]),
        "call_completed_at": ended,
        "started_at": started,
        "answered_at": stamp(call["answered_at"]),
        "ended_at": ended,
        "created_at": stamp(call["create_date"]),
        "updated_at": stamp(call["write_date"]),
    }

"""What Twilio says about a call, as a report (twilio.com/docs/voice/api/call-resource).

Three kinds of callbacks come to the same address and are told apart by their fields: call progress, the verdict on
answering machines, recordings. "completed" only means that the line was up: voicemail is completed, too. `Duration` is
minutes as billed, `CallDuration` seconds. The REST resource says the same with other names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...lifecycle import FINAL
from ..base import Report
from ..reading import digest, known, no_talk, number, seconds, stamp, talk, text, web_address

# `CallStatus` of callbacks and `status` of the resource. Queued or initiated: Twilio has it, and will dial.
STATES = {
    "queued": "initiated",
    "initiated": "initiated",
    "ringing": "connecting",
    "in-progress": "in_progress",
    "answered": "in_progress",
    "completed": "completed",
    "busy": "busy",
    "no-answer": "no_answer",
    "failed": "failed",
    "canceled": "cancelled",
}
ANSWERED_BY = {
    "human": "human",
    "machine_start": "machine",
    "machine_end_beep": "machine",
    "machine_end_silence": "machine",
    "machine_end_other": "machine",
    "fax": "fax",
    "unknown": "unknown",
}
# The SIP code of the end: why the call did not come about, and what "failed" is in truth.
SIP_REASONS = {
    "403": "blocked",
    "404": "invalid_number",
    "410": "invalid_number",
    "484": "invalid_number",
    "604": "invalid_number",
    "408": "unreachable",
    "480": "unreachable",
    "500": "carrier",
    "502": "carrier",
    "503": "carrier",
    "504": "carrier",
    "603": "declined",
    "607": "unwanted",
    "608": "unwanted",
}
SIP_STATES = {"408": "no_answer", "480": "no_answer", "486": "busy", "600": "busy", "603": "busy"}


def report_of_callback(fields: Mapping[str, str], token: str = "", reference: str = "") -> Report:
    """`token`: the idempotency token, the same whenever Twilio sends the same callback again.

    ValueError when the fields name no call or say nothing about one.
    """
    sid = text(fields.get("CallSid"))
    if not sid:
        raise ValueError("no CallSid")
    if text(fields.get("RecordingStatus")):
        word, state, values = _recording(fields)
    elif text(fields.get("CallStatus")):
        word, state, values = _progress(fields)
    elif fields.get("AnsweredBy"):
        word, state, values = text(fields["AnsweredBy"]), None, {"answered_by": _answered_by(fields["AnsweredBy"])}
    else:
        raise ValueError("neither a status nor a verdict nor a recording")
    same = [fields.get(name) or "" for name in ("SequenceNumber", "Timestamp", "RecordingSid")]
    return Report(
        provider_call_id=sid,
        word=word,
        key=token or ":".join([sid, word, *same]),
        reference=reference,
        state=state,
        occurred_at=stamp(fields.get("Timestamp")),
        values=known(values),
        raw=fields,
    )


def report_of_resource(call: Mapping[str, Any], reference: str = "") -> Report:
    """Of an answer of ``Calls/{sid}.json``, whose values are texts or null."""
    word = text(call.get("status"))
    state = STATES.get(word)
    ended_at = stamp(call.get("end_time"))
    price = number(call.get("price"))
    values = {
        **_times(state, seconds(call.get("duration")) or 0, ended_at),
        "answered_by": _answered_by(call.get("answered_by")),
        "cost": None if price is None else abs(price),
        "from_number": text(call.get("from")),
        "to_number": text(call.get("to")),
    }
    return Report(
        provider_call_id=text(call.get("sid")),
        word=word,
        key=f"{text(call.get('sid'))}:{digest(call)}",
        reference=reference,
        state=state,
        occurred_at=ended_at if state in FINAL else None,
        values=known(values),
        raw=call,
    )


def _progress(fields: Mapping[str, str]) -> tuple[str, str | None, dict[str, Any]]:
    word, moment = text(fields["CallStatus"]), stamp(fields.get("Timestamp"))
    sip = text(fields.get("SipResponseCode"))
    state = STATES.get(word)
    if state == "failed":
        state = SIP_STATES.get(sip, state)
    values = _times(state, seconds(fields.get("CallDuration")) or 0, moment)
    if state == "in_progress":
        values["answered_at"] = moment
    if state in FINAL and state != "completed":
        values["end_reason"] = SIP_REASONS.get(sip)
    error = " ".join(filter(None, (text(fields.get("ErrorCode")), text(fields.get("ErrorMessage")))))
    values.update(
        answered_by=_answered_by(fields.get("AnsweredBy")),
        error_message=error,
        recording_url=web_address(fields.get("RecordingUrl")),
        from_number=text(fields.get("From")),
        to_number=text(fields.get("To")),
    )
    return word, state, values


def _recording(fields: Mapping[str, str]) -> tuple[str, None, dict[str, Any]]:
    status = text(fields["RecordingStatus"])
    done = status == "completed"
    return f"recording {status}", None, {"recording_url": web_address(fields.get("RecordingUrl")) if done else None}


def _times(state: str | None, lasted: int, ended_at) -> dict[str, Any]:
    if state == "completed":
        return talk(lasted, ended_at)
    return no_talk(ended_at) if state in FINAL else {}


def _answered_by(word: object) -> str | None:
    found = text(word).lower()
    # A verdict that Twilio adds one day is not taken for a machine.
    return ANSWERED_BY.get(found, "unknown") if found else None

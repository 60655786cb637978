"""What Bland says about a call, as a report.

One object is both the answer of ``GET /v1/calls/{id}`` and the body of the webhook at the end (docs.bland.ai). Traps:
"completed" is also said of calls that nobody answered; `completed` (the flag) is fresher than `status` (the word);
`call_length` counts minutes while `corrected_duration` counts seconds, in a text; `started_at` is no answer time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...lifecycle import FINAL
from ..base import Report
from ..reading import digest, fold, known, no_talk, number, seconds, stamp, talk, text, web_address

# Words of `status`, `queue_status` and `answered_by`, folded. "completed" and "unknown" mean what the rest says.
STATES = {
    "queued": "initiated",
    "started": "initiated",
    "inprogress": "initiated",
    "busy": "busy",
    "noanswer": "no_answer",
    "canceled": "cancelled",
    "cancelled": "cancelled",
    "failed": "failed",
    "error": "failed",
}
OVER = frozenset({"complete", "completed"})
ANSWERED_BY = {"human": "human", "voicemail": "machine", "machine": "machine", "fax": "fax", "unknown": "unknown"}
ROLES = {"user": "user", "assistant": "assistant", "agent": "assistant", "robot": "assistant", "agentaction": "action"}
# Parts of `error_message` that mean that this number will never work.
DEAD_NUMBER = (
    "number you dialed is not found",
    "not in service",
    "disconnected",
    "invalid number",
    "unallocated number",
)


def is_dead_number(message: str) -> bool:
    """Whether Bland's words say that calling this number again is useless."""
    message = message.lower()
    return any(part in message for part in DEAD_NUMBER)


def reference_of(call: Mapping[str, Any]) -> str:
    """Our own name of the call, out of the metadata we gave, which also turns up inside the variables."""
    variables = call.get("variables")
    places = (call.get("metadata"), variables.get("metadata") if isinstance(variables, Mapping) else None)
    for metadata in places:
        if isinstance(metadata, Mapping):
            found = text(metadata.get("reference")) or text(metadata.get("call_uuid"))
            if found:
                return found
    return ""


def report(call: Mapping[str, Any], reference: str = "") -> Report:
    """What a call object, or a message sent while the call goes on, says. ValueError when it names no call."""
    call_id = text(call.get("call_id")) or text(call.get("c_id"))
    reference = reference or reference_of(call)
    if not call_id and not reference:
        raise ValueError("neither a call_id nor a reference of ours")
    key = f"{call_id or reference}:{digest(call)}"
    if "category" in call and "status" not in call and "completed" not in call:
        word = text(call.get("level")) or text(call.get("category"))
        return Report(call_id, word, key, reference, occurred_at=stamp(call.get("timestamp")), raw=call)
    state = _state(call)
    ended_at = stamp(call.get("end_at")) or stamp(call.get("completed_at"))
    values = {**_facts(call), **_times(call, state, ended_at)}
    word = text(call.get("status")) or text(call.get("queue_status")) or ("completed" if call.get("completed") else "")
    return Report(call_id, word, key, reference, state, ended_at if state in FINAL else None, values, call)


def _state(call: Mapping[str, Any]) -> str | None:
    """The plain words first, then `error_message`, then what `answered_by` and the talk itself tell."""
    words = [fold(call.get("status")), fold(call.get("queue_status"))]
    said = next((STATES[word] for word in words if STATES.get(word) in FINAL), None)
    flag = call.get("completed")
    # While `completed` is false, "completed" only means that the line is down: what became of the call follows.
    over = flag is True or (flag is not False and bool({*words} & OVER or call.get("end_at")))
    talked = _talk_seconds(call) > 0
    if talked and _person_spoke(call) and (over or said):
        return "completed"
    if said:
        return said
    if over:
        return _end_unsaid(call, talked)
    if {*words} & OVER or words[0] == "unknown":
        return None
    if _person_spoke(call):
        return "in_progress"
    return STATES.get(words[0]) or STATES.get(words[1])


def _end_unsaid(call: Mapping[str, Any], talked: bool) -> str:
    """How a call ended that is only called completed, or unknown."""
    if text(call.get("error_message")) and not talked:
        return "failed"
    answered_by = fold(call.get("answered_by"))
    if STATES.get(answered_by) in FINAL:
        return STATES[answered_by]
    answered = ANSWERED_BY.get(answered_by) in ("human", "machine", "fax")
    return "completed" if answered or talked or _person_spoke(call) else "no_answer"


def _talk_seconds(call: Mapping[str, Any]) -> int:
    corrected = seconds(call.get("corrected_duration"))
    if corrected is not None:
        return corrected
    return seconds(call.get("call_length"), 60) or 0


def _times(call: Mapping[str, Any], state: str | None, ended_at) -> dict[str, Any]:
    if state == "completed":
        return talk(_talk_seconds(call), ended_at)
    return no_talk(ended_at) if state in FINAL else {}


def _facts(call: Mapping[str, Any]) -> dict[str, Any]:
    error = text(call.get("error_message"))
    ended_by = text(call.get("call_ended_by")).lower()
    return known(
        {
            "answered_by": ANSWERED_BY.get(fold(call.get("answered_by"))),
            "end_reason": "invalid_number" if is_dead_number(error) else ended_by,
            "error_message": error,
            "cost": number(call.get("price")),
            "recording_url": web_address(call.get("recording_url")),
            "transcript": _transcript(call),
            "transcript_turns": _turns(call.get("transcripts")) or None,
            "summary": text(call.get("summary")),
            "from_number": text(call.get("from")),
            "to_number": text(call.get("to")),
        }
    )


def _transcript(call: Mapping[str, Any]) -> str:
    """The corrected transcript, which comes with a second webhook, before the one written while they talked."""
    for name in ("corrected_transcript", "concatenated_transcript", "transcripts"):
        said = call.get(name)
        if isinstance(said, str) and said.strip():
            return said.strip()
        if turns := _turns(said):
            return "\n".join(f"{turn['role']}: {turn['content']}" for turn in turns)
    return ""


def _turns(rows: object) -> list[dict[str, Any]]:
    found = []
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, Mapping) and text(row.get("text")):
            speaker = text(row.get("user")) or text(row.get("speaker"))
            role = ROLES.get(fold(speaker), speaker)
            found.append({"role": role, "content": text(row["text"]), "timestamp": row.get("created_at")})
    return found


def _person_spoke(call: Mapping[str, Any]) -> bool:
    return any(turn["role"] == "user" for turn in _turns(call.get("transcripts")))

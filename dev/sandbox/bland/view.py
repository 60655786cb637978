"""A call as Bland shows it, with the quirks seen in recorded answers: minutes as a float, seconds in a string,
`completed` later than `status`, started_at equal to created_at, nulls all over until the transcript is ready."""

from ..clock import iso
from . import dialogue
from .settings import MINIMUM_PRICE, PLANS

ERRORS = {
    "invalid": "The number you dialed is not in service.",
    "failed": "Call failed: the carrier could not complete the call.",
    "unwanted": "Call failed: the destination network blocked the call.",
    "rejected": "The call was declined.",
}
ANSWERED_BY = {"human": "human", "machine": "voicemail", "fax": "unknown", "silence": "unknown"}
ECHOED = "max_duration record analysis_schema pathway_id batch_id request_data metadata".split()
DETAILS = "transcripts concatenated_transcript summary analysis pathway_logs citations".split()


def status_of(call) -> str:
    if not call.end:
        return "in-progress" if call.dialed_at else "queued"
    odd = call.extra["odd"]  # one in three unanswered calls is called completed
    return "completed" if call.end == "no-answer" and odd else call.end


def whole(call) -> dict:
    """The object of `GET /v1/calls/{call_id}` as it stands now."""
    given, extra = call.given, call.extra
    ready = extra.get("ready", False)
    seconds = call.talk_seconds if call.ended_at else 0
    shown = {
        "call_id": call.id,
        "c_id": call.id,
        "to": call.to,
        "from": call.from_,
        "inbound": False,
        "completed": ready,
        "queue_status": _queue_status(call),
        "status": status_of(call),
        "answered_by": _answered_by(call) if ready else None,
        "error_message": ERRORS.get(call.fate.outcome) if call.ended_at and not call.stopped_by else None,
        "created_at": iso(call.created_at),
        "started_at": iso(call.dialed_at if extra.get("waited") else call.created_at) if call.dialed_at else None,
        "end_at": iso(call.ended_at - call.ended_at % 1000) if call.ended_at else None,
        "call_length": round(seconds / 60, 6) if ready else None,
        "corrected_duration": str(seconds) if ready else None,
        **{name: given.get(name) for name in ECHOED},
        "max_duration": given.get("max_duration") or 30,
        "record": bool(given.get("record")),
        "recording_url": _recording(call) if ready else None,
        "recording_expiration": None,
        "variables": _variables(call),
        "price": None,
        "call_ended_by": None,
        "transferred_to": None,
        "transferred_at": None,
        "warm_transfer_call": None,
        "local_dialing": bool(given.get("local_dialing")),
        "pathway_tags": [],
        "disposition_tag": None,
        "corrected_transcript": None,
        "endpoint_url": f"{call.app.url}/v1/calls",
        "transcripts": [],
        **dict.fromkeys(DETAILS[1:]),
    }
    if ready:
        shown.update(_results(call, seconds))
    return shown


def short(call) -> dict:
    """A row of the list: no transcript."""
    return {k: v for k, v in whole(call).items() if k not in DETAILS}


def told(call, second=False) -> dict:
    """The webhook at the end; the second one brings the corrected transcript."""
    seconds = call.talk_seconds
    shown = {**whole(call), "pre_transfer_duration": round(seconds / 60, 6), "post_transfer_duration": 0}
    if second:
        shown["corrected_transcript"] = [{**row, "corrected": True} for row in shown["transcripts"]]
        shown["citations"] = []
    return shown


def _queue_status(call):
    if not call.end:
        return "started" if call.dialed_at else "queued"
    return "completed" if call.extra["odd"] else "complete"


def _answered_by(call):
    if not any(call.given.get(flag) for flag in ("answered_by_enabled", "amd")):
        return None
    if call.end == "no-answer" and not call.extra["odd"]:
        return "no-answer"
    return ANSWERED_BY.get(call.answered_by)


def _recording(call):
    kept = call.given.get("record") and call.talk_seconds
    return f"{call.app.url}/recordings/{call.id}.wav" if kept else None


def _variables(call):
    given = call.given
    own = {"call_id": call.id, "to": call.to, "from": call.from_, "phone_number": call.to, "language": "en"}
    own["now_utc"] = iso(call.created_at)
    return {**own, **(given.get("request_data") or {}), "metadata": given.get("metadata") or {}}


def _results(call, seconds):
    given, extra = call.given, call.extra
    if "said" not in extra:
        extra["said"] = dialogue.turns(call, seconds)
        extra["ended_by"] = call.rng.choice(("ASSISTANT", "USER")) if call.answered_at else None
        choices = given.get("dispositions") or given.get("available_tags")
        extra["tag"] = call.rng.choice(choices) if choices and call.answered_at else None
    said = extra["said"]
    begin = call.answered_at or call.ended_at
    step = call.talk_ms // (len(said) + 1)
    rows = [
        {"id": n + 1, "user": who, "text": text, "created_at": iso(begin + step * n), "c_id": call.id, "status": None}
        for n, (who, text) in enumerate(said)
    ]
    minutes = seconds / 60
    schema = given.get("analysis_schema")
    return {
        "transcripts": rows,
        "concatenated_transcript": "".join(f"{who}: {text}\n " for who, text in said),
        "summary": dialogue.summary(call, seconds),
        "analysis": {key: _guess(kind) for key, kind in schema.items()} if isinstance(schema, dict) else None,
        "price": max(MINIMUM_PRICE, round(minutes * PLANS[call.app.settings.plan][3], 4)) if call.dialed_at else 0,
        "call_ended_by": extra["ended_by"],
        "disposition_tag": extra["tag"],
    }


def _guess(kind):
    kind = str(kind).lower()
    return True if "bool" in kind else 1 if "num" in kind or "int" in kind else "unknown"

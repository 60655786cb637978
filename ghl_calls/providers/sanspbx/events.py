"""What SansPBX says about a call, as a report.

There is no public documentation: the fields are those seen in public integrations. One callback, after the end; its
words are Asterisk's, so that ANSWER means the call was answered and is over. `duration` includes ringing, `billsec`
does not; times have no zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from ..base import Report
from ..reading import digest, fold, known, no_talk, seconds, stamp, talk, text, web_address

# `disposition`, folded: it is seen with and without blanks.
STATES = {
    "answer": "completed",
    "answered": "completed",
    "noanswer": "no_answer",
    "busy": "busy",
    "failed": "failed",
    "congestion": "failed",
    "chanunavail": "failed",
    "cancel": "cancelled",
    "cancelled": "cancelled",
    "canceled": "cancelled",
}
# `cause`, the Q.850 number of why the line went down.
CAUSES = {
    **dict.fromkeys(("1", "3", "22", "28"), "invalid_number"),
    **dict.fromkeys(("18", "19", "20"), "unreachable"),
    "21": "declined",
    **dict.fromkeys(("27", "34", "38", "41", "42", "44", "47"), "carrier"),
}
# Where the id is: in answers and callbacks, folded.
IDS = ("linkedid", "callid", "apicallid", "uniqueid")


def report(data: Mapping[str, Any], zone: tzinfo, reference: str = "") -> Report:
    """Of a callback; `zone` is where its times are. ValueError when it names no call."""
    fields = {fold(name): value for name, value in data.items()}
    call_id, reference = id_in(data), reference or _reference(fields)
    if not call_id and not reference:
        raise ValueError("neither a call id nor a reference of ours")
    word = text(fields.get("disposition"))
    state = STATES.get(fold(word))
    ended_at = stamp(fields.get("endtime"), zone)
    values = talk(seconds(fields.get("billsec")) or 0, ended_at) if state == "completed" else {}
    if state and state != "completed":
        values = {**no_talk(ended_at), "end_reason": CAUSES.get(text(fields.get("cause")))}
    if state == "failed":
        values["error_message"] = text(fields.get("causetxt"))
    values.update(
        recording_url=web_address(fields.get("recfile")),
        from_number=text(fields.get("did")),
        to_number=text(fields.get("callto")),
    )
    key = f"{call_id or reference}:{digest(data)}"
    return Report(call_id, word, key, reference, state, ended_at if state else None, known(values), data)


def id_in(data: Mapping[str, Any]) -> str:
    """The call's id at this level of an answer or a callback; "" when there is none."""
    fields = {fold(name): value for name, value in data.items()}
    return next((text(fields[name]) for name in IDS if text(fields.get(name))), "")


def _reference(fields: Mapping[str, Any]) -> str:
    """Our own name of the call, out of the custom fields, wherever they were put."""
    custom = fields.get("customfield")
    places = (custom, fields) if isinstance(custom, Mapping) else (fields,)
    return next((text(place["reference"]) for place in places if text(place.get("reference"))), "")

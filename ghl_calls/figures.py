"""When a call was answered, when it ended and how long people talked, from the provider's clock. Plain Python.

Reports come in any order, and the figures must not depend on it: the stamp of the report that somebody answered counts
more than what is concluded from the end of the call.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

# Two ways to count the same seconds may differ by this: stamps are rounded.
AGREEMENT_SECONDS = 2
# Ends of calls in which nobody talked.
SILENT = frozenset({"no_answer", "busy", "missed", "failed", "cancelled"})


def settle(known: Mapping[str, Any], reported: str | None, values: Mapping[str, Any], state: str) -> dict[str, Any]:
    """What a call's `answered_at`, `ended_at`, `talk_seconds` and `quality_flag` are now.

    ``known`` has the first three as they are (falsy: not known). ``reported`` is the state a report speaks of and
    ``values`` what it brought; ``state`` is that of the call after it. Times are naive UTC.
    """
    answered, ended = known.get("answered_at") or None, known.get("ended_at") or None
    seconds = int(known.get("talk_seconds") or 0)
    said_answered, said_ended = values.get("answered_at"), values.get("ended_at")
    if said_answered and (reported == "in_progress" or not answered):
        answered = said_answered
    ended = ended or said_ended
    seconds = seconds or max(0, int(values.get("talk_seconds") or 0))
    if state in SILENT and not seconds:
        return {"answered_at": None, "ended_at": ended, "talk_seconds": 0, "quality_flag": False}
    if ended and seconds and not answered:
        answered = ended - timedelta(seconds=seconds)
    counted = int((ended - answered).total_seconds()) if ended and answered else None
    flag = False
    if counted is not None and counted < 0:
        flag = "Answered after it ended, by the provider's clock."
    elif counted is not None and seconds and abs(counted - seconds) > AGREEMENT_SECONDS:
        flag = f"The provider counts {seconds} s, its times of answer and end are {counted} s apart."
    return {
        "answered_at": answered,
        "ended_at": ended,
        "talk_seconds": seconds,
        "quality_flag": flag,
    }

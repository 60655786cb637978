"""What states a call goes through, and which may follow which. Plain Python.

    pending -> initiated -> connecting -> in_progress -> completed
       |           |            |             |-> failed, cancelled
       |           |            |-> failed, no_answer, busy, missed, cancelled
    failed, no_answer, busy, missed -> retrying -> initiated, failed, cancelled

One vocabulary for all providers. The dialler's older clients know the same states under other names: `DIALLER_NAMES`.
Somebody's wish to change a state is checked by `check_move`. What a provider reports is judged by `on_event`: reports
come late, twice and out of order, so that what is over stays over.
"""

from __future__ import annotations

from collections.abc import Mapping

STATES = (
    ("pending", "Pending"),
    ("initiated", "Initiated"),
    ("connecting", "Ringing"),
    ("in_progress", "In progress"),
    ("completed", "Completed"),
    ("failed", "Failed"),
    ("no_answer", "No answer"),
    ("busy", "Busy"),
    ("missed", "Missed"),
    ("cancelled", "Cancelled"),
    ("retrying", "Retried"),
)
MOVES: Mapping[str, frozenset[str]] = {
    "pending": frozenset({"initiated", "in_progress", "failed", "cancelled"}),
    "initiated": frozenset(
        {"connecting", "in_progress", "completed", "failed", "no_answer", "busy", "missed", "cancelled"}
    ),
    "connecting": frozenset({"in_progress", "completed", "failed", "no_answer", "busy", "missed", "cancelled"}),
    "in_progress": frozenset({"completed", "failed", "cancelled"}),
    "failed": frozenset({"retrying"}),
    "no_answer": frozenset({"retrying"}),
    "busy": frozenset({"retrying"}),
    "missed": frozenset({"retrying"}),
    "retrying": frozenset({"initiated", "failed", "cancelled"}),
    "completed": frozenset(),
    "cancelled": frozenset(),
}
# The telephone call is over. Nothing a provider reports leads out of these; only a retry, which is our own decision.
FINAL = frozenset({"completed", "failed", "no_answer", "busy", "missed", "cancelled"})
# Of these, the ends without a conversation.
UNSPOKEN = FINAL - {"completed", "cancelled"}
DIALLER_NAMES = {
    "pending": "INITIATED",
    "initiated": "DIALING",
    "connecting": "RINGING",
    "in_progress": "ANSWERED",
    "completed": "COMPLETED",
    "failed": "FAILED",
    "no_answer": "NO_ANSWER",
    "missed": "MISSED",
}
# The event in a call's log that says it has reached a state.
EVENTS = {
    "pending": "INITIATED",
    "initiated": "DIALING",
    "connecting": "RINGING",
    "in_progress": "ANSWERED",
    "completed": "COMPLETED",
    "no_answer": "NO_ANSWER",
    "busy": "BUSY",
    "failed": "FAILED",
    "cancelled": "CANCELLED",
    "missed": "MISSED",
}
MOVE, IGNORE, REFUSE = "move", "ignore", "refuse"

_PROGRESS = {"pending": 0, "retrying": 0, "initiated": 1, "connecting": 2, "in_progress": 3}


class StatusTransitionError(Exception):
    """A call in `state` cannot become `wanted`."""

    def __init__(self, state: str, wanted: str) -> None:
        super().__init__(f"A call that is {_label(state)} cannot become {_label(wanted)}.")
        self.state = state
        self.wanted = wanted


def _label(state: str) -> str:
    return dict(STATES).get(state, str(state)).lower()


def check_move(state: str, wanted: str) -> bool:
    """Whether going from `state` to `wanted` changes anything; StatusTransitionError when it is not allowed."""
    if wanted in MOVES.get(state, ()):
        return True
    if wanted == state and state in MOVES:
        return False
    raise StatusTransitionError(state, wanted)


def on_event(state: str, reported: str, *, guessed: bool = False, talked: bool = False) -> str:
    """What to do with a provider's report: `MOVE`, `IGNORE` (late, repeated, overtaken) or `REFUSE` (makes no sense).

    Reports in between may be lost or still on their way, so a report is believed when it can be reached at all. What
    is over stays over, with two exceptions: an end that we only `guessed` gives way to whatever the provider says, and
    a call that did not come about was completed after all when the provider proves that people `talked`.
    """
    if state not in MOVES or reported not in MOVES or reported == "retrying":
        return REFUSE
    if guessed and state in FINAL:
        return MOVE
    if talked and reported == "completed" and state in UNSPOKEN:
        return MOVE
    if state == reported or state in FINAL:
        return IGNORE
    if reported not in FINAL and _PROGRESS[reported] <= _PROGRESS[state]:
        return IGNORE
    return MOVE if reported in _reachable(state) else REFUSE


def _reachable(state: str) -> set[str]:
    found: set[str] = set()
    waiting = [state]
    while waiting:
        for following in MOVES[waiting.pop()] - found - {"retrying"}:
            found.add(following)
            waiting.append(following)
    return found

"""Whether and when a recipient is tried again. Plain Python.

One counter of attempts for each recipient and one cap over it. A rule may end sooner for its outcome, it never adds to
the cap. What was not an attempt (no room at the provider, stopped by us) is not counted and not judged here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

MAX_ATTEMPTS = 3
SHORT_SECONDS = 5  # a person who is gone sooner was likely cut off

# What became of an attempt, for the recipient.
OUTCOMES: Mapping[str, str] = {
    "answered": "Answered",
    "short": "Answered, gone at once",
    "machine": "Answering machine",
    "no_answer": "No answer",
    "missed": "Missed",
    "busy": "Busy",
    "failed": "Failed",
    "dead_number": "Number does not work",
    "unknown": "Unknown: the provider never confirmed the call",
    "cancelled": "Cancelled",
}
# Never by themselves, whatever the campaign says: dialling these again annoys or dials twice.
FINAL = frozenset({"answered", "dead_number", "unknown", "cancelled"})


@dataclass(frozen=True, slots=True)
class Rule:
    """After `minutes` again, while there were fewer than `attempts` in all (0: up to the campaign's cap)."""

    minutes: int
    attempts: int = 0


DEFAULTS: Mapping[str, Rule] = {
    "no_answer": Rule(120),
    "missed": Rule(120),
    "busy": Rule(15),
    "short": Rule(24 * 60, attempts=2),
    "failed": Rule(30, attempts=3),
}


def parse(rules: Mapping[str, object]) -> dict[str, Rule]:
    """Rules from ``{"busy": {"minutes": 15, "attempts": 2}}``. ValueError with a sentence for people."""
    found = {}
    for outcome, rule in (rules or {}).items():
        if outcome not in OUTCOMES or outcome in FINAL:
            raise ValueError(f"There are no retries for {outcome!r}.")
        if not isinstance(rule, Mapping) or set(rule) - {"minutes", "attempts"} or "minutes" not in rule:
            raise ValueError(f"The retry rule for {outcome!r} needs minutes, and may have attempts.")
        minutes, attempts = rule["minutes"], rule.get("attempts", 0)
        if not all(isinstance(value, int) and not isinstance(value, bool) for value in (minutes, attempts)):
            raise ValueError(f"Minutes and attempts of {outcome!r} must be whole numbers.")
        if minutes < 1 or attempts < 0:
            raise ValueError(f"The retry rule for {outcome!r} must wait a minute or longer.")
        found[outcome] = Rule(minutes, attempts)
    return found


def classify(state: str, *, answered_by: str | None = None, talk_seconds: int = 0, dead: bool = False) -> str:
    """The outcome of a call that is over: `state` of ``lifecycle``; ``dead``: the number itself is the trouble.

    A doubt whether a person or a machine answered is decided for the person.
    """
    if state == "completed":
        if answered_by in {"machine", "voicemail", "fax"}:
            return "machine"
        return "short" if talk_seconds < SHORT_SECONDS else "answered"
    if state == "failed" and dead:
        return "dead_number"
    return state if state in OUTCOMES else "failed"


def delay(
    outcome: str, attempts: int, rules: Mapping[str, Rule] = DEFAULTS, max_attempts: int = MAX_ATTEMPTS
) -> timedelta | None:
    """How long to wait before the next attempt; None when there is none. ``attempts`` includes the one just made."""
    rule = rules.get(outcome)
    if rule is None or outcome in FINAL:
        return None
    cap = min(max_attempts, rule.attempts or max_attempts)
    return timedelta(minutes=rule.minutes) if attempts < cap else None

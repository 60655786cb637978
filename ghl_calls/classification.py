"""What came of a conversation, by what the provider concluded from it. Plain Python, and deliberately timid.

In this order, the first that speaks decides:

1. `answered_by` machine: a voicemail.
2. the provider's disposition tag, if it is one of those of `DISPOSITIONS`;
3. an answer of the provider's analysis to a question whose name says what it is about (`ANALYSIS`);
4. an unmistakable phrase of the summary (`PHRASES`), unless the sentence denies it.

What none of these says stays open: nothing is ever invented.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MEETING, CALLBACK, NOT_INTERESTED, VOICEMAIL = "meeting_booked", "callback_requested", "not_interested", "voicemail"

DISPOSITIONS: Mapping[str, str] = {
    "meeting_booked": MEETING,
    "meeting_scheduled": MEETING,
    "appointment_booked": MEETING,
    "appointment_scheduled": MEETING,
    "appointment_set": MEETING,
    "demo_booked": MEETING,
    "demo_scheduled": MEETING,
    "booked": MEETING,
    "callback": CALLBACK,
    "call_back": CALLBACK,
    "callback_requested": CALLBACK,
    "call_back_later": CALLBACK,
    "callback_later": CALLBACK,
    "requested_callback": CALLBACK,
    "not_interested": NOT_INTERESTED,
    "no_interest": NOT_INTERESTED,
    "uninterested": NOT_INTERESTED,
    "do_not_call": NOT_INTERESTED,
    "voicemail": VOICEMAIL,
    "left_voicemail": VOICEMAIL,
    "voicemail_left": VOICEMAIL,
    "answering_machine": VOICEMAIL,
}
# Names of questions whose true answer means an outcome; `interested` speaks by a false one.
ANALYSIS: Mapping[str, str] = {
    "meeting_booked": MEETING,
    "meeting_scheduled": MEETING,
    "appointment_booked": MEETING,
    "appointment_scheduled": MEETING,
    "demo_booked": MEETING,
    "callback_requested": CALLBACK,
    "callback": CALLBACK,
    "wants_callback": CALLBACK,
    "not_interested": NOT_INTERESTED,
    "voicemail": VOICEMAIL,
    "is_voicemail": VOICEMAIL,
}
NAMED = ("outcome", "disposition", "call_outcome", "result")
PHRASES = (
    (
        MEETING,
        re.compile(r"\b(?:booked|scheduled|set up|confirmed) (?:a|an|the) (?:\w+ ){0,2}(?:meeting|appointment|demo)\b"),
    ),
    (MEETING, re.compile(r"\b(?:meeting|appointment|demo) (?:was|is|has been) (?:booked|scheduled|confirmed)\b")),
    (NOT_INTERESTED, re.compile(r"\b(?:is|was|are|were) not interested\b|\b(?:isn't|wasn't) interested\b")),
    (
        CALLBACK,
        re.compile(
            r"\b(?:asked|requested|wants|wanted)\b[^.]{0,30}"
            r"\b(?:call(?:ed)? back|callback|be called (?:again|later))\b"
        ),
    ),
)
_DENIED = re.compile(r"\b(?:no|not|never|didn't|did not|without|declined|refused|unable|failed|cancell?ed|wasn't)\b")
_YES = {"true", "yes", "y", "1"}
_NO = {"false", "no", "n", "0"}


@dataclass(frozen=True, slots=True)
class Found:
    """`outcome`, and from what it was concluded."""

    outcome: str
    source: str  # answered_by, disposition, analysis, summary
    words: str

    def payload(self) -> dict[str, str]:
        return {"outcome": self.outcome, "source": self.source, "words": self.words}


def classify(
    *, answered_by: str | None, disposition: Any = None, analysis: Any = None, summary: str | None = None
) -> Found | None:
    """The outcome of a completed call; None when nothing says it clearly."""
    if answered_by in ("machine", "voicemail"):
        return Found(VOICEMAIL, "answered_by", answered_by)
    if outcome := DISPOSITIONS.get(_word(disposition)):
        return Found(outcome, "disposition", str(disposition))
    if isinstance(analysis, Mapping) and (found := _from_analysis(analysis)):
        return found
    return _from_summary(summary or "")


def _from_analysis(analysis: Mapping[str, Any]) -> Found | None:
    found = []
    for name, answer in analysis.items():
        word = _word(name)
        if word in NAMED and (outcome := DISPOSITIONS.get(_word(answer))):
            found.append(Found(outcome, "analysis", f"{name}: {answer}"))
        elif word in ANALYSIS and _is(answer, _YES):
            found.append(Found(ANALYSIS[word], "analysis", f"{name}: {answer}"))
        elif word in ("interested", "is_interested") and _is(answer, _NO):
            found.append(Found(NOT_INTERESTED, "analysis", f"{name}: {answer}"))
    # Answers that contradict each other say nothing.
    return found[0] if len({one.outcome for one in found}) == 1 else None


def _from_summary(summary: str) -> Found | None:
    found = []
    for sentence in re.split(r"(?<=[.!?])\s+|\n+", summary):
        for outcome, phrase in PHRASES:
            hit = phrase.search(sentence.lower())
            if not hit:
                continue
            around = sentence.lower()[: hit.start()] if outcome == NOT_INTERESTED else sentence.lower()
            if not _DENIED.search(around):
                found.append(Found(outcome, "summary", sentence.strip()))
    return found[0] if len({one.outcome for one in found}) == 1 else None


def _word(value: Any) -> str:
    return re.sub(r"[^a-z0-9]+", "_", str(value or "").strip().lower()).strip("_")


def _is(answer: Any, words: set[str]) -> bool:
    return str(answer).strip().lower() in words

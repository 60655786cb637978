"""Why a recipient is not called. Plain Python.

The same judgement serves the preflight and the moment of dialling. It is made on facts somebody has looked up; a fact
that is not known counts against calling.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import phonenumbers

# In the order they are looked at: the first that applies is the reason given.
REASONS: Mapping[str, str] = {
    "no_number": "No telephone number",
    "invalid_number": "Not a valid telephone number",
    "dead_number": "A provider said this number does not work",
    "do_not_call": "On the do-not-call list",
    "dnd": "Asked in GoHighLevel not to be called",
    "removed": "The contact is no longer there",
    "no_zone": "Time zone unknown",
    "no_window": "No hour is inside the calling window of every time zone the number may be in",
    "duplicate": "The number is in this campaign already",
    "attempts": "Called as often as allowed",
    "frequency": "Called too often lately",
}
# Where calling would be wrong, not only useless.
FORBIDDEN = frozenset({"do_not_call", "dnd"})
# Channels of GoHighLevel's dndSettings that forbid a telephone call.
CALL_CHANNELS = ("Call", "Calls", "all")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a recipient. `recent_calls` counts calls to the number within the frequency rule's days."""

    number: str | None
    zones: tuple[str, ...] = ()
    reachable: bool = True  # some hour is inside the window of all zones
    on_dnc: bool = True
    dnd: bool = False
    dead: bool = False
    present: bool = True
    duplicate: bool = False
    attempts: int = 0
    recent_calls: int = 0


def reason(facts: Facts, *, max_attempts: int, max_recent: int = 0) -> str | None:
    """A key of `REASONS`, or None: the recipient may be called. ``max_recent`` 0 means no frequency rule."""
    found = {
        "no_number": not facts.number,
        "invalid_number": bool(facts.number) and not is_valid(facts.number),
        "dead_number": facts.dead,
        "do_not_call": facts.on_dnc,
        "dnd": facts.dnd,
        "removed": not facts.present,
        "no_zone": not facts.zones,
        "no_window": not facts.reachable,
        "duplicate": facts.duplicate,
        "attempts": facts.attempts >= max_attempts,
        "frequency": bool(max_recent) and facts.recent_calls >= max_recent,
    }
    return next((name for name in REASONS if found[name]), None)


def is_valid(number: str) -> bool:
    """Whether a number in E.164 can exist: its country is known and its length is right there."""
    try:
        return number.startswith("+") and phonenumbers.is_possible_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False


def normalise(text: str | None, region: str | None = None) -> str | None:
    """E.164 of a number as people write it; None when it is none. ``region`` is the country of short forms."""
    if not text or not text.strip():
        return None
    try:
        parsed = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def forbids_calls(dnd: bool, settings: Mapping[str, Any] | None) -> bool:
    """GoHighLevel's do-not-disturb: the switch for everything, or a channel that means the telephone.

    Channel entries look like ``{"Call": {"status": "active"}}``; ``active`` and ``permanent`` forbid.
    """
    if dnd:
        return True
    if not isinstance(settings, Mapping):
        return False
    by_name = {str(name).lower(): entry for name, entry in settings.items()}
    for channel in CALL_CHANNELS:
        entry = by_name.get(channel.lower())
        status = entry.get("status") if isinstance(entry, Mapping) else entry
        if status is True or str(status or "").lower() in {"active", "permanent"}:
            return True
    return False

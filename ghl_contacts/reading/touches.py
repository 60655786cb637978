"""Sums of a contact's messages in the words callers know. Plain Python."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

# Word for a type where callers know another one than the type's own name.
WORDS = {"TYPE_CALL": "PHONE CALL"}
# Channel -> Font Awesome icon and colour with which callers draw it.
LOOKS = {
    "SMS": ("fa-comment", "#2563eb"),
    "CALL": ("fa-phone", "#16a34a"),
    "VOICEMAIL": ("fa-microphone", "#9333ea"),
    "EMAIL": ("fa-envelope", "#ea580c"),
    "WHATSAPP": ("fa-whatsapp", "#15803d"),
    "FACEBOOK": ("fa-facebook", "#1d4ed8"),
    "INSTAGRAM": ("fa-instagram", "#db2777"),
}
OTHER_LOOK = ("fa-comments", "#6b7280")
UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"))


def word(message_type: str) -> str:
    """``TYPE_SMS`` as "SMS", ``TYPE_CALL`` as "PHONE CALL"."""
    return WORDS.get(message_type) or message_type.removeprefix("TYPE_").replace("_", " ")


def summary(counts: dict | None, named: Callable[[str], str] = word) -> str:
    """Counts by type as "3 SMS, 1 PHONE CALL", the most frequent first; "" when there are none.

    :param named: gives the name of a type; by default as API callers know it
    """
    return ", ".join(f"{number} {named(kind)}" for kind, number in _ranked(counts))


def listed(counts: dict | None) -> list[dict]:
    """Counts by type as ``{type, count, icon, color}``, the most frequent first."""
    found = []
    for kind, number in _ranked(counts):
        icon, color = look(kind)
        found.append({"type": word(kind), "count": number, "icon": f"fa {icon}", "color": color})
    return found


def look(message_type: str) -> tuple[str, str]:
    """Font Awesome icon and colour of a message type."""
    return next((look for channel, look in LOOKS.items() if message_type.endswith(channel)), OTHER_LOOK)


def speed(added: datetime | None, touched: datetime | None) -> str:
    """The time from ``added`` to ``touched`` in whole minutes, hours or days ("4m", "3h", "2d"), below a minute in
    seconds; "" when either is missing or the touch came first."""
    if not added or not touched or touched < added:
        return ""
    seconds = int((touched - added).total_seconds())
    return next((f"{seconds // size}{unit}" for size, unit in UNITS if seconds >= size), f"{seconds}s")


def _ranked(counts: dict | None) -> list[tuple[str, int]]:
    return sorted((counts or {}).items(), key=lambda item: (-item[1], item[0]))

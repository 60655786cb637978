"""What was said in a call. Source: GET /conversations/locations/{locationId}/messages/{messageId}/transcription."""

from __future__ import annotations

from typing import Any

from . import values as v

CALLER = 1  # the media channel of whoever made the call


def to_turns(sentences: list, direction: str | None) -> list[dict]:
    """``[{role, content, timestamp, end, confidence, channel, index}]`` in the order spoken.

    ``role`` is "agent" or "user" (the contact); times are seconds into the call. What is no sentence is left out.
    """
    found = []
    for place, row in enumerate(sentences):
        content = v.text(row.get("transcript")) if isinstance(row, dict) else None
        if not content or not content.strip():
            continue
        channel, begin, end = (v.integer(row.get(key)) for key in ("mediaChannel", "startTime", "endTime"))
        calling = channel in (None, CALLER)
        found.append(
            {
                "role": "agent" if calling == (direction != "inbound") else "user",
                "content": content.strip(),
                "timestamp": _seconds(begin),
                "end": _seconds(end),
                "confidence": v.number(row.get("confidence")),
                "channel": channel,
                "index": v.integer(row.get("sentenceIndex"), 0) if "sentenceIndex" in row else place,
            }
        )
    return sorted(found, key=lambda turn: (turn["timestamp"] is None, turn["timestamp"] or 0, turn["index"] or 0))


def to_text(turns: list[dict], names: dict[str, Any]) -> str:
    """The turns as lines; ``names`` of the roles."""
    return "\n".join(f"{names[turn['role']]}: {turn['content']}" for turn in turns)


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None or milliseconds < 0 else milliseconds / 1000

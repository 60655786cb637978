"""What was said in a call, for its form: who said what and when."""

from datetime import datetime

AGENT = frozenset({"agent", "assistant", "ai", "bot", "agent-action"})


def turns(call):
    """``[{side, name, text, at}]``: ``side`` is "agent" or "contact", ``at`` seconds into the call or None.

    A call of which only the whole text is known is one turn of nobody's: ``side`` is "".
    """
    names = {
        "agent": call.user_id.name or call.env._("Agent"),
        "contact": call.contact_id.name or call.partner_id.name or call.env._("Contact"),
    }
    found = []
    for turn in call.transcript_turns if isinstance(call.transcript_turns, list) else ():
        text = str(turn.get("content") or "").strip() if isinstance(turn, dict) else ""
        if text:
            side = "agent" if str(turn.get("role")).lower() in AGENT else "contact"
            found.append({"side": side, "name": names[side], "text": text, "at": _seconds(turn.get("timestamp"), call)})
    if not found and call.transcript:
        found = [{"side": "", "name": "", "text": call.transcript.strip(), "at": None}]
    return found


def said(call):
    """``[{role, content, timestamp}]`` as the dialler's clients know it: ``role`` is "agent" or "user"."""
    return [
        {
            "role": "agent" if str(turn.get("role")).lower() in AGENT else "user",
            "content": str(turn.get("content") or ""),
            "timestamp": turn.get("timestamp"),
        }
        for turn in (call.transcript_turns if isinstance(call.transcript_turns, list) else ())
        if isinstance(turn, dict)
    ]


def _seconds(value, call):
    """Providers write seconds into the call, or the time of day."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value if 0 <= value < 86400 else None
    start = call.answered_at or call.start_time
    if not isinstance(value, str) or not start:
        return None
    try:
        moment = datetime.fromisoformat(value.replace("Z", "+00:00")).replace(tzinfo=None)
    except ValueError:
        return None
    passed = (moment - start).total_seconds()
    return passed if 0 <= passed < 86400 else None

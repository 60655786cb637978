"""What Twilio is told to do when somebody answers: TwiML (twilio.com/docs/voice/twiml)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from ..base import CallOrder
from ..reading import text

# Longer ones must be fetched from us.
LONGEST = 4000
_VOICE = re.compile(r"man|woman|alice|(Polly|Google|Amazon)\.[\w.-]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}-[A-Za-z0-9-]{2,10}")
_VARIABLE = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def answer(what: CallOrder | Mapping[str, Any], answered_by: str = "") -> str:
    """TwiML for an order or the script of its agent.

    ``script["twiml"]`` as it is; else a media stream to ``script["stream_url"]``, told the order's reference and
    variables; else ``message`` or ``first_sentence`` is spoken, with ``{{name}}`` filled in from the variables. When
    `answered_by` says machine, ``voicemail_action`` decides: hang up, leave the message, or go on.
    """
    script = what.script if isinstance(what, CallOrder) else what
    variables = what.variables if isinstance(what, CallOrder) else script.get("variables") or {}
    if answered_by.startswith("machine"):
        action = script.get("voicemail_action") or "hangup"
        if action != "ignore":
            said = script.get("voicemail_message") if action == "leave_message" else ""
            return _document(_say(said, script, variables) + "<Hangup/>")
    if text(script.get("twiml")):
        return text(script["twiml"])
    if text(script.get("stream_url")):
        told = {**variables, "reference": what.reference} if isinstance(what, CallOrder) else variables
        return _document(_stream(text(script["stream_url"]), told))
    return _document(_say(script.get("message") or script.get("first_sentence"), script, variables) + "<Hangup/>")


def has_words(script: Mapping[str, Any]) -> bool:
    """Whether the script says what happens when somebody answers."""
    return any(text(script.get(name)) for name in ("twiml", "stream_url", "message", "first_sentence"))


def _say(words: object, script: Mapping[str, Any], variables: Mapping[str, Any]) -> str:
    spoken = _VARIABLE.sub(lambda found: text(variables.get(found[1])), text(words))
    if not spoken.strip():
        return ""
    voice, language = text(script.get("voice")), text(script.get("language"))
    # Voices of other providers would make Twilio refuse the whole document.
    attributes = f" voice={_quoted(voice)}" if _VOICE.fullmatch(voice) else ""
    attributes += f" language={_quoted(language)}" if _LANGUAGE.fullmatch(language) else ""
    return f"<Say{attributes}>{escape(_NO_XML.sub('', spoken))}</Say>"


def _stream(url: str, told: Mapping[str, Any]) -> str:
    parameters = "".join(
        f"<Parameter name={_quoted(str(name))} value={_quoted(text(value))}/>" for name, value in sorted(told.items())
    )
    return f"<Connect><Stream url={_quoted(url)}>{parameters}</Stream></Connect>"


def _quoted(value: str) -> str:
    return quoteattr(_NO_XML.sub("", value))


def _document(content: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{content}</Response>'

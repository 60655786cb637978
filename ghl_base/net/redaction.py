"""Keep secrets out of logs, stored errors and exports."""

from __future__ import annotations

import re
from collections.abc import Mapping

MASK = "***"

_WORDS = (
    r"authorization|(?:access|refresh|auth|api|bearer|id)[-_ ]?(?:token|key)|token|pass(?:word|wd|phrase)|secret|"
    r"private[-_ ]?(?:token|key)|cookie|signature|credentials?"
)
_SECRET_KEY = re.compile(rf"(?:^|[-_ .])(?:{_WORDS})$", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# Values that are secrets wherever they stand.
_SECRET_VALUE = re.compile(
    r"(?P<scheme>\b(?:Bearer|Basic)\s+)[A-Za-z0-9._~+/=-]{6,}"
    r"|\bpit-[0-9a-fA-F-]{8,}"
    r"|\beyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?"
)
# key=value, "key": "value", key: value inside a text.
_PAIR = re.compile(
    r"(?P<head>(?P<key>[A-Za-z][A-Za-z0-9_-]*)[\"']?\s*[=:]\s*)(?P<value>\"(?:[^\"\\]|\\.)*\"|'[^']*'|[^\s&,;}\"']+)"
)
_USERINFO = re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)")


def redact(content):
    """The same text, mapping or list with every secret replaced by ``***``; other values come back unchanged."""
    if isinstance(content, str):
        return _redact_text(content)
    if isinstance(content, Mapping):
        return {
            key: MASK if value and isinstance(key, str) and is_secret_name(key) else redact(value)
            for key, value in content.items()
        }
    if isinstance(content, (list, tuple)):
        return type(content)([redact(value) for value in content])
    return content


def is_secret_name(name: str) -> bool:
    """Whether a field, header or parameter of this name carries a secret."""
    return bool(_SECRET_KEY.search(_CAMEL.sub("_", name)))


def _redact_text(text: str) -> str:
    text = _USERINFO.sub(f"{MASK}:{MASK}", text)
    text = _SECRET_VALUE.sub(lambda found: (found["scheme"] or "") + MASK, text)
    return _PAIR.sub(_mask_pair, text)


def _mask_pair(found: re.Match) -> str:
    value = found["value"]
    if not is_secret_name(found["key"]) or value in ("Bearer", "Basic"):
        return found[0]
    quote = value[0] if value[0] in "\"'" else ""
    return f"{found['head']}{quote}{MASK}{quote}"

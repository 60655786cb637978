"""Remote structures as text for people, where no column of their own shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

VALUE_LIMIT = 500
LINE_LIMIT = 200
BOX_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
ACRONYMS = frozenset(("FB", "GMB", "IG", "IVR", "RCS", "SMS"))


def label(key: str) -> str:
    """``lastActivityDate`` and ``last_activity_date`` as "Last activity date"."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", key).replace("_", " ").split()
    plain = [word if word.isupper() and len(word) > 1 else word.lower() for word in words]
    text = " ".join(plain)
    return text[:1].upper() + text[1:]


def channel(kind: str | None) -> str:
    """Message and conversation types as people say them: ``TYPE_LIVE_CHAT`` as "Live chat", ``TYPE_SMS`` as "SMS"."""
    words = (kind or "").removeprefix("TYPE_").split("_")
    text = " ".join(word if word in ACRONYMS else word.lower() for word in words)
    return text[:1].upper() + text[1:]


def lines(value: Any) -> str:
    """One "Label: value" per line, nested labels joined by " / "; "" when there is nothing to show."""
    found = []
    for path, leaf in _leaves(value or None, ()):
        text = _leaf(leaf)
        found.append(f"{' / '.join(path)}: {text}" if path else text)
        if len(found) == LINE_LIMIT:
            found.append("…")
            break
    return "\n".join(found)


def channels(settings: Any) -> str:
    """Do-not-disturb settings by channel, one per line: "SMS: blocked (asked by phone)"."""
    if not isinstance(settings, dict):
        return ""
    words = {"active": "blocked", "inactive": "allowed", "permanent": "blocked for good"}
    found = []
    for channel, setting in settings.items():
        setting = setting if isinstance(setting, dict) else {"status": setting}
        status = str(setting.get("status") or "").strip()
        reason = str(setting.get("message") or "").strip()
        text = f"{label(str(channel))}: {words.get(status.lower(), status or 'not set')}"
        found.append(f"{text} ({reason[:VALUE_LIMIT]})" if reason else text)
    return "\n".join(found)


def listed(value: Any) -> str:
    """A list of plain values or of named options as "a, b, c"."""
    if not isinstance(value, list):
        return _leaf(value) if value else ""
    return ", ".join(_leaf(_named(item)) for item in value)


def held(value: Any, labels: dict[str, str] | None = None) -> str:
    """The value of a custom field: files by their names, lists of texts by their labels, other structures as lines.

    :param labels: of the boxes of a list of texts, whose values GoHighLevel keeps by the IDs of the boxes; a box
        without a label is told by its text alone
    """
    files = list(value.values()) if isinstance(value, dict) else value
    if isinstance(files, list) and files and all(isinstance(file, dict) for file in files):
        metas = [file.get("meta") if isinstance(file.get("meta"), dict) else file for file in files]
        names = [meta.get("originalname") or meta.get("name") for meta in metas]
        if all(isinstance(name, str) and name for name in names):
            return ", ".join(names)
    if isinstance(value, dict) and value and all(BOX_ID.fullmatch(str(key)) for key in value):
        told = [(str((labels or {}).get(key) or ""), _leaf(text)) for key, text in value.items() if text]
        return ", ".join(f"{box}: {text}" if box else text for box, text in told)
    return lines(value)


def boxes(options: Any) -> dict[str, str]:
    """The labels of a list of texts by the IDs of its boxes, as far as the definition of the field tells them."""
    found = options if isinstance(options, list) else []
    return {str(box["id"]): str(box.get("label") or "") for box in found if isinstance(box, dict) and box.get("id")}


def _named(item: Any) -> Any:
    if isinstance(item, dict):
        return next((item[key] for key in ("name", "label", "value", "key") if item.get(key)), item)
    return item


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, (*path, label(str(key))))
    elif isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
        for number, item in enumerate(value, 1):
            yield from _leaves(item, (*path, str(number)))
    elif value not in (None, "", [], {}):
        yield path, value


def _leaf(value: Any) -> str:
    if isinstance(value, list):
        text = ", ".join(_leaf(item) for item in value)
    elif isinstance(value, bool):
        text = "yes" if value else "no"
    else:
        text = str(value)
    return text if len(text) <= VALUE_LIMIT else f"{text[:VALUE_LIMIT]}…"

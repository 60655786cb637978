"""Filling in what a call brings: ``${to}``, ``${secret.api_key}``. Nothing is evaluated, and only known names exist."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from ....ghl_base.net.codec import dumps

# Of a call. `call_id` is our own name of it, `provider_call_id` the service's.
NAMES = frozenset(
    "to from reference call_id callback_url answer_url ring_seconds max_seconds record provider_call_id".split()
)
# Groups of further names: ``${secret.NAME}``. A name that a group lacks is empty, but a secret must be there.
GROUPS = frozenset({"secret", "variables", "metadata", "extra", "script"})
_PLACE = re.compile(r"\$\{([^{}]*)\}")


def names_in(value: Any) -> Iterator[str]:
    """Every name used in a template: a text, or lists and objects of them."""
    if isinstance(value, str):
        yield from _PLACE.findall(value)
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from names_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from names_in(part)


def is_known(name: str) -> bool:
    group, dot, rest = name.partition(".")
    if dot:
        return group in GROUPS and bool(rest)
    return name in NAMES or name in GROUPS - {"secret"}


def fill(value: Any, names: Mapping[str, Any]) -> Any:
    """The template with everything filled in. A text that is one name and nothing else becomes the value itself, so
    that numbers stay numbers."""
    if isinstance(value, str):
        whole = _PLACE.fullmatch(value)
        return _look_up(whole[1], names) if whole else fill_text(value, names)
    if isinstance(value, Mapping):
        return {name: fill(part, names) for name, part in value.items()}
    if isinstance(value, list):
        return [fill(part, names) for part in value]
    return value


def fill_text(value: str, names: Mapping[str, Any]) -> str:
    return _PLACE.sub(lambda found: _as_text(_look_up(found[1], names)), value)


def fill_url(value: str, names: Mapping[str, Any]) -> str:
    """Everything filled in is quoted: it adds no path, no query and no host."""
    return _PLACE.sub(lambda found: quote(_as_text(_look_up(found[1], names)), safe=""), value)


def fill_header(value: str, names: Mapping[str, Any]) -> str:
    """On one line: nothing filled in adds a header."""
    return " ".join(fill_text(value, names).split())


def _look_up(name: str, names: Mapping[str, Any]) -> Any:
    group, dot, rest = name.partition(".")
    if not dot:
        return names.get(name, "")
    found = names.get(group)
    value = found.get(rest) if isinstance(found, Mapping) else None
    return "" if value is None else value


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return dumps(value).decode() if isinstance(value, (Mapping, list)) else str(value)

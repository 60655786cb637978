"""JSON text, by orjson when it is installed and by the standard library otherwise: same answers, other speed."""

from __future__ import annotations

import contextlib
import json
from datetime import date, datetime
from typing import Any

try:
    import orjson
except ImportError:  # optional: Odoo does not ship it
    orjson = None


def _default(value: Any) -> str:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not JSON")


def dumps(value: Any, *, sort_keys: bool = False) -> bytes:
    """UTF-8 JSON; naive datetimes and dates in ISO form. With ``sort_keys`` equal data gives equal bytes."""
    if orjson is None:
        return _dumps(value, sort_keys)
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS if sort_keys else 0)
    except TypeError:  # integers beyond 64 bits, half surrogates, odd keys: the standard library copes
        return _dumps(value, sort_keys)


def _dumps(value: Any, sort_keys: bool) -> bytes:
    return json.dumps(value, default=_default, sort_keys=sort_keys, separators=(",", ":")).encode()


def loads(data: bytes | str) -> Any:
    """Parsed JSON. Raises ``ValueError`` for anything else."""
    if orjson is not None:
        # A text that was cut within an emoji leaves half a surrogate: the standard library copes.
        with contextlib.suppress(ValueError):
            return orjson.loads(data)
    try:
        return json.loads(data)
    except RecursionError as error:
        raise ValueError("JSON nested too deeply") from error

"""Opaque keyset cursors: the sort values of the last row, as unpadded base64url JSON. Plain Python.

A cursor is not a secret and not signed: it only says where to go on, and the record rules still apply behind it.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from .errors import ApiError
from .params import clean_text

MAX_LENGTH = 1024
_INT8_MAX = 2**63 - 1


def encode_cursor(*values: Any) -> str:
    """A cursor holding `values` (int, str, bool, None or naive datetime)."""
    plain = [v.isoformat() if isinstance(v, datetime) else v for v in values]
    raw = json.dumps(plain, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode_cursor(text: str, *types: Any) -> tuple[Any, ...]:
    """The values of a cursor, checked against `types`; ApiError 400 `invalid_cursor` when it is none of ours.

    Each of `types` is int, str, bool or datetime, or a tuple of it and None for a value that may be missing:
    ``decode_cursor(after, (datetime, None), int)``.
    """
    try:
        if len(text) > MAX_LENGTH:
            raise ValueError
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
        values = json.loads(raw)
        if not isinstance(values, list) or len(values) != len(types):
            raise ValueError
        return tuple(_checked(value, kind) for value, kind in zip(values, types, strict=True))
    except (ValueError, TypeError, RecursionError, binascii.Error):
        raise ApiError(400, "invalid_cursor", "The cursor is not one this address gave out.") from None


def _checked(value: Any, kind: Any) -> Any:
    if isinstance(kind, tuple):
        if value is None and None in kind:
            return None
        kind = next(k for k in kind if k is not None)
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo:
            raise ValueError
        return moment
    if type(value) is not kind:  # a bool is no int here
        raise ValueError
    if kind is str:
        return clean_text(value)
    if kind is int and abs(value) > _INT8_MAX:
        raise ValueError
    return value


def page_of(rows: Sequence, limit: int, key: Callable[[Any], Sequence]) -> tuple[Sequence, str | None]:
    """Split `rows`, read with ``limit + 1``, into the page and the cursor of the next one (None = this is the last).

    `key` gives a row's sort values.
    """
    page = rows[:limit]
    return page, encode_cursor(*key(page[-1])) if len(rows) > limit and len(page) else None

"""What a handler gives back, and the bytes made of it. Plain Python.

A handler returns a dict (200), `json_response(...)`, `stream_json(...)` or a ready Odoo `Response` (files, audio).
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import secrets
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

try:
    import orjson
except ImportError:  # Odoo does not require it
    orjson = None

CONTENT_TYPE = "application/json; charset=utf-8"
GZIP_FROM = 1024  # bytes; below, the header costs more than it saves
GZIP_LEVEL = 1  # 6 times smaller already, and the fastest
CHUNK = 64 * 1024


@dataclass(frozen=True)
class JsonAnswer:
    data: Any
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    etag: bool = True


@dataclass(frozen=True)
class StreamAnswer:
    make: Callable[[Any], Iterable[bytes | str]]
    headers: tuple[tuple[str, str], ...] = ()


class Fragment:
    """JSON text that stands in an answer as it is, where orjson's own class is not at hand."""

    __slots__ = ("text",)

    def __init__(self, text: str):
        self.text = text


def json_response(
    data: Any, etag: bool = True, status: int = 200, headers: Iterable[tuple[str, str]] = ()
) -> JsonAnswer:
    """Answer with `data`, any JSON-able value, or JSON `bytes` made elsewhere.

    With `etag`, reading methods get an ETag over the body and 304 when the caller has it already.
    """
    return JsonAnswer(data, status, tuple(headers), etag)


def stream_json(make: Callable[[Any], Iterable[bytes | str]], headers: Iterable[tuple[str, str]] = ()) -> StreamAnswer:
    """Answer with the JSON text that ``make(env)`` yields piece by piece, so that memory stays flat.

    `make` runs after the request's transaction is over, with an environment of its own (same user, same context, own
    cursor) that is closed at the end, also when the client goes away. An error before the first piece becomes a
    normal error answer; later, the connection is cut and the text stays incomplete.
    """
    return StreamAnswer(make, tuple(headers))


def json_pieces(
    head: Mapping[str, Any], key: str, rows: Iterable[Any], tail: Mapping[str, Any] | Callable[[], Mapping] = ()
) -> Iterator[bytes]:
    """Pieces of the object ``{**head, key: [*rows], **tail}``; `tail` may be a function called after the last row."""
    prefix = dumps(dict(head))[1:-1]
    yield b"{" + (prefix + b"," if prefix else b"") + dumps(key) + b":["
    separator = b""
    for row in rows:
        yield separator + dumps(row)
        separator = b","
    suffix = dumps(dict(tail() if callable(tail) else tail))[1:-1]
    yield b"]" + (b"," + suffix if suffix else b"") + b"}"


def _default(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)  # lazy translations, markup


if orjson:

    def dumps(data: Any) -> bytes:
        """`data` as compact UTF-8 JSON; dates in ISO 8601."""
        if isinstance(data, bytes):
            return data
        try:
            return orjson.dumps(data, default=_default)
        except TypeError:  # keys that are no text (its option for them slows all), integers beyond 64 bits, surrogates
            return _dumps_slow(data)
else:

    def dumps(data: Any) -> bytes:
        """`data` as compact UTF-8 JSON; dates in ISO 8601."""
        return data if isinstance(data, bytes) else _dumps_slow(data)


def fragment(text: str) -> Any:
    """JSON text as a value: stands in an answer as it is. Only `dumps` can read it."""
    return orjson.Fragment(text) if orjson else Fragment(text)


_HOLE = secrets.token_hex(16)  # nobody can send it


def _dumps_slow(data: Any) -> bytes:
    fragments = []

    def default(value: Any) -> Any:
        if isinstance(value, Fragment):
            fragments.append(value.text)
        elif orjson and isinstance(value, orjson.Fragment):
            fragments.append(orjson.dumps(value).decode())
        else:
            return _default(value)
        return _HOLE

    text = json.dumps(data, default=default, ensure_ascii=False, separators=(",", ":"))
    if fragments:
        pieces = text.split(f'"{_HOLE}"')
        text = "".join(part for pair in zip(pieces, [*fragments, ""], strict=True) for part in pair)
    return text.encode(errors="replace")


def etag_of(body: bytes) -> str:
    """A weak tag (the bytes differ by encoding, the meaning does not)."""
    return f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'  # processors have an instruction for SHA-256


def etag_matches(if_none_match: str | None, etag: str) -> bool:
    """Whether the caller's If-None-Match lists `etag`, compared weakly (RFC 9110, 13.1.2)."""
    if not if_none_match:
        return False
    if if_none_match.strip() == "*":
        return True
    bare = etag.removeprefix("W/")
    return bare in re.findall(r'"[^"]*"', if_none_match)


def accepts_gzip(accept_encoding: str | None) -> bool:
    """Whether Accept-Encoding names gzip (or ``*``) with a quality above zero."""
    for part in (accept_encoding or "").lower().split(","):
        name, _, rest = part.strip().partition(";")
        if name.strip() in ("gzip", "*"):
            quality = re.search(r"q\s*=\s*([^;\s]*)", rest)
            try:
                return not quality or float(quality[1]) > 0
            except ValueError:
                return False
    return False


def compress(body: bytes) -> bytes:
    return gzip.compress(body, GZIP_LEVEL, mtime=0)


def in_chunks(pieces: Iterable[bytes | str], gzipped: bool) -> Iterator[bytes]:
    """`pieces` gathered into chunks of about 64 KB, compressed on the way when `gzipped`."""
    packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, 31) if gzipped else None
    waiting = bytearray()
    for piece in pieces:
        waiting += piece.encode() if isinstance(piece, str) else piece
        if len(waiting) >= CHUNK:
            out = packer.compress(bytes(waiting)) if packer else bytes(waiting)
            waiting.clear()
            if out:
                yield out
    out = packer.compress(bytes(waiting)) + packer.flush() if packer else bytes(waiting)
    if out:
        yield out

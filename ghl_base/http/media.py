"""Sound that is read elsewhere while it is sent on, whole or the part that was asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Protocol

from odoo.http import Response

from .errors import ApiError

_RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")


class Source(Protocol):
    """A file being read: its body starts with byte ``start`` of a file of ``length`` bytes (None: not known)."""

    content_type: str
    start: int
    length: int | None

    def chunks(self) -> Iterator[bytes]:
        """The body in pieces."""


def forwarded(range_header: str | None) -> str | None:
    """The Range header worth sending on: of one range that is well formed."""
    match = _RANGE.match((range_header or "").replace(" ", ""))
    return match[0] if match and (match[1] or match[2]) else None


def sound_response(
    source: Source, range_header: str | None, close: Callable[[], None], *, filename: str, inline: bool = True
) -> Response:
    """The answer that sends ``source``, never more than one piece of it in memory.

    A part asked for is answered with 206 also where the source only gives the whole; ApiError 416 when it lies outside.
    What is no sound is handed on as a nameless file, so that no browser runs it. ``close`` is called at the end, also
    when the listener goes away.
    """
    headers = {
        "Content-Type": source.content_type if source.content_type.startswith("audio/") else "application/octet-stream",
        "Content-Disposition": f'{"inline" if inline else "attachment"}; filename="{filename}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    status, begin, end = 200, 0, source.length
    wanted = forwarded(range_header)
    if source.length is not None:
        headers["Accept-Ranges"] = "bytes"
        if wanted:
            begin, end = _part(wanted, source.length)
            status = 206
            headers["Content-Range"] = f"bytes {begin}-{end - 1}/{source.length}"
        headers["Content-Length"] = str(end - begin)
    if source.start > begin:
        raise ApiError(502, "bad_gateway", "The recording came in another part than asked for.")
    response = Response(_cut(source, begin, end), status=status, headers=headers)
    response.call_on_close(close)
    return response


def _part(wanted: str, length: int) -> tuple[int, int]:
    first, last = _RANGE.match(wanted).groups()
    begin = int(first) if first else max(0, length - int(last))
    end = min(int(last) + 1, length) if first and last else length
    if begin >= end:
        headers = (("Content-Range", f"bytes */{length}"),)
        raise ApiError(416, "range_not_satisfiable", "The recording is shorter than that.", headers=headers)
    return begin, end


def _cut(source: Source, begin: int, end: int | None) -> Iterator[bytes]:
    """The bytes from ``begin`` to before ``end`` of the file."""
    place = source.start
    for chunk in source.chunks():
        following = place + len(chunk)
        if following > begin:
            yield chunk[max(0, begin - place) : None if end is None else end - place]
        place = following
        if end is not None and place >= end:
            return

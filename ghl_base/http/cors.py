"""Cross-origin rules for browser clients: an allow-list, decided here and nowhere else. Plain Python."""

from __future__ import annotations

import re
from collections.abc import Iterable

MAX_AGE = 7200  # seconds; the longest Chromium keeps a preflight answer
EXPOSED = "ETag, Retry-After, X-Request-Id"
DEFAULT_HEADERS = "Authorization, Content-Type, Accept, X-Requested-With, If-None-Match, X-Request-Id"

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[a-z0-9._~\[\]:-]+\Z")
_HEADER_LIST = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+(?:\s*,\s*[A-Za-z0-9!#$%&'*+.^_`|~-]+)*\Z")


def parse_origins(text: str | None) -> tuple[str, ...]:
    """Origins in `text`, separated by commas, spaces or line breaks; ValueError names the first that is none.

    An origin is ``scheme://host[:port]``; ``*`` allows every origin (harmless for cookies: keys travel in a header).
    """
    origins = []
    for word in re.split(r"[\s,;]+", (text or "").strip()):
        origin = word.rstrip("/").lower()
        if not origin:
            continue
        if origin != "*" and not _ORIGIN.match(origin):
            raise ValueError(word)
        origins.append(origin)
    return tuple(dict.fromkeys(origins))


def allowed_origin(origin: str | None, allowed: Iterable[str]) -> str | None:
    """What Access-Control-Allow-Origin must say for a request from `origin`, None = nothing."""
    if not origin:
        return None
    allowed = tuple(allowed)
    if origin.lower() in allowed:
        return origin
    return "*" if "*" in allowed else None


def response_headers(origin: str | None, allowed: Iterable[str]) -> list[tuple[str, str]]:
    """Headers for every answer, errors included."""
    headers = [("Vary", "Origin, Accept-Encoding")]
    value = allowed_origin(origin, allowed)
    if value:
        headers += [("Access-Control-Allow-Origin", value), ("Access-Control-Expose-Headers", EXPOSED)]
        if value != "*":
            # Older clients send requests "with credentials"; keys are not cookies, so nothing is gained or lost by it.
            headers.append(("Access-Control-Allow-Credentials", "true"))
    return headers


def preflight_headers(
    origin: str | None, allowed: Iterable[str], methods: Iterable[str], requested: str | None
) -> list[tuple[str, str]]:
    """Headers for the 204 that answers OPTIONS, to add to `response_headers`."""
    methods = ", ".join(methods)
    headers = [("Allow", methods)]
    if allowed_origin(origin, allowed):
        wanted = requested if requested and len(requested) < 1000 and _HEADER_LIST.match(requested) else DEFAULT_HEADERS
        headers += [
            ("Access-Control-Allow-Methods", methods),
            ("Access-Control-Allow-Headers", wanted),
            ("Access-Control-Max-Age", str(MAX_AGE)),
        ]
    return headers

"""A file that is being read from the service, piece by piece."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import requests

from ...ghl_base.net.errors import MalformedResponse, RemoteTimeout
from ...ghl_base.net.transport import CHUNK

_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)\Z")


class Download:
    """An answer whose body was not read yet.

    ``content_type``; ``start``: which byte of the file the body starts with; ``length``: of the whole file, None when
    the service does not tell.
    """

    def __init__(self, response: requests.Response, facts: Mapping[str, str]):
        headers = response.headers
        self._response, self._facts = response, dict(facts)
        self.content_type: str = headers.get("Content-Type", "").partition(";")[0].strip().lower()
        part = _CONTENT_RANGE.match(headers.get("Content-Range", "")) if response.status_code == 206 else None
        self.start = int(part[1]) if part else 0
        if part:
            self.length = int(part[3]) if part[3] != "*" else None
        else:
            # Of a compressed body the length is not that of the file.
            told = headers.get("Content-Length", "") if not headers.get("Content-Encoding") else ""
            self.length = int(told) if told.isdigit() else None

    def chunks(self) -> Iterator[bytes]:
        """The body in pieces; RemoteTimeout or MalformedResponse when it breaks off."""
        try:
            yield from self._response.iter_content(CHUNK)
        except (requests.Timeout, requests.ConnectionError) as error:
            raise RemoteTimeout("the file stopped half way", **self._facts) from error
        except requests.RequestException as error:
            raise MalformedResponse(f"the file broke off ({type(error).__name__})", **self._facts) from error

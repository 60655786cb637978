"""The shape of a route's errors. Plain Python.

Every route answers errors in our own shape (`PLAIN`) unless it was declared with another `Envelope`: routes that
replace those of an older system keep the shape its clients know. Success is the handler's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import ApiError


class Envelope:
    """Our own shape: the error's HTTP status, and `ApiError.body`. Subclasses dress errors differently."""

    schema: Mapping[str, Any] = {"$ref": "#/components/schemas/Error"}

    def chosen(self, headers: Mapping[str, str]) -> Envelope:
        """The shape this caller wants, by the headers of the request."""
        return self

    @property
    def forms(self) -> tuple[Envelope, ...]:
        """All shapes that callers can choose."""
        return (self,)

    def http_status(self, status: int) -> int:
        """The HTTP status that callers get for an error of `status`."""
        return status

    def body(self, error: ApiError, request_id: str) -> dict[str, Any]:
        """The JSON object that callers get for `error`."""
        return error.body(request_id)


PLAIN = Envelope()

"""Errors an API caller sees, in one JSON shape.

    {"success": false, "error": "<sentence>", "code": "<snake_case>", "details": {...}, "request_id": "<id>"}

`ApiError` is a werkzeug `HTTPException`, so raising it anywhere in a route (or in its authentication) rolls back the
transaction and answers with its status. `details` is left out when there is nothing to say.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from werkzeug.exceptions import HTTPException

# The `code` given to framework errors, by HTTP status.
STATUS_CODES = {
    400: "bad_request",
    401: "invalid_key",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    408: "request_timeout",
    409: "conflict",
    411: "length_required",
    413: "body_too_large",
    414: "url_too_long",
    415: "unsupported_media_type",
    422: "invalid_data",
    423: "locked",
    429: "too_many_requests",
    431: "headers_too_large",
    500: "internal_error",
    501: "not_implemented",
    502: "bad_gateway",
    503: "busy",
    504: "gateway_timeout",
}


class ApiError(HTTPException):
    """An answer with HTTP status `status`, machine code `error_code` and the sentence `message` for a human."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        details: Mapping[str, Any] | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(description=message)
        self.code = status
        self.error_code = code
        self.message = message
        self.details = dict(details) if details else None
        self.headers = headers

    def __str__(self) -> str:
        return f"{self.code} {self.error_code}: {self.message}"

    def body(self, request_id: str | None = None) -> dict[str, Any]:
        """The JSON object that is sent."""
        body: dict[str, Any] = {"success": False, "error": self.message, "code": self.error_code}
        if self.details:
            body["details"] = self.details
        if request_id:
            body["request_id"] = request_id
        return body


def unauthorized(code: str, message: str) -> ApiError:
    """401 with the challenge that RFC 6750 asks for."""
    challenge = "Bearer" if code == "missing_key" else 'Bearer error="invalid_token"'
    return ApiError(401, code, message, headers=(("WWW-Authenticate", challenge),))


def forbidden(message: str = "You are not allowed to do this.", code: str = "forbidden") -> ApiError:
    return ApiError(403, code, message)


def not_found(what: str = "Record", code: str = "not_found") -> ApiError:
    """404; `what` names the thing, e.g. ``not_found("Location")``."""
    return ApiError(404, code, f"{what} not found")


def bad_request(message: str, code: str = "bad_request", details: Mapping[str, Any] | None = None) -> ApiError:
    return ApiError(400, code, message, details)


def invalid_parameters(reasons: Mapping[str, str]) -> ApiError:
    """400 `invalid_parameter`; `reasons` maps each bad parameter to what is wrong with it."""
    text = "; ".join(f"{name} {reason}" for name, reason in reasons.items())
    return ApiError(400, "invalid_parameter", text, reasons)


def unprocessable(message: str, code: str = "invalid_data", details: Mapping[str, Any] | None = None) -> ApiError:
    return ApiError(422, code, message, details)


def conflict(message: str, code: str = "conflict", details: Mapping[str, Any] | None = None) -> ApiError:
    return ApiError(409, code, message, details)


def too_many(message: str, code: str = "too_many_requests", seconds: float = 1) -> ApiError:
    """429 that says when to try again."""
    return ApiError(429, code, message, headers=(("Retry-After", str(max(1, math.ceil(seconds)))),))


def busy(message: str = "The server is busy, please try again.", seconds: int = 1) -> ApiError:
    return ApiError(503, "busy", message, headers=(("Retry-After", str(seconds)),))


def internal_error() -> ApiError:
    """500 that says nothing about the inside; the log has the rest under the same request id."""
    return ApiError(500, "internal_error", "Something went wrong on our side. Quote the request id when you report it.")


def from_http_exception(exc: HTTPException) -> ApiError:
    """The same refusal in our shape. Texts of framework errors are HTML-oriented, so they are replaced."""
    if isinstance(exc, ApiError):
        return exc
    status = exc.code or 500
    message = (
        {
            404: "There is nothing at this address.",
            405: "This method is not allowed here.",
            413: "The request body is too large.",
            415: "This content type is not supported.",
        }.get(status)
        or exc.name
        or "Error"
    )
    return ApiError(status, STATUS_CODES.get(status, "bad_request" if status < 500 else "internal_error"), message)

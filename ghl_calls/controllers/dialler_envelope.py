"""Answers of the campaign dialler's addresses, in the shape its clients know: the object itself, or `{"error"}`."""

from ...ghl_base.http import Envelope, define_schema

SCHEMA = define_schema(
    "DiallerError",
    {
        "type": "object",
        "required": ["error", "code", "request_id"],
        "properties": {
            "error": {"type": "string", "description": "A sentence for a human."},
            "code": {"type": "string", "description": "Stable, for programs."},
            "details": {"type": "array", "items": {"type": "string"}, "description": "What is wrong, one by one."},
            "request_id": {"type": "string", "description": "Also in the log."},
            "provider": {"type": "string"},
            "hint": {"type": "string"},
            "path": {"type": "string", "description": "With `method` and `timestamp`: of an unknown address."},
            "method": {"type": "string"},
            "timestamp": {"type": "string"},
        },
    },
)


class DiallerEnvelope(Envelope):
    """``{"error": "<sentence>", "code", "details"?: [...]}`` under the true HTTP status; 401 logs clients out."""

    schema = SCHEMA

    def body(self, error, request_id):
        body = {"error": error.message, "code": error.error_code, "request_id": request_id}
        if error.error_code == "invalid_parameter":
            body["details"] = [f"{name}: {reason}" for name, reason in (error.details or {}).items()]
        if error.error_code in ("call_refused", "provider_refused", "unknown_address"):
            body |= error.details or {}  # `provider` and `hint`; `path`, `method` and `timestamp`
        return body


ENVELOPE = DiallerEnvelope()

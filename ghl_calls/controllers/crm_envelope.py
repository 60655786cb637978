"""Errors in the shape CRM clients know, and success in the same."""

from ...ghl_base.http import Envelope, define_schema

SCHEMA = define_schema(
    "CrmError",
    {
        "type": "object",
        "required": ["status", "message"],
        "properties": {
            "status": {"type": "integer", "minimum": 400, "description": "What clients judge by."},
            "message": {"type": "string", "description": "A sentence for a human."},
            "data": {"type": "null"},
            "error_details": {
                "type": "object",
                "properties": {
                    "code": {"type": "string", "description": "Stable, for programs."},
                    "request_id": {"type": "string", "description": "Also in the log."},
                    "parameters": {"type": "object", "description": "What is wrong with each parameter."},
                },
            },
        },
    },
)
LOGGED_OUT = {"status": 403, "message": "Invalid or expired token"}


class CrmEnvelope(Envelope):
    """``{"status", "message", "data", "error_details"}``.

    Clients look at `status` in the body, not at the HTTP status: of routes with `in_body`, refusals come under HTTP
    200. A refused key is HTTP 403 with `status` 403, which logs clients out; whoever is known but not allowed to do
    something gets `status` 400 therefore. `invalid` is the message for parameters that are wrong or missing.
    """

    schema = SCHEMA

    def __init__(self, in_body=False, invalid=None):
        self.in_body = in_body
        self.invalid = invalid

    def http_status(self, status):
        if status in (401, 403):
            return 403
        return 200 if self.in_body and status in (400, 404, 409, 422) else status

    def body(self, error, request_id):
        if error.code == 401:
            return dict(LOGGED_OUT)
        details = {"code": error.error_code, "request_id": request_id}
        message = error.message
        if error.error_code == "invalid_parameter":
            details["parameters"] = error.details
            message = self.invalid or message
        return {
            "status": 400 if error.code == 403 else error.code,
            "message": message,
            "data": None,
            "error_details": details,
        }


def succeed(message, data, **more):
    """The body of a success."""
    return {"status": 200, "message": message, "data": data, **more}

"""Answers of the call log and of Bland control, in the shape clients of the AI SDR know."""

from ...ghl_base.http import ApiError, Envelope, define_schema, json_response

FORMAT_HEADER = "X-Error-Format"
# HTTP refusals that stay what they are; all others come under HTTP 200. Faults must not look fine to a proxy.
REAL = frozenset({401, 405, 413, 500, 503})
# Our code -> the names that clients know the error by. Others are made of our code.
NAMES = {
    "not_found": ("CallNotFound", "CALL_NOT_FOUND"),
    "invalid_transition": ("StatusTransitionError", "STATUS_TRANSITION_ERROR"),
    "bland_refused": ("BlandIntegrationError", "BLAND_INTEGRATION_ERROR"),
    **dict.fromkeys(
        ("invalid_parameter", "invalid_json", "invalid_body", "invalid_data", "bad_request"),
        ("ValidationError", "VALIDATION_ERROR"),
    ),
}
UNCHECKED = frozenset({"invalid_parameter", "invalid_json", "invalid_body"})  # 422 to these clients
LOGGED_OUT = "Could not validate credentials"

_TEXT = {"type": "string"}
_NAMED = {
    "type": "object",
    "required": ["error", "message", "code"],
    "properties": {
        "error": {**_TEXT, "description": "CallNotFound, ValidationError, StatusTransitionError, ..."},
        "message": {**_TEXT, "description": "A sentence for a human."},
        "code": {**_TEXT, "description": "Stable, for programs: CALL_NOT_FOUND, ..."},
        "request_id": {**_TEXT, "description": "Also in the log."},
        "parameters": {"type": "object", "description": "What is wrong with each parameter."},
    },
}
SCHEMA = define_schema(
    "CallLogError",
    {
        "anyOf": [
            {
                "type": "object",
                "required": ["success", "data", "error_message", "error_details", "status_code"],
                "properties": {
                    "success": {"const": False},
                    "data": {"type": "null"},
                    "error_message": _TEXT,
                    "error_details": _NAMED,
                    "status_code": {"type": "integer", "minimum": 400, "description": "What clients judge by."},
                },
            },
            {**_NAMED, "description": f"With the request header {FORMAT_HEADER}: plain"},
        ]
    },
)


class CallLogEnvelope(Envelope):
    """``{"success", "data", "error_message", "error_details": {"error", "message", "code"}, "status_code"}``.

    Refusals come under HTTP 200, as clients look at `success` and `status_code`; a refused key is HTTP 401 as well, and
    logs them out. With ``X-Error-Format: plain`` callers get ``{"error", "message", "code"}`` under the true status.
    """

    schema = SCHEMA

    def chosen(self, headers):
        return PLAIN_FORM if headers.get(FORMAT_HEADER, "").strip().lower() == "plain" else self

    @property
    def forms(self):
        return (self, PLAIN_FORM)

    def http_status(self, status):
        return status if status in REAL else 200

    def body(self, error, request_id):
        body = {
            "success": False,
            "data": None,
            "error_message": LOGGED_OUT if error.code == 401 else error.message,
            "error_details": named(error, request_id),
            "status_code": true_status(error),
        }
        if error.code == 401:
            body["detail"] = LOGGED_OUT
        return body


class _PlainForm(Envelope):
    schema = SCHEMA

    def http_status(self, status):
        return 422 if status == 400 else status

    def body(self, error, request_id):
        return named(error, request_id)


PLAIN_FORM = _PlainForm()
ENVELOPE = CallLogEnvelope()


def true_status(error):
    """The status these clients know: what a check of the request refuses is 422."""
    return 422 if error.error_code in UNCHECKED else error.code


def named(error, request_id):
    """The error under the names that clients know."""
    name, code = NAMES.get(error.error_code) or (
        "".join(word.capitalize() for word in error.error_code.split("_")),
        error.error_code.upper(),
    )
    details = {"error": name, "message": error.message, "code": code, "request_id": request_id}
    if error.error_code == "invalid_parameter":
        details["parameters"] = error.details
    return details


def succeed(data, status=200):
    """The answer of a success; ``status`` is the HTTP status and `status_code` in the body."""
    body = {"success": True, "data": data, "error_message": None, "error_details": None, "status_code": status}
    return json_response(body, status=status)


def bland_refused(message, status=502):
    """The ApiError of a call that Bland did not take: ``BlandIntegrationError``."""
    return ApiError(status, "bland_refused", message)


def answer_schema(data):
    """JSON schema of a success with this `data`, or of a refusal under HTTP 200."""
    success = {
        "type": "object",
        "required": ["success", "data", "status_code"],
        "properties": {
            "success": {"const": True},
            "data": data,
            "error_message": {"type": "null"},
            "error_details": {"type": "null"},
            "status_code": {"type": "integer", "minimum": 200, "maximum": 299},
        },
    }
    return {"anyOf": [success, SCHEMA]}

"""How refusals look to clients of the call log."""

from odoo.tests import BaseCase

from ..ghl_base.http.errors import bad_request, busy, conflict, invalid_parameters, not_found, unauthorized
from ..ghl_calls.controllers.call_log_envelope import ENVELOPE, PLAIN_FORM, bland_refused


class TestCallLogEnvelope(BaseCase):
    def test_a_refusal_carries_the_older_and_the_newer_names(self):
        self.assertEqual(
            ENVELOPE.body(not_found("Call"), "r1"),
            {
                "success": False,
                "data": None,
                "error_message": "Call not found",
                "error_details": {
                    "error": "CallNotFound", "message": "Call not found", "code": "CALL_NOT_FOUND", "request_id": "r1"
                },
                "status_code": 404,
            },
        )  # fmt: skip
        self.assertEqual(ENVELOPE.http_status(404), 200)

    def test_every_code_has_a_name(self):
        for error, status, name in (
            (invalid_parameters({"page": "must be at least 1"}), 422, "ValidationError"),
            (bad_request("No number"), 400, "ValidationError"),
            (bland_refused("Out of credit"), 502, "BlandIntegrationError"),
            (conflict("Twice", "some_new_code"), 409, "SomeNewCode"),
        ):
            body = ENVELOPE.body(error, "r1")
            self.assertEqual((body["status_code"], body["error_details"]["error"]), (status, name))

    def test_a_refused_key_logs_out_and_our_faults_stay_faults(self):
        error = unauthorized("expired_key", "The key has expired.")
        body = ENVELOPE.body(error, "r1")
        self.assertEqual((body["status_code"], body["detail"]), (401, "Could not validate credentials"))
        self.assertEqual([ENVELOPE.http_status(status) for status in (401, 500, 503)], [401, 500, 503])
        self.assertEqual(ENVELOPE.body(busy(), "r1")["status_code"], 503)

    def test_callers_may_ask_for_the_plain_form(self):
        self.assertIs(ENVELOPE.chosen({}), ENVELOPE)
        self.assertIs(ENVELOPE.chosen({"X-Error-Format": "xml"}), ENVELOPE)
        self.assertIs(ENVELOPE.chosen({"X-Error-Format": "Plain "}), PLAIN_FORM)
        self.assertEqual(
            PLAIN_FORM.body(not_found("Call"), "r1"),
            {"error": "CallNotFound", "message": "Call not found", "code": "CALL_NOT_FOUND", "request_id": "r1"},
        )
        self.assertEqual([PLAIN_FORM.http_status(status) for status in (400, 404, 401)], [422, 404, 401])

"""The routing type over real HTTP, with routes made to misbehave."""

import json
from datetime import datetime
from unittest.mock import patch

import psycopg2
import requests

from odoo.exceptions import AccessError, LockError, MissingError, UserError, ValidationError
from odoo.http import Controller, request
from odoo.tests import mute_logger

from ..ghl_base.http import Param, api_route, bad_request, json_pieces, json_response, stream_json
from .common_http import ORIGIN, ApiCase

SERVER_LOG = "odoo.addons.ghl.ghl_base.http.dispatcher"
FAULTS = {
    "access": lambda: AccessError("You may not read Secret Contact (company B)"),
    "missing": lambda: MissingError("Record ghl.contact(5,) is gone"),
    "user": lambda: UserError("The location has no token."),
    "validation": lambda: ValidationError("The date lies in the past."),
    "locked": lambda: LockError("Somebody else works on it."),
    "api": lambda: bad_request("Wrong moon phase", "wrong_moon", {"moon": "full"}),
    "busy": lambda: psycopg2.OperationalError("SELECT secret FROM table"),
    "bug": lambda: KeyError("SELECT secret"),
}

COLLISIONS = []


class MisbehavingApi(Controller):
    @api_route("/api/test/fault/<string:kind>", methods=("GET", "POST"), documented=False)
    def fault(self, kind):
        raise FAULTS[kind]()

    @api_route("/api/test/sql", documented=False)
    def sql(self):
        request.env.cr.execute("SELECT secret FROM nowhere")

    @api_route(
        "/api/test/echo",
        methods=("GET", "POST"),
        params=(
            Param("number", int, default=7, minimum=1, maximum=9),
            Param("flag", bool),
            Param("text", aliases=("oldText",)),
            Param("tags", list, default=()),
            Param("since", datetime),
            Param("extra", dict),
        ),
        documented=False,
    )
    def echo(self, **params):
        return {"success": True, "uid": request.env.uid, **params}

    @api_route("/api/test/contact/<int:contact_id>", methods=("DELETE",), documented=False)
    def delete(self, contact_id):
        return {"id": contact_id}

    @api_route("/api/test/raw", methods=("POST",), auth="none", raw_body=True, body_limit=100, documented=False)
    def raw(self, raw_body):
        return {"length": len(raw_body), "text": raw_body.decode()}

    @api_route("/api/test/partner", methods=("POST",), params=(Param("name", required=True),), documented=False)
    def create_partner(self, name):
        request.env["res.partner"].sudo().create({"name": name})
        if name.startswith("bad"):
            raise ValidationError(request.env._("No bad partners."))
        return json_response({"success": True}, status=201)

    @api_route("/api/test/twice", methods=("POST",), documented=False)
    def twice(self):
        """A row that exists already."""
        request.env["ir.config_parameter"].sudo().create({"key": "ghl.cors_origins", "value": "x"})
        return {}

    @api_route("/api/test/collide", methods=("POST",), params=(Param("times", int),), documented=False)
    def collide(self, times):
        """Loses against a concurrent transaction that many times."""
        COLLISIONS.append(1)
        if len(COLLISIONS) <= times:
            request.env.cr.execute("DO $$ BEGIN RAISE EXCEPTION 'concurrent update' USING ERRCODE = '40001'; END $$")
        return {"tries": len(COLLISIONS)}

    @api_route("/api/test/companies", documented=False)
    def companies(self):
        return {"current": request.env.company.id, "all": request.env.companies.ids}

    @api_route("/api/test/large", documented=False)
    def large(self):
        return {"text": "lorem ipsum " * 1000}

    @api_route("/api/test/admin", group="ghl.group_ghl_admin", documented=False)
    def admin(self):
        return {}

    @api_route(
        "/api/test/stream",
        params=(Param("rows", int, default=3), Param("fail_at", int, default=-1)),
        documented=False,
    )
    def stream(self, rows, fail_at):
        def make(env):
            def numbers():
                for number in range(rows):
                    if number == fail_at:
                        raise FAULTS["user"]()
                    yield {"number": number, "uid": env.uid, "company": env.company.id}

            if fail_at == 0:
                raise FAULTS["user"]()
            return json_pieces({"success": True}, "rows", numbers(), lambda: {"total": rows})

        return stream_json(make)


class TestErrorsOverHttp(ApiCase):
    def test_each_kind_of_failure_has_its_status_and_code(self):
        expected = {
            "access": (403, "forbidden"),
            "missing": (404, "not_found"),
            "user": (422, "invalid_data"),
            "validation": (422, "invalid_data"),
            "locked": (409, "locked"),
            "api": (400, "wrong_moon"),
            "busy": (503, "busy"),
            "bug": (500, "internal_error"),
        }
        for kind, (status, code) in expected.items():
            with mute_logger("odoo.http", "odoo.service.model", SERVER_LOG):
                response = self.call(f"/api/test/fault/{kind}", headers={"Origin": ORIGIN})
            body = self.assert_refused(response, status, code, kind)
            self.assert_cors(response, kind)
            self.assertNotIn("secret", response.text.lower(), kind)
            if kind == "user":
                self.assertEqual(body["error"], "The location has no token.")
            if kind == "api":
                self.assertEqual(body["details"], {"moon": "full"})
            if kind == "busy":
                self.assertEqual(response.headers["Retry-After"], "1")

    def test_our_fault_is_logged_once_with_its_request_id_and_caller(self):
        with self.assertLogs(SERVER_LOG, "WARNING") as logs, self.assertNoLogs("odoo.http", "WARNING"):
            response = self.call("/api/test/fault/bug", headers={"X-Request-Id": "trace-me-12345"})
        self.assertEqual(response.json()["request_id"], "trace-me-12345")
        self.assertEqual(len(logs.records), 1, logs.output)
        line = logs.records[0].getMessage()
        self.assertIn("trace-me-12345", line)
        self.assertIn(f"GET /api/test/fault/bug by user {self.viewer.id} from 127.0.0.1", line)
        self.assertIsInstance(logs.records[0].exc_info[1], KeyError)

    def test_failed_sql_says_nothing_of_the_statement(self):
        with mute_logger("odoo.sql_db", SERVER_LOG, "odoo.http"):
            response = self.call("/api/test/sql", headers={"Origin": ORIGIN})
        self.assert_refused(response, 500, "internal_error")
        self.assertNotIn("nowhere", response.text)
        self.assert_cors(response)

    def test_a_made_up_request_id_is_replaced(self):
        for bad in ("short", "x" * 65, "with space 1", "ümlaut-12345"):
            response = self.call("/api/health", key=None, headers={"X-Request-Id": bad.encode()})
            self.assertRegex(response.headers["X-Request-Id"], r"\A[0-9a-f]{32}\Z")

    def test_nothing_is_half_written_when_a_request_is_refused(self):
        before = self.env["res.partner"].search_count([("name", "like", "bad%")])
        with mute_logger("odoo.http"):
            self.assert_refused(self.call("/api/test/partner", "POST", json={"name": "bad one"}), 422, "invalid_data")
        self.assertEqual(self.env["res.partner"].search_count([("name", "like", "bad%")]), before)
        self.assertEqual(self.call("/api/test/partner", "POST", json={"name": "good one"}).status_code, 201)
        self.assertTrue(self.env["res.partner"].search_count([("name", "=", "good one")]))

    def test_a_duplicate_is_a_conflict(self):
        with mute_logger("odoo.sql_db", "odoo.http"):
            self.assert_refused(self.call("/api/test/twice", "POST"), 409, "conflict")

    def test_a_lost_race_is_tried_again_and_given_up_as_busy(self):
        with (
            mute_logger("odoo.sql_db", "odoo.http", SERVER_LOG),
            patch("odoo.service.model.random.uniform", return_value=0),
        ):
            self.addCleanup(COLLISIONS.clear)
            self.assertEqual(self.call("/api/test/collide", "POST", json={"times": 2}).json(), {"tries": 3})
            COLLISIONS.clear()
            self.assert_refused(self.call("/api/test/collide", "POST", json={"times": 99}), 503, "busy")

    def test_an_unknown_address_is_json(self):
        for path in ("/api", "/api/", "/api/nothing", "/api/test", "/api/test/contact/abc", "/api/" + "x" * 3000):
            response = self.call(path, key=None, headers={"Origin": ORIGIN})
            self.assert_refused(response, 404, "unknown_address")
            self.assert_cors(response)

    def test_a_wrong_method_is_told_which_are_right(self):
        response = self.call("/api/test/echo", "PUT", data="{}")
        self.assert_refused(response, 405, "method_not_allowed")
        self.assertEqual(response.headers["Allow"], "GET, HEAD, POST, OPTIONS")
        response = self.call("/api/test/contact/5", "GET", headers={"Origin": ORIGIN})
        self.assert_refused(response, 405, "method_not_allowed")
        self.assertEqual(response.headers["Allow"], "DELETE, OPTIONS")
        self.assert_cors(response)

    def test_the_group_of_a_route_is_asked_for(self):
        self.assert_refused(self.call("/api/test/admin"), 403, "missing_group")
        self.assertEqual(self.call("/api/test/admin", key=self.make_key(self.env.ref("base.user_admin"))).json(), {})


class TestRequestsOverHttp(ApiCase):
    def test_parameters_arrive_checked_from_query_form_and_json(self):
        expected = {"number": 5, "flag": True, "text": "a b", "tags": ["x", "y"], "since": "2025-07-31T07:30:00"}
        text = {"number": "5", "flag": "true", "oldText": "a b", "tags": "x,y", "since": "2025-07-31T09:30:00+02:00"}
        real = {**text, "number": 5, "flag": True, "tags": ["x", "y"]}
        for response in (
            self.call("/api/test/echo", params=text),
            self.call("/api/test/echo", "POST", data=text),
            self.call("/api/test/echo", "POST", json=text),
            self.call("/api/test/echo", "POST", json=real),
            self.call("/api/test/echo", "POST", params=text),
            self.call("/api/test/echo", "POST", data=json.dumps(real), headers={"Content-Type": "text/plain"}),
            self.call(
                "/api/test/echo",
                "POST",
                data=json.dumps(real),
                headers={"Content-Type": "application/x-www-form-urlencoded"},
            ),
            self.call("/api/test/echo", "POST", files={"number": (None, "5")}, params=text),
        ):
            self.assertEqual(response.status_code, 200, response.text)
            self.assertLessEqual(expected.items(), response.json().items())

    def test_unknown_parameters_are_ignored_and_missing_ones_have_their_default(self):
        body = self.call("/api/test/echo?what=ever&limit=x").json()
        self.assertEqual((body["number"], body["flag"], body["tags"]), (7, None, []))

    def test_every_bad_parameter_is_named(self):
        response = self.call("/api/test/echo?number=1e3&flag=perhaps&since=yesterday&text=%00")
        body = self.assert_refused(response, 400, "invalid_parameter")
        self.assertEqual(set(body["details"]), {"number", "flag", "since", "text"})

    def test_a_parameter_given_twice_is_refused(self):
        self.assert_refused(self.call("/api/test/echo?number=1&number=2"), 400, "invalid_parameter")
        self.assert_refused(self.call("/api/test/echo", "POST", data={"text": ["a", "b"]}), 400, "invalid_parameter")
        twice = self.call("/api/test/echo", "POST", data={"tags": ["a", "b"]})
        self.assertEqual(twice.json()["tags"], ["a", "b"])

    def test_an_id_no_database_can_hold_is_refused(self):
        self.assert_refused(self.call("/api/test/contact/99999999999999999999", "DELETE"), 400, "invalid_parameter")
        self.assertEqual(self.call("/api/test/contact/5", "DELETE").json(), {"id": 5})

    def test_malformed_bodies_are_refused(self):
        for body, code in (
            (b"{", "invalid_json"),
            (b'{"number": NaN}', "invalid_json"),
            (b'{"extra": ' + b"[" * 100_000, "invalid_json"),
            (b"\xff\xfe", "invalid_json"),
            (b"[1]", "invalid_body"),
            (b'"text"', "invalid_body"),
            (b'{"text": "\\ud800"}', "invalid_parameter"),
            (b'{"extra": {"a": "\\u0000"}}', "invalid_parameter"),
            (b'{"number": ' + b"9" * 5000 + b"}", "invalid_json"),
        ):
            response = self.call("/api/test/echo", "POST", data=body, headers={"Content-Type": "application/json"})
            self.assert_refused(response, 400, code, body[:40])

    def test_a_body_above_the_limit_is_refused(self):
        response = self.call("/api/test/echo", "POST", json={"text": "x" * 1024 * 1024}, headers={"Origin": ORIGIN})
        self.assert_refused(response, 413, "body_too_large")
        self.assert_cors(response)
        self.assert_refused(self.call("/api/test/raw", "POST", key=None, data="x" * 101), 413, "body_too_large")

    def test_a_raw_body_arrives_as_it_was_sent_even_when_it_is_a_form(self):
        response = self.call("/api/test/raw", "POST", key=None, data={"CallSid": "CA1", "b": "ü"})
        self.assertEqual(response.json(), {"length": 20, "text": "CallSid=CA1&b=%C3%BC"})

    def test_head_answers_like_get_without_the_body(self):
        get, head = self.call("/api/ping"), self.call("/api/ping", "HEAD")
        self.assertEqual((head.status_code, head.content), (200, b""))
        self.assertEqual(head.headers["ETag"], get.headers["ETag"])

    def test_the_user_works_in_all_own_companies_the_main_one_first(self):
        first, second = (self.env["res.company"].create({"name": name}) for name in ("B company", "A company"))
        self.viewer.write({"company_ids": [(6, 0, (first | second).ids)], "company_id": second.id})
        self.assertEqual(self.call("/api/test/companies").json(), {"current": second.id, "all": [second.id, first.id]})


class TestAnswersOverHttp(ApiCase):
    def test_an_unchanged_answer_is_not_sent_again(self):
        first = self.call("/api/test/large")
        again = self.call("/api/test/large", headers={"If-None-Match": first.headers["ETag"]})
        self.assertEqual((again.status_code, again.content), (304, b""))
        self.assertEqual(again.headers["ETag"], first.headers["ETag"])
        other = self.call("/api/test/large", headers={"If-None-Match": 'W/"other"'})
        self.assertEqual(other.status_code, 200)

    def test_large_answers_are_compressed_for_those_who_can_read_it(self):
        packed = self.call("/api/test/large", headers={"Accept-Encoding": "gzip"})
        self.assertEqual(packed.headers["Content-Encoding"], "gzip")
        self.assertLess(int(packed.headers["Content-Length"]), 1000)
        self.assertEqual(len(packed.json()["text"]), 12_000)
        plain = self.call("/api/test/large", headers={"Accept-Encoding": "identity"})
        self.assertNotIn("Content-Encoding", plain.headers)
        self.assertEqual(plain.json(), packed.json())
        small = self.call("/api/ping", headers={"Accept-Encoding": "gzip"})
        self.assertNotIn("Content-Encoding", small.headers)

    def test_no_answer_sets_a_cookie(self):
        for path in ("/api/ping", "/api/health", "/api/test/large"):
            self.assert_no_cookie(self.call(path), path)

    def test_a_stream_is_one_json_object_made_as_the_user_of_the_key(self):
        for encoding in ("gzip", "identity"):
            response = self.call("/api/test/stream?rows=20000", headers={"Accept-Encoding": encoding, "Origin": ORIGIN})
            self.assertEqual(response.headers.get("Content-Encoding"), "gzip" if encoding == "gzip" else None)
            body = response.json()
            self.assertEqual((len(body["rows"]), body["total"], body["success"]), (20000, 20000, True))
            self.assertEqual(
                body["rows"][-1], {"number": 19999, "uid": self.viewer.id, "company": self.viewer.company_id.id}
            )
            self.assert_cors(response)

    def test_a_stream_that_cannot_start_is_an_ordinary_error(self):
        with mute_logger("odoo.http"):
            response = self.call("/api/test/stream?fail_at=0", headers={"Origin": ORIGIN})
        self.assert_refused(response, 422, "invalid_data")
        self.assert_cors(response)

    def test_a_stream_that_breaks_can_be_told_from_a_whole_one(self):
        with mute_logger("werkzeug", "odoo.http"), self.assertRaises(requests.exceptions.ChunkedEncodingError):
            self.call("/api/test/stream?rows=200000&fail_at=100000", headers={"Accept-Encoding": "identity"})

    def test_a_stream_gives_back_its_cursor_when_the_client_goes_away(self):
        with mute_logger("werkzeug", "odoo.http"):
            response = self.opener.request(
                "GET",
                self.base_url() + "/api/test/stream?rows=300000",
                headers={"Authorization": f"Bearer {self.key}", "Accept-Encoding": "identity"},
                stream=True,
            )
            response.raw.read(10)
            response.close()
        # The next request needs the only test connection: it would wait in vain for a cursor left open.
        self.assertEqual(self.call("/api/ping").status_code, 200)


class TestCorsOverHttp(ApiCase):
    def preflight(self, path, **headers):
        return self.call(path, "OPTIONS", key=None, headers=headers)

    def test_an_allowed_page_may_ask_with_any_header_it_names(self):
        response = self.preflight(
            "/api/test/echo",
            Origin=ORIGIN,
            **{"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,version"},
        )
        self.assertEqual((response.status_code, response.content), (204, b""))
        self.assert_cors(response)
        self.assertEqual(response.headers["Access-Control-Allow-Methods"], "GET, HEAD, POST, OPTIONS")
        self.assertEqual(response.headers["Access-Control-Allow-Headers"], "authorization,version")
        self.assertEqual(response.headers["Access-Control-Allow-Credentials"], "true")
        self.assert_no_cookie(response)

    def test_a_foreign_page_gets_no_permission(self):
        for origin in ("https://evil.example", "null", ORIGIN + ".evil.example", "http://app.example.com"):
            for response in (
                self.preflight("/api/test/echo", Origin=origin),
                self.call("/api/ping", headers={"Origin": origin}),
            ):
                self.assertNotIn("Access-Control-Allow-Origin", response.headers, origin)
                self.assertNotIn("Access-Control-Allow-Methods", response.headers, origin)

    def test_preflight_of_an_unknown_address_is_404(self):
        self.assert_refused(self.preflight("/api/nothing", Origin=ORIGIN), 404, "unknown_address")

    def test_options_without_a_page_tells_the_methods(self):
        response = self.preflight("/api/test/contact/1")
        self.assertEqual((response.status_code, response.headers["Allow"]), (204, "DELETE, OPTIONS"))

    def test_health_answers_without_a_key(self):
        self.assertEqual(self.call("/api/health", key=None).json(), {"status": "ok"})
        self.assertEqual(self.call("/health", key=None).json()["status"], "healthy")

    def test_everybody_is_allowed_only_when_the_setting_says_so(self):
        self.env["ir.config_parameter"].set_param("ghl.cors_origins", "*")
        response = self.call("/api/ping", headers={"Origin": "https://any.example"})
        self.assertEqual(response.headers["Access-Control-Allow-Origin"], "*")
        self.assertNotIn("Access-Control-Allow-Credentials", response.headers)

"""The GoHighLevel client against a real HTTP server that misbehaves on purpose."""

import logging

from odoo.tests.common import BaseCase, tagged

from ..ghl_base.net.budget import MemoryRateBudget
from ..ghl_base.net.errors import (
    AuthenticationError,
    ForbiddenError,
    MalformedResponse,
    NotFoundError,
    RateLimited,
    RejectedRequest,
    RemoteTimeout,
    ServerError,
    Stopped,
    TransportError,
)
from ..ghl_base.net.retry import RetryPolicy
from ..ghl_contacts.gateway.client import GhlClient
from ..ghl_contacts.gateway.tokens import StaticToken
from .scripted_http import FakeTime, Reply, ScriptedServer

CONTACT = {"contact": {"id": "C1", "unknownField": [1]}, "traceId": "t-1"}


class RotatingToken:
    """A provider whose next token is known, counting how often it was asked for."""

    advice = "reconnect the account"

    def __init__(self, *tokens):
        self.tokens, self.rejected = list(tokens), []

    def token(self):
        return self.tokens[0]

    def replace(self, rejected):
        self.rejected.append(rejected)
        if len(self.tokens) == 1:
            raise AuthenticationError("reconnect the account")
        self.tokens.pop(0)
        return self.tokens[0]


class ClientCase(BaseCase):
    def setUp(self):
        super().setUp()
        self.time = FakeTime()
        self.requests = []

    def serve(self, *script) -> ScriptedServer:
        server = ScriptedServer(*script)
        self.enterContext(server)
        return server

    def client(self, server_or_url, tokens=None, **options) -> GhlClient:
        url = server_or_url if isinstance(server_or_url, str) else server_or_url.url
        options = {
            "retry": RetryPolicy(jitter=lambda: 1.0),
            "budget": MemoryRateBudget(clock=self.time),
            "clock": self.time,
            "sleep": self.time.sleep,
            "on_request": self.requests.append,
            **options,
        }
        return GhlClient(base_url=url, tokens=tokens or StaticToken("pit-secret"), budget_scope="LOC1", **options)


@tagged("post_install", "-at_install")
class TestGatewayClient(ClientCase):
    def test_a_call_sends_the_token_and_the_v3_version(self):
        server = self.serve(Reply(body=CONTACT))
        self.assertEqual(self.client(server).contact("C1"), CONTACT["contact"])
        asked = server.asked[0]
        self.assertEqual((asked.method, asked.path), ("GET", "/contacts/C1"))
        self.assertEqual(asked.headers["Authorization"], "Bearer pit-secret")
        self.assertEqual(asked.headers["Version"], "v3")
        self.assertEqual(asked.headers["Accept"], "application/json")

    def test_the_version_can_be_overridden_for_one_endpoint_or_for_all(self):
        server = self.serve(*[Reply(body=CONTACT)] * 2, Reply(body={"tags": []}))
        self.client(server, version_overrides={"contact_get": "2021-07-28", "*": "2023-02-21"}).contact("C1")
        self.client(server, version_overrides={"tags_list": "2021-07-28"}).contact("C1")
        self.client(server, version_overrides={"*": "2023-02-21"}).tags("LOC1")
        self.assertEqual([asked.headers["Version"] for asked in server.asked], ["2021-07-28", "v3", "2023-02-21"])

    def test_what_the_endpoint_does_not_know_is_never_sent(self):
        server = self.serve()
        client = self.client(server)
        for wrong in (
            {"body": {"colour": "red"}, "path": {"contactId": "C1"}},
            {"body": {"tags": []}, "path": {"contactId": "C1"}, "query": {"x": 1}},
            {"body": {"tags": []}, "path": {}},
            {"body": {"tags": []}, "path": {"contactId": "C1", "id": "2"}},
            {"body": {"tags": []}, "path": {"contactId": ""}},
            {"body": {"tags": []}, "path": {"contactId": ".."}},
            {"body": {"tags": []}, "path": {"contactId": None}},
        ):
            with self.subTest(wrong), self.assertRaises(ValueError):
                client.call("contact_tags_add", **wrong)
        self.assertEqual(server.asked, [])

    def test_an_id_cannot_escape_from_its_place_in_the_path(self):
        server = self.serve(Reply(body=CONTACT))
        self.client(server).contact("../locations/L?x=1#y")
        self.assertEqual(server.asked[0].path, "/contacts/..%2Flocations%2FL%3Fx%3D1%23y")

    def test_each_refusal_has_its_type_and_is_not_repeated(self):
        for status, body, expected in (
            (400, {"message": "Bad Request"}, RejectedRequest),
            (400, {"message": "Contact not found for id:C1", "traceId": "t-9"}, NotFoundError),
            (400, {"message": "The task id is invalid."}, NotFoundError),
            (403, {"message": "You do not have permission"}, ForbiddenError),
            (404, {"message": "Cannot GET /x"}, NotFoundError),
            (422, {"message": ["property x should not exist", "y must be a string"]}, RejectedRequest),
            (400, {"error": {"code": "RESOURCE_NOT_FOUND", "message": "Nothing there"}}, RejectedRequest),
            (413, b"<html>too large</html>", RejectedRequest),
            (302, b"", RejectedRequest),
        ):
            with self.subTest(status=status, body=body):
                server = self.serve(Reply(status, body, {"Location": "http://127.0.0.1:1/"}))
                with self.assertRaises(expected) as caught:
                    self.client(server).contact("C1")
                error = caught.exception
                self.assertEqual(error.status, status)
                self.assertEqual((error.method, error.path), ("GET", "/contacts/{contactId}"))
                self.assertFalse(error.retryable)
                self.assertIn("GoHighLevel", error.human())
                self.assertEqual(len(server.asked), 1)

    def test_a_list_of_messages_is_read_as_one_sentence(self):
        server = self.serve(Reply(422, {"message": ["property x should not exist", "y is bad"], "traceId": "t-5"}))
        with self.assertRaises(RejectedRequest) as caught:
            self.client(server).contact("C1")
        self.assertEqual(caught.exception.message, "property x should not exist; y is bad")
        self.assertEqual(caught.exception.trace_id, "t-5")

    def test_reads_are_repeated_after_server_errors_with_growing_waits(self):
        server = self.serve(Reply(500), Reply(502, b"<html>bad gateway</html>"), Reply(503), Reply(body=CONTACT))
        self.assertEqual(self.client(server).contact("C1")["id"], "C1")
        self.assertAlmostEqual(sum(self.time.slept), 0.5 + 1 + 2)
        self.assertEqual([info.status for info in self.requests], [500, 502, 503, 200])

    def test_a_search_is_a_read_although_it_is_a_post(self):
        page = {"contacts": [], "total": 0}
        server = self.serve(Reply(500), Reply(body=page))
        self.assertEqual(next(self.client(server).contact_pages("LOC1")).rows, [])
        self.assertEqual(len(server.asked), 2)

    def test_reads_give_up_after_five_attempts(self):
        server = self.serve(*[Reply(500, {"message": "boom", "traceId": "t-3"})] * 9)
        with self.assertRaises(ServerError) as caught:
            self.client(server).contact("C1")
        self.assertEqual(len(server.asked), 5)
        self.assertTrue(caught.exception.retryable)
        self.assertEqual(caught.exception.trace_id, "t-3")

    def test_a_creation_is_not_repeated_when_it_may_have_been_done(self):
        for reply, expected in (
            (Reply(500), ServerError),
            (Reply(fault="reset"), TransportError),
            (Reply(201, {"contact": {"id": "C1"}}, fault="cut"), MalformedResponse),
        ):
            with self.subTest(reply):
                server = self.serve(reply, Reply(201, CONTACT))
                with self.assertRaises(expected):
                    self.client(server).call("contact_create", body={"locationId": "LOC1"})
                self.assertEqual(len(server.asked), 1)

    def test_a_creation_is_repeated_when_it_was_rate_limited(self):
        server = self.serve(Reply(429), Reply(201, CONTACT))
        self.assertEqual(self.client(server).call("contact_create", body={"locationId": "LOC1"}), CONTACT)

    def test_a_refused_connection_is_repeated_even_for_a_creation(self):
        with ScriptedServer() as server:
            url = server.url
        with self.assertRaises(TransportError) as caught:
            self.client(url).call("contact_create", body={"locationId": "LOC1"})
        self.assertFalse(caught.exception.sent)
        self.assertEqual(len(self.requests), 5)
        self.assertEqual([info.status for info in self.requests], [None] * 5)

    def test_broken_answers_are_repeated(self):
        for reply in (
            Reply(body=CONTACT, fault="cut"),
            Reply(fault="reset"),
            Reply(body=b"<html>maintenance</html>", headers={"Content-Type": "text/html"}),
            Reply(body=b'{"contact": '),
            Reply(body=b"[]"),
            Reply(body=b"\xff\xfe"),
            Reply(body=b"not gzip at all", headers={"Content-Encoding": "gzip"}),
        ):
            with self.subTest(reply):
                server = self.serve(reply, Reply(body=CONTACT))
                self.assertEqual(self.client(server).contact("C1")["id"], "C1")
                self.assertEqual(len(server.asked), 2)

    def test_a_text_cut_within_an_emoji_does_not_spoil_the_answer(self):
        server = self.serve(Reply(body=rb'{"contact": {"id": "C1", "note": "so happy \ud83d"}}'))
        self.assertEqual(self.client(server).contact("C1")["note"], "so happy \ud83d")
        self.assertEqual(len(server.asked), 1)

    def test_nesting_without_end_is_malformed(self):
        server = self.serve(*[Reply(body=b'{"a":' * 100_000)] * 5)
        with self.assertRaises(MalformedResponse):
            self.client(server).contact("C1")

    def test_a_proxy_may_say_how_long_to_wait(self):
        server = self.serve(Reply(503, b"", {"Retry-After": "12"}), Reply(408), Reply(body=CONTACT))
        self.client(server).contact("C1")
        self.assertAlmostEqual(sum(self.time.slept), 12 + 1)

    def test_an_html_page_with_status_200_is_malformed(self):
        html = Reply(body=b"<html>login</html>", headers={"Content-Type": "text/html"})
        server = self.serve(*[html] * 5)
        with self.assertRaisesRegex(MalformedResponse, "HTML page"):
            self.client(server).contact("C1")

    def test_an_answer_without_the_record_is_malformed(self):
        for body in ({}, {"contact": None}, {"contact": []}, {"contacts": []}):
            with self.subTest(body), self.assertRaises(MalformedResponse):
                self.client(self.serve(Reply(body=body))).contact("C1")
        with self.assertRaises(MalformedResponse):
            self.client(self.serve(Reply(body={"tags": {"a": 1}}))).tags("LOC1")

    def test_a_record_is_read_wrapped_or_bare(self):
        server = self.serve(Reply(body={"location": {"id": "L"}}), Reply(body={"id": "L", "name": "x"}))
        client = self.client(server)
        self.assertEqual(client.location("L"), {"id": "L"})
        self.assertEqual(client.location("L"), {"id": "L", "name": "x"})

    def test_a_server_that_does_not_answer_times_out(self):
        server = self.serve(Reply(fault="hang"))
        client = self.client(server, timeouts=(1, 0.05), retry=RetryPolicy(max_attempts=1))
        with self.assertRaises(RemoteTimeout) as caught:
            client.contact("C1")
        self.assertIn("did not answer in time", caught.exception.human())

    def test_any_of_the_success_flags_may_report_a_failure(self):
        for flag in ("succeded", "succeeded", "success"):
            with self.subTest(flag):
                server = self.serve(Reply(body={flag: True}), Reply(body={flag: False, "message": "locked"}))
                client = self.client(server)
                self.assertEqual(client.call("contact_delete", {"contactId": "C1"}), {flag: True})
                with self.assertRaisesRegex(RejectedRequest, "locked"):
                    client.call("contact_delete", {"contactId": "C1"})


@tagged("post_install", "-at_install")
class TestGatewayLimits(ClientCase):
    def test_a_429_waits_for_the_end_of_the_interval(self):
        headers = {"X-RateLimit-Interval-Milliseconds": "4000", "X-RateLimit-Max": "100"}
        server = self.serve(Reply(429, {"message": "Too many"}, headers), Reply(body=CONTACT))
        self.client(server).contact("C1")
        self.assertAlmostEqual(sum(self.time.slept), 4.0 + 0.5)

    def test_a_429_without_headers_waits_ten_seconds(self):
        server = self.serve(Reply(429, b"slow down"), Reply(body=CONTACT))
        self.client(server).contact("C1")
        self.assertAlmostEqual(sum(self.time.slept), 10.5)

    def test_a_429_blocks_the_budget_for_everybody(self):
        budget = MemoryRateBudget(clock=self.time)
        server = self.serve(*[Reply(429)] * 5)
        with self.assertRaises(RateLimited):
            self.client(server, budget=budget, retry=RetryPolicy(max_attempts=1)).contact("C1")
        self.assertAlmostEqual(budget.acquire("LOC1"), 10.0)
        self.assertEqual(budget.acquire("LOC2"), 0.0)

    def test_an_exhausted_day_is_not_waited_for(self):
        headers = {"X-RateLimit-Daily-Remaining": "0", "X-RateLimit-Daily-Reset": "7200000"}
        server = self.serve(Reply(429, {"message": "daily"}, headers))
        client = self.client(server)
        for _ in range(2):
            with self.assertRaises(RateLimited) as caught:
                client.contact("C1")
            self.assertEqual(caught.exception.retry_after, 7200.0)
            self.assertTrue(caught.exception.retryable)
            self.assertIn("2 hours", caught.exception.human())
        self.assertEqual(self.time.slept, [])
        self.assertEqual(len(server.asked), 1, "the second call knew it without asking")

    def test_a_used_up_budget_waits_and_obeys_the_limit_of_the_headers(self):
        limited = Reply(body=CONTACT, headers={"X-RateLimit-Max": "2", "X-RateLimit-Interval-Milliseconds": "10000"})
        server = self.serve(*[limited] * 3)
        client = self.client(server, budget=MemoryRateBudget(clock=self.time, margin=0))
        for _ in range(3):
            client.contact("C1")
        self.assertAlmostEqual(self.time.now, 1010.0)

    def test_a_call_ends_at_its_deadline(self):
        server = self.serve(*[Reply(429)] * 9)
        with self.assertRaises(RateLimited):
            self.client(server, deadline=25).contact("C1")
        self.assertLessEqual(self.time.now, 1025.0)
        self.assertEqual(len(server.asked), 3)

    def test_a_stop_ends_a_wait_within_half_a_second(self):
        server = self.serve(Reply(429), Reply(body=CONTACT))
        with self.assertRaises(Stopped):
            self.client(server, should_stop=lambda: self.time.now >= 1003.2).contact("C1")
        self.assertLessEqual(self.time.now, 1003.7)
        self.assertEqual(len(server.asked), 1)

    def test_nothing_is_sent_after_a_stop(self):
        server = self.serve(Reply(body=CONTACT))
        with self.assertRaises(Stopped):
            self.client(server, should_stop=lambda: True).contact("C1")
        self.assertEqual(server.asked, [])


@tagged("post_install", "-at_install")
class TestGatewayCredentials(ClientCase):
    EXPIRED = Reply(401, {"statusCode": 401, "message": "Invalid token: access token is invalid", "traceId": "t-7"})

    def test_an_expired_token_is_replaced_once_and_the_call_repeated(self):
        tokens = RotatingToken("a0", "a1")
        server = self.serve(self.EXPIRED, Reply(body=CONTACT))
        self.assertEqual(self.client(server, tokens).contact("C1")["id"], "C1")
        self.assertEqual(tokens.rejected, ["a0"])
        self.assertEqual([asked.headers["Authorization"] for asked in server.asked], ["Bearer a0", "Bearer a1"])

    def test_a_second_401_is_final(self):
        tokens = RotatingToken("a0", "a1", "a2")
        server = self.serve(self.EXPIRED, self.EXPIRED, Reply(body=CONTACT))
        with self.assertRaisesRegex(AuthenticationError, "reconnect the account"):
            self.client(server, tokens).contact("C1")
        self.assertEqual((len(server.asked), len(tokens.rejected)), (2, 1))

    def test_a_401_about_something_else_does_not_touch_the_token(self):
        for message in (
            "The token is not authorized for this scope.",
            "The user does not exist.",
            "The token does not have access to this location.",
        ):
            with self.subTest(message):
                tokens = RotatingToken("a0", "a1")
                server = self.serve(Reply(401, {"message": message}))
                with self.assertRaisesRegex(AuthenticationError, message):
                    self.client(server, tokens).contact("C1")
                self.assertEqual((len(server.asked), tokens.rejected), (1, []))

    def test_a_lone_401_does_not_condemn_a_private_token(self):
        server = self.serve(self.EXPIRED, Reply(body=CONTACT))
        self.assertEqual(self.client(server).contact("C1")["id"], "C1")
        self.assertEqual([asked.headers["Authorization"] for asked in server.asked], ["Bearer pit-secret"] * 2)

    def test_a_private_token_rejected_twice_says_what_to_do(self):
        server = self.serve(self.EXPIRED, self.EXPIRED, Reply(body=CONTACT))
        with self.assertRaises(AuthenticationError) as caught:
            self.client(server).contact("C1")
        error = caught.exception
        self.assertEqual(len(server.asked), 2)
        self.assertIn("create a new private integration token", error.human())
        self.assertEqual((error.status, error.trace_id, error.retryable), (401, "t-7", False))

    def test_the_log_has_one_line_per_request_and_no_secret(self):
        name = "odoo.addons.ghl.ghl_contacts.gateway.client"
        server = self.serve(Reply(500, {"traceId": "t-1"}), Reply(body=CONTACT))
        with self.assertLogs(name, logging.DEBUG) as logs:
            self.client(server).contact("C1secret")
        self.assertEqual(len(logs.output), 2)
        self.assertIn("GET /contacts/{contactId}: 500", logs.output[0])
        self.assertIn("trace t-1", logs.output[1])
        self.assertNotIn("secret", "".join(logs.output))

    def test_a_secret_in_an_error_message_is_masked(self):
        message = "Rejected Bearer eyJhbGciOiJ.eyJzdWIiOiI.c2ln for pit-0a1b2c3d-0000-4000-8000-000000000000"
        with self.assertRaises(RejectedRequest) as caught:
            self.client(self.serve(Reply(400, {"message": message}))).contact("C1")
        self.assertNotIn("eyJ", str(caught.exception))
        self.assertNotIn("0a1b2c3d", str(caught.exception))

"""Budgets and faults of the simulated service: they strike as set, can be counted, and end when switched off."""

import http.client
import json
import socket
import struct
import time
import urllib.error
from urllib.parse import urlsplit

from odoo.tests.common import tagged

from .sandbox_case import SandboxCase


@tagged("post_install", "-at_install")
class TestSandboxBudget(SandboxCase):
    options = {"contacts": 10, "locations": 2, "rate_limit": 5, "interval_ms": 600_000, "daily_limit": 12}

    def get(self, location=None):
        location = location or self.loc
        token = self.sandbox.private_tokens[location]
        return self.sandbox.call("GET", f"/locations/{location}", token=token)

    def test_the_sixth_request_of_the_interval_is_refused_with_the_budget_in_the_headers(self):
        answers = [self.get() for _ in range(6)]
        self.assertEqual([a[0] for a in answers], [200] * 5 + [429])
        left = [int(a[2]["X-RateLimit-Remaining"]) for a in answers]
        self.assertEqual(left, [4, 3, 2, 1, 0, 0])
        headers = answers[-1][2]
        self.assertEqual((headers["X-RateLimit-Max"], headers["X-RateLimit-Interval-Milliseconds"]), ("5", "600000"))
        self.assertEqual((headers["X-RateLimit-Limit-Daily"], headers["X-RateLimit-Daily-Remaining"]), ("12", "7"))
        self.assertGreater(int(headers["X-RateLimit-Daily-Reset"]), 86_000_000)
        self.assertNotIn("Retry-After", headers)
        self.assertEqual(self.sandbox.ledger()["rate_limited"], 1)

    def test_locations_have_budgets_of_their_own(self):
        for _ in range(6):
            self.get()
        self.assertEqual(self.get(self.sandbox.location_ids[1])[0], 200)

    def test_a_new_interval_gives_a_new_budget_and_the_day_goes_on(self):
        self.sandbox.set_ratelimit(interval_ms=1)
        statuses = [self.get()[0] for _ in range(13)]
        self.assertEqual(statuses, [200] * 12 + [429], "the daily limit is 12")

    def test_refusals_cost_budget_too(self):
        for _ in range(5):
            self.sandbox.call("GET", "/contacts/unknown")
        self.assertEqual(self.get()[0], 429)

    def test_the_limit_can_be_switched_off(self):
        self.sandbox.set_ratelimit(enabled=False)
        self.assertEqual({self.get()[0] for _ in range(8)}, {200})


@tagged("post_install", "-at_install")
class TestSandboxFaults(SandboxCase):
    options = {"contacts": 40, "rate_limit": False, "hold_seconds": 0.3, "slow_ms": 200}

    def search(self):
        return self.ask("POST", "/contacts/search", {"locationId": self.loc, "pageLimit": 20})

    def raw(self):
        connection = http.client.HTTPConnection(urlsplit(self.sandbox.base_url).netloc, timeout=10)
        self.addCleanup(connection.close)
        headers = {"Authorization": f"Bearer {self.sandbox.private_token}", "Version": "v3"}
        body = json.dumps({"locationId": self.loc, "pageLimit": 20})
        connection.request("POST", "/contacts/search", body, headers)
        return connection.getresponse()

    def test_status_faults_strike_as_often_as_asked_and_no_more(self):
        for name, status in (("429", 429), ("500", 500), ("403", 403), ("422", 422), ("401once", 401)):
            with self.subTest(fault=name):
                self.sandbox.set_faults({name: {"rate": 1, "count": 1}})
                self.assertEqual([self.search()[0], self.search()[0]], [status, 200])
                self.assertGreaterEqual(self.sandbox.ledger()["faults"][name], 1)

    def test_a_bad_gateway_speaks_html(self):
        self.sandbox.set_faults({"502html": 1})
        status, body = self.search()
        self.assertEqual(status, 502)
        self.assertIn("<html>", body)

    def test_an_html_page_may_come_with_status_200(self):
        self.sandbox.set_faults({"html": 1})
        answer = self.raw()
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "text/html"))

    def test_a_cut_answer_announces_more_than_it_sends(self):
        self.sandbox.set_faults({"cut": 1})
        answer = self.raw()
        with self.assertRaises(http.client.IncompleteRead) as caught:
            answer.read()
        self.assertLess(len(caught.exception.partial), int(answer.headers["Content-Length"]))

    def test_a_reset_breaks_the_connection(self):
        self.sandbox.set_faults({"reset": 1})
        with self.assertRaises((ConnectionError, urllib.error.URLError)):
            self.search()

    def test_a_timeout_holds_the_connection_and_never_answers(self):
        self.sandbox.set_faults({"timeout": 1})
        began = time.monotonic()
        with self.assertRaises((ConnectionError, urllib.error.URLError)):
            self.search()
        self.assertGreaterEqual(time.monotonic() - began, 0.3)

    def test_a_slow_answer_is_right(self):
        self.sandbox.set_faults({"slow": 1})
        began = time.monotonic()
        self.assertEqual(self.search()[0], 200)
        self.assertGreaterEqual(time.monotonic() - began, 0.2)

    def test_row_faults_damage_rows_only_on_the_way_out(self):
        clean = self.search()[1]["contacts"]
        for name in ("null", "unknown_enum", "longnames", "duplicate", "bad_record"):
            with self.subTest(fault=name):
                self.sandbox.clear_faults()
                self.sandbox.set_faults({name: 1})
                damaged = self.search()[1]["contacts"]
                self.assertNotEqual(damaged, clean)
                if name == "null":
                    self.assertEqual([c["id"] for c in damaged], [c["id"] for c in clean])
                if name == "longnames":
                    self.assertEqual(max(len(c["firstName"]) for c in damaged), 10_000)
                if name == "duplicate":
                    ids = [c["id"] for c in damaged]
                    self.assertGreater(len(ids), len(set(ids)))
                if name == "bad_record":
                    self.assertTrue(any(not isinstance(c, dict) or "id" not in c for c in damaged))
        self.sandbox.clear_faults()
        self.assertEqual(self.search()[1]["contacts"], clean)

    def test_the_same_seed_strikes_the_same_requests(self):
        runs = []
        for _ in range(2):
            self.sandbox.clear_faults()
            self.sandbox.set_faults({"500": 0.3})
            runs.append([self.search()[0] for _ in range(20)])
        self.assertEqual(runs[0], runs[1])
        self.assertEqual(set(runs[0]), {200, 500})

    def test_a_fault_may_be_bound_to_a_path(self):
        self.sandbox.set_faults({"500": {"rate": 1, "path": "/tasks/search"}})
        self.assertEqual(self.search()[0], 200)
        self.assertEqual(self.ask("POST", f"/locations/{self.loc}/tasks/search", {})[0], 500)

    def test_unknown_faults_and_rates_are_refused(self):
        for wrong in ({"nonsense": 1}, {"500": 2}, {"500": "often"}):
            with self.subTest(wrong=wrong), self.assertRaises(RuntimeError):
                self.sandbox.set_faults(wrong)

    def test_one_connection_serves_many_requests_and_survives_a_client_that_breaks_off(self):
        host, port = urlsplit(self.sandbox.base_url).netloc.split(":")
        with socket.create_connection((host, int(port)), timeout=10) as broken:
            broken.sendall(b"POST /contacts/search HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc")
            broken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection = http.client.HTTPConnection(host, int(port), timeout=10)
        self.addCleanup(connection.close)
        for _ in range(3):
            connection.request("GET", "/nothing")
            self.assertEqual(connection.getresponse().read()[:17], b'{"statusCode":404')

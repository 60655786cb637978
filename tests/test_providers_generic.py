"""Calls through a service that is described by settings."""

import hashlib
import hmac
import json
from datetime import datetime
from urllib.parse import parse_qs

from odoo.tests.common import tagged

from ..ghl_base.net.errors import AuthenticationError, RateLimited, ServerError
from ..ghl_calls.providers.base import DeliveryRefused
from ..ghl_calls.providers.generic.signature import verify
from .generic_data import REPORT, SIGNED, TOKEN_STEP, GenericCase, described
from .providers_case import DOOR, NOW, delivery, order
from .sanspbx_data import CALL_ID, CALLBACK, DIALLED, OTHER_TOKEN, TOKEN, indian_order
from .scripted_http import Reply

TAKEN = Reply(201, {"data": [{"id": "c1"}]})
SECRETS = {"access_token": "static", "access_key": "key"}


@tagged("post_install", "-at_install")
class TestGenericPlacing(GenericCase):
    def test_an_order_is_written_as_described(self):
        server = self.serve(TAKEN)
        accepted = self.provider(server).place(order(from_number="+12025550199", ring_seconds=20))
        asked = server.asked[0]
        self.assertEqual((accepted.provider_call_id, accepted.state), ("c1", "initiated"))
        self.assertEqual((asked.method, asked.path, asked.headers["X-Key"]), ("POST", "/v1/calls", "k-1"))
        self.assertEqual(
            parse_qs(asked.body.decode()),
            {"phone": ["15550100001"], "caller": ["02025550199"], "hook": [DOOR + "?a=b"], "ring": ["20"]},
        )

    def test_json_keeps_numbers_and_objects(self):
        server = self.serve(TOKEN, DIALLED)
        provider = self.provider(server, adapter=TOKEN_STEP, secrets=SECRETS)
        placed = provider.place(indian_order(metadata={"lead": 7}, extra={"flow": 3}, max_seconds=90))
        self.assertEqual(placed.provider_call_id, CALL_ID)
        self.assertEqual(
            (server.asked[0].headers["Accesstoken"], server.asked[0].json), ("static", {"access_key": "key"})
        )
        self.assertEqual(server.asked[1].headers["Apitoken"], "jwt-1")
        self.assertEqual(
            server.asked[1].json,
            {
                "appid": 77,
                "call_to": "09876543210",
                "caller_id": "1234567890",
                "status_callback": DOOR,
                "custom_field": {"reference": "ref-1", "about": {"lead": 7}, "flow": 3},
                "parts": [90, "up to 90 s", False],
            },
        )

    def test_what_is_filled_in_is_not_read_as_a_template_and_adds_no_path_or_header(self):
        adapter = described(
            dial__url="/call/${variables.name}", dial__headers={"X-Who": "${variables.name}"}, dial__content_type="json"
        )
        server = self.serve(TAKEN)
        name = "../${secret.key}?a=b\r\nX-Evil: 1"
        self.provider(server, adapter=adapter).place(order(variables={"name": name}))
        asked = server.asked[0]
        self.assertEqual(asked.path, "/call/..%2F%24%7Bsecret.key%7D%3Fa%3Db%0D%0AX-Evil%3A%201")
        self.assertEqual(asked.headers["X-Who"], "../${secret.key}?a=b X-Evil: 1")
        self.assertNotIn("X-Evil", asked.headers)

    def test_every_kind_of_credentials(self):
        for auth, header in (
            ({"kind": "bearer", "token": "${secret.key}"}, "Bearer k-1"),
            ({"kind": "basic", "user": "u", "password": "${secret.key}"}, "Basic dTprLTE="),
            ({"kind": "none"}, None),
        ):
            server = self.serve(TAKEN)
            self.provider(server, adapter=described(auth=auth)).place(order())
            with self.subTest(kind=auth["kind"]):
                self.assertEqual(server.asked[0].headers.get("Authorization"), header)

    def test_a_token_that_is_refused_is_replaced_once(self):
        other = Reply(body={"Apitoken": "jwt-2", "expiry_time": ""})
        server = self.serve(TOKEN, Reply(401, {}), other, DIALLED)
        self.provider(server, adapter=TOKEN_STEP, secrets=SECRETS).place(indian_order())
        self.assertEqual([asked.headers.get("Apitoken") for asked in server.asked], [None, "jwt-1", None, "jwt-2"])

    def test_nothing_rang_when_the_token_could_not_be_had(self):
        for reply, kind in (
            (Reply(500, {}), "not_sent"),
            (OTHER_TOKEN, "not_sent"),
            (Reply(401, {"msg": "no"}), "account"),
            (Reply(429, {}, {"Retry-After": "5"}), "later"),
        ):
            server = self.serve(reply)
            with self.subTest(kind=kind), self.assertRaises(Exception) as caught:
                self.provider(server, adapter=TOKEN_STEP, secrets=SECRETS).place(indian_order())
            self.assertEqual((caught.exception.kind, len(server.asked)), (kind, 1))

    def test_refusals_mean_what_the_description_says(self):
        for status, text, kind in (
            (400, "This is NOT A NUMBER", "lead"),
            (200, "this is not a number", "lead"),
            (403, "no money left", "account"),
            (503, "all busy lines", "later"),
            (400, "whatever", "config"),
            (401, "", "account"),
            (429, "", "later"),
            (500, "", "unknown"),
            (500, "whatever", "unknown"),
            (201, "", "unknown"),
            (202, "", "unknown"),
        ):
            with self.subTest(status=status, text=text):
                self.refused_with(status, {"error": {"text": text}}, kind)

    def test_an_id_with_an_unexpected_status_may_be_a_call(self):
        self.refused_with(202, {"id": "c1", "error": {"text": "slow"}}, "unknown")

    def test_nobody_knows_when_the_answer_is_useless(self):
        self.refused_with(201, b"<html/>", "unknown")
        self.refused_with(201, {"data": []}, "unknown")
        self.refused(self.serve(Reply(fault="reset")), "unknown")

    def test_numbers_that_are_none_and_nobody_listening_are_not_sent(self):
        self.refused(None, "not_sent")
        with self.assertRaises(Exception) as caught:
            self.provider(adapter=TOKEN_STEP, secrets=SECRETS).place(order(to="12"))
        self.assertEqual(caught.exception.kind, "lead")


@tagged("post_install", "-at_install")
class TestGenericAsking(GenericCase):
    def test_a_call_is_fetched_with_its_own_way_of_reading(self):
        server = self.serve(Reply(body={"state": "BUSY", "id": "elsewhere"}))
        report = self.provider(server).fetch("c/1")
        self.assertEqual((report.provider_call_id, report.state), ("c/1", "busy"))
        self.assertEqual((server.asked[0].method, server.asked[0].path), ("GET", "/v1/calls/c%2F1"))

    def test_an_unknown_call_is_none(self):
        self.assertIsNone(self.provider(self.serve(Reply(404, {}))).fetch("c1"))

    def test_asking_fails_with_typed_errors(self):
        for reply, kind in (
            (Reply(401, {}), AuthenticationError),
            (Reply(500, {}), ServerError),
            (Reply(429, {}), RateLimited),
        ):
            with self.subTest(kind=kind.__name__), self.assertRaises(kind) as caught:
                self.provider(self.serve(reply)).fetch("c1")
            self.assertIn("Dialer One", caught.exception.human())

    def test_a_call_is_hung_up(self):
        server = self.serve(Reply(204, b""), Reply(404, {}))
        provider = self.provider(server)
        provider.cancel("c1")
        provider.cancel("c1")
        self.assertEqual((server.asked[0].method, server.asked[0].path), ("DELETE", "/v1/calls/c1"))

    def test_what_is_not_described_is_not_promised(self):
        able = self.provider().capabilities
        self.assertEqual(
            (able.ringing, able.answered, able.fetch, able.cancel, able.machine, able.signed, able.find),
            (True, True, True, True, True, True, False),
        )
        provider = self.provider(adapter=described(TOKEN_STEP, cancel=...), secrets=SECRETS)
        able = provider.capabilities
        self.assertEqual(
            (able.ringing, able.answered, able.fetch, able.cancel, able.machine, able.signed), (False,) * 6
        )
        self.assertEqual((provider.fetch("c1"), provider.find(order(), NOW), provider.cancel("c1")), (None, [], None))

    def test_the_connection_is_tested_in_the_best_way_there_is(self):
        server = self.serve(Reply(body={}))
        self.assertEqual(self.provider(server).check(), "Connected to Dialer One: the credentials are accepted.")
        self.assertEqual(server.asked[0].path, "/v1/me")
        server = self.serve(TOKEN)
        self.assertIn("Connected", self.provider(server, adapter=TOKEN_STEP, secrets=SECRETS).check())
        self.assertIn("no way to test", self.provider(adapter=described(check=...)).check())
        with self.assertRaises(AuthenticationError):
            self.provider(self.serve(Reply(401, {}))).check()


@tagged("post_install", "-at_install")
class TestGenericReports(GenericCase):
    def parse(self, **call):
        return self.provider().parse(delivery({"call": {**REPORT["call"], **call}}, reference=""))[0]

    def test_a_report_is_read_as_described(self):
        report = self.parse()
        self.assertEqual((report.provider_call_id, report.reference, report.word), ("c1", "ref-1", "HANGUP"))
        self.assertEqual(report.state, "completed")
        self.assertEqual(
            dict(report.values),
            {
                "talk_seconds": 49,
                "answered_at": datetime(2026, 2, 12, 11, 47, 35),
                "ended_at": datetime(2026, 2, 12, 11, 48, 25),
                "answered_by": "machine",
                "recording_url": "https://x.example/r.mp3",
                "cost": 0.05,
            },
        )

    def test_the_seconds_are_those_between_the_times_when_none_are_given(self):
        self.assertEqual(self.parse(talk=None).values["talk_seconds"], 50)

    def test_the_answer_is_reckoned_back_when_it_is_not_given(self):
        self.assertEqual(self.parse(answered=None).values["answered_at"], datetime(2026, 2, 12, 11, 47, 36))

    def test_units_are_as_described(self):
        for unit, seconds in (("s", 2), ("min", 120), ("ms", 0)):
            adapter = described(callback__talk={"path": "talk", "unit": unit})
            report = self.provider(adapter=adapter).parse(delivery({"talk": "2", "call": {"status": "HANGUP"}}))[0]
            with self.subTest(unit=unit):
                self.assertEqual(report.values["talk_seconds"], seconds)

    def test_words_are_read_in_any_spelling_and_unknown_ones_mean_nothing(self):
        for word, state in (
            ("no-answer", "no_answer"),
            ("noAnswer", "no_answer"),
            ("Ringing", "connecting"),
            ("?", None),
        ):
            with self.subTest(word=word):
                self.assertEqual(self.parse(status=word).state, state)

    def test_whoever_did_not_answer_did_not_talk(self):
        values = self.parse(status="BUSY").values
        self.assertEqual(values["talk_seconds"], 0)
        self.assertNotIn("answered_at", values)

    def test_sanspbx_can_be_described(self):
        provider = self.provider(adapter=TOKEN_STEP, secrets=SECRETS)
        report = provider.parse(delivery(CALLBACK, reference=""))[0]
        self.assertEqual((report.provider_call_id, report.reference, report.state), (CALL_ID, "ref-1", "completed"))
        self.assertEqual(report.values["answered_at"], datetime(2026, 11, 21, 12, 27))

    def test_forms_and_queries_are_read(self):
        fields = "callback.id=1&call.id=c1&call.status=BUSY&call.status=HANGUP"
        form = self.provider(adapter=described(callback__content_type="form"))
        report = form.parse(delivery(fields.encode(), content_type="application/x-www-form-urlencoded"))[0]
        self.assertEqual((report.provider_call_id, report.state), ("c1", "busy"))
        query = self.provider(adapter=described(callback__content_type="query"))
        self.assertEqual(query.parse(delivery(b"", url=f"{DOOR}?{fields}", method="GET"))[0].state, "busy")

    def test_a_repeated_report_has_the_same_key(self):
        self.assertEqual(self.parse().key, self.parse().key)
        self.assertNotEqual(self.parse().key, self.parse(status="BUSY").key)

    def test_what_cannot_be_read_is_an_error(self):
        for body in (b"", b"[]", b"{", b"{}", b'{"call": {"status": "BUSY"}}', b'{"call": [1]}'):
            with self.subTest(body=body), self.assertRaises(ValueError):
                self.provider().parse(delivery(body, reference=""))


@tagged("post_install", "-at_install")
class TestGenericSecurity(GenericCase):
    BODY = json.dumps(REPORT).encode()

    def signature(self, body=BODY, key=b"h-1", algorithm=hashlib.sha256):
        return hmac.new(key, body, algorithm).hexdigest()

    def assertRefused(self, signature, body=BODY, **settings):
        with self.assertRaises(DeliveryRefused) as caught:
            self.provider(**settings).verify(delivery(body, {"x-signature": signature} if signature else {}))
        self.assertNotIn("h-1", caught.exception.reason)

    def test_the_described_signature_is_believed(self):
        self.provider().verify(delivery(self.BODY, {"x-signature": "sha256=" + self.signature()}))
        several = "sha256=00, sha256=" + self.signature().upper()
        self.provider().verify(delivery(self.BODY, {"x-signature": several}))

    def test_anything_else_is_refused(self):
        self.assertRefused(None)
        self.assertRefused("sha256=")
        self.assertRefused(self.signature())
        self.assertRefused("sha1=" + self.signature(algorithm=hashlib.sha1))
        self.assertRefused("sha256=" + self.signature(key=b"h-2"))
        self.assertRefused("sha256=" + self.signature(), self.BODY + b" ")
        self.assertRefused("sha256=é" + self.signature())
        self.assertRefused("sha256=" + self.signature(key=b""))

    def test_a_signature_over_the_address_and_the_form(self):
        security = {
            "header": "X-Sig",
            "algorithm": "sha1",
            "encoding": "base64",
            "signed": "url+form",
            "secret": "hook",
        }
        form = {"content_type": "application/x-www-form-urlencoded", "url": "https://a.example/x"}
        # Twilio's documented way; the vector is the one of the library for doubled names but one.
        request = delivery(b"b=&a=2", {"x-sig": "1TE77pBOrrC+zO7LjgCaL1eGDNc="}, **form)
        verify(request, security, "12345")
        for refused, secret in (
            (request, "54321"),
            (request, ""),
            (delivery(b"b=&a=3", request.headers, **form), "12345"),
            (delivery(b"b=&a=2", request.headers, **{**form, "url": "https://b.example/x"}), "12345"),
            (delivery(b"b=&a=2", request.headers, **{**form, "content_type": "text/plain"}), "12345"),
            (delivery(b"&".join([b"a=1"] * 2000), request.headers, **form), "12345"),
        ):
            with self.assertRaises(DeliveryRefused):
                verify(refused, security, secret)

    def test_a_service_that_signs_nothing_is_never_proven_by_a_signature(self):
        provider = self.provider(adapter=TOKEN_STEP, secrets=SECRETS)
        with self.assertRaises(DeliveryRefused):
            provider.verify(delivery(CALLBACK))
        self.assertEqual(
            [provider.admits(address) for address in ("192.0.2.7", "192.0.3.7", "x")], [True, False, False]
        )
        self.assertTrue(self.provider(adapter=SIGNED).admits("203.0.113.1"))

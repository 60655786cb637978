"""The doors of telephone providers: what is not proven leaves nothing behind, what is proven is taken once."""

import json
from contextlib import contextmanager

from odoo.tests import tagged

from ..ghl_calls.dialer import inbox
from ..ghl_calls.providers.bland import signature
from .common_http import ApiCase
from .scripted_http import Reply, ScriptedServer
from .voip_data import SECRET, bland_call, make_account, make_call, signed

DOOR_LOG = "odoo.addons.ghl.ghl_calls.controllers.voip_door"


class DoorCase(ApiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = make_account(cls.env)
        cls.events = cls.env["ghl.webhook.event"]

    def sent(self, **values):
        self.provider_call_id = values.setdefault("provider_call_id", "bl-1")
        return make_call(self.env, self.account, reference="ref-1", submission="accepted", provider="bland", **values)

    def path(self, reference="ref-1", kind="status", account=None):
        return f"/ghl/voip/{(account or self.account).door_token}/{kind}/{reference}"

    def deliver(self, payload, path=None, secret=SECRET, headers=None, body=None):
        made, right = signed(payload, secret)
        return self.call(path or self.path(), "POST", key=None, headers={**right, **(headers or {})}, data=body or made)

    def drain(self):
        inbox.drain(self.env)
        self.env.invalidate_all()

    @contextmanager
    def leaves_nothing(self):
        rows, lines = self.events.search_count([]), self.env["ghl.call.event"].search_count([])
        yield
        self.assertEqual(self.events.search_count([]), rows)
        self.assertEqual(self.env["ghl.call.event"].search_count([]), lines)


@tagged("post_install", "-at_install", "ghl")
class TestRefusals(DoorCase):
    def refusals(self):
        payload = bland_call(reference="ref-1")
        body, right = signed(payload)
        right = right["X-Webhook-Signature"]
        compact = json.dumps(payload, separators=(",", ":")).encode()
        self.assertNotEqual(compact, body)
        stranger = make_account(self.env, name="Stranger", webhook_secret="of-another")
        token = self.account.door_token

        def signed_with(value):
            return {"headers": {"X-Webhook-Signature": value}}

        none = {"X-Webhook-Signature": None, "Content-Type": "application/json"}
        return [
            ("no signature", 403, {"headers": none}),
            ("an empty signature", 403, signed_with("")),
            ("a signature of another secret", 403, {"secret": "guessed"}),
            ("a signature cut short", 403, signed_with(right[:-1])),
            ("a signature with something added", 403, signed_with(right + "0")),
            ("a signature that is no hex", 403, signed_with("z" * 64)),
            ("a signature beyond ASCII", 403, signed_with("é" * 64)),
            ("the signature as base64", 403, signed_with("q1l1Cy0=")),
            ("the secret itself for a signature", 403, signed_with(SECRET)),
            ("one byte of the body changed", 403, {"body": body.replace(b"human", b"humbn")}),
            ("the body written anew without its spaces", 403, {"body": compact}),
            ("the body cut short", 403, {"body": body[:-1]}),
            ("something after the body", 403, {"body": body + b" "}),
            ("an empty body", 403, {"body": b" "}),
            ("another body under a right signature", 403, {"body": b"{}"}),
            ("a signature of another account", 403, {"path": self.path(account=stranger)}),
            ("an unknown door", 404, {"path": "/ghl/voip/nobody-knows/status/ref-1"}),
            ("a door cut short", 404, {"path": f"/ghl/voip/{token[:-1]}/status/ref-1"}),
            ("a door in other letters", 404, {"path": f"/ghl/voip/{token.swapcase()}/status/ref-1"}),
            ("an empty door", 404, {"path": "/ghl/voip/False/status/ref-1"}),
            ("an unknown kind of door", 404, {"path": f"/ghl/voip/{token}/everything/ref-1"}),
            ("too much behind the door", 404, {"path": f"/ghl/voip/{token}/status/ref-1/more"}),
            ("nothing but the door", 404, {"path": f"/ghl/voip/{token}"}),
        ]

    def test_what_is_not_proven_is_refused_and_leaves_nothing(self):
        call = self.sent()
        cases = self.refusals()
        self.assertGreaterEqual(len(cases), 20)
        for what, status, options in cases:
            with self.subTest(what=what), self.leaves_nothing():
                if status == 403:
                    with self.assertLogs(DOOR_LOG, "WARNING") as log:
                        answer = self.deliver(bland_call(reference="ref-1"), **options)
                    self.assertEqual(len(log.output), 1, "said once")
                    said = log.output[0]
                    for secret in (SECRET, "sk-for-tests", self.account.door_token, "guessed", "They talked"):
                        self.assertNotIn(secret, said)
                else:
                    answer = self.deliver(bland_call(reference="ref-1"), **options)
                self.assert_refused(answer, status, "refused" if status == 403 else "unknown_address")
                self.assertNotIn("signature", answer.text, "the caller is told nothing of what was wrong")
        self.assertEqual(call.state, "pending")

    def test_what_cannot_be_read_is_refused_although_it_is_signed(self):
        for body in (b"hello", b"[1, 2]", b'"text"', b"null", b"{", b"\xff\xfe", b"{}", b'{"call_id": ""}'):
            with self.subTest(body=body), self.leaves_nothing():
                headers = {"X-Webhook-Signature": signature.sign(body, SECRET)}
                path = f"/ghl/voip/{self.account.door_token}/status"
                answer = self.call(path, "POST", key=None, headers=headers, data=body)
                self.assert_refused(answer, 400, "invalid_body")

    def test_a_delivery_that_is_too_large_is_refused(self):
        with self.leaves_nothing():
            answer = self.deliver(bland_call(reference="ref-1", summary="x" * (1024 * 1024)))
            self.assert_refused(answer, 413, "body_too_large")

    def test_other_methods_are_refused(self):
        for method in ("PUT", "DELETE", "PATCH"):
            with self.subTest(method=method), self.leaves_nothing():
                self.assertEqual(self.call(self.path(), method, key=None).status_code, 405)

    def test_a_revoked_door_is_closed_at_once(self):
        path = self.path()
        self.assertEqual(self.deliver(bland_call(reference="ref-1")).status_code, 204)
        self.account.action_rotate_door_token()
        self.account.action_revoke_old_address()
        with self.leaves_nothing():
            self.assert_refused(self.deliver(bland_call(reference="ref-1", price=1), path), 404, "unknown_address")

    def test_an_account_without_a_secret_for_signatures_refuses_what_names_no_call(self):
        account = make_account(self.env, name="Unsigned", webhook_secret=False)
        answer = self.call(self.path(account=account), "POST", key=None, data=b"hello")
        self.assert_refused(answer, 400, "invalid_body")


@tagged("post_install", "-at_install", "ghl")
class TestDeliveries(DoorCase):
    def test_a_proven_delivery_ends_the_call(self):
        call = self.sent()
        answer = self.deliver(bland_call(reference="ref-1"))
        self.assertEqual((answer.status_code, answer.content), (204, b""))
        self.assert_no_cookie(answer)
        self.drain()
        self.assertEqual(
            (call.state, call.duration_seconds, call.transcript), ("completed", 24, "user: Hello\nassistant: Hello")
        )
        event = self.events.search([], limit=1)
        self.assertEqual((event.state, event.reference, event.trusted), ("done", "ref-1", True))
        self.assertNotIn(self.account.door_token, event.url)
        self.assertEqual(json.loads(event.body_text)["call_id"], "bl-1")
        self.assertNotIn("x-webhook-signature", event.headers)

    def test_a_repeated_delivery_is_answered_alike_and_has_no_effect(self):
        call = self.sent()
        rows = self.events.search_count([])
        for _time in range(5):
            self.assertEqual(self.deliver(bland_call(reference="ref-1")).status_code, 204)
            self.drain()
        self.assertEqual(self.events.search_count([]), rows + 1)
        self.assertEqual(len(call.event_ids), 1)

    def test_a_report_that_is_faster_than_the_answer_waits_for_its_call(self):
        self.deliver(bland_call("bl-7"), self.path("ref-7"))
        self.drain()
        event = self.events.search([], limit=1)
        self.assertEqual((event.state, event.attempts), ("pending", 1))
        call = make_call(self.env, self.account, reference="ref-7", provider="bland", submission="sending")
        event.not_before = False
        self.drain()
        self.assertEqual((event.state, call.state, call.provider_call_id), ("done", "completed", "bl-7"))

    def test_a_report_on_a_call_nobody_knows_is_an_orphan_in_the_end_and_can_be_tried_again(self):
        self.deliver(bland_call("bl-8"), self.path("ref-8"))
        event = self.events.search([], limit=1)
        for _time in range(inbox.MOST_ATTEMPTS):
            self.drain()
            event.not_before = False
        self.assertEqual(event.state, "orphan")
        event.with_user(self.env.ref("base.user_admin")).action_again()
        self.assertEqual((event.state, event.attempts), ("pending", 0))

    def test_one_delivery_that_breaks_the_work_does_not_hold_up_the_others(self):
        call = self.sent()
        self.deliver(bland_call("bl-66"), self.path("ref-66"))
        self.deliver(bland_call(reference="ref-1"))
        apply = inbox.reports.apply

        def breaking(env, account, told, **options):
            if any(report.provider_call_id == "bl-66" for report in told):
                raise RuntimeError("broken")
            return apply(env, account, told, **options)

        self.patch(inbox.reports, "apply", breaking)
        with self.assertLogs("odoo.addons.ghl.ghl_calls.dialer.inbox", "ERROR") as log:
            self.drain()
        self.assertEqual(len(log.output), 1)
        self.assertEqual(call.state, "completed")
        broken = self.events.search([("reference", "=", "ref-66")])
        self.assertEqual((broken.state, broken.attempts), ("pending", 1))

    def test_an_unsigned_delivery_is_only_believed_when_the_provider_confirms_it(self):
        for confirmed, state in ((None, "pending"), ({"seconds": 24}, "completed")):
            with self.subTest(state=state):
                reply = Reply(404, {"status": "error", "message": "Call not found"})
                if confirmed:
                    reply = Reply(200, bland_call("bl-5", "ref-5"))
                with ScriptedServer(reply) as server:
                    account = make_account(self.env, server.url, name="Unsigned", webhook_secret=False)
                    call = make_call(
                        self.env,
                        account,
                        reference=f"ref-{account.id}",
                        provider="bland",
                        submission="accepted",
                        provider_call_id=f"bl-{account.id}",
                    )
                    body = json.dumps(bland_call(f"bl-{account.id}", seconds=999)).encode()
                    server.script[0].body.update(call_id=f"bl-{account.id}", metadata={"reference": call.reference})
                    self.assertEqual(
                        self.call(self.path(call.reference, account=account), "POST", key=None, data=body).status_code,
                        204,
                    )
                    self.drain()
                    self.assertEqual(len(server.asked), 1)
                self.assertEqual((call.state, call.duration_seconds), (state, 24 if confirmed else 0))

    def test_a_message_while_the_call_goes_on_is_noted_and_changes_nothing(self):
        call = self.sent()
        self.deliver({"call_id": "bl-1", "category": "info", "level": "queue", "message": "dialing"})
        self.drain()
        self.assertEqual((call.state, call.event_ids.event), ("pending", "NOTE"))

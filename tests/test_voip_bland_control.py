"""Bland AI at the hands of programs: the routes of the AI SDR clients, and the methods they were promised."""

import json
from urllib.parse import urlencode

from odoo.exceptions import UserError, ValidationError
from odoo.tests import TransactionCase, tagged

from ..ghl_calls.controllers.voip_legacy import ENVELOPE
from ..ghl_calls.dialer import inbox
from ..ghl_calls.lifecycle import StatusTransitionError
from .common import make_location, make_user, mirror
from .common_http import ApiCase
from .scripted_http import Reply, ScriptedServer
from .twilio_data import TOKEN as TWILIO_TOKEN
from .voip_data import SECRET, bland_call, make_account, make_call, signed

TAKEN = Reply(200, {"status": "success", "call_id": "bl-77", "message": "Call successfully queued."})
REFUSED = Reply(400, {"status": "error", "message": "Something is not right"})


class ControlCase(ApiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent_key = cls.make_key(make_user(cls.env, "bland_agent", "agent"))

    def setUp(self):
        super().setUp()
        self.server = self.enterContext(ScriptedServer())
        self.account = make_account(self.env, self.server.url)

    def ask(self, address, body=None, key=None, method="POST", headers=None, **query):
        path = f"/api/v1/bland/{address}" + (f"?{urlencode(query)}" if query else "")
        sent = {"data": json.dumps(body)} if body is not None else {}
        return self.call(path, method, key=key or self.agent_key, headers=headers, **sent)


@tagged("post_install", "-at_install", "ghl")
class TestControl(ControlCase):
    def test_a_call_is_made_with_all_that_was_said_of_it(self):
        self.server.script = [TAKEN]
        body = {
            "phone_number": "+15005550006",
            "voice_id": "maya",
            "first_sentence": "Hi",
            "wait_for_greeting": True,
            "record": True,
            "request_data": {"city": "Rome"},
            "metadata": {"lead_id": "7"},
            "max_duration": 5,
            "transfer_phone_number": "+15005550009",
            "background_track": "office",
        }
        answer = self.ask("initiate", body, contact_id="hs-9")
        self.assertEqual(answer.status_code, 202, answer.text)
        data = answer.json()["data"]
        self.assertEqual((answer.json()["success"], data["status"], data["call_id"]), (True, "success", "bl-77"))
        order = self.server.asked[0].json
        self.assertEqual(order["metadata"]["contact_id"], "hs-9")
        self.assertEqual(order["metadata"]["lead_id"], "7")
        for name in ("first_sentence", "request_data", "max_duration", "background_track", "record"):
            self.assertEqual(order[name], body[name], name)
        self.assertEqual((order["voice"], order["transfer_phone_number"]), ("maya", "+15005550009"))
        self.assertTrue(order["task"], "a call without prompt and pathway gets a plain one")
        call = self.env["ghl.call"].search([("provider_call_id", "=", "bl-77")])
        self.assertEqual((call.source, call.state, call.max_duration), ("bland", "initiated", 5))

    def test_a_contact_that_is_known_is_linked(self):
        location = make_location(self.env)
        mirror(self.env, location, "ghl.contact", [{"id": "C1", "firstName": "Ana"}])
        self.server.script = [TAKEN]
        self.ask("initiate", {"phone_number": "+15005550006"}, contact_id="C1")
        call = self.env["ghl.call"].search([("provider_call_id", "=", "bl-77")])
        self.assertEqual(call.contact_id.external_id, "C1")

    def test_a_call_that_bland_refuses_is_202_with_502_in_the_body(self):
        self.server.script = [REFUSED, REFUSED]
        answer = self.ask("initiate", {"phone_number": "+15005550006"}, contact_id="hs-9")
        body = answer.json()
        self.assertEqual((answer.status_code, body["success"], body["status_code"]), (202, False, 502))
        self.assertEqual(body["error_details"]["error"], "BlandIntegrationError")
        plain = self.ask(
            "initiate", {"phone_number": "+15005550006"}, contact_id="hs-9", headers={"X-Error-Format": "plain"}
        )
        self.assertEqual((plain.status_code, plain.json()["code"]), (502, "BLAND_INTEGRATION_ERROR"))
        self.assertEqual(
            set(self.env["ghl.call"].search([("contact_reference", "=", "hs-9")]).mapped("state")), {"failed"}
        )

    def test_bad_orders_are_refused_and_nothing_rings(self):
        self.env["phone.blacklist"].add("+15005550007")
        for body, query, status in (
            ({}, {"contact_id": "hs-9"}, 422),
            ({"phone_number": "+15005550006"}, {}, 422),
            ({"phone_number": "+15005550006", "max_duration": "long"}, {"contact_id": "hs-9"}, 422),
            ({"phone_number": "+15005550006", "request_data": "x"}, {"contact_id": "hs-9"}, 422),
            ({"phone_number": "+15005550006", "webhook": "http://169.254.169.254/"}, {"contact_id": "hs-9"}, 400),
            ({"phone_number": "hello"}, {"contact_id": "hs-9"}, 400),
            ({"phone_number": "+15005550007"}, {"contact_id": "hs-9"}, 400),
        ):
            with self.subTest(body=body):
                answer = self.ask("initiate", body, **query).json()
                self.assertEqual((answer["success"], answer["status_code"]), (False, status), answer)
        self.assertEqual(self.server.asked, [])

    def test_only_agents_place_calls(self):
        for address in ("initiate", "retry/hs-9", "stop"):
            answer = self.ask(address, {"phone_number": "+15005550006"}, key=self.key, contact_id="hs-9")
            self.assertEqual(answer.json()["status_code"], 403, address)
            self.assertEqual(self.call(f"/api/v1/bland/{address}", "POST", key=None).status_code, 401)

    def test_without_an_account_of_bland_it_is_said(self):
        self.account.active = False
        answer = self.ask("initiate", {"phone_number": "+15005550006"}, contact_id="hs-9").json()
        self.assertIn("No account of Bland AI", answer["error_message"])

    def test_a_failed_call_is_tried_again_as_a_new_one(self):
        self.server.script = [REFUSED, TAKEN]
        order = {"phone_number": "+15005550006", "request_data": {"city": "Rome"}, "metadata": {"lead_id": "7"}}
        self.ask("initiate", order, contact_id="hs-9")
        answer = self.ask("retry/hs-9", retry_reason="they asked for it")
        self.assertTrue(answer.json()["data"], answer.text)
        self.assertEqual((answer.status_code, answer.json()["data"]["call_id"]), (202, "bl-77"), answer.text)
        old, new = self.env["ghl.call"].search([("contact_reference", "=", "hs-9")], order="id")
        self.assertEqual((old.state, new.state), ("retrying", "initiated"))
        self.assertEqual((new.retry_of_id, new.retry_count, new.retry_reason), (old, 1, "they asked for it"))
        again = self.server.asked[1].json
        self.assertEqual((again["request_data"], again["metadata"]["lead_id"]), ({"city": "Rome"}, "7"))

    def test_what_cannot_be_tried_again_is_said(self):
        self.assertEqual(self.ask("retry/nobody").json()["status_code"], 404)
        make_call(self.env, self.account, number=False, contact_reference="hs-1")
        self.assertEqual(self.ask("retry/hs-1").json()["status_code"], 400)
        make_call(self.env, self.account, contact_reference="hs-2", state="completed")
        answer = self.ask("retry/hs-2").json()
        self.assertEqual((answer["status_code"], answer["error_details"]["code"]), (409, "STATUS_TRANSITION_ERROR"))
        self.assertEqual(self.server.asked, [])

    def test_nobody_is_called_again_without_end(self):
        call = make_call(self.env, self.account, contact_reference="hs-3", state="busy", retry_count=10)
        self.assertEqual(self.ask("retry/hs-3").json()["success"], False)
        self.assertEqual(call.state, "busy")

    def test_a_call_is_ended(self):
        self.server.script = [TAKEN, Reply(200, {"status": "success", "message": "Call ended successfully."})]
        self.ask("initiate", {"phone_number": "+15005550006"}, contact_id="hs-9")
        self.assertEqual(self.ask("stop", {"call_id": "bl-77"}).json()["success"], True)
        self.assertEqual(self.server.asked[-1].path, "/v1/calls/bl-77/stop")
        self.assertEqual(self.ask("stop", {"call_id": "bl-78"}).json()["status_code"], 404)

    def test_the_log_is_paged_filtered_sorted_and_counted(self):
        for n, state in enumerate(["completed"] * 3 + ["failed"] * 2 + ["pending"]):
            make_call(self.env, self.account, source="bland", state=state, subject=f"Log {n}", duration_seconds=n)
        make_call(self.env, self.account, source="manual")
        self.env.flush_all()

        def read(address, **query):
            return self.ask(address, method="GET", key=self.key, **query).json()["data"]

        page = read("logs", page=1, page_size=4)
        self.assertEqual((page["total_items"], page["total_pages"], len(page["items"])), (6, 2, 4))
        self.assertEqual(page["items"][0]["status"], "pending")
        shortest = read("logs", sort_field="duration_seconds", sort_order="asc")["items"]
        self.assertEqual([one["duration_seconds"] for one in shortest], [0, 1, 2, 3, 4, 5])
        self.assertEqual({one["status"] for one in read("logs", status="completed")["items"]}, {"completed"})
        self.assertEqual(read("logs/failed")["total_items"], 2)
        self.assertEqual(read("logs/completed")["total_items"], 3)
        self.assertEqual(read("stats"), {"total_calls": 6, "pending_calls": 1, "completed_calls": 3, "failed_calls": 2,
                                         "retrying_calls": 0})  # fmt: skip
        self.assertEqual(self.ask("logs", method="GET", sort_field="password").json()["status_code"], 422)


@tagged("post_install", "-at_install", "ghl")
class TestOldAddresses(ControlCase):
    def deliver(self, payload, secret=SECRET, headers=None):
        body, right = signed(payload, secret)
        return self.call("/api/v1/webhook/voice", "POST", key=None, headers={**right, **(headers or {})}, data=body)

    def test_the_old_webhook_takes_what_is_signed(self):
        call = make_call(self.env, self.account, reference="ref-1", provider="bland", submission="accepted")
        answer = self.deliver(bland_call(reference="ref-1"))
        self.assertEqual((answer.status_code, answer.json()["data"]["status"]), (200, "received"))
        inbox.drain(self.env)
        self.env.invalidate_all()
        self.assertEqual((call.state, call.duration_seconds, call.cost), ("completed", 24, 0.036))
        told = self.call("/api/v1/webhook/status/bl-1").json()["data"]
        self.assertEqual((told["status"], told["processed"], told["last_event"]), ("completed", True, "COMPLETED"))

    def test_the_old_webhook_finds_the_account_by_the_signature(self):
        self.assertEqual(self.deliver(bland_call("bl-9")).status_code, 200)
        event = self.env["ghl.webhook.event"].search([], limit=1)
        self.assertEqual(event.res_id, self.account.id)

    def test_the_old_webhook_refuses_what_nobody_signed(self):
        rows = self.env["ghl.webhook.event"].search_count([])
        make_call(self.env, self.account, reference="ref-1", provider="bland", submission="accepted")
        for payload in (bland_call(reference="ref-1"), bland_call("bl-9")):
            for secret in ("wrong", ""):
                self.assert_refused_as(ENVELOPE, self.deliver(payload, secret), 403, "refused")
        for body in (b"", b"[]", b"hello"):
            answer = self.call("/api/v1/webhook/voice", "POST", key=None, data=body)
            self.assert_refused_as(ENVELOPE, answer, 400, "invalid_body")
        self.assertEqual(self.env["ghl.webhook.event"].search_count([]), rows)

    def test_health_is_open_and_status_is_not(self):
        self.assertEqual(self.call("/api/v1/webhook/health", key=None).json()["status"], "healthy")
        self.assertEqual(self.call("/api/v1/webhook/status/x", key=None).status_code, 401)
        self.assertEqual(self.call("/api/v1/webhook/status/x").json()["status_code"], 404)


@tagged("post_install", "-at_install", "ghl")
class TestTwilioAddresses(ControlCase):
    SID = "AC" + "0" * 32

    def setUp(self):
        super().setUp()
        self.env["ir.config_parameter"].set_param("ghl.public_base_url", "https://odoo.example.com")
        self.twilio = make_account(
            self.env, provider="twilio", name="Twilio", account_sid=self.SID, auth_token=TWILIO_TOKEN
        )
        self.dialled = make_call(
            self.env,
            self.twilio,
            reference="ref-tw",
            provider="twilio",
            provider_call_id="CA" + "1" * 32,
            submission="accepted",
            first_sentence="Hello & welcome",
        )

    def deliver(self, path, token=TWILIO_TOKEN, **fields):
        from ..ghl_calls.providers.twilio import signature

        form = {"AccountSid": self.SID, "CallSid": "CA" + "1" * 32, **fields}
        signed_with = signature.sign(f"https://odoo.example.com{path}", form.items(), token)
        return self.call(path, "POST", key=None, headers={"X-Twilio-Signature": signed_with}, data=form)

    def test_reports_at_the_old_addresses_and_at_the_new_one_reach_the_call(self):
        door = f"/ghl/voip/{self.twilio.door_token}/status/ref-tw"
        self.assertEqual(self.deliver("/twilio/status", CallStatus="ringing").status_code, 204)
        self.assertEqual(self.deliver(door, CallStatus="in-progress", SequenceNumber="2").status_code, 204)
        self.assertEqual(self.deliver("/twilio/amd-status", AnsweredBy="human").status_code, 204)
        inbox.drain(self.env)
        self.env.invalidate_all()
        self.assertEqual((self.dialled.state, self.dialled.answered_by), ("in_progress", "human"))

    def test_what_to_say_is_told_to_twilio_only(self):
        for path in ("/twilio/voice", f"/ghl/voip/{self.twilio.door_token}/answer/ref-tw"):
            answer = self.deliver(path)
            self.assertEqual((answer.status_code, answer.headers["Content-Type"].split(";")[0]), (200, "text/xml"))
            self.assertIn("Hello &amp; welcome", answer.text)
            self.assert_refused(self.deliver(path, token="wrong"), 403, "refused")

    def test_an_unknown_call_is_hung_up(self):
        self.assertIn("<Hangup/>", self.deliver("/twilio/voice", CallSid="CA" + "2" * 32).text)

    def test_what_is_not_signed_by_the_account_it_names_is_refused(self):
        rows = self.env["ghl.webhook.event"].search_count([])
        for path in ("/twilio/status", "/twilio/voice", "/twilio/amd-status", "/twilio/recording-status"):
            self.assert_refused(self.deliver(path, token="wrong", CallStatus="completed"), 403, "refused")
            self.assert_refused(self.deliver(path, AccountSid="AC" + "9" * 32), 403, "refused")
        self.assertEqual(self.call("/twilio/other", "POST", key=None).status_code, 400)
        self.assertEqual(self.env["ghl.webhook.event"].search_count([]), rows)


@tagged("post_install", "-at_install", "ghl")
class TestMethods(TransactionCase):
    def setUp(self):
        super().setUp()
        self.account = make_account(self.env)
        self.calls = self.env["ghl.call"].with_user(make_user(self.env, "methods_agent", "agent"))

    def test_a_call_goes_its_way_by_methods(self):
        call = make_call(self.env, self.account)
        self.assertTrue(self.calls.update_call_status(call.id, "initiated"))
        self.assertTrue(self.calls.start_call(call.id))
        self.assertTrue(call.answered_at)
        self.assertTrue(self.calls.complete_call(call.id, "callback_requested"))
        self.assertEqual((call.state, call.outcome), ("completed", "callback_requested"))
        self.assertEqual(call.event_ids.sorted("id").mapped("event"), ["DIALING", "ANSWERED", "COMPLETED"])

    def test_moves_that_are_not_allowed_are_refused(self):
        call = make_call(self.env, self.account, state="completed")
        with self.assertRaises(UserError) as caught:
            self.calls.fail_call(call.id, "too late")
        self.assertIsInstance(caught.exception, StatusTransitionError)
        for wrong in ("flying", "", None):
            with self.assertRaises(ValidationError):
                self.calls.update_call_status(call.id, wrong)
        with self.assertRaises(ValidationError):
            self.calls.complete_call(call.id, "won the lottery")
        self.assertFalse(self.calls.start_call(99999999))

    def test_a_failed_call_says_why(self):
        call = make_call(self.env, self.account)
        self.calls.fail_call(call.id, "No line")
        self.assertEqual((call.state, call.error_message, call.duration_seconds), ("failed", "No line", 0))

    def test_what_bland_says_is_taken_over_by_method(self):
        call = make_call(self.env, self.account)
        self.assertTrue(self.calls.update_bland_call_data(call.id, {"call_id": "bl-3", "price": 0.5, "nonsense": 1}))
        self.assertEqual((call.provider, call.provider_call_id, call.cost), ("bland", "bl-3", 0.5))
        other = make_call(self.env, self.account)
        with self.assertRaises(UserError):
            self.calls.update_bland_call_data(other.id, {"call_id": "bl-3"})
        for values, key in (
            ({"price": "abc"}, "price"), ({"cost": float("nan")}, "cost"), ({"max_duration": "long"}, "max_duration"),
            ({"summary": ["x"]}, "summary"), ({"transcript": "a\0b"}, "transcript"),
            ({"answered_by": {}}, "answered_by"),
        ):  # fmt: skip
            with self.subTest(values), self.assertRaisesRegex(ValidationError, key):
                self.calls.update_bland_call_data(call.id, {"task": "Other", **values})
            self.assertNotEqual(call.task, "Other")
        done = self.calls.process_bland_webhook(bland_call("bl-3"))
        self.assertEqual(done, {"call_id": call.id, "verdict": "applied"})
        self.assertEqual(call.state, "completed")
        self.assertEqual(self.calls.process_bland_webhook(bland_call("bl-3"))["verdict"], "duplicate")
        self.assertEqual(self.calls.process_bland_webhook(bland_call("bl-4")), {"call_id": None, "verdict": "orphan"})
        with self.assertRaises(ValidationError):
            self.calls.process_bland_webhook({"hello": "world"})

"""Calls through SansPBX: tokens and orders."""

from odoo.tests.common import tagged

from ..ghl_base.net.errors import AuthenticationError, MalformedResponse, RejectedRequest, ServerError, TransportError
from ..ghl_calls.providers import registry
from .providers_case import DOOR, NOW, order
from .sanspbx_data import CALL_ID, DIALLED, OTHER_TOKEN, TOKEN, SansPbxCase, indian_order
from .scripted_http import Reply


@tagged("post_install", "-at_install")
class TestSansPbxPlacing(SansPbxCase):
    def test_a_token_comes_first_and_serves_for_all_calls(self):
        server = self.serve(TOKEN, DIALLED, DIALLED)
        provider = self.provider(server, basic_user="u", basic_password="p")
        accepted = provider.place(indian_order())
        provider.place(indian_order())
        self.assertEqual((accepted.provider_call_id, accepted.state), (CALL_ID, "initiated"))
        self.assertEqual([asked.path for asked in server.asked], ["/gentoken", "/dialcall", "/dialcall"])
        first, dial, _again = server.asked
        self.assertEqual((first.headers["Accesstoken"], first.json), ("static", {"access_key": "key"}))
        self.assertEqual(first.headers["Authorization"], "Basic dTpw")
        self.assertEqual(dial.headers["Apitoken"], "jwt-1")
        self.assertNotIn("Authorization", dial.headers)

    def test_an_order_is_written_as_the_exchange_wants_it(self):
        server = self.serve(TOKEN, DIALLED)
        script = {"stream_url": "wss://media.example.com/x"}
        wanted = indian_order(script=script, metadata={"lead": 7}, variables={"name": "Ann"})
        self.provider(server).place(wanted)
        self.assertEqual(
            server.asked[1].json,
            {
                "appid": 77,
                "call_to": "09876543210",
                "caller_id": "1234567890",
                "status_callback": DOOR,
                "websocket_url": "wss://media.example.com/x",
                "custom_field": {"name": "Ann", "lead": 7, "reference": "ref-1"},
            },
        )

    def test_numbers_are_written_as_the_account_says(self):
        for to, caller, expected in (
            ("e164", "digits(7)", ("+919876543210", "4567890")),
            ("e164-no-plus", "0+national", ("919876543210", "01234567890")),
            ("national", "e164", ("9876543210", "+911234567890")),
        ):
            server = self.serve(TOKEN, DIALLED)
            self.provider(server, number_format=to, caller_format=caller).place(indian_order())
            sent = server.asked[1].json
            with self.subTest(to=to, caller=caller):
                self.assertEqual((sent["call_to"], sent["caller_id"]), expected)

    def test_extras_pass_but_never_change_who_is_called(self):
        server = self.serve(TOKEN, DIALLED)
        extra = {
            "call_to": "0666",
            "status_callback": "https://x",
            "queue": 3,
            "custom_field": {"reference": "x", "a": 1},
        }
        self.provider(server).place(indian_order(extra=extra))
        sent = server.asked[1].json
        self.assertEqual((sent["call_to"], sent["status_callback"], sent["queue"]), ("09876543210", DOOR, 3))
        self.assertEqual(sent["custom_field"], {"reference": "ref-1", "a": 1})

    def test_the_id_is_found_wherever_it_is(self):
        for body in (
            {"callid": "c1"},
            {"data": {"callid": "c1"}},
            {"msg": {"CallId": "c1"}},
            {"data": {"call_id": "c1"}},
        ):
            with self.subTest(body=body):
                accepted = self.provider(self.serve(TOKEN, Reply(body=body))).place(indian_order())
                self.assertEqual(accepted.provider_call_id, "c1")

    def test_a_token_that_is_refused_is_replaced_once(self):
        server = self.serve(TOKEN, Reply(401, {"msg": "expired"}), OTHER_TOKEN, DIALLED)
        self.assertEqual(self.provider(server).place(indian_order()).provider_call_id, CALL_ID)
        self.assertEqual([asked.headers.get("Apitoken") for asked in server.asked], [None, "jwt-1", None, "jwt-2"])

    def test_a_token_that_is_refused_with_status_200_is_replaced_as_well(self):
        server = self.serve(TOKEN, Reply(body={"status": "error", "msg": "Token expired"}), OTHER_TOKEN, DIALLED)
        self.assertEqual(self.provider(server).place(indian_order()).provider_call_id, CALL_ID)

    def test_tokens_that_are_refused_again_stop_the_account(self):
        server = self.serve(TOKEN, Reply(401, {}), OTHER_TOKEN, Reply(401, {}))
        self.refused(server, "account")
        self.assertEqual(len(server.asked), 4, "not for ever")
        refusal = Reply(body={"status": "error", "msg": "Invalid token"})
        self.refused(self.serve(TOKEN, refusal, OTHER_TOKEN, refusal), "account")

    def test_nothing_rang_when_the_token_could_not_be_had(self):
        for reply, kind in (
            (Reply(500, {}), "not_sent"),
            (Reply(fault="reset"), "not_sent"),
            (Reply(body=b"<html/>"), "not_sent"),
            (Reply(body={"status": "success"}), "not_sent"),
            (Reply(429, {}, {"Retry-After": "9"}), "later"),
            (Reply(401, {"msg": "no"}), "account"),
            (Reply(body={"status": "error", "msg": "Invalid access key"}), "account"),
        ):
            with self.subTest(kind=kind, reply=reply):
                server = self.serve(reply)
                self.refused(server, kind)
                self.assertEqual([asked.path for asked in server.asked], ["/gentoken"])
        self.refused(None, "not_sent")

    def test_200_without_an_id_is_a_refusal_only_when_it_says_so(self):
        self.refused(self.serve(TOKEN, Reply(body={"status": "success", "msg": "ok"})), "unknown")
        self.refused(self.serve(TOKEN, Reply(body=b"ok")), "unknown")
        self.refused(self.serve(TOKEN, Reply(body={"status": "error", "msg": "appid is wrong"})), "config")
        self.refused(self.serve(TOKEN, Reply(body={"status": "error", "msg": "call_to is invalid"})), "lead")
        self.refused(self.serve(TOKEN, Reply(body={"status": "failed", "msg": "caller_id not mapped"})), "caller")
        self.refused(self.serve(TOKEN, Reply(body={"status": "error", "msg": "Channel limit reached"})), "later")
        self.refused(self.serve(TOKEN, Reply(body={"status": "error", "msg": "Insufficient balance"})), "account")

    def test_nobody_knows_after_a_failure_of_theirs(self):
        self.refused(self.serve(TOKEN, Reply(500, {"msg": "oops"})), "unknown")
        self.refused(self.serve(TOKEN, Reply(body={"callid": "c1"}, fault="cut")), "unknown")
        self.refused(self.serve(TOKEN, Reply(fault="reset")), "unknown")

    def test_too_many_requests_wait(self):
        error = self.refused(self.serve(TOKEN, Reply(429, {}, {"Retry-After": "12"})), "later")
        self.assertEqual(error.retry_after, 12)

    def test_numbers_that_are_none_are_not_sent(self):
        server = self.serve()
        self.refused(server, "lead", to="12")
        self.refused(server, "caller", from_number="x")
        self.assertEqual(server.asked, [])

    def test_settings_that_cannot_work_are_refused(self):
        for settings, sentence in (
            ({"appid": "flow"}, "App ID"),
            ({"timezone": "India/Delhi"}, "time zone"),
            ({"timezone": "../../etc/passwd"}, "time zone"),
            ({"number_format": "local"}, "form of numbers"),
            ({"ip_allow_list": "10.0.0.300"}, "10.0.0.300"),
            ({"access_key": ""}, "Access key"),
        ):
            with self.subTest(**settings), self.assertRaisesRegex(ValueError, sentence):
                self.provider(**settings)
        with self.assertRaisesRegex(ValueError, "API address"):
            registry.make("sanspbx", self.settings)


@tagged("post_install", "-at_install")
class TestSansPbxAsking(SansPbxCase):
    def test_a_call_is_hung_up(self):
        server = self.serve(TOKEN, Reply(body={"status": "success"}))
        self.provider(server).cancel(CALL_ID)
        self.assertEqual((server.asked[1].path, server.asked[1].json), ("/calldisconnect", {"callid": CALL_ID}))
        self.assertEqual(server.asked[1].headers["Apitoken"], "jwt-1")

    def test_hanging_up_what_is_over_is_no_error(self):
        for reply in (Reply(404, {}), Reply(body={"status": "error", "msg": "Call not found"})):
            self.provider(self.serve(TOKEN, reply)).cancel(CALL_ID)

    def test_hanging_up_with_an_old_token_takes_a_new_one(self):
        server = self.serve(TOKEN, Reply(401, {}), OTHER_TOKEN, Reply(body={"status": "success"}))
        self.provider(server).cancel(CALL_ID)
        self.assertEqual(server.asked[3].headers["Apitoken"], "jwt-2")

    def test_hanging_up_may_fail(self):
        for reply, kind in (
            (Reply(500, {}), ServerError),
            (Reply(body={"status": "error", "msg": "no"}), RejectedRequest),
            (Reply(fault="reset"), TransportError),
        ):
            with self.subTest(kind=kind.__name__), self.assertRaises(kind):
                self.provider(self.serve(TOKEN, reply)).cancel(CALL_ID)

    def test_nothing_is_promised_that_it_cannot_do(self):
        provider = self.provider()
        self.assertEqual((provider.fetch(CALL_ID), provider.find(order(), NOW)), (None, []))
        able = provider.capabilities
        self.assertEqual((able.fetch, able.find, able.ringing, able.answered, able.machine), (False,) * 5)
        self.assertTrue(able.cancel)

    def test_the_connection_is_tested_with_a_new_token(self):
        server = self.serve(TOKEN, TOKEN)
        provider = self.provider(server)
        provider.check()
        self.assertIn("Connected", provider.check())
        self.assertEqual(len(server.asked), 2)
        for reply, kind in (
            (Reply(401, {}), AuthenticationError),
            (Reply(body={"status": "error", "msg": "Invalid key"}), AuthenticationError),
            (Reply(body={"status": "success"}), MalformedResponse),
        ):
            with self.assertRaises(kind):
                self.provider(self.serve(reply)).check()

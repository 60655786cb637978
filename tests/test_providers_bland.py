"""Calls through Bland AI: what goes out, and what is asked back."""

from datetime import datetime

from odoo.tests.common import tagged

from ..ghl_base.net.errors import AuthenticationError, MalformedResponse, RateLimited, ServerError, TransportError
from ..ghl_calls.providers.base import PlaceError
from .bland_data import COMPLETED, QUEUED, BlandCase, call, silent
from .providers_case import DOOR, order
from .scripted_http import Reply


@tagged("post_install", "-at_install")
class TestBlandPlacing(BlandCase):
    def place(self, **values):
        server = self.serve(Reply(body=QUEUED))
        accepted = self.provider(server).place(order(**values))
        return accepted, server.asked[0]

    def test_an_accepted_order_carries_our_reference_and_address(self):
        accepted, asked = self.place(metadata={"contact_id": 7}, max_seconds=61, variables={"name": "Ann"})
        self.assertEqual((accepted.provider_call_id, accepted.state), ("c1", "initiated"))
        self.assertEqual((asked.method, asked.path), ("POST", "/v1/calls"))
        self.assertEqual(asked.headers["Authorization"], "sk-1")
        sent = asked.json
        self.assertEqual(sent["phone_number"], "+15550100001")
        self.assertEqual(sent["from"], "+15550109999")
        self.assertEqual(sent["metadata"], {"contact_id": 7, "reference": "ref-1"})
        self.assertEqual(sent["webhook"], DOOR)
        self.assertEqual(sent["max_duration"], 2, "whole minutes, never fewer than asked for")
        self.assertEqual(sent["request_data"], {"name": "Ann"})
        self.assertIs(sent["record"], False)
        self.assertIs(sent["answered_by_enabled"], True)

    def test_a_pathway_excludes_the_prompt(self):
        _accepted, asked = self.place(script={"task": "Talk", "pathway_id": "pw-1", "voice": "maya"})
        self.assertEqual((asked.json["pathway_id"], asked.json["voice"]), ("pw-1", "maya"))
        self.assertNotIn("task", asked.json)

    def test_an_agent_without_prompt_and_pathway_is_not_sent(self):
        server = self.serve()
        self.refused(server, "config", script={"voice": "maya"})
        self.assertEqual(server.asked, [])

    def test_a_number_without_plus_is_not_taken_for_an_american_one(self):
        server = self.serve()
        self.refused(server, "lead", to="5550100001")
        self.assertEqual(server.asked, [])

    def test_extras_pass_but_never_switch_on_calling_again_nor_take_our_reference(self):
        extra = {
            "retry": {"wait": 10},
            "phone_number": "+15550100666",
            "metadata": {"reference": "theirs", "campaign": 3},
            "webhook": "https://elsewhere.example.com",
            "model": "turbo",
        }
        _accepted, asked = self.place(extra=extra)
        self.assertNotIn("retry", asked.json)
        self.assertEqual(asked.json["phone_number"], "+15550100001")
        self.assertEqual(asked.json["metadata"], {"reference": "ref-1", "campaign": 3})
        self.assertEqual(asked.json["webhook"], DOOR)
        self.assertEqual(asked.json["model"], "turbo")

    def test_a_voicemail_message_goes_out_only_when_it_is_to_be_left(self):
        script = {"task": "Talk", "voicemail_action": "hangup", "voicemail_message": "Call us"}
        self.assertEqual(self.place(script=script)[1].json["voicemail"], {"action": "hangup"})
        script["voicemail_action"] = "leave_message"
        self.assertEqual(
            self.place(script=script)[1].json["voicemail"], {"action": "leave_message", "message": "Call us"}
        )

    def test_an_error_with_status_200_is_a_refusal(self):
        self.refused_with(200, {"status": "error", "message": "Invalid request"}, "config")
        self.refused_with(200, {"status": "error", "errors": [{"field": "phone_number", "message": "bad"}]}, "lead")

    def test_a_number_that_never_works_is_the_leads_trouble(self):
        error = self.refused_with(
            400, {"status": "error", "message": "x", "code": "CALL_PLAN_DESTINATION_BLOCKED"}, "lead"
        )
        self.assertEqual(error.code, "CALL_PLAN_DESTINATION_BLOCKED")
        self.refused_with(400, {"status": "error", "errors": ["Unallocated number"]}, "lead")
        self.refused_with(400, {"status": "error", "errors": ["CALL_UNPAID_INTL_BLOCK"]}, "lead")

    def test_our_own_number_is_the_callers_trouble(self):
        self.refused_with(400, {"status": "error", "errors": ["from: phone number is not owned by you"]}, "caller")

    def test_limits_of_the_plan_put_the_lead_back(self):
        body = {"status": "error", "error": "CALL_RL_PLAN_CONCURRENCY", "message": "Too many calls"}
        self.assertEqual(self.refused_with(429, body, "later").retry_after, 15)
        self.assertEqual(self.refused_with(429, body, "later", {"Retry-After": "7"}).retry_after, 7)
        self.assertEqual(self.refused_with(200, body, "later").code, "CALL_RL_PLAN_CONCURRENCY")

    def test_limits_of_the_hour_and_the_day_wait_until_it_turns(self):
        hourly = self.refused_with(429, {"code": "CALL_RL_PLAN_HOURLY_CALLS"}, "later")
        self.assertEqual(hourly.retry_after, 1800)
        daily = self.refused_with(429, {"code": "CALL_RL_PLAN_DAILY_MINUTES"}, "later")
        self.assertEqual(daily.retry_after, 11.5 * 3600)

    def test_a_bad_key_and_an_empty_purse_stop_the_account(self):
        self.refused_with(401, {"status": "error", "message": "Unauthorized"}, "account")
        self.refused_with(403, {}, "account")
        self.refused_with(402, {"message": "Pay"}, "account")
        self.refused_with(400, {"status": "error", "message": "Insufficient funds, add payment"}, "account")

    def test_nobody_knows_after_a_failure_of_theirs(self):
        self.refused_with(500, {"status": "error", "message": "oops"}, "unknown")
        self.refused_with(502, b"<html>bad gateway</html>", "unknown")
        self.refused_with(408, {}, "unknown")

    def test_nobody_knows_after_an_answer_that_cannot_be_used(self):
        self.refused_with(200, b"<html>ok</html>", "unknown")
        self.refused_with(200, {"status": "success", "call_id": None}, "unknown")

    def test_nobody_knows_when_the_answer_breaks_off_or_never_comes(self):
        self.refused(self.serve(Reply(body=QUEUED, fault="cut")), "unknown")
        self.refused(self.serve(Reply(body=QUEUED, fault="reset")), "unknown")

    def test_a_refused_connection_is_not_sent(self):
        self.refused(None, "not_sent")

    def test_a_server_that_speaks_no_tls_is_not_sent(self):
        server = self.serve(Reply(body=QUEUED))
        self.refused(server.url.replace("http:", "https:"), "not_sent")
        self.assertEqual(server.asked, [])

    def test_an_address_that_is_none_is_not_sent(self):
        self.refused("http://[::1", "not_sent")

    def test_a_moved_api_is_a_matter_of_settings(self):
        self.refused_with(301, {}, "config", {"Location": "https://elsewhere.example.com"})

    def test_errors_tell_no_secrets(self):
        error = self.refused_with(400, {"status": "error", "message": "bad api_key: sk-1-very-secret"}, "config")
        self.assertNotIn("sk-1", str(error))

    def test_a_batch_says_the_common_once(self):
        server = self.serve(Reply(body={"data": {"batch_id": "b1"}, "errors": None}))
        orders = [order(), order(reference="ref-2", to="+15550100002", callback_url=DOOR + "2")]
        self.assertEqual(self.provider(server).place_batch(orders), "b1")
        sent = server.asked[0]
        self.assertEqual(sent.path, "/v1/batches")
        self.assertEqual(sent.json["global"]["task"], "Ask how they are.")
        self.assertNotIn("phone_number", sent.json["global"])
        objects = sent.json["call_objects"]
        self.assertEqual([row["phone_number"] for row in objects], ["+15550100001", "+15550100002"])
        self.assertEqual([row["metadata"]["reference"] for row in objects], ["ref-1", "ref-2"])

    def test_a_batch_of_one_names_its_number(self):
        server = self.serve(Reply(body={"message": "ok", "batch_id": "b1"}))
        self.provider(server).place_batch([order()])
        self.assertEqual(server.asked[0].json["call_objects"], [{"phone_number": "+15550100001"}])

    def test_a_batch_whose_answer_is_lost_is_unknown(self):
        with self.assertRaises(PlaceError) as caught:
            self.provider(self.serve(Reply(body={"data": {}}))).place_batch([order()])
        self.assertEqual(caught.exception.kind, "unknown")


@tagged("post_install", "-at_install")
class TestBlandAsking(BlandCase):
    def test_a_call_is_fetched(self):
        server = self.serve(Reply(body=COMPLETED))
        report = self.provider(server).fetch("c/1")
        self.assertEqual(server.asked[0].path, "/v1/calls/c%2F1")
        self.assertEqual((report.state, report.reference), ("completed", "ref-1"))

    def test_an_unknown_call_is_none(self):
        self.assertIsNone(self.provider(self.serve(Reply(404, {"message": "x"}))).fetch("c1"))
        body = {"status": "error", "message": "Call not found"}
        self.assertIsNone(self.provider(self.serve(Reply(400, body))).fetch("c1"))
        self.assertIsNone(self.provider(self.serve(Reply(200, body))).fetch("c1"))

    def test_a_call_whose_own_status_is_error_is_news(self):
        server = self.serve(Reply(body=silent(status="error", error_message="SIP 503")))
        self.assertEqual(self.provider(server).fetch("c1").state, "failed")

    def test_asking_fails_with_typed_errors(self):
        for reply, kind in (
            (Reply(401, {}), AuthenticationError),
            (Reply(429, {}, {"Retry-After": "3"}), RateLimited),
            (Reply(500, {}), ServerError),
            (Reply(200, b"[]"), MalformedResponse),
            (Reply(200, {"x": 1}), MalformedResponse),
            (Reply(fault="reset"), TransportError),
        ):
            with self.subTest(kind=kind.__name__), self.assertRaises(kind):
                self.provider(self.serve(reply)).fetch("c1")

    def test_a_lost_order_is_found_by_its_reference(self):
        other = {"call_id": "c0", "created_at": "2026-11-21T12:00:00Z", "metadata": {"reference": "ref-0"}}
        mine = {"call_id": "c1", "created_at": "2026-11-21T12:00:01Z", "metadata": {"reference": "ref-1"}}
        server = self.serve(Reply(body={"count": 2, "total_count": 2, "calls": [other, mine]}))
        found = self.provider(server).find(order(), datetime(2026, 11, 21, 12, 0))
        self.assertEqual([report.provider_call_id for report in found], ["c1"])
        query = server.asked[0].query
        self.assertEqual((query["to_number"], query["start_date"]), ("+15550100001", "2026-11-21"))

    def test_a_list_without_metadata_is_looked_up_row_by_row_but_not_older_ones(self):
        rows = [
            {"call_id": "old", "created_at": "2026-11-21T09:00:00Z"},
            {"call_id": "c1", "created_at": "2026-11-21T12:00:01Z"},
        ]
        server = self.serve(Reply(body={"calls": rows}), Reply(body=call(status="queued", completed=False)))
        found = self.provider(server).find(order(), datetime(2026, 11, 21, 12, 0))
        self.assertEqual([report.provider_call_id for report in found], ["c1"])
        self.assertEqual([asked.path for asked in server.asked], ["/v1/calls", "/v1/calls/c1"])

    def test_nothing_found_is_an_empty_list(self):
        server = self.serve(Reply(body={"count": 0, "calls": []}))
        self.assertEqual(self.provider(server).find(order(), datetime(2026, 11, 21)), [])

    def test_a_call_is_stopped(self):
        server = self.serve(Reply(body={"status": "success", "message": "Call ended successfully."}))
        self.provider(server).cancel("c1")
        self.assertEqual((server.asked[0].method, server.asked[0].path), ("POST", "/v1/calls/c1/stop"))

    def test_stopping_what_is_over_is_no_error(self):
        refusal = Reply(500, {"status": "error", "message": "Internal server error."})
        self.provider(self.serve(refusal, Reply(body=COMPLETED))).cancel("c1")
        refusal = Reply(400, {"message": "SID not found for the given c_id."})
        self.provider(self.serve(refusal, Reply(404, {}))).cancel("c1")

    def test_stopping_that_failed_while_the_call_goes_on_is_an_error(self):
        running = call(status="in-progress", completed=False, end_at=None, queue_status="started")
        server = self.serve(Reply(500, {"message": "oops"}), Reply(body=running))
        with self.assertRaises(ServerError):
            self.provider(server).cancel("c1")

    def test_the_connection_is_tested(self):
        server = self.serve(Reply(body={"count": 1, "total_count": 12, "calls": []}))
        self.assertEqual(self.provider(server).check(), "Connected to Bland AI (12 calls so far).")
        with self.assertRaises(AuthenticationError):
            self.provider(self.serve(Reply(401, {"message": "bad key"}))).check()

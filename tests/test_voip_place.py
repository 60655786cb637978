"""A call is placed once, whatever the provider answers and wherever the process dies."""

from contextlib import suppress
from datetime import timedelta
from unittest.mock import Mock

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from ..ghl_calls.dialer import place, reconcile, reports
from ..ghl_calls.providers.bland import events
from .common import make_location, mirror
from .scripted_http import Reply, ScriptedServer
from .voip_data import bland_call, make_account, make_agent, make_call

TAKEN = Reply(200, {"status": "success", "call_id": "bl-1", "message": "Call successfully queued."})
NOTHING = Reply(200, {"count": 0, "total_count": 0, "calls": []})


class PlaceCase(TransactionCase):
    def setUp(self):
        super().setUp()
        self.serve()

    def serve(self, *script):
        """A provider that answers like this; gives the account."""
        self.server = self.enterContext(ScriptedServer(*script))
        self.account = make_account(self.env, self.server.url)
        return self.account

    def place(self, call, **options):
        (outcome,) = place.place(self.env, call.ids, **options)
        call.invalidate_recordset()
        return outcome

    def orders(self):
        return [asked for asked in self.server.asked if asked.method == "POST" and asked.path == "/v1/calls"]

    def look(self, call, minutes=0):
        """What the engine does about the call after some minutes of silence."""
        self.env.flush_all()
        shift = timedelta(minutes=minutes)
        self.env.cr.execute(
            """UPDATE ghl_call SET next_check_at = next_check_at - %(by)s, lease_until = lease_until - %(by)s,
                      submitted_at = submitted_at - %(by)s WHERE id = %(id)s""",
            {"by": shift, "id": call.id},
        )
        self.env.invalidate_all()
        reconcile.run(self.env)
        self.env.invalidate_all()


@tagged("post_install", "-at_install", "ghl")
class TestPlacing(PlaceCase):
    def test_an_accepted_call_is_initiated_with_the_providers_id_and_a_lease(self):
        call = make_call(self.env, self.serve(TAKEN), request_data={"city": "Rome"}, metadata={"contact_id": "hs-9"})
        outcome = self.place(call)
        self.assertEqual((outcome.kind, outcome.call_id), ("accepted", call.id))
        self.assertEqual((call.state, call.submission, call.provider_call_id), ("initiated", "accepted", "bl-1"))
        self.assertGreater(call.lease_until, fields.Datetime.now() + timedelta(minutes=12))
        self.assertEqual(call.event_ids.sorted("id").mapped("event"), ["INITIATED", "DIALING"])
        (order,) = self.orders()
        self.assertEqual(order.json["metadata"]["reference"], call.reference)
        self.assertEqual(order.json["metadata"]["contact_id"], "hs-9")
        self.assertEqual(order.json["request_data"], {"city": "Rome"})
        self.assertTrue(order.json["webhook"].endswith(f"/status/{call.reference}"))

    def test_what_the_call_says_goes_before_what_its_agent_says(self):
        account = self.serve(TAKEN)
        agent = make_agent(self.env, account, voice="maya", pathway_id="pw-1", first_sentence="Hi")
        call = make_call(self.env, account, voice_agent_id=agent.id, task="Only this.", voice="josh")
        self.place(call)
        order = self.orders()[0].json
        self.assertEqual((order["task"], order["voice"], order["first_sentence"]), ("Only this.", "josh", "Hi"))
        self.assertNotIn("pathway_id", order)

    def test_a_call_is_placed_only_once(self):
        call = make_call(self.env, self.serve(TAKEN, TAKEN))
        self.place(call)
        self.assertEqual(self.place(call).kind, "gone")
        self.assertEqual(len(self.orders()), 1)

    def test_a_number_is_written_as_the_provider_needs_it(self):
        self.env.company.country_id = self.env.ref("base.us")
        call = make_call(self.env, self.serve(TAKEN), number="(500) 555-0006")
        self.place(call)
        self.assertEqual(self.orders()[0].json["phone_number"], "+15005550006")

    def test_nobody_is_called_who_must_not_be(self):
        account = self.serve()
        location = make_location(self.env)
        mirror(self.env, location, "ghl.contact", [{"id": "C1", "firstName": "Ana", "dnd": True}])
        quiet = self.env["ghl.contact"].search([("external_id", "=", "C1")])
        self.env["phone.blacklist"].add("+15005550007")
        for values, reason in (
            ({"number": "hello"}, "not a telephone number"),
            ({"number": False}, "no number"),
            ({"number": "+15005550007"}, "do-not-call list"),
            ({"contact_id": quiet.id}, "asked in GoHighLevel"),
        ):
            with self.subTest(reason=reason):
                call = make_call(self.env, account, **values)
                outcome = self.place(call)
                self.assertEqual((outcome.kind, call.state), ("lead", "failed"))
                self.assertIn(reason, call.error_message)
        self.assertEqual(self.server.asked, [])

    def test_nothing_goes_through_a_stopped_account(self):
        account = self.serve()
        account._stop("No money left.")
        call = make_call(self.env, account)
        self.assertEqual(self.place(call).kind, "account")
        self.assertIn("No money left.", call.error_message)
        self.assertEqual(account.state_reason, "No money left.")
        self.assertEqual(self.server.asked, [])

    def test_refused_credentials_stop_the_account(self):
        account = self.serve(Reply(401, {"status": "error", "message": "Invalid key sk-for-tests"}))
        call = make_call(self.env, account)
        self.assertEqual(self.place(call).kind, "account")
        self.assertEqual((account.state, call.state), ("stopped", "failed"))

    def test_an_account_without_its_secrets_is_stopped_with_the_reason(self):
        account = self.serve()
        account.action_forget_secrets()
        account.state = "connected"
        call = make_call(self.env, account)
        self.assertEqual(self.place(call).kind, "account")
        self.assertIn("API key", account.state_reason)

    def test_no_room_is_no_attempt_and_says_when(self):
        account = self.serve(Reply(429, {"status": "error", "message": "slow"}, {"Retry-After": "7"}))
        outcome = self.place(make_call(self.env, account))
        self.assertEqual((outcome.kind, outcome.retry_after), ("later", 7.0))
        self.assertNotEqual(account.state, "stopped")

    def test_a_refused_caller_number_rests_and_another_is_taken(self):
        refused = Reply(400, {"status": "error", "message": "from: number is not owned by you"})
        account = self.serve(refused, TAKEN)
        for number in ("+15005550101", "+15005550102"):
            self.env["ghl.voip.number"].create({"account_id": account.id, "number": number})
        call = make_call(self.env, account)
        self.assertEqual(self.place(call).kind, "accepted")
        resting = account.number_ids.filtered("rest_until")
        self.assertEqual(len(resting), 1)
        self.assertNotEqual(call.voip_number_id, resting)
        self.assertEqual(call.from_number, call.voip_number_id.number)
        self.assertEqual(len({order.json["from"] for order in self.orders()}), 2)

    def test_between_two_caller_numbers_the_line_stays_taken_and_is_found_when_the_process_dies(self):
        refused = Reply(400, {"status": "error", "message": "from: number is not owned by you"})
        account = self.serve(refused)
        for number in ("+15005550101", "+15005550102"):
            self.env["ghl.voip.number"].create({"account_id": account.id, "number": number})
        call = make_call(self.env, account)
        with suppress(ZeroDivisionError):
            self.place(call, clock=Mock(side_effect=[0.0, 0.0, ZeroDivisionError]))
        call.invalidate_recordset()
        self.assertEqual((call.state, call.submission, len(self.orders())), ("pending", False, 1))
        self.assertGreater(call.lease_until, fields.Datetime.now(), "whoever never sent is taken back after this")

    def test_a_number_is_not_used_beyond_its_daily_cap(self):
        account = self.serve(TAKEN)
        self.env["ghl.voip.number"].create({"account_id": account.id, "number": "+15005550101", "daily_cap": 1})
        self.assertEqual(self.place(make_call(self.env, account)).kind, "accepted")
        self.assertEqual(self.place(make_call(self.env, account)).kind, "later")
        self.assertEqual(len(self.orders()), 1)

    def test_a_provider_that_is_not_there_was_not_sent_anything(self):
        outcome = self.place(call := make_call(self.env, make_account(self.env)))
        self.assertEqual((outcome.kind, call.state), ("not_sent", "failed"))

    def test_a_sender_that_comes_too_late_does_not_send(self):
        ticks = iter([0.0, 61.0])
        call = make_call(self.env, self.serve(TAKEN))
        self.assertEqual(self.place(call, clock=lambda: next(ticks)).kind, "not_sent")
        self.assertEqual(self.orders(), [])

    def test_only_a_call_that_waits_can_be_placed_by_its_button(self):
        call = make_call(self.env, self.serve(TAKEN))
        self.assertEqual(call.action_place()["params"]["type"], "success")
        with self.assertRaises(UserError):
            call.action_place()


@tagged("post_install", "-at_install", "ghl")
class TestLostAnswers(PlaceCase):
    """Between the order and its answer anything may die: the telephone rings once."""

    def test_a_lost_answer_is_looked_for_and_the_call_found_is_taken_over(self):
        call = make_call(self.env, self.serve(Reply(500, {"status": "error", "message": "boom"})))
        self.assertEqual(self.place(call).kind, "unknown")
        self.assertEqual((call.state, call.submission), ("pending", "unknown"))
        self.assertEqual(self.place(call).kind, "gone", "placed a second time")
        queued = dict.fromkeys(("answered_by", "end_at", "corrected_duration", "call_length"))
        queued |= {"completed": False, "status": "queued", "queue_status": "queued", "transcripts": []}
        found = bland_call(reference=call.reference, ended=fields.Datetime.now(), **queued)
        found["created_at"] = fields.Datetime.now().isoformat() + "Z"
        self.server.script = [Reply(200, {"count": 1, "calls": [found]})]
        self.look(call, minutes=1)
        self.assertEqual((call.provider_call_id, call.submission), ("bl-1", "accepted"))
        self.assertEqual(len(self.orders()), 1)

    def test_a_process_that_dies_after_the_commit_leaves_a_call_that_nobody_sends_again(self):
        account = self.serve()
        call = make_call(self.env, account)
        # As `place` leaves it between its first and its last transaction.
        with place.transactions.of(self.env).env() as env:
            place._claimed(env["ghl.call"].browse(call.id), 0.0)
        call.invalidate_recordset()
        self.assertEqual(call.submission, "sending")
        self.assertEqual(self.place(call).kind, "gone")
        self.server.script = [NOTHING, NOTHING, NOTHING]
        self.look(call, minutes=3)
        self.assertEqual(call.state, "pending", "given up after one listing")
        self.look(call, minutes=3)
        self.assertEqual((call.state, call.guessed, call.lease_until), ("failed", True, False))
        self.assertIn("never confirmed", call.error_message)
        self.assertEqual(self.orders(), [])

    def test_our_guess_gives_way_to_the_providers_word(self):
        account = self.serve(Reply(500, {"status": "error"}), NOTHING, NOTHING)
        call = make_call(self.env, account)
        self.place(call)
        self.look(call, minutes=3)
        self.look(call, minutes=3)
        self.assertTrue(call.guessed)
        reports.apply(self.env, account, [events.report(bland_call(reference=call.reference))])
        self.assertEqual((call.state, call.guessed, call.duration_seconds), ("completed", False, 24))
        self.assertFalse(call.error_message)

    def test_a_silent_call_is_asked_about(self):
        call = make_call(self.env, self.serve(TAKEN))
        self.place(call)
        self.server.script = [Reply(200, bland_call(reference=call.reference))]
        self.look(call, minutes=4)
        self.assertEqual((call.state, call.duration_seconds, call.next_check_at), ("completed", 24, False))

    def test_a_call_the_provider_does_not_know_is_given_up_after_two_questions(self):
        call = make_call(self.env, self.serve(TAKEN))
        self.place(call)
        unknown = Reply(404, {"status": "error", "message": "Call not found"})
        self.server.script = [unknown, unknown]
        self.look(call, minutes=4)
        self.assertEqual(call.state, "initiated")
        self.look(call, minutes=1)
        self.assertEqual((call.state, call.guessed), ("failed", True))

    def test_a_provider_that_cannot_be_reached_decides_nothing(self):
        call = make_call(self.env, self.serve(TAKEN))
        self.place(call)
        for _round in range(4):
            self.server.script = [Reply(503, {"status": "error"})]
            self.look(call, minutes=4)
        self.assertEqual(call.state, "initiated")
        self.assertGreater(call.lease_until, fields.Datetime.now(), "its room is taken as long as it may go on")

    def test_what_was_not_sent_is_cancelled_and_what_was_is_hung_up(self):
        account = self.serve(TAKEN)
        waiting, ringing = make_call(self.env, account), make_call(self.env, account)
        self.place(ringing)
        self.server.script = [Reply(200, {"status": "success", "message": "Call ended successfully."})]
        (waiting | ringing).action_hang_up()
        self.assertEqual((waiting.state, ringing.state), ("cancelled", "initiated"))
        self.assertTrue(ringing.stop_requested)
        self.assertEqual(self.server.asked[-1].path, "/v1/calls/bl-1/stop")
        self.assertEqual(self.place(waiting).kind, "gone")

"""What reports do to a call does not depend on their order, their number or their delay."""

from datetime import timedelta
from itertools import permutations

from odoo.tests import TransactionCase, tagged

from ..ghl_calls.dialer import reports
from ..ghl_calls.providers.base import Report
from ..ghl_calls.providers.bland import events
from .voip_data import NOW, bland_call, make_account, make_call

ANSWERED = NOW - timedelta(seconds=25)
FIVE = (
    Report("c1", "initiated", "1", state="initiated", occurred_at=NOW - timedelta(seconds=40)),
    Report("c1", "ringing", "2", state="connecting", occurred_at=NOW - timedelta(seconds=38)),
    Report("c1", "in-progress", "3", state="in_progress", occurred_at=ANSWERED),
    Report(
        "c1",
        "completed",
        "4",
        state="completed",
        occurred_at=NOW,
        values={"ended_at": NOW, "talk_seconds": 24, "answered_at": NOW - timedelta(seconds=24)},
    ),
    Report("c1", "recording", "5", values={"recording_url": "https://example.com/r.mp3"}),
)
SEEN = (
    "state answered_at ended_at duration_seconds talk_seconds quality_flag recording_url lease_until next_check_at "
    "provider_call_id submission guessed"
).split()


@tagged("post_install", "-at_install", "ghl")
class TestReports(TransactionCase):
    def setUp(self):
        super().setUp()
        self.account = make_account(self.env)
        self.changes = []
        changed = type(self.env["ghl.call"])._state_changed

        def noted(calls, before):
            self.changes += [(before[call.id], call.state) for call in calls]
            return changed(calls, before)

        self.patch(type(self.env["ghl.call"]), "_state_changed", noted)

    def sent(self, **values):
        """A call as it is after it was sent."""
        return make_call(
            self.env,
            self.account,
            reference=f"ref-{self.env['ghl.call'].search_count([])}",
            provider="bland",
            **{"provider_call_id": "c1", "submission": "accepted", **values},
        )

    def test_a_call_takes_up_its_line_until_after_it_is_asked_about(self):
        call = self.sent()
        self.report(call, FIVE[1])
        self.assertEqual(call.state, "connecting")
        self.assertGreaterEqual(call.lease_until - call.next_check_at, timedelta(minutes=1))

    def report(self, call, *told, asked=False):
        found = reports.apply(self.env, self.account, told, asked=asked)
        self.env.flush_all()
        call.invalidate_recordset()
        return found.verdicts

    def test_a_character_that_cannot_be_stored_costs_no_report(self):
        call = self.sent()
        bad = "cut\x00 short \ud83d"
        said = bland_call("c1", call.reference, summary=bad, end_reason=bad, odd={bad: [bad, float("nan")]})
        self.assertEqual(self.report(call, events.report(said)), ["applied"])
        self.assertEqual((call.state, call.summary), ("completed", "cut short "))
        self.assertEqual(call.webhook_payload["odd"], {"cut short ": ["cut short ", None]})

    def test_nor_does_a_name_of_a_call_that_cannot_be_one(self):
        call = self.sent()
        told = [Report("c\x00", "completed", "k\x00", reference="\ud800", state="completed"), FIVE[3]]
        self.assertEqual(self.report(call, *told), ["orphan", "applied"])

    def test_five_events_end_the_same_in_every_order(self):
        with self.env.cr.savepoint() as savepoint:
            call = self.sent()
            for report in FIVE:
                self.report(call, report)
            expected = {name: call[name] for name in SEEN}
            savepoint.rollback()
        self.assertEqual(expected["state"], "completed")
        self.assertEqual((expected["answered_at"], expected["ended_at"]), (ANSWERED, NOW))
        self.assertEqual((expected["duration_seconds"], expected["quality_flag"]), (24, False))
        for order in permutations(FIVE):
            with self.env.cr.savepoint() as savepoint:
                call = self.sent()
                self.changes.clear()
                for report in order:
                    self.report(call, report)
                told = " ".join(report.word for report in order)
                self.assertEqual({name: call[name] for name in SEEN}, expected, told)
                self.assertEqual(sum(after == "completed" for _before, after in self.changes), 1, told)
                savepoint.rollback()

    def test_all_at_once_is_as_one_by_one(self):
        call = self.sent()
        self.assertEqual(self.report(call, *reversed(FIVE)), ["applied", "applied", "stale", "stale", "stale"])
        self.assertEqual((call.state, call.answered_at, call.duration_seconds), ("completed", ANSWERED, 24))
        self.assertEqual(len(self.changes), 1)

    def test_a_repeated_report_leaves_a_line_and_nothing_else(self):
        call = self.sent()
        self.report(call, FIVE[3])
        before = {name: call[name] for name in SEEN}
        self.changes.clear()
        self.assertEqual(self.report(call, FIVE[3], FIVE[3]), ["duplicate", "duplicate"])
        self.assertEqual({name: call[name] for name in SEEN}, before)
        self.assertEqual(self.changes, [])
        self.assertEqual(self.report(call, FIVE[3], asked=True), ["duplicate"])
        self.assertEqual(len(call.event_ids), 3, "what was asked for and is known leaves no line")

    def test_reports_find_their_call_by_our_name_when_the_id_is_not_known_yet(self):
        call = self.sent(provider_call_id=False, submission="unknown")
        self.report(call, events.report(bland_call("bl-9", call.reference)))
        self.assertEqual((call.provider_call_id, call.submission, call.state), ("bl-9", "accepted", "completed"))

    def test_a_report_on_another_call_under_our_name_is_refused(self):
        call = self.sent()
        report = Report("c2", "completed", "9", reference=call.reference, state="completed")
        self.assertEqual(self.report(call, report), ["refused"])
        self.assertEqual(call.state, "pending")

    def test_reports_on_calls_of_others_find_nothing(self):
        call = self.sent()
        other = make_account(self.env, name="Other", company=self.env["res.company"].create({"name": "Other"}))
        found = reports.apply(self.env, other, FIVE)
        self.assertEqual(set(found.verdicts), {"orphan"})
        second = make_account(self.env, name="Second")
        self.assertEqual(set(reports.apply(self.env, second, FIVE).verdicts), {"orphan"})
        self.assertEqual(call.state, "pending")

    def test_what_is_over_stays_over(self):
        for end in ("no_answer", "busy", "failed", "cancelled"):
            with self.subTest(end=end), self.env.cr.savepoint() as savepoint:
                call = self.sent()
                self.report(call, Report("c1", end, "e", state=end, occurred_at=NOW))
                for n, later in enumerate(("in_progress", "connecting", "busy", "completed")):
                    self.report(call, Report("c1", later, f"l{n}", state=later, occurred_at=NOW))
                self.assertEqual((call.state, call.duration_seconds, call.answered_at), (end, 0, False))
                savepoint.rollback()

    def test_proven_talk_turns_a_call_nobody_answered_into_a_completed_one(self):
        call = self.sent()
        self.report(call, Report("c1", "no-answer", "1", state="no_answer", occurred_at=NOW))
        self.assertEqual(self.report(call, FIVE[3]), ["applied"])
        self.assertEqual((call.state, call.duration_seconds), ("completed", 24))
        self.assertEqual(self.changes, [("pending", "no_answer"), ("no_answer", "completed")])

    def test_a_call_hung_up_after_somebody_spoke_was_completed(self):
        call = self.sent()
        self.report(call, FIVE[2], Report("c1", "canceled", "9", state="cancelled", values={"talk_seconds": 5}))
        self.assertEqual(call.state, "completed")

    def test_a_replaced_call_is_left_alone(self):
        call = self.sent()
        self.report(call, Report("c1", "busy", "1", state="busy", occurred_at=NOW))
        call.state = "retrying"
        self.assertEqual(self.report(call, FIVE[3]), ["stale"])
        self.assertEqual(call.state, "retrying")

    def test_a_word_nobody_knows_changes_nothing_and_is_kept(self):
        call = self.sent()
        self.assertEqual(self.report(call, Report("c1", "flabbergasted", "1")), ["unmapped"])
        self.assertEqual((call.state, call.event_ids.word), ("pending", "flabbergasted"))

    def test_seconds_that_do_not_agree_are_flagged_and_the_providers_count(self):
        call = self.sent()
        late = Report("c1", "completed", "4", state="completed", values={"ended_at": NOW, "talk_seconds": 10})
        self.report(call, FIVE[2], late)
        self.assertEqual(call.duration_seconds, 10)
        self.assertIn("25 s apart", call.quality_flag)

    def test_without_a_count_of_the_provider_the_duration_is_ended_minus_answered(self):
        call = self.sent()
        self.report(call, FIVE[2], Report("c1", "completed", "4", state="completed", values={"ended_at": NOW}))
        self.assertEqual((call.duration_seconds, call.quality_flag), (25, False))

    def test_the_second_report_of_bland_corrects_the_transcript_and_repeats_nothing(self):
        call = self.sent(provider_call_id="bl-1")
        self.report(call, events.report(bland_call()))
        self.changes.clear()
        self.report(call, events.report(bland_call(corrected_transcript="user: Hello!")))
        self.assertEqual(call.transcript, "user: Hello!")
        self.assertEqual(self.changes, [])

    def test_a_transcript_and_what_came_of_it_are_kept(self):
        call = self.sent(provider_call_id="bl-1")
        payload = bland_call(disposition_tag="Meeting Booked", analysis={"mood": "fine"})
        self.report(call, events.report(payload))
        self.assertEqual(call.outcome, "meeting_booked")
        self.assertEqual(call.classification["source"], "disposition")
        self.assertEqual(call.analysis, {"mood": "fine"})
        self.assertEqual(len(call.transcript_turns), 2)
        self.assertEqual(call.webhook_payload["disposition_tag"], "Meeting Booked")

    def test_peoples_own_verdict_is_not_overruled(self):
        call = self.sent(provider_call_id="bl-1", outcome="not_interested")
        self.report(call, events.report(bland_call(disposition_tag="Meeting Booked")))
        self.assertEqual(call.outcome, "not_interested")

    def test_the_board_shows_where_a_call_ended_unless_somebody_moved_it(self):
        missed, moved = self.sent(), self.sent(provider_call_id="c2")
        moved.status_id = self.env.ref("ghl.call_status_completed")
        busy = [Report(call_id, "busy", "1", state="busy", occurred_at=NOW) for call_id in ("c1", "c2")]
        self.report(missed | moved, *busy)
        self.assertEqual(missed.status_id.kind, "missed")
        self.assertEqual(moved.status_id.kind, "completed")

    def test_hundred_reports_take_a_bounded_number_of_queries_each(self):
        calls = [self.sent(provider_call_id=f"c{n}") for n in range(20)]
        told = [Report(f"c{n}", "ringing", "2", state="connecting", occurred_at=NOW) for n in range(20)]
        self.env.flush_all()
        with self.assertQueryCount(__system__=20 * 8 + 30):
            reports.apply(self.env, self.account, told)
            self.env.flush_all()
        self.assertEqual({call.state for call in calls}, {"connecting"})

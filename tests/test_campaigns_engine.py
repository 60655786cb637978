from datetime import timedelta

from odoo import fields
from odoo.tests.common import tagged
from odoo.tools import mute_logger

from ..ghl_calls.dialer.place import PlaceOutcome
from .campaigns_data import NUMBERS, CampaignCase, finish, make_campaign, make_contacts, recount


@tagged("post_install", "-at_install")
class TestSlots(CampaignCase):
    def test_as_many_are_called_at_once_as_the_campaign_allows(self):
        campaign = self.campaign()
        calls = self.tick()
        self.assertEqual(calls.mapped("to_number"), NUMBERS[:5])
        self.assertEqual((campaign.in_flight, campaign.remaining_leads), (5, 10))
        self.assertFalse(self.tick(), "all slots are taken")

    def test_each_call_that_ends_makes_room_for_one(self):
        self.campaign()
        calls = self.tick()
        finish(self.env, calls[3])
        self.assertEqual(self.tick().mapped("to_number"), NUMBERS[5:6])
        finish(self.env, calls[:2])
        self.assertEqual(self.tick().mapped("to_number"), NUMBERS[6:8])

    def test_one_long_call_does_not_hold_up_the_other_slots(self):
        campaign = self.campaign()
        long, *others = self.tick()
        while others:
            finish(self.env, self.env["ghl.call"].concat(*others))
            others = self.tick()
        self.assertEqual((campaign.completed_leads, campaign.in_flight, campaign.state), (9, 1, "running"))
        finish(self.env, long)
        self.tick()
        self.assertEqual((campaign.completed_leads, campaign.state), (10, "completed"))

    def test_the_figures_equal_a_recount_at_every_moment(self):
        campaign, ends = self.campaign(max_attempts=1), ["completed", "busy", "no_answer", "failed"]
        for moment in range(20):
            calls = self.tick() or self.env["ghl.call"].search(
                [("campaign_id", "=", campaign.id), ("state", "=", "initiated")]
            )
            finish(self.env, calls[:2], ends[moment % 4])
            counts = recount(self.env, campaign)
            figures = campaign._figures()[campaign.id]
            told = [figures[name] for name in ("completed_leads", "remaining_leads", "in_flight", "total_leads")]
            states = {state: sum(n for (one, _), n in counts.items() if one == state) for state, _ in counts}
            left = sum(states.get(state, 0) for state in ("pending", "calling", "waiting"))
            self.assertEqual(told, [states.get("done", 0), left, states.get("calling", 0), 10], moment)
            parts = ("successful_calls", "missed_calls", "failed_calls")
            self.assertEqual(sum(figures[name] for name in parts), states.get("done", 0), moment)
        self.assertEqual(campaign.state, "completed")

    def test_the_account_and_the_company_limit_all_campaigns_together(self):
        self.account.max_concurrent = 6
        first, second = self.campaign(), self.campaign(make_contacts(self.env, self.location, 10, first=50))
        self.tick()
        self.assertEqual((first.in_flight, second.in_flight), (3, 3), "in equal shares")
        self.account.max_concurrent = 100
        self.env.company.ghl_max_concurrent_calls = 7
        self.assertEqual(len(self.tick()), 1)

    def test_calls_start_no_faster_than_the_account_allows(self):
        self.account.calls_per_second = 1
        campaign = self.campaign()
        self.assertEqual(len(self.tick()), 1)
        self.assertFalse(self.tick())
        self.assertGreater(self.pause, 0.5)
        self.assertLessEqual(self.pause, 1.1, "with room for orders that arrive late")
        self.later(campaign, seconds=2)
        self.assertEqual(len(self.tick()), 1)

    def test_a_provider_that_said_too_fast_is_called_at_half_the_pace(self):
        self.account.calls_per_second = 1
        self.campaign()
        self.env["ghl.call.pace"]._refused(self.account)
        self.assertFalse(self.tick())
        self.assertGreater(self.pause, 1.5)

    def test_a_lost_end_frees_the_slot_when_the_lease_runs_out(self):
        campaign = self.campaign(max_concurrent_calls=3)
        calls = self.tick()
        self.later(campaign, minutes=16)
        calls._guess_failed("Nothing was heard of it.")
        self.assertEqual(len(self.tick()), 3)
        self.assertEqual(calls.campaign_lead_id.mapped("outcome"), ["unknown"] * 3)
        self.assertEqual(set(calls.campaign_lead_id.mapped("state")), {"done"}, "never dialled again by itself")

    def test_a_campaign_that_cannot_go_on_fails_with_the_reason_and_holds_up_no_other(self):
        broken = self.campaign(self.contacts[:5])
        sound = self.campaign(self.contacts[5:])
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE ghl_campaign_window SET hour_from = 20, hour_to = 9 WHERE campaign_id = %s", [broken.id]
        )
        self.env.invalidate_all()
        with mute_logger("odoo.addons.ghl.ghl_calls.dialer.claiming"):
            self.assertEqual(self.tick().campaign_id, sound)
        self.assertEqual((broken.state, broken.in_flight), ("failed", 0))
        self.assertIn("ends before it begins", broken.pause_reason)
        broken.window_ids.write({"hour_from": 0, "hour_to": 24})
        broken.action_resume()
        self.assertEqual(len(self.tick()), 5)

    def test_a_campaign_of_nobody_left_is_completed_at_once(self):
        campaign = self.campaign(self.contacts[:2])
        finish(self.env, self.tick())
        self.assertFalse(self.tick())
        self.assertEqual(campaign.state, "completed")
        self.assertTrue(campaign.completed_at)


@tagged("post_install", "-at_install")
class TestOutcomes(CampaignCase):
    def test_every_result_counts_once_and_the_figures_equal_a_recount(self):
        campaign = self.campaign(self.contacts[:6], max_concurrent_calls=6, max_attempts=1)
        one, two, three, four, five, six = self.tick()
        finish(self.env, one, seconds=40)
        finish(self.env, two, "no_answer")
        finish(self.env, three, "busy")
        finish(self.env, four, "failed")
        finish(self.env, five, seconds=12, answered_by="machine")
        finish(self.env, six, seconds=2)
        self.assertEqual(
            recount(self.env, campaign),
            dict.fromkeys([("done", o) for o in ("answered", "no_answer", "busy", "failed", "machine", "short")], 1),
        )
        figures = campaign._figures()[campaign.id]
        self.assertEqual((figures["completed_leads"], figures["successful_calls"], figures["missed_calls"]), (6, 2, 3))
        self.assertEqual((figures["total_duration"], figures["average_duration"]), (42, 21))

    def test_who_did_not_answer_is_called_again_two_hours_later_and_three_times_in_all(self):
        campaign = self.campaign(self.contacts[:1])
        for attempt in (1, 2):
            finish(self.env, self.tick(), "no_answer")
            lead = campaign.lead_ids
            self.assertEqual((lead.state, lead.attempts), ("waiting", attempt))
            self.assertAlmostEqual(
                lead.next_attempt_at, fields.Datetime.now() + timedelta(hours=2), delta=timedelta(minutes=1)
            )
            self.assertFalse(self.tick())
            self.later(campaign, hours=2, minutes=1)
        last = self.tick()
        self.assertEqual((last.retry_count, last.retry_of_id.retry_count), (2, 1))
        finish(self.env, last, "no_answer")
        self.assertEqual((campaign.lead_ids.state, campaign.lead_ids.attempts), ("done", 3))
        self.tick()
        self.assertEqual(campaign.state, "completed")
        self.assertEqual(campaign.no_answer_calls, 1, "the recipient, not the attempts")

    def test_a_report_that_comes_twice_changes_nothing(self):
        campaign = self.campaign(self.contacts[:1])
        call = self.tick()
        finish(self.env, call, "no_answer")
        names = ["state", "outcome", "attempts", "next_attempt_at", "settled_at"]
        before = campaign.lead_ids.read(names)
        finish(self.env, call, "no_answer")
        self.assertEqual(campaign.lead_ids.read(names), before)

    def test_who_the_provider_does_not_know_is_called_again_only_if_the_campaign_says_so(self):
        unreached, denied = 0, 2  # how often it said that there is no such call
        for redial, checks, expected in (
            (False, denied, ("done", 1)),
            (True, denied, ("pending", 0)),
            (True, unreached, ("done", 1)),
        ):
            campaign = self.campaign(self.contacts[:1], redial_unconfirmed=redial, frequency_calls=0)
            call = self.tick(accept=False)
            call.write({"submission": "unknown", "checks": checks})
            call._guess_failed("The provider never confirmed this call; it may have rung.")
            with self.subTest(redial=redial, checks=checks):
                lead = campaign.lead_ids
                self.assertEqual((lead.state, lead.attempts, lead.outcome), (*expected, "unknown"))
            campaign.action_stop()

    def test_a_call_the_provider_knows_is_never_repeated_on_a_guess(self):
        campaign = self.campaign(self.contacts[:1], redial_unconfirmed=True)
        self.tick()._guess_failed("The provider does not know this call.")
        self.assertEqual(campaign.lead_ids.state, "done")

    def test_the_providers_word_replaces_our_guess(self):
        campaign = self.campaign(self.contacts[:1])
        call = self.tick()
        call._guess_failed("Nothing was heard of it.")
        self.assertEqual(campaign._figures()[campaign.id]["failed_calls"], 1)
        finish(self.env, call, seconds=33)
        self.assertEqual(campaign.lead_ids.outcome, "answered")
        self.assertEqual((campaign.failed_calls, campaign.successful_calls, campaign.total_duration), (0, 1, 33))

    def test_nobody_is_called_again_when_talk_is_proven_late(self):
        campaign = self.campaign(self.contacts[:1])
        call = self.tick()
        finish(self.env, call, "no_answer")
        self.assertEqual(campaign.lead_ids.state, "waiting")
        finish(self.env, call, seconds=20)
        self.assertEqual((campaign.lead_ids.state, campaign.lead_ids.outcome), ("done", "answered"))


@tagged("post_install", "-at_install")
class TestRefusals(CampaignCase):
    def refuse(self, call, kind, **values):
        call._placed(PlaceOutcome(call.id, kind, "The provider said no.", **values))
        self.env.flush_all()

    def test_no_room_at_the_provider_is_no_attempt(self):
        campaign = self.campaign(self.contacts[:1])
        call = self.tick(accept=False)
        self.refuse(call, "later", retry_after=30)
        lead = campaign.lead_ids
        self.assertEqual((call.state, lead.state, lead.attempts, lead.outcome), ("cancelled", "waiting", 0, False))
        self.later(campaign, seconds=31)
        self.assertEqual(self.tick().to_number, call.to_number)
        self.assertEqual(lead.attempts, 1)

    def test_a_provider_that_cannot_be_reached_is_no_attempt_but_counts_against_it(self):
        campaign = self.campaign()
        for call in self.tick(accept=False):
            self.refuse(call, "not_sent")
        self.assertEqual(set(campaign.lead_ids[:5].mapped("state")), {"waiting"})
        self.assertFalse(self.tick())
        self.assertEqual(campaign.state, "paused")
        self.assertEqual(campaign.pause_reason, "5 of 5 calls failed within 120 seconds.")
        self.assertEqual(campaign.remaining_leads, 10, "nobody is burned")

    def test_a_person_may_go_on_after_the_breaker_and_is_not_stopped_by_old_failures(self):
        campaign = self.campaign()
        for call in self.tick(accept=False):
            self.refuse(call, "not_sent")
        self.tick()
        self.later(campaign, seconds=31)
        campaign.action_resume()
        self.assertEqual(len(self.tick()), 5)
        self.assertEqual(campaign.state, "running")

    def test_lost_answers_count_against_the_provider_and_are_not_repeated(self):
        campaign = self.campaign()
        calls = self.tick(accept=False)
        calls.write({"submission": "unknown"})
        for call in calls:
            self.refuse(call, "unknown")
        self.assertFalse(self.tick())
        self.assertEqual((campaign.state, campaign.in_flight), ("paused", 5))

    def test_a_dead_number_is_never_called_again_by_any_campaign(self):
        campaign = self.campaign(self.contacts[:1])
        self.refuse(self.tick(accept=False), "lead", code="21211")
        self.assertEqual((campaign.lead_ids.state, campaign.lead_ids.outcome), ("done", "dead_number"))
        other = self.campaign(self.contacts[:2])
        self.assertEqual(other.lead_ids.mapped("skip_reason"), ["dead_number", False])
        self.assertEqual(len(self.tick()), 1)

    def test_trouble_with_the_account_pauses_the_campaign_with_the_reason(self):
        campaign = self.campaign()
        calls = self.tick(accept=False)
        self.refuse(calls[0], "account")
        self.assertEqual((campaign.state, campaign.pause_reason), ("paused", "The provider said no."))
        self.tick()
        self.assertEqual(set(calls.mapped("state")), {"cancelled"}, "claimed calls are taken back")
        self.assertEqual(set(campaign.lead_ids.mapped("attempts")), {0})

    def test_nothing_is_called_through_a_stopped_account(self):
        campaign = self.campaign()
        self.account._stop("No money left.")
        self.assertFalse(self.tick())
        self.assertEqual(campaign.state, "paused")
        self.assertIn("No money left.", campaign.pause_reason)

    def test_a_call_whose_process_died_before_it_was_sent_is_made_once_more(self):
        campaign = self.campaign(self.contacts[:1])
        lost = self.tick(accept=False)
        self.assertFalse(self.tick(), "its process may still be at it")
        self.later(campaign, seconds=61)
        again = self.tick()
        self.assertEqual((lost.state, again.to_number, campaign.lead_ids.attempts), ("cancelled", lost.to_number, 1))


@tagged("post_install", "-at_install")
class TestRulesAtTheMomentOfDialling(CampaignCase):
    def test_a_number_put_on_the_list_meanwhile_is_not_called(self):
        campaign = self.campaign()
        self.env["phone.blacklist"].add(NUMBERS[1])
        calls = self.tick()
        self.assertEqual(calls.mapped("to_number"), [NUMBERS[0], *NUMBERS[2:6]])
        lead = campaign.lead_ids[1]
        self.assertEqual((lead.state, lead.skip_reason, lead.attempts), ("suppressed", "do_not_call", 0))

    def test_a_contact_that_asked_meanwhile_not_to_be_called_is_not(self):
        campaign = self.campaign()
        self.contacts[0].dnd_settings = {"Call": {"status": "active"}}
        self.contacts[1].active = False
        self.env.flush_all()
        self.assertEqual(self.tick().mapped("to_number"), NUMBERS[2:7])
        self.assertEqual(campaign.lead_ids[:2].mapped("skip_reason"), ["dnd", "removed"])

    def test_who_is_waiting_for_a_retry_is_not_called_once_forbidden(self):
        campaign = self.campaign(self.contacts[:1])
        finish(self.env, self.tick(), "busy")
        self.env["phone.blacklist"].add(NUMBERS[0])
        self.later(campaign, minutes=16)
        self.assertFalse(self.tick())
        self.assertEqual((campaign.lead_ids.state, campaign.lead_ids.outcome), ("suppressed", "busy"))

    def test_a_window_that_closed_meanwhile_makes_them_wait_for_the_next(self):
        campaign = self.campaign()
        now = fields.Datetime.now()
        tomorrow = now + timedelta(days=1)
        day = tomorrow.strftime("%a").lower()
        campaign.window_ids = [(5, 0, 0), (0, 0, {"weekday": day, "hour_from": 10, "hour_to": 11})]
        self.assertFalse(self.tick())
        self.assertEqual(set(campaign.lead_ids.mapped("state")), {"waiting"})
        self.assertGreater(min(campaign.lead_ids.mapped("next_attempt_at")), now)
        self.assertEqual(campaign.state, "running")

    def test_a_number_called_too_often_by_campaigns_is_left_alone(self):
        self.campaign(self.contacts[:1], max_attempts=1)
        finish(self.env, self.tick())
        other = self.campaign(self.contacts[:2], frequency_calls=1)
        self.assertEqual(other.lead_ids.mapped("skip_reason"), ["frequency", False])

    def test_somebody_another_campaign_is_talking_to_has_to_wait(self):
        self.campaign(self.contacts[:1])
        call = self.tick()
        other = self.campaign(self.contacts[:1])
        self.assertFalse(self.tick())
        self.assertEqual(other.lead_ids.state, "waiting")
        finish(self.env, call)
        self.later(other, seconds=61)
        self.assertEqual(len(self.tick()), 1)

    def test_who_is_nowhere_known_to_be_is_not_called(self):
        campaign = make_campaign(self.env, numbers=["+88213300000", NUMBERS[0]], voip_account_id=self.account.id)
        campaign.action_start()
        self.assertEqual(campaign.lead_ids.mapped("skip_reason"), ["no_zone", False])

from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests.common import tagged

from .campaigns_data import NUMBERS, CampaignCase, finish
from .voip_data import make_account, make_agent


@tagged("post_install", "-at_install")
class TestControl(CampaignCase):
    def test_pausing_lets_calls_go_on_and_starts_none(self):
        campaign = self.campaign()
        calls = self.tick()
        campaign.action_pause()
        finish(self.env, calls[:3])
        self.assertFalse(self.tick())
        self.assertEqual((campaign.in_flight, campaign.completed_leads, campaign.state), (2, 3, "paused"))

    def test_resuming_calls_who_is_left_and_nobody_twice(self):
        campaign = self.campaign()
        called = self.tick()
        campaign.action_pause()
        finish(self.env, called)
        self.tick()
        campaign.action_resume()
        rest = self.tick()
        finish(self.env, rest)
        self.tick()
        numbers = self.env["ghl.call"].search([("campaign_id", "=", campaign.id)]).mapped("to_number")
        self.assertEqual(sorted(numbers), NUMBERS[:10])
        self.assertEqual(campaign.state, "completed")

    def test_calls_not_yet_handed_over_are_taken_back_by_a_pause(self):
        campaign = self.campaign()
        calls = self.tick(accept=False)
        campaign.action_pause()
        self.tick()
        self.assertEqual(set(calls.mapped("state")), {"cancelled"})
        self.assertEqual(set(campaign.lead_ids.mapped("state")), {"pending"})

    def test_stopping_ends_it_for_good(self):
        campaign = self.campaign()
        calls = self.tick()
        campaign.action_stop()
        finish(self.env, calls[:1], "no_answer")
        self.assertFalse(self.tick())
        self.assertEqual((campaign.state, campaign.lead_ids[0].state), ("stopped", "done"), "no retry is planned")
        with self.assertRaises(UserError):
            campaign.action_resume()
        with self.assertRaises(UserError):
            campaign.action_stop()

    def test_what_makes_no_sense_is_refused(self):
        campaign = self.campaign(start=False)
        for action in ("action_pause", "action_resume", "action_unschedule", "action_schedule"):
            with self.subTest(action=action), self.assertRaises(UserError):
                getattr(campaign, action)()
        campaign.action_start()
        for action in ("action_start", "action_resume", "action_schedule"):
            with self.subTest(action=action), self.assertRaises(UserError):
                getattr(campaign, action)()

    def test_a_campaign_without_the_needful_does_not_start_and_says_why(self):
        for values, reason in (
            ({"contacts": self.contacts.browse()}, "nobody to call"),
            ({"window_ids": False}, "no calling window"),
        ):
            campaign = self.campaign(start=False, **values)
            with self.subTest(reason=reason), self.assertRaisesRegex(UserError, reason):
                campaign.action_start()
        self.account._stop("No money left.")
        with self.assertRaisesRegex(UserError, "No money left"):
            self.campaign()

    def test_people_can_be_added_while_it_runs(self):
        campaign = self.campaign(self.contacts[:2])
        finish(self.env, self.tick())
        campaign._add_contacts(self.contacts)
        self.assertEqual(len(self.tick()), 5)

    def test_it_starts_by_itself_at_the_time_set(self):
        campaign = self.campaign(start=False, start_at=fields.Datetime.now() + timedelta(hours=1))
        campaign.action_schedule()
        self.tick()
        self.assertEqual(campaign.state, "scheduled")
        campaign.start_at = fields.Datetime.now() - timedelta(seconds=1)
        campaign._start_scheduled()
        self.assertEqual(campaign.state, "running")

    def test_a_scheduled_start_that_fails_is_shown(self):
        campaign = self.campaign(start=False, start_at=fields.Datetime.now() + timedelta(hours=1))
        campaign.action_schedule()
        campaign.start_at = fields.Datetime.now() - timedelta(seconds=1)
        self.account._stop("No money left.")
        campaign._start_scheduled()
        self.assertEqual(campaign.state, "paused")
        self.assertIn("No money left.", campaign.pause_reason)

    def test_a_clone_is_a_draft_with_the_same_people(self):
        campaign = self.campaign()
        finish(self.env, self.tick())
        clone = self.env["ghl.campaign"].browse(campaign.action_clone()["res_id"])
        self.assertEqual((clone.state, clone.total_leads, clone.remaining_leads), ("draft", 10, 10))
        self.assertEqual(set(clone.lead_ids.mapped("attempts")), {0})

    def test_a_second_pass_is_for_those_who_were_not_reached(self):
        campaign = self.campaign(self.contacts[:3], max_attempts=1)
        one, two, three = self.tick()
        finish(self.env, one)
        finish(self.env, two, "no_answer")
        finish(self.env, three, "failed")
        again = self.env["ghl.campaign"].browse(campaign.action_retry_failed()["res_id"])
        self.assertEqual(again.lead_ids.mapped("number"), NUMBERS[1:3])

    def test_the_same_request_twice_is_one_campaign(self):
        add = lambda campaign: campaign._add_contacts(self.contacts)  # noqa: E731
        launch = self.env["ghl.campaign"]._launch
        values = {"name": "One", "voip_account_id": self.account.id, "window_ids": [(0, 0, {"weekday": "mon"})]}
        first = launch(values, add, "key-1")
        self.assertEqual(launch(values, add, "key-1"), first)
        self.assertNotEqual(launch(values, add, "key-2"), first)


@tagged("post_install", "-at_install")
class TestPreflight(CampaignCase):
    def test_it_tells_who_will_be_called_and_why_others_will_not_and_the_run_does_that(self):
        self.env["phone.blacklist"].add(NUMBERS[0])
        self.contacts[1].dnd = True
        self.contacts[2].phone = "12"
        self.contacts[3].phone = NUMBERS[4]
        campaign = self.campaign(start=False, max_concurrent_calls=10)
        campaign.action_preflight()
        told = campaign.preflight
        self.assertEqual(told["will_call"], 6)
        self.assertEqual(
            {reason: group["count"] for reason, group in told["skipped"].items()},
            {"no_number": 1, "do_not_call": 1, "dnd": 1, "duplicate": 1},
        )
        self.assertEqual(set(campaign.lead_ids.mapped("state")) - {"skipped"}, {"pending"}, "nothing is changed by it")
        campaign.action_start()
        called = self.tick()
        self.assertEqual(len(called), told["will_call"])
        not_called = campaign.lead_ids - called.campaign_lead_id
        self.assertEqual(set(not_called.ids), {i for group in told["skipped"].values() for i in group["lead_ids"]})

    def test_people_outside_their_window_will_be_called_later(self):
        campaign = self.campaign(start=False)
        day = (fields.Datetime.now() + timedelta(days=1)).strftime("%a").lower()
        campaign.window_ids = [(5, 0, 0), (0, 0, {"weekday": day, "hour_from": 10, "hour_to": 11})]
        campaign.action_preflight()
        self.assertEqual((campaign.preflight["will_call"], campaign.preflight["later"]), (10, 10))
        self.assertTrue(campaign.preflight["next_opening"])

    def test_a_list_of_nobody_to_be_called_does_not_start(self):
        self.contacts.dnd = True
        with self.assertRaisesRegex(UserError, "not to be called"):
            self.campaign()

    def test_the_time_it_takes_follows_from_slots_and_pace(self):
        campaign = self.campaign(start=False, max_concurrent_calls=2)
        campaign.action_preflight()
        self.assertEqual(campaign.preflight["estimated_seconds"], round(10 * 45 / 2 + 22.5))
        other = make_account(self.env, calls_per_second=0.01)
        campaign.voip_account_id = other
        campaign.action_preflight()
        self.assertGreaterEqual(campaign.preflight["estimated_seconds"], 1000)

    def test_the_wizard_makes_a_draft_of_the_selected_contacts_and_tells_what_would_happen(self):
        self.env["phone.blacklist"].add(NUMBERS[0])
        agent = make_agent(self.env, self.account)
        wizard = self.env["ghl.campaign.wizard"].with_context(
            active_model="ghl.contact", active_ids=self.contacts.ids, default_voice_agent_id=agent.id
        )
        action = wizard.create({"name": "New"}).action_apply()
        campaign = self.env["ghl.campaign"].browse(action["res_id"])
        self.assertEqual((campaign.state, campaign.name, campaign.total_leads), ("draft", "New", 10))
        self.assertEqual(campaign.preflight["skipped"]["do_not_call"]["count"], 1)


@tagged("post_install", "-at_install")
class TestSituation(CampaignCase):
    def test_the_screen_says_why_nothing_is_being_dialled(self):
        campaign = self.campaign(max_concurrent_calls=3)
        self.assertEqual(campaign.situation, "Calling.")
        calls = self.tick()
        self.assertIn("all 3 lines of the campaign", campaign.situation)
        finish(self.env, calls[:1])
        self.account.max_concurrent = 2
        self.assertIn("lines of the account", campaign.situation)
        campaign.action_pause()
        self.env.invalidate_all()
        self.assertIn("Paused by", campaign.situation)

    def test_waiting_is_told_with_its_end(self):
        campaign = self.campaign(self.contacts[:1])
        finish(self.env, self.tick(), "busy")
        self.assertIn("Waiting for calling hours or retries", campaign.situation)


@tagged("post_install", "-at_install")
class TestDeadNumbers(CampaignCase):
    def test_a_number_that_a_report_calls_invalid_is_not_tried_again_by_any_campaign(self):
        campaign = self.campaign(self.contacts[:2])
        dead, carrier = self.tick()
        finish(self.env, dead, "failed", end_reason="invalid_number")
        finish(self.env, carrier, "failed", end_reason="carrier")
        self.assertEqual(campaign.lead_ids.mapped("outcome"), ["dead_number", "failed"])
        self.assertEqual(campaign.lead_ids.mapped("state"), ["done", "waiting"])
        other = self.campaign(self.contacts[:2])
        self.assertEqual(other.lead_ids.mapped("skip_reason"), ["dead_number", False])

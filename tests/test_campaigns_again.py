"""Recipients who are called again, and campaigns that go on after they seemed to be over."""

from datetime import timedelta
from types import SimpleNamespace

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests.common import tagged

from ..ghl_calls.dialer.place import PlaceOutcome
from .campaigns_data import CampaignCase, finish, make_contacts


class AgainCase(CampaignCase):
    def refuse(self, call, kind):
        call._placed(PlaceOutcome(call.id, kind, "The provider said no."))
        self.env.flush_all()

    def busy_then(self, kind):
        """A recipient who was busy, and whose second call the provider did not take: (campaign, lead)."""
        campaign = self.campaign(self.contacts[:1], frequency_calls=0)
        finish(self.env, self.tick(), "busy")
        self.later(campaign, hours=3)
        self.refuse(self.tick(accept=False), kind)
        return campaign, campaign.lead_ids

    def news(self, campaign):
        return [event["type"] for event in self.env["ghl.campaign.event"]._after(campaign, 0)]


@tagged("post_install", "-at_install")
class TestResults(AgainCase):
    def test_an_attempt_that_did_not_take_place_leaves_the_result_before_it(self):
        _campaign, lead = self.busy_then("later")
        self.assertEqual((lead.state, lead.outcome, lead.attempts), ("waiting", "busy", 1))
        self.assertTrue(lead.settled_at)

    def test_who_is_skipped_then_counts_with_the_result_there_was(self):
        for kind in ("later", "not_sent"):
            with self.subTest(kind=kind):
                campaign, lead = self.busy_then(kind)
                lead._skip("frequency")
                self.assertEqual((lead.state, lead.outcome), ("done", "busy"))
                self.assertEqual((campaign.failed_calls, campaign.missed_calls), (0, 1))

    def test_a_provider_that_was_not_reached_shows_until_there_is_another_result(self):
        _campaign, lead = self.busy_then("not_sent")
        self.assertEqual(lead.outcome, "not_sent", "the breaker counts it")


@tagged("post_install", "-at_install")
class TestCallAgain(AgainCase):
    def over(self):
        campaign = self.campaign(self.contacts[:2])
        finish(self.env, self.tick())
        self.tick()
        self.assertEqual(campaign.state, "completed")
        return campaign

    def test_a_completed_campaign_goes_on_with_those_to_be_called_again(self):
        campaign = self.over()
        campaign.frequency_calls = 0
        campaign.lead_ids[0].action_call_again()
        self.assertEqual((campaign.state, campaign.completed_at, campaign.remaining_leads), ("running", False, 1))
        finish(self.env, self.tick())
        self.tick()
        self.assertEqual((campaign.state, campaign.successful_calls), ("completed", 2))
        self.assertEqual(self.news(campaign).count("campaign:resumed"), 1)

    def test_nobody_is_called_again_by_a_campaign_that_was_stopped(self):
        campaign = self.over()
        campaign.state = "stopped"
        with self.assertRaisesRegex(UserError, "clone it"):
            campaign.lead_ids.action_call_again()
        self.assertEqual(set(campaign.lead_ids.mapped("state")), {"done"})

    def test_a_completed_campaign_without_an_account_stays_so(self):
        campaign = self.over()
        self.account.write({"state": "stopped", "state_reason": "Unpaid"})
        with self.assertRaisesRegex(UserError, "Unpaid"):
            campaign.lead_ids.action_call_again()


@tagged("post_install", "-at_install")
class TestFailed(AgainCase):
    def failed(self):
        campaign = self.campaign(self.contacts[:3], max_concurrent_calls=2)
        calls = self.tick()
        campaign._fail("A fault of ours")
        return campaign, calls

    def test_calls_under_way_keep_their_retries(self):
        campaign, calls = self.failed()
        finish(self.env, calls[:1], "busy")
        self.assertEqual(calls[0].campaign_lead_id.state, "waiting")
        self.assertFalse(self.tick())
        campaign.action_resume()
        self.assertTrue(self.tick())
        self.assertEqual(self.news(campaign)[-1], "campaign:resumed")

    def test_more_may_be_added_and_it_may_be_stopped(self):
        campaign, _calls = self.failed()
        self.assertEqual(campaign._add_contacts(make_contacts(self.env, self.location, 1, first=70)), 1)
        campaign.action_stop()
        self.assertEqual(campaign.state, "stopped")
        with self.assertRaises(UserError):
            campaign.action_stop()


@tagged("post_install", "-at_install")
class TestScheduled(AgainCase):
    def test_one_that_could_not_start_by_itself_begins_when_it_is_resumed(self):
        campaign = self.campaign(start=False, start_at=fields.Datetime.now() + timedelta(hours=1))
        campaign.action_schedule()
        self.account.write({"state": "stopped", "state_reason": "Unpaid"})
        campaign._start_scheduled()
        self.assertEqual((campaign.state, campaign.started_at), ("paused", False))
        self.account.state = "connected"
        campaign.action_resume()
        self.assertEqual((campaign.state, campaign.paused_at), ("running", False))
        self.assertTrue(campaign.started_at)
        self.assertTrue(campaign.preflight)
        self.assertEqual(self.news(campaign)[-1], "campaign:started")


@tagged("post_install", "-at_install")
class TestHangUp(AgainCase):
    def test_what_was_not_sent_is_taken_back_and_no_attempt(self):
        campaign = self.campaign(self.contacts[:1])
        call = self.tick(accept=False)
        campaign.action_stop_and_hang_up()
        run = SimpleNamespace(payload={"campaign_id": campaign.id}, commit=self.env.flush_all)
        self.assertEqual(campaign._job_hang_up(run), {"calls": 1, "errors": []})
        self.assertEqual((call.state, campaign.lead_ids.attempts), ("cancelled", 0))

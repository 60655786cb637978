"""Campaigns that are archived or removed: nobody is called by what nobody sees, and nothing is forgotten. Campaigns of
one company among several."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .campaigns_data import CampaignCase, make_contacts
from .common import make_location


@tagged("post_install", "-at_install", "ghl")
class TestRemoval(CampaignCase):
    def test_a_running_campaign_that_is_archived_is_paused_and_calls_nobody(self):
        campaign = self.campaign()
        campaign.action_archive()
        self.assertEqual(campaign.state, "paused")
        self.assertIn("Archived", campaign.pause_reason)
        campaign.action_unarchive()
        self.assertFalse(self.tick())

    def test_a_campaign_to_start_later_does_not_start_when_it_is_brought_back(self):
        campaign = self.campaign(start=False, start_at=fields.Datetime.now() + timedelta(hours=1))
        campaign.action_schedule()
        campaign.active = False
        self.assertEqual(campaign.state, "draft")

    def test_what_is_over_stays_as_it_is(self):
        campaign = self.campaign()
        campaign.action_stop()
        campaign.active = False
        self.assertEqual(campaign.state, "stopped")

    def test_a_campaign_that_has_called_somebody_is_not_removed(self):
        campaign = self.campaign(max_concurrent_calls=1)
        self.assertTrue(self.tick())
        campaign.action_stop()
        with self.assertRaises(UserError):
            campaign.unlink()

    def test_a_campaign_that_has_called_nobody_is(self):
        campaign = self.campaign(start=False)
        campaign.unlink()
        self.assertFalse(campaign.exists())


@tagged("post_install", "-at_install", "ghl")
class TestCompanies(CampaignCase):
    def test_nobody_of_another_company_comes_into_a_campaign(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        theirs = make_contacts(self.env, make_location(self.env, "ELSEWHERE", company=company), 1, first=500)
        partners = self.env["res.partner"].create(
            [{"name": "Theirs", "company_id": company.id}, {"name": "Everybody's", "phone": "+12125550900"}]
        )
        campaign = self.campaign(start=False)
        before = campaign.lead_ids
        for add, records in ((campaign._add_contacts, self.contacts | theirs), (campaign._add_partners, partners)):
            with self.assertRaises(UserError):
                add(records)
        self.assertEqual(campaign.lead_ids, before)
        self.assertEqual(campaign._add_partners(partners[1]), 1)

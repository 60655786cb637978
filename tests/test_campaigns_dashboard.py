"""What the live page of a campaign is told at once."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tests.common import TransactionCase

from .campaigns_data import make_campaign, make_contacts
from .common import make_location, make_user

HOUR = 3600


@tagged("post_install", "-at_install", "ghl")
class TestReadLive(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.location = make_location(cls.env)
        cls.campaign = make_campaign(cls.env, make_contacts(cls.env, cls.location, 3))
        cls.campaign.state = "running"

    def live(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.campaign.read_live()

    def wait_for(self, leads, **later):
        leads.write({"state": "waiting", "next_attempt_at": fields.Datetime.now() + timedelta(**later)})

    def test_while_somebody_can_be_called_nothing_is_in_the_way(self):
        found = self.live()
        self.assertEqual(found["banner"], {})
        self.assertTrue(0 < found["eta_seconds"] < HOUR)

    def test_the_end_is_not_told_before_the_last_who_waits_for_another_attempt(self):
        self.wait_for(self.campaign.lead_ids[0], hours=24)
        self.assertAlmostEqual(self.live()["eta_seconds"], 24 * HOUR, delta=60)

    def test_when_all_wait_it_says_until_when(self):
        leads = self.campaign.lead_ids
        self.wait_for(leads[0], hours=24)
        self.wait_for(leads[1:], hours=2)
        banner = self.live()["banner"]
        self.assertEqual(banner["kind"], "info")
        self.assertEqual(banner["until"], leads[1].next_attempt_at.timestamp() * 1000)

    def test_a_campaign_that_does_not_run_has_no_end_in_sight(self):
        self.wait_for(self.campaign.lead_ids, hours=24)
        for state in ("draft", "paused", "completed", "stopped"):
            self.campaign.state = state
            self.assertEqual(self.live()["eta_seconds"], 0, state)

    def test_ten_times_the_recipients_cost_no_further_question_to_the_database(self):
        self.live()
        counts = []
        for number in (3, 30):
            self.campaign = make_campaign(self.env, make_contacts(self.env, self.location, number), state="running")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.campaign.read_live()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_who_may_not_see_the_campaign_is_refused(self):
        other = self.env["res.company"].create({"name": "Live Ltd"})
        for user in (
            make_user(self.env, "live_stranger", "campaign_manager", companies=other),
            make_user(self.env, "live_nobody", group=None),
        ):
            with self.assertRaises(AccessError):
                self.campaign.with_user(user).read_live()

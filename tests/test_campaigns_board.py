"""What the screens of campaigns show beside the figures: columns of the board, and what happened in sentences."""

from odoo.tests import tagged
from odoo.tests.common import TransactionCase

from .campaigns_data import make_campaign, make_contacts
from .common import make_location


@tagged("post_install", "-at_install", "ghl")
class TestBoard(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.campaign = make_campaign(cls.env, make_contacts(cls.env, make_location(cls.env), 2))
        cls.lead = cls.campaign.lead_ids[0]
        cls.call = cls.env["ghl.call"].create(
            {
                "subject": "x",
                "campaign_id": cls.campaign.id,
                "campaign_lead_id": cls.lead.id,
                "to_number": "+12125550100",
                "provider": "twilio",
            }
        )

    def columns(self):
        groups = self.env["ghl.campaign"].formatted_read_group([("id", "=", self.campaign.id)], ["state"], ["__count"])
        return self.env["ghl.campaign"]._expand_states([group["state"] for group in groups], [])

    def told(self, event, **values):
        return self.call._log_event(event, **values).told

    def test_columns_follow_the_life_of_a_campaign_and_rare_ones_come_when_needed(self):
        self.assertEqual(self.columns(), ["draft", "running", "paused", "completed"])
        self.campaign.state = "stopped"
        self.assertEqual(self.columns(), ["draft", "running", "paused", "completed", "stopped"])

    def test_every_step_of_a_call_is_a_sentence(self):
        self.assertEqual(self.told("INITIATED"), "Twilio is asked to call +12125550100")
        self.assertEqual(self.told("NOTE", word="human"), "A person is on the line")
        self.assertEqual(self.told("NOTE", word="machine_start"), "A machine is on the line")
        self.assertEqual(self.told("COMPLETED", duration_seconds=83), "Talked for 1:23")

    def test_a_providers_reason_is_told_as_it_gave_it(self):
        self.assertEqual(self.told("FAILED", details="13224 Invalid number"), "13224 Invalid number")

    def test_a_machine_does_not_talk(self):
        self.call.answered_by = "machine"
        self.assertEqual(self.told("COMPLETED", duration_seconds=20), "An answering machine had taken the call")

    def test_a_timeline_leaves_out_what_came_twice_or_late(self):
        self.call._log_event("DIALING")
        self.call._log_event("DIALING", verdict="stale")
        self.lead.invalidate_recordset()
        self.assertEqual(self.lead.event_ids.mapped("event"), ["DIALING"])

    def test_a_step_without_a_time_of_the_provider_has_ours(self):
        event = self.call._log_event("DIALING")
        self.assertEqual(event.moment, event.received_at)

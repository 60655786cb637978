from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests.common import TransactionCase, tagged
from odoo.tools import mute_logger

from .calls_data import make_calls
from .campaigns_data import NUMBERS, make_campaign, make_contacts
from .common import make_location, make_user


@tagged("post_install", "-at_install")
class RecordCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.location = make_location(cls.env)
        cls.contacts = make_contacts(cls.env, cls.location, 6)
        cls.manager = make_user(cls.env, "campaign_manager_1", "campaign_manager")

    def campaign(self, contacts=None, **values):
        return make_campaign(self.env, contacts, **values)


class TestRecipients(RecordCase):
    def test_every_contact_is_one_row_with_number_zone_and_place_in_the_queue(self):
        campaign = self.campaign(self.contacts)
        self.assertEqual(campaign.lead_ids.mapped("number"), NUMBERS[:6])
        self.assertEqual(campaign.lead_ids.mapped("sequence"), [1, 2, 3, 4, 5, 6])
        self.assertEqual(set(campaign.lead_ids.mapped("zones")), {"America/New_York"})
        self.assertEqual(campaign.lead_ids.location_id, self.location)

    def test_adding_the_same_contacts_twice_adds_nobody(self):
        campaign = self.campaign(self.contacts)
        self.assertEqual(campaign._add_contacts(self.contacts), 0)
        self.assertEqual(len(campaign.lead_ids), 6)

    def test_a_number_that_two_contacts_share_is_called_once(self):
        twins = make_contacts(self.env, self.location, 2, first=20)
        twins[1].phone = twins[0].phone
        leads = self.campaign(twins).lead_ids
        self.assertEqual(leads.mapped("state"), ["pending", "skipped"])
        self.assertEqual(leads[1].skip_reason, "duplicate")

    def test_the_database_refuses_a_number_twice(self):
        campaign = self.campaign(self.contacts)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            campaign.lead_ids[1].number = campaign.lead_ids[0].number

    def test_numbers_in_short_form_are_read_in_the_contacts_country(self):
        contact = make_contacts(self.env, self.location, 1, first=30)
        contact.write({"phone": "020 7183 8750", "country": "GB"})
        lead = self.campaign(contact).lead_ids
        self.assertEqual((lead.number, lead.zones), ("+442071838750", "Europe/London"))

    def test_who_has_no_number_is_kept_in_the_list_without_one(self):
        contact = make_contacts(self.env, self.location, 1, first=31)
        contact.phone = "call me"
        lead = self.campaign(contact).lead_ids
        self.assertEqual((lead.number, lead.phone), (False, "call me"))

    def test_bare_numbers_and_odoo_contacts_can_be_called_too(self):
        partner = self.env["res.partner"].create({"name": "Ana", "phone": "+442071838750"})
        campaign = self.campaign()
        self.assertEqual(campaign._add_partners(partner), 1)
        self.assertEqual(campaign._add_recipients([{"phone": "+14155550100"}, {"phone": "+1 415 555 0100"}]), 1)
        self.assertEqual(campaign.lead_ids.mapped("number"), ["+442071838750", "+14155550100"])

    def test_nobody_is_added_to_a_campaign_that_is_over(self):
        campaign = self.campaign(self.contacts[:1])
        campaign.state = "completed"
        with self.assertRaises(UserError):
            campaign._add_contacts(self.contacts)

    def test_who_was_called_stays_in_the_list(self):
        campaign = self.campaign(self.contacts)
        campaign.lead_ids[0].attempts = 1
        campaign.lead_ids[1:].unlink()
        with self.assertRaises(UserError):
            campaign.lead_ids.unlink()


class TestFigures(RecordCase):
    def give(self, campaign, *results):
        for lead, (state, outcome, talk) in zip(campaign.lead_ids, results, strict=False):
            lead.write({"state": state, "outcome": outcome})
            if talk:
                [call] = make_calls(self.env, 1, campaign_id=campaign.id, campaign_lead_id=lead.id, state="completed")
                call.duration_seconds = talk

    def test_a_campaign_nobody_was_called_in_has_no_figures(self):
        campaign = self.campaign(self.contacts)
        self.assertEqual((campaign.total_leads, campaign.remaining_leads, campaign.completed_leads), (6, 6, 0))
        self.assertEqual((campaign.success_rate, campaign.average_duration, campaign.progress), (0, 0, 0.0))

    def test_everybody_who_is_through_counts_once(self):
        campaign = self.campaign(self.contacts)
        self.give(
            campaign,
            ("done", "answered", 40),
            ("done", "no_answer", 0),
            ("done", "failed", 0),
            ("done", "machine", 0),
            ("waiting", "busy", 0),
            ("suppressed", False, 0),
        )
        figures = campaign._figures()[campaign.id]
        self.assertEqual(figures["completed_leads"], 4)
        self.assertEqual(
            figures["successful_calls"] + figures["failed_calls"] + figures["missed_calls"], figures["completed_leads"]
        )
        self.assertEqual((figures["no_answer_calls"], figures["machine_calls"], figures["missed_calls"]), (1, 1, 2))
        self.assertEqual((figures["remaining_leads"], figures["waiting_leads"], figures["suppressed_leads"]), (1, 1, 1))
        self.assertEqual((figures["total_duration"], figures["average_duration"]), (40, 40))

    def test_the_success_rate_is_rounded_down(self):
        campaign = self.campaign(numbers=NUMBERS[:45])
        self.give(campaign, *[("done", "answered", 42)] * 35, *[("done", "failed", 0)] * 8, *[("done", "busy", 0)] * 2)
        self.assertEqual(campaign.completed_leads, 45)
        self.assertEqual((campaign.success_rate, campaign.average_duration, campaign.total_duration), (77, 42, 1470))

    def test_figures_of_many_campaigns_are_one_query(self):
        campaigns = self.campaign(self.contacts) | self.campaign(self.contacts[:2]) | self.campaign()
        campaigns.invalidate_recordset()
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.assertEqual([figures["total_leads"] for figures in campaigns._figures().values()], [6, 2, 0])


class TestRules(RecordCase):
    def test_windows_that_cannot_be_meant_are_refused(self):
        campaign = self.campaign()
        for values in ({"hour_from": 20.0, "hour_to": 9.0}, {"hour_from": -1.0}, {"hour_to": 25.0}):
            with self.subTest(values=values), self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.env["ghl.campaign.window"].create({"campaign_id": campaign.id, "weekday": "mon", **values})
                self.env.flush_all()

    def test_a_new_campaign_calls_by_day_and_tries_three_times(self):
        campaign = self.env["ghl.campaign"].create({})
        self.assertEqual(len(campaign.window_ids), 6)
        self.assertEqual(campaign._retry_rules()["busy"].minutes, 15)
        self.assertEqual((campaign.max_concurrent_calls, campaign.max_attempts), (5, 3))
        self.assertRegex(campaign.name, r"Campaign-\d{13}")

    def test_machines_are_called_again_if_the_campaign_says_so(self):
        campaign = self.campaign()
        self.assertNotIn("machine", campaign._retry_rules())
        campaign.machine_policy = "retry"
        self.assertEqual(campaign._retry_rules()["machine"].minutes, 1440)

    def test_a_copy_has_the_rules_and_nobody_in_it(self):
        campaign = self.campaign(self.contacts, max_attempts=2)
        copy = campaign.copy()
        self.assertEqual((copy.name, copy.max_attempts, len(copy.lead_ids), copy.state), ("Spring (2)", 2, 0, "draft"))
        self.assertEqual((len(copy.window_ids), copy.copy().name), (7, "Spring (3)"))

    def test_a_day_without_calls_is_known_to_all_campaigns(self):
        self.env["ghl.campaign.holiday"].create({"name": "Christmas", "date": "2026-12-25"})
        self.assertEqual(len(self.campaign()._windows().holidays), 1)
        self.assertFalse(self.campaign(respect_holidays=False)._windows().holidays)


class TestWhoMay(RecordCase):
    def test_managers_change_their_own_campaigns_only(self):
        mine = self.campaign(self.contacts, user_id=self.manager.id).with_user(self.manager)
        theirs = self.campaign(self.contacts).with_user(self.manager)
        mine.notes = "x"
        self.assertEqual(mine._add_recipients([{"phone": "+14155550100"}]), 1)
        self.assertEqual(theirs.total_leads, 6, "reading is free")
        with self.assertRaises(AccessError):
            theirs.notes = "x"
        with self.assertRaises(AccessError):
            theirs._add_recipients([{"phone": "+14155550100"}])
        with self.assertRaises(AccessError):
            theirs.lead_ids[0].unlink()

    def test_administrators_change_all_of_them(self):
        admin = make_user(self.env, "campaign_admin_1", "admin")
        self.campaign(user_id=self.manager.id).with_user(admin).notes = "x"

    def test_nobody_writes_recipients_by_hand(self):
        campaign = self.campaign(self.contacts, user_id=self.manager.id)
        with self.assertRaises(AccessError):
            campaign.lead_ids[0].with_user(self.manager).write({"state": "calling"})

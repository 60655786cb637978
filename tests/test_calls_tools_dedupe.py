"""Calls that are there twice become one that has everything; others stay as they are."""

from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests.common import tagged

from ..ghl_calls.tools.dedupe import Dedupe
from .calls_data import BASE, make_calls
from .test_calls_tools_generate import ToolsCase


@tagged("post_install", "-at_install", "ghl")
class TestDedupe(ToolsCase):
    def make(self, **values):
        return make_calls(
            self.env, 1, values.pop("company", None), **{"subject": "Twice", "start_time": BASE, **values}
        )

    def dedupe(self, env=None):
        return Dedupe(env or self.env, company=self.company)

    def test_the_newest_stays_and_gets_what_it_lacks(self):
        contact = self.env["ghl.contact"].search([], limit=1)
        base = {"contact_id": contact.id}
        oldest = self.make(agenda="Old agenda", tag="old", owner_id=self.colleague.id, duration_seconds=90, **base)
        older = self.make(agenda="Newer agenda", result="Good", **base)
        newest = self.make(result="Best", **base)
        [group] = self.dedupe().groups()
        self.assertEqual((group.kept_id, group.other_ids), (newest.id, (older.id, oldest.id)))
        self.assertEqual(self.dedupe().run(), (1, 2))
        self.assertEqual((newest.agenda, newest.tag, newest.result), ("Newer agenda", "old", "Best"))
        self.assertEqual((newest.owner_id, newest.duration_seconds), (self.colleague, 90))
        self.assertEqual(((oldest | older).mapped("active"), newest.active), ([False, False], True))
        self.assertEqual(older.agenda, "Newer agenda", "a merged call can be restored as it was")
        self.assertEqual(self.dedupe().run(), (0, 0), "a second time there is nothing left")
        self.assert_totals_exact()

    def test_log_chatter_files_activities_and_followers_move(self):
        older, newest = self.make(), self.make()
        older.message_post(body="Said of the older")
        older.message_subscribe(self.colleague.partner_id.ids)
        newest.message_subscribe(self.colleague.partner_id.ids)
        older.message_subscribe(self.admin.partner_id.ids)
        older.activity_schedule("mail.mail_activity_data_todo", user_id=self.admin.id)
        file = self.env["ir.attachment"].create({"name": "a", "raw": b"x", "res_model": "ghl.call", "res_id": older.id})
        created = self.logs(older)
        self.dedupe().run()
        self.env.invalidate_all()
        self.assertIn("Said of the older", "".join(newest.message_ids.mapped("body")))
        self.assertLessEqual(self.admin.partner_id | self.colleague.partner_id, newest.message_partner_ids)
        self.assertEqual((len(newest.activity_ids), file.res_id), (1, newest.id))
        self.assertEqual(created.entity_id, newest.id)
        self.assertEqual(self.logs(newest)[-1].metadata["merged_ids"], [older.id])
        self.assertEqual(self.logs(older).mapped("activity_type"), ["call_deleted"])

    def test_calls_that_differ_in_what_counts_are_no_duplicates(self):
        contacts = self.env["ghl.contact"].search([], limit=2)
        self.make()
        for values in (
            {"subject": "twice"},
            {"start_time": BASE + timedelta(seconds=1)},
            {"contact_id": contacts[0].id},
            {"contact_id": contacts[1].id},
            {"active": False},
            {"provider": "bland", "provider_call_id": "p1"},
            {"provider": "bland", "provider_call_id": "p2"},
            {"company": self.other},
            {"subject": False},
            {"subject": False},
        ):
            self.make(**values)
        self.assertEqual(self.dedupe().groups(), [])
        before = self.stored(self.calls.search([]), set())
        self.assertEqual(self.dedupe().run(), (0, 0))
        self.assertEqual(self.stored(self.calls.search([]), set()), before)

    def test_another_company_is_not_touched(self):
        foreign = self.make(company=self.other) | self.make(company=self.other)
        self.make()
        self.make()
        self.assertEqual(self.dedupe().run(), (1, 1))
        self.assertEqual(foreign.mapped("active"), [True, True])

    def test_a_call_never_becomes_its_own_retry(self):
        older, newest = self.make(), self.make()
        older.retry_of_id = newest
        self.dedupe().run()
        self.assertFalse(newest.retry_of_id)

    def test_what_a_provider_knows_a_call_by_stays_with_that_call(self):
        older, newest = self.make(reference="r-1", submission="unknown"), self.make()
        self.dedupe().run()
        self.assertEqual((older.reference, newest.reference, newest.submission), ("r-1", False, False))

    def test_attempts_of_campaigns_are_no_duplicates(self):
        campaign = self.env["ghl.campaign"].create({"name": "Two of one name", "company_id": self.company.id})
        campaign._add_recipients([{"phone": "+12125550100"}, {"phone": "+12125550101"}])
        for lead in campaign.lead_ids:
            self.make(campaign_id=campaign.id, campaign_lead_id=lead.id)
        self.assertEqual(self.dedupe().groups(), [])

    def test_looking_changes_nothing(self):
        calls = self.make() | self.make()
        before = self.stored(calls, set())
        self.assertEqual(len(self.dedupe().groups()), 1)
        self.assertEqual(self.stored(calls, set()), before)

    def test_only_administrators_of_the_company_may(self):
        with self.assertRaises(AccessError):
            self.dedupe(self.env(user=self.colleague))
        with self.assertRaises(UserError):
            Dedupe(self.env(user=self.admin), company=self.other)
        older = self.make()
        self.make()
        self.assertEqual(self.dedupe(self.env(user=self.admin)).run(), (1, 1))
        self.assertEqual(older.deleted_by_id, self.admin)

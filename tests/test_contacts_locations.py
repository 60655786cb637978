"""Locations and accounts as records: what moving and removing them takes along."""

from odoo.exceptions import UserError
from odoo.tests.common import TransactionCase, tagged

from .common import make_location, mirror


@tagged("post_install", "-at_install")
class TestLocations(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.location = make_location(cls.env, "LOC1")
        mirror(cls.env, cls.location, "ghl.contact", [{"id": "C1", "firstName": "Ann"}, {"id": "C2"}])
        cls.contacts = cls.env["ghl.contact"].search([("location_id", "=", cls.location.id)])
        cls.other_company = cls.env["res.company"].create({"name": "Other"})

    def test_a_location_stays_in_the_company_that_holds_its_contacts(self):
        theirs = self.env["ghl.account"].create({"name": "Theirs", "company_id": self.other_company.id})
        with self.assertRaisesRegex(UserError, "another company"):
            self.location.account_id = theirs
        self.assertEqual(self.location.company_id, self.env.company)

    def test_a_location_may_move_to_another_account_of_its_company(self):
        account = self.env["ghl.account"].create({"name": "Second"})
        self.location.account_id = account
        self.assertEqual(self.location.company_id, self.contacts.company_id)

    def test_an_account_with_locations_stays_in_its_company(self):
        with self.assertRaisesRegex(UserError, "another company"):
            self.location.account_id.company_id = self.other_company

    def test_an_archived_location_holds_its_account_in_the_company_too(self):
        self.location.active = False
        with self.assertRaisesRegex(UserError, "another company"):
            self.location.account_id.company_id = self.other_company

    def test_the_talk_about_contacts_goes_with_their_location(self):
        talked = self.contacts[0]
        talked.message_post(body="Called twice.")
        talked.activity_schedule("mail.mail_activity_data_todo")
        talked.active = False
        self.location.unlink()
        self.assertFalse(self.contacts.exists())
        for model, field in (
            ("mail.message", "model"),
            ("mail.activity", "res_model"),
            ("mail.followers", "res_model"),
        ):
            left = [(field, "=", "ghl.contact"), ("res_id", "in", self.contacts.ids)]
            self.assertFalse(self.env[model].search(left), model)

    def test_the_state_of_the_account_is_not_noted_on_each_location(self):
        before = self.location.message_ids
        self.location.account_id._set_verdict("Create a new token.")
        self.env.flush_all()
        self.location.write({"name": "Renamed"})
        self.location.account_id._set_verdict()
        self.env.flush_all()
        self.cr.precommit.run()
        self.assertEqual(self.location.message_ids, before)

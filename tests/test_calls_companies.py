"""Calls of several companies, whose statuses differ."""

from odoo.tests import TransactionCase, tagged

from .common import make_user


@tagged("post_install", "-at_install", "ghl")
class TestDefaultStatus(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.here, cls.there = cls.env["res.company"].create([{"name": "Here"}, {"name": "There"}])
        cls.own = cls.env["ghl.call.status"].create({"name": "New", "company_id": cls.there.id, "sequence": -1})
        cls.user = make_user(cls.env, "both", "agent", companies=cls.here | cls.there)

    def calls(self, company):
        companies = company | self.here | self.there
        return self.env["ghl.call"].with_user(self.user).with_context(allowed_company_ids=companies.ids)

    def test_a_new_call_starts_in_the_first_column_of_its_own_company(self):
        shared = self.env.ref("ghl.call_status_scheduled")
        self.assertEqual(self.calls(self.here).create({"subject": "x"}).status_id, shared)
        self.assertEqual(self.calls(self.there).create({"subject": "x"}).status_id, self.own)

    def test_so_do_calls_made_for_another_company_than_the_current_one(self):
        wanted = [{"subject": "x", "company_id": company.id} for company in (self.there, self.here)]
        made = self.calls(self.here).create(wanted)
        self.assertEqual(made.company_id.ids, [self.there.id, self.here.id])
        self.assertEqual([call.status_id.company_id for call in made], [self.there, self.env["res.company"]])

    def test_a_status_asked_for_counts(self):
        calls = self.calls(self.here).with_context(default_status_id=self.env.ref("ghl.call_status_missed").id)
        self.assertEqual(calls.create({"subject": "x"}).status_id.kind, "missed")

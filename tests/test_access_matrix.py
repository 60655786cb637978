"""Every model of the addon x every group x own and other company x allowed and other location, by reflection."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests.common import TransactionCase, tagged

from .common import make_location, make_user, mirror

GROUPS = ("viewer", "agent", "campaign_manager", "admin")
# What each group may do beyond reading. A model that is not named is read-only for everybody who may read it.
WRITERS = {
    "ghl.account": {"admin": "write create unlink"},
    "ghl.location": {"admin": "write create unlink"},
    "ghl.user": {"admin": "write"},
    "ghl.tag": {"admin": "write"},
    "ghl.sync.issue": {"admin": "unlink"},
    "ghl.api.key": {"admin": "unlink"},
    "ghl.call": dict.fromkeys(("agent", "campaign_manager", "admin"), "write create"),
    "ghl.call.view": {**dict.fromkeys(("agent", "campaign_manager"), "write create"), "admin": "write create unlink"},
    "ghl.call.status": {"admin": "write create unlink"},
    "ghl.voip.account": {"admin": "write create unlink"},
    "ghl.voip.number": {"admin": "write create unlink"},
    "ghl.campaign": dict.fromkeys(("campaign_manager", "admin"), "write create unlink"),
    "ghl.campaign.window": dict.fromkeys(("campaign_manager", "admin"), "write create unlink"),
    "ghl.campaign.retry": dict.fromkeys(("campaign_manager", "admin"), "write create unlink"),
    "ghl.campaign.holiday": dict.fromkeys(("campaign_manager", "admin"), "write create unlink"),
    "ghl.campaign.lead": dict.fromkeys(("campaign_manager", "admin"), "unlink"),
    "ghl.voice.agent": dict.fromkeys(("campaign_manager", "admin"), "write create unlink"),
}
# Tables that nobody reads through the ORM: secrets, the scratch of a running walk, what triggers keep.
TOTALS = {"ghl.call.total", "ghl.contact.day", "ghl.contact.message.day"}
CLOSED = {"ghl.token", "ghl.sync.seen", "ghl.voip.secret", "ghl.call.pace"} | TOTALS
# What people said, as services delivered it.
FOR_ADMINISTRATORS = {"ghl.webhook.event"}


@tagged("post_install", "-at_install")
class TestAccessMatrix(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.env["res.company"].create({"name": "Other company"})
        cls.here = make_location(cls.env, "HERE")
        cls.there = make_location(cls.env, "THERE")
        cls.abroad = make_location(cls.env, "ABROAD", company=cls.other_company)
        for location in (cls.here, cls.there, cls.abroad):
            cls.fill(location)
        cls.users = {group: make_user(cls.env, f"matrix_{group}", group) for group in GROUPS}
        cls.limited = {group: make_user(cls.env, f"matrix_{group}_here", group, locations=cls.here) for group in GROUPS}
        cls.stranger = make_user(cls.env, "matrix_stranger", None)
        cls.env.flush_all()

    @classmethod
    def fill(cls, location):
        """One record at least of every model that belongs to a location."""
        env, base = cls.env, {"location_id": location.id, "company_id": location.company_id.id}
        user = env["ghl.user"].create({**base, "external_id": "U1", "name": "User"})
        env["ghl.custom.field"].create({**base, "external_id": "F1", "name": "Field"})
        pipeline = env["ghl.pipeline"].create({**base, "external_id": "P1", "name": "Pipeline"})
        env["ghl.pipeline.stage"].create({**base, "external_id": "S1", "name": "Stage", "pipeline_id": pipeline.id})
        mirror(
            env,
            location,
            "ghl.contact",
            [
                {
                    "id": "C1",
                    "firstName": "Ana",
                    "tags": ["hot"],
                    "customFields": [{"id": "F1", "value": 1}],
                    "attributionSource": {"url": "x"},
                    "assignedTo": user.external_id,
                }
            ],
        )
        mirror(env, location, "ghl.contact.task", [{"_id": "T1", "contactId": "C1"}])
        mirror(env, location, "ghl.contact.conversation", [{"id": "V1", "contactId": "C1"}])
        mirror(env, location, "ghl.contact.message", [{"id": "M1", "contactId": "C1"}])
        mirror(env, location, "ghl.contact.opportunity", [{"id": "O1", "contactId": "C1"}])
        cursor = env["ghl.sync.cursor"].create({"location_id": location.id, "entity": "contacts"})
        env["ghl.sync.seen"].create(
            {"cursor_id": cursor.id, "company_id": location.company_id.id, "external_ids": ["C1"]}
        )
        env["ghl.sync.issue"].create({**base, "entity": "contacts", "external_id": "C9", "reason": "no id"})
        env["ghl.job"].create(
            {
                "name": "Job",
                "model": "ghl.location",
                "method": "_job_pull",
                "company_id": location.company_id.id,
                "location_id": location.id,
                "state": "done",
            }
        )
        # A person of the location's company, and no other company's, is behind it.
        call = env["ghl.call"].create({**base, "subject": "Call", **dict.fromkeys(("owner_id", "user_id"), False)})
        env["ghl.call.event"].create(env["ghl.call.event"]._append(call, "INITIATED"))
        owner = make_user(env, f"owner of {location.name}", "campaign_manager", location.company_id)
        campaign = env["ghl.campaign"].create({"company_id": location.company_id.id, "user_id": owner.id})
        campaign._add_contacts(env["ghl.contact"].search([("location_id", "=", location.id)]))

    def models(self):
        """The addon's own persistent models."""
        for name in sorted(self.env.registry):
            model = self.env[name]
            if name.startswith("ghl.") and not model._abstract and not model._transient and model._auto:
                yield model

    def located(self):
        for model in self.models():
            if model._name == "ghl.location" or "location_id" in model._fields:
                yield model

    def test_every_model_is_covered_by_a_company(self):
        for model in self.models():
            self.assertIn("company_id", model._fields, model._name)
            rules = self.env["ir.rule"].search([("model_id.model", "=", model._name)])
            self.assertTrue(any("company_ids" in (rule.domain_force or "") for rule in rules), model._name)

    def test_every_model_of_a_location_obeys_the_users_locations(self):
        for model in self.located():
            if model._name in CLOSED:
                continue
            rules = self.env["ir.rule"].search([("model_id.model", "=", model._name)])
            self.assertTrue(any("ghl_location_ids" in (rule.domain_force or "") for rule in rules), model._name)

    def test_who_is_in_no_group_reads_nothing(self):
        for model in self.models():
            with self.assertRaises(AccessError, msg=model._name):
                model.with_user(self.stranger).search([])

    def test_nobody_reads_secrets_and_scratch(self):
        for name in CLOSED:
            for group, user in self.users.items():
                with self.assertRaises(AccessError, msg=f"{name} as {group}"):
                    self.env[name].with_user(user).search([])

    def test_only_administrators_read_what_is_for_them(self):
        for name in FOR_ADMINISTRATORS:
            for group, user in self.users.items():
                self.assertEqual(self.env[name].with_user(user).has_access("read"), group == "admin", name)

    def test_nobody_sees_another_company(self):
        for model in self.models():
            if model._name in CLOSED:
                continue
            for group, user in self.users.items():
                if model._name in FOR_ADMINISTRATORS and group != "admin":
                    continue
                found = model.with_user(user).with_context(active_test=False).search([])
                companies = found.sudo().company_id
                self.assertLessEqual(companies, self.env.company, f"{model._name} as {group}")

    def test_every_located_model_has_a_record_to_be_hidden(self):
        for model in self.located():
            location = "id" if model._name == "ghl.location" else "location_id"
            if model._name in CLOSED:
                continue
            for place in (self.here, self.there, self.abroad):
                self.assertTrue(
                    model.with_context(active_test=False).search_count([(location, "=", place.id)]), model._name
                )

    def test_a_limited_user_sees_the_allowed_location_only(self):
        for model in self.located():
            if model._name in CLOSED:
                continue
            location = "id" if model._name == "ghl.location" else "location_id"
            for group, user in self.limited.items():
                found = model.with_user(user).with_context(active_test=False).search([])
                ids = found.sudo().mapped(location if location == "id" else "location_id.id")
                self.assertEqual(set(ids), {self.here.id}, f"{model._name} as {group}")

    def test_an_unlimited_user_sees_all_locations_of_the_company(self):
        found = self.env["ghl.contact"].with_user(self.users["viewer"]).search([])
        self.assertEqual(found.location_id, self.here | self.there)

    def test_only_the_named_groups_change_records(self):
        for model in self.models():
            for group, user in self.users.items():
                allowed = WRITERS.get(model._name, {}).get(group, "").split()
                for operation in ("write", "create", "unlink"):
                    self.assertEqual(
                        model.with_user(user).has_access(operation),
                        operation in allowed,
                        f"{operation} {model._name} as {group}",
                    )

    def test_a_limit_can_be_lifted_and_set_while_the_user_works(self):
        user = self.limited["viewer"]
        contacts = self.env["ghl.contact"].with_user(user)
        self.assertEqual(len(contacts.search([])), 1)
        user.ghl_location_ids = [Command.clear()]
        self.assertEqual(len(contacts.search([])), 2)
        user.ghl_location_ids = [Command.link(self.there.id)]
        self.assertEqual(contacts.search([]).location_id, self.there)

    def test_a_record_of_another_company_cannot_be_read_by_its_number(self):
        foreign = self.env["ghl.contact"].search([("location_id", "=", self.abroad.id)])
        self.assertTrue(foreign)
        for group, user in self.users.items():
            with self.assertRaises(AccessError, msg=group):
                foreign.with_user(user).read(["name"])

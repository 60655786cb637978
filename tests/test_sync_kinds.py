"""Which kinds of records a location synchronises: chosen by people, obeyed by every sync."""

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, TransactionCase, tagged

from ..ghl_contacts.mirror.kinds import KINDS, SWITCHES, dependent, needed
from .common import SandboxCase, make_location, make_user

SCREENS = {
    "users": ["GET /users/search"],
    "contacts": [
        "POST /contacts/search",
        "GET /locations/{locationId}/customFields",
        "GET /locations/{locationId}/tags",
    ],
    "tasks": ["POST /locations/{locationId}/tasks/search"],
    "conversations": ["GET /conversations/search"],
    "messages": ["GET /conversations/messages/export"],
    "pipelines": ["GET /opportunities/pipelines"],
    "opportunities": ["POST /opportunities/search"],
}


@tagged("post_install", "-at_install", "ghl")
class TestChoosing(TransactionCase):
    def setUp(self):
        super().setUp()
        self.location = make_location(self.env)

    def chosen(self, location=None):
        return {kind["name"] for kind in (location or self.location)._read_kinds() if kind["on"]}

    def test_everything_is_chosen_at_first(self):
        self.assertEqual(self.chosen(), set(KINDS))

    def test_what_needs_a_kind_goes_with_it(self):
        self.location.action_choose("contacts", False)
        self.assertEqual(self.chosen(), {"users", "pipelines"})

    def test_a_kind_takes_along_what_it_needs(self):
        self.location.action_choose("contacts", False)
        self.location.action_choose("pipelines", False)
        self.location.action_choose("opportunities", True)
        self.assertEqual(self.chosen(), {"users", "contacts", "pipelines", "opportunities"})
        self.location.action_choose("calls", True)
        self.assertEqual(self.chosen(), {"users", "contacts", "messages", "calls", "pipelines", "opportunities"})

    def test_what_a_kind_needs_is_told(self):
        needs = {kind["name"]: kind["needs"] for kind in self.location._read_kinds()}
        self.assertEqual((needs["tasks"], needs["calls"]), (["Contacts"], ["Messages"]))
        self.assertEqual((needs["opportunities"], needs["contacts"]), (["Contacts", "Pipelines"], []))

    def test_there_is_no_end_of_need_that_bites_its_tail(self):
        for name in KINDS:
            self.assertNotIn(name, needed(name))
            for other in needed(name):
                self.assertIn(name, dependent(other))

    def test_tasks_without_contacts_are_refused(self):
        self.location.sync_contacts = False
        with self.assertRaisesRegex(ValidationError, "Tasks need Contacts"):
            self.location.sync_tasks = True

    def test_calls_without_messages_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "Calls need Messages"):
            self.location.write({"sync_messages": False, "sync_calls": True})

    def test_opportunities_without_pipelines_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "Opportunities need Pipelines"):
            self.location.write({"sync_pipelines": False, "sync_opportunities": True})

    def test_a_location_that_contradicts_itself_is_not_created(self):
        values = {"name": "X", "external_id": "KINDS", "account_id": self.location.account_id.id}
        with self.assertRaises(ValidationError):
            self.location.create({**values, "sync_contacts": False, "sync_conversations": True})
        self.assertEqual(self.chosen(self.location.create({**values, "sync_contacts": False})), {"users", "pipelines"})

    def test_a_kind_nobody_knows_is_refused(self):
        for name in ("invoices", "", "contacts ", None, "sync_tasks"):
            with self.assertRaisesRegex(UserError, "no such kind"):
                self.location.action_choose(name, True)

    def test_only_administrators_choose(self):
        for group in ("viewer", "agent", "campaign_manager"):
            user = make_user(self.env, f"kinds_{group}", group)
            with self.assertRaises(AccessError):
                self.location.with_user(user).action_choose("tasks", False)
            with self.assertRaises(AccessError):
                self.location.with_user(user).sync_tasks = False
        self.location.with_user(make_user(self.env, "kinds_admin", "admin")).action_choose("tasks", False)
        self.assertFalse(self.location.sync_tasks)

    def test_nobody_chooses_for_another_company(self):
        other = self.env["res.company"].create({"name": "Kinds Ltd"})
        stranger = make_user(self.env, "kinds_stranger", "admin", companies=other)
        for call in (lambda place: place.action_choose("tasks", False), lambda place: place.read_survey()):
            with self.assertRaises(AccessError):
                call(self.location.with_user(stranger))

    def test_the_form_shows_what_goes_along_before_it_is_saved(self):
        with Form(self.location) as form:
            form.sync_contacts = False
            self.assertFalse(form.sync_tasks or form.sync_calls or form.sync_opportunities)
        self.assertEqual(self.chosen(), {"users", "pipelines"})
        with Form(self.location) as form:
            form.sync_calls = True
            self.assertTrue(form.sync_messages and form.sync_contacts)
        self.assertEqual(self.chosen(), {"users", "pipelines", "contacts", "messages", "calls"})

    def test_every_kind_has_its_switch_and_its_words(self):
        self.assertEqual(set(SWITCHES) - set(self.location._fields), set())
        self.assertTrue(all(kind["label"] for kind in self.location._read_kinds()))


@tagged("post_install", "-at_install", "ghl")
class TestObeying(SandboxCase):
    sandbox_options = {"contacts": 40, "locations": 1}

    def asked(self):
        return self.sandbox.ledger()["requests"]

    def count(self, model):
        return self.env[model].search_count([("location_id", "=", self.location.id)])

    def test_a_kind_that_is_not_chosen_is_not_asked_for(self):
        for name, requests in SCREENS.items():
            with self.subTest(kind=name):
                self.location.write(dict.fromkeys(SWITCHES, True))
                self.location.action_choose(name, False)
                self.sandbox.reset_ledger()
                job = self.pull("full")
                self.assertEqual(job.state, "done", job.error)
                self.assertEqual([one for one in requests if one in self.asked()], [])

    def test_with_nothing_chosen_only_the_location_is_read(self):
        self.location.write(dict.fromkeys(SWITCHES, False))
        self.sandbox.reset_ledger()
        job = self.pull("full")
        self.assertEqual((job.state, set(job.result["entities"])), ("done", {"location"}))
        self.assertEqual(self.sandbox.ledger()["total"], 1)

    def test_the_schedule_and_the_buttons_obey_too(self):
        self.location.action_choose("tasks", False)
        self.location.last_synced_at = fields.Datetime.now()
        for start in (
            lambda: self.env["ghl.location"]._cron_pull("full"),
            lambda: self.env["ghl.location"]._cron_pull("incremental"),
            self.location.action_sync_now,
            self.location.action_full_sync,
        ):
            start()
            self.sandbox.reset_ledger()
            self.env["ghl.job"].drain()
            self.assertIn("POST /contacts/search", self.asked())
            self.assertNotIn(SCREENS["tasks"][0], self.asked())
        self.assertFalse(self.count("ghl.contact.task"))

    def test_what_is_here_stays_when_a_kind_is_switched_off_and_goes_on_when_it_is_switched_on(self):
        self.pull("full")
        held = self.count("ghl.contact.task")
        self.location.action_choose("tasks", False)
        self.sandbox.mutate(tasks=5)
        self.pull("full")
        self.assertEqual(self.count("ghl.contact.task"), held)
        self.location.action_choose("tasks", True)
        self.pull()
        self.assert_mirror_equals_remote()

    def test_messages_without_calls_make_no_calls_and_a_full_sync_brings_them_later(self):
        self.location.action_choose("calls", False)
        self.pull("full")
        calls = [("message_type", "=", "TYPE_CALL"), ("location_id", "=", self.location.id)]
        self.assertTrue(self.env["ghl.contact.message"].search_count(calls))
        self.assertFalse(self.count("ghl.call"))
        self.location.action_choose("calls", True)
        self.pull("full")
        self.assertEqual(self.count("ghl.call"), self.env["ghl.contact.message"].search_count(calls))

    def test_a_refusal_without_contacts_to_prove_the_connection_still_names_the_kind(self):
        self.location.action_choose("contacts", False)
        self.sandbox.set_faults({"403": {"rate": 1, "path": "/opportunities/pipelines"}})
        job = self.pull("full")
        self.assertEqual(job.state, "parked")
        self.assertRegex(job.error, "^Pipelines: GoHighLevel ")
        self.assertTrue(self.location.last_synced_at, "users were read")

    def test_refused_credentials_are_told_once_when_few_kinds_are_chosen(self):
        self.location.action_choose("contacts", False)
        self.env["ghl.token"].search([("location_id", "=", self.location.id)]).access_token = "pit-revoked"
        job = self.pull("full")
        self.assertEqual(job.state, "parked")
        self.assertRegex(job.error, "^GoHighLevel ")
        self.assertEqual(self.location.account_id.state, "error")

    def test_the_progress_of_a_kind_switched_off_is_not_shown_as_part_of_a_sync(self):
        self.pull("full")
        self.location.action_choose("tasks", False)
        self.sandbox.set_faults({"403": {"rate": 1, "path": "/contacts/search"}})
        self.pull("full")
        (shown,) = [row for row in self.env["ghl.location"].read_start() if row["id"] == self.location.id]
        self.assertNotIn("tasks", [row["name"] for row in shown["entities"]])

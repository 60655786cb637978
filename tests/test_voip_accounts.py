"""Telephone accounts: secrets go in and never come out, doors open to their own address only."""

from datetime import timedelta
from pathlib import Path

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, TransactionCase, tagged
from odoo.tools import mute_logger

from ..ghl_calls.models.ghl_voip_account import PROVIDERS, SECRETS, SETTINGS
from ..ghl_calls.providers import registry
from .common import make_location, make_user, mirror
from .scripted_http import Reply, ScriptedServer
from .voip_data import SECRET, make_account, make_agent

TAKEN = Reply(200, {"status": "success", "call_id": "bl-1"})


@tagged("post_install", "-at_install", "ghl")
class TestSecrets(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = make_account(cls.env)
        cls.admin = make_user(cls.env, "voip_admin", "admin")
        cls.viewer = make_user(cls.env, "voip_viewer", "viewer")

    def test_the_form_has_every_setting_of_every_provider(self):
        self.assertLessEqual(set(registry.PROVIDERS), set(dict(PROVIDERS)))
        for provider in registry.PROVIDERS.values():
            for field in provider.FIELDS:
                where = SECRETS if field.secret else (*SETTINGS, "base_url")
                self.assertIn(field.name, where, f"{provider.name}: {field.name}")

    def test_nobody_reads_a_secret_back(self):
        self.account.with_user(self.admin).write({"api_key": "sk-new-and-secret"})
        self.env.flush_all()
        for user in (self.admin, self.viewer):
            account = self.account.with_user(user)
            names = list(account.fields_get())
            self.assertNotIn("sk-new-and-secret", str(account.read(names)), user.login)
            self.assertNotIn("sk-new-and-secret", str(account.web_read({name: {} for name in names})), user.login)
            with self.assertRaises(AccessError):
                self.env["ghl.voip.secret"].with_user(user).search([])
        self.assertIn('"sk-new-and-secret"', self.account._settings(), "kept all the same")

    def test_the_answer_to_saving_does_not_hold_what_was_typed(self):
        saved = self.account.with_user(self.admin).web_save({"api_key": "sk-typed"}, {"api_key": {}, "secrets_set": {}})
        self.assertEqual(saved[0]["api_key"], False)
        self.assertIn("API key", saved[0]["secrets_set"])

    def test_a_new_account_does_not_give_back_its_secret_either(self):
        with Form(self.env["ghl.voip.account"].with_user(self.admin)) as form:
            form.name, form.api_key = "New", "sk-in-a-form"
        account = form.record
        self.assertFalse(account.api_key)
        self.assertIn('"sk-in-a-form"', account.sudo()._settings())

    def test_secrets_are_in_no_export_and_no_copy(self):
        for name in (*SECRETS, "door_token"):
            self.assertFalse(self.account._fields[name].exportable, name)
        copied = self.account.copy()
        self.assertFalse(copied.secrets_set)
        self.assertNotEqual(copied.door_token, self.account.door_token)

    def test_an_empty_field_keeps_what_is_stored_and_only_the_button_removes_it(self):
        self.account.write({"api_key": False, "name": "Renamed"})
        self.assertIn("sk-for-tests", self.account._settings())
        self.account.action_forget_secrets()
        self.assertEqual(self.account._settings(), '{"base_url": "http://127.0.0.1:9"}')
        self.assertEqual(self.account.state, "stopped")

    def test_secrets_leave_no_trace_in_the_chatter(self):
        self.account.with_user(self.admin).write({"api_key": "sk-tracked", "name": "Tracked"})
        self.env.flush_all()
        self.assertNotIn("sk-tracked", str(self.account.message_ids.mapped("body")))

    def test_the_door_is_shown_to_administrators_only(self):
        with self.assertRaises(AccessError):
            self.account.with_user(self.viewer).read(["door_token"])
        with self.assertRaises(AccessError):
            self.account.with_user(self.viewer).read(["door_address"])
        self.assertIn(self.account.door_token, self.account.with_user(self.admin).door_address)

    def test_only_administrators_press_the_buttons(self):
        for button in ("action_test_connection", "action_stop", "action_rotate_door_token", "action_forget_secrets"):
            with self.assertRaises(AccessError, msg=button):
                getattr(self.account.with_user(self.viewer), button)()

    def test_secrets_go_over_encrypted_lines_only(self):
        for address in ("http://api.example.com", "ftp://x", "api.example.com"):
            with self.assertRaises(ValidationError, msg=address):
                self.account.base_url = address

    def test_a_copy_of_the_database_can_call_nobody(self):
        self.account.state = "connected"
        old = self.account.door_token
        self.env.flush_all()
        sql = Path(__file__).resolve().parents[1] / "data" / "neutralize.sql"
        self.env.cr.execute(sql.read_text())
        self.env.invalidate_all()
        self.assertEqual(self.account.state, "stopped")
        self.assertNotIn("sk-for-tests", self.account._settings())
        self.assertNotEqual(self.account.door_token, old)

    def test_a_caller_number_is_written_in_full_and_once(self):
        numbers = self.env["ghl.voip.number"]
        numbers.create({"account_id": self.account.id, "number": "+15005550101"})
        for wrong in ("5005550101", "+1 500 555 0101", "hello", "+"):
            with self.assertRaises(ValidationError, msg=wrong):
                numbers.create({"account_id": self.account.id, "number": wrong})
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            numbers.create({"account_id": self.account.id, "number": "+15005550101"})


@tagged("post_install", "-at_install", "ghl")
class TestDoorAddress(TransactionCase):
    def setUp(self):
        super().setUp()
        self.account = make_account(self.env)
        self.accounts = self.env["ghl.voip.account"]

    def test_a_door_is_found_by_its_token_and_by_no_other(self):
        self.assertEqual(self.accounts._door(self.account.door_token)[0], self.account.id)
        for wrong in ("", "x", self.account.door_token[:-1], self.account.door_token + "x", "False"):
            self.assertIsNone(self.accounts._door(wrong), wrong)

    def test_a_new_address_works_at_once_and_the_old_one_for_a_while(self):
        old = self.account.door_token
        self.accounts._door(old)
        self.account.action_rotate_door_token()
        self.assertNotEqual(self.account.door_token, old)
        self.assertIsNone(self.accounts._door(self.account.door_token)[4])
        until = self.accounts._door(old)[4]
        self.assertLess(until, fields.Datetime.now() + timedelta(hours=5))
        self.account.action_revoke_old_address()
        self.assertIsNone(self.accounts._door(old), "closed, although it was just used")

    def test_the_door_of_an_archived_account_is_closed(self):
        token = self.account.door_token
        self.accounts._door(token)
        self.account.active = False
        self.assertIsNone(self.accounts._door(token))

    def test_a_changed_secret_is_used_by_the_next_delivery(self):
        token = self.account.door_token
        self.assertIn(SECRET, self.accounts._door(token)[3])
        self.account.webhook_secret = "another"
        self.assertIn('"another"', self.accounts._door(token)[3])

    def test_the_public_address_is_a_setting(self):
        self.env["ir.config_parameter"].set_param("ghl.public_base_url", "https://odoo.example.com/")
        url = self.account._door_url("status", "abc")
        self.assertEqual(url, f"https://odoo.example.com/ghl/voip/{self.account.door_token}/status/abc")


@tagged("post_install", "-at_install", "ghl")
class TestConnection(TransactionCase):
    def test_a_tested_account_is_connected_or_stopped_with_the_reason(self):
        script = (
            Reply(200, {"count": 0, "total_count": 12, "calls": []}),
            Reply(401, {"status": "error", "message": "no such key"}),
        )
        with ScriptedServer(*script) as server:
            account = make_account(self.env, server.url)
            self.assertEqual(account.action_test_connection()["params"]["type"], "success")
            self.assertEqual((account.state, account.state_reason), ("connected", False))
            self.assertEqual(account.action_test_connection()["params"]["type"], "danger")
            self.assertEqual(account.state, "stopped")
            self.assertTrue(account.state_reason.endswith("."))

    def test_missing_settings_are_named(self):
        account = self.env["ghl.voip.account"].create({"name": "Empty", "provider": "bland"})
        account.action_test_connection()
        self.assertIn("API key", account.state_reason)

    def test_agents_find_the_call_among_the_actions_of_a_contact(self):
        location = make_location(self.env)
        mirror(self.env, location, "ghl.contact", [{"id": "C1", "firstName": "Ana", "phone": "+15005550006"}])
        contact = self.env["ghl.contact"].search([("external_id", "=", "C1")])
        agent = make_agent(self.env, make_account(self.env))
        user = make_user(self.env, "voip_binding", "agent")
        wizards = self.env["ghl.call.place.wizard"].with_user(user)
        names = ["contact_id", "to_number", "voice_agent_id"]
        values = wizards.with_context(active_model="ghl.contact", active_id=contact.id).default_get(names)
        self.assertEqual((values["contact_id"], values["voice_agent_id"]), (contact.id, agent.id))
        with Form(wizards.with_context(active_model="ghl.contact", active_id=contact.id)) as form:
            self.assertEqual((form.contact_id, form.to_number), (contact, "+15005550006"))
        values = wizards.with_context(active_model="res.partner", active_id=contact.id).default_get(names)
        self.assertFalse(values.get("contact_id"))

        def bound(person):
            actions = self.env["ir.actions.actions"].with_user(person).get_bindings("ghl.contact").get("action", [])
            return [action["binding_view_types"] for action in actions if action["name"] == "Call with AI"]

        self.assertEqual(bound(user), ["form"])
        self.assertEqual(bound(make_user(self.env, "voip_looker")), [])

    def test_a_contact_is_called_from_its_form(self):
        location = make_location(self.env)
        mirror(self.env, location, "ghl.contact", [{"id": "C1", "firstName": "Ana", "phone": "+15005550006"}])
        contact = self.env["ghl.contact"].search([("external_id", "=", "C1")])
        agent_user = make_user(self.env, "voip_agent", "agent")
        with ScriptedServer(TAKEN) as server:
            agent = make_agent(self.env, make_account(self.env, server.url))
            wizards = self.env["ghl.call.place.wizard"].with_user(agent_user)
            with Form(wizards.with_context(default_contact_id=contact.id)) as form:
                form.voice_agent_id = agent
            action = form.record.action_call()
            self.assertEqual(server.asked[0].json["phone_number"], "+15005550006")
        call = self.env["ghl.call"].browse(action["res_id"])
        self.assertEqual((call.state, call.contact_id, call.source), ("initiated", contact, "bland"))

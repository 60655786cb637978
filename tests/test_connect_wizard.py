"""Connecting locations by token: what GoHighLevel does not accept leaves no trace, and no secret comes back."""

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, TransactionCase, tagged
from odoo.tools import mute_logger

from ..dev.sandbox.client import running_sandbox
from .common import make_location, make_user


@tagged("post_install", "-at_install")
class TestConnectWizard(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sandbox = cls.enterClassContext(running_sandbox(contacts=20, locations=2, rate_limit=False))
        cls.admin = make_user(cls.env, "connect_admin", "admin")
        cls.wizards = cls.env["ghl.connect.wizard"].with_user(cls.admin)
        cls.first, cls.second = cls.sandbox.location_ids[:2]

    def _filled(self, **values):
        """The wizard as the form saves it."""
        form = Form(self.wizards)
        form.location_external_ids = self.first
        form.token = self.sandbox.private_tokens[self.first]
        form.base_url = self.sandbox.base_url
        form.name = "My agency"
        for name, value in values.items():
            form[name] = value
        return form.save()

    def _traces(self):
        return [
            self.env[model].sudo().search_count([], limit=None)
            for model in ("ghl.account", "ghl.location", "ghl.token", "ghl.job")
        ]

    def _locations(self):
        return self.env["ghl.location"].search([("external_id", "in", [self.first, self.second])])

    def test_an_accepted_token_makes_account_location_and_token_and_starts_a_full_sync(self):
        action = self._filled().action_connect()
        location = self._locations()
        self.assertEqual((action["res_model"], action["res_id"]), ("ghl.location", location.id))
        self.assertEqual(location.external_id, self.first)
        self.assertTrue(location.name)
        self.assertNotEqual(location.name, self.first)
        self.assertEqual(location.account_id.name, "My agency")
        self.assertEqual(location.account_id.state, "connected")
        self.assertEqual(location.account_id.external_id, self.sandbox.company_id)
        token = self.env["ghl.token"].search([("location_id", "=", location.id)])
        self.assertEqual(token.access_token, self.sandbox.private_tokens[self.first])
        job = self.env["ghl.job"].search([("location_id", "=", location.id)])
        self.assertEqual((len(job), job.payload["mode"]), (1, "full"))

    def test_without_the_tick_nothing_is_synchronised_yet(self):
        self._filled(full_sync=False).action_connect()
        self.assertFalse(self.env["ghl.job"].search([("location_id", "in", self._locations().ids)]))

    def test_a_wrong_token_writes_nothing_and_says_so(self):
        before = self._traces()
        wizard = self._filled(token="pit-wrong")
        action = wizard.action_connect()
        self.assertEqual((action["res_model"], action["res_id"]), ("ghl.connect.wizard", wizard.id))
        self.assertIn(self.first, wizard.error)
        self.assertIn("GoHighLevel", wizard.error)
        self.assertNotIn("pit-wrong", wizard.error)
        self.assertEqual(self._traces(), before)

    def test_one_unknown_location_among_several_writes_nothing(self):
        before = self._traces()
        wizard = self._filled(location_external_ids=f"{self.first}, NOTTHERE")
        wizard.action_connect()
        self.assertIn("NOTTHERE", wizard.error)
        self.assertEqual(self._traces(), before)

    def test_nobody_answering_is_told_in_a_sentence(self):
        wizard = self._filled(base_url="http://127.0.0.1:9")
        wizard.action_connect()
        self.assertIn("could not be reached", wizard.error)
        self.assertNotIn("Traceback", wizard.error)

    def test_a_server_error_writes_nothing(self):
        self.sandbox.set_faults({"500": {"rate": 1}})
        self.addCleanup(self.sandbox.clear_faults)
        before = self._traces()
        with mute_logger("odoo.addons.ghl"):
            wizard = self._filled()
            wizard.action_connect()
        self.assertTrue(wizard.error)
        self.assertEqual(self._traces(), before)

    def test_the_token_is_never_read_back(self):
        wizard = self._filled()
        self.assertFalse(wizard.token)
        self.assertFalse(wizard.read(["token"])[0]["token"])
        with self.assertRaises(AccessError):
            wizard.read(["pending_token"])
        with self.assertRaises(AccessError):
            wizard.search([("pending_token", "=like", "pit%")])
        self.assertNotIn("pending_token", wizard.fields_get())

    def test_the_token_leaves_the_wizard_whatever_the_outcome(self):
        for token in ("pit-wrong", self.sandbox.private_tokens[self.first]):
            wizard = self._filled(token=token)
            self.assertEqual(wizard.sudo().pending_token, token)
            wizard.action_connect()
            self.assertFalse(wizard.sudo().pending_token)

    def test_pressing_connect_again_asks_for_the_token_again(self):
        wizard = self._filled(token="pit-wrong")
        wizard.action_connect()
        wizard.action_connect()
        self.assertIn("Paste", wizard.error)

    def test_connecting_again_replaces_the_token_and_makes_no_second_location(self):
        self._filled().action_connect()
        location = self._locations()
        token = self.env["ghl.token"].search([("location_id", "=", location.id)])
        token.access_token = "pit-old"
        version = token.version
        self._filled().action_connect()
        self.assertEqual(self._locations(), location)
        self.assertEqual(token.access_token, self.sandbox.private_tokens[self.first])
        self.assertGreater(token.version, version)

    def test_a_second_location_of_the_agency_joins_its_account(self):
        self._filled().action_connect()
        self._filled(location_external_ids=self.second, token=self.sandbox.private_tokens[self.second]).action_connect()
        self.assertEqual(len(self._locations()), 2)
        self.assertEqual(len(self._locations().account_id), 1)

    def test_the_form_takes_the_address_of_the_chosen_account(self):
        self._filled().action_connect()
        form = Form(self.wizards)
        form.account_id = self._locations().account_id.with_user(self.admin)
        self.assertEqual(form.base_url, self.sandbox.base_url)

    def test_an_archived_location_comes_back(self):
        self._filled().action_connect()
        location = self._locations()
        location.active = False
        self._filled().action_connect()
        self.assertTrue(location.active)

    def test_a_location_of_another_account_is_refused(self):
        other = make_location(self.env, self.first, base_url=self.sandbox.base_url)
        mine = make_location(self.env, "ELSE", base_url=self.sandbox.base_url).account_id
        wizard = self._filled(account_id=mine.with_user(self.admin))
        wizard.action_connect()
        self.assertIn(other.account_id.name, wizard.error)
        self.assertEqual(other.account_id.location_ids, other)

    def test_an_account_of_another_agency_is_refused(self):
        account = make_location(self.env, "ELSE", base_url=self.sandbox.base_url).account_id
        account.external_id = "another"
        wizard = self._filled(account_id=account.with_user(self.admin))
        wizard.action_connect()
        self.assertIn("another agency", wizard.error)
        self.assertFalse(self._locations())

    def test_what_is_no_location_id_is_refused_before_any_request(self):
        self.sandbox.reset_ledger()
        for text in ("../users", "a b/c", "x" * 65, ",", "id?x=1", ", ".join(f"L{n}" for n in range(21))):
            with self.subTest(text=text), self.assertRaises(ValidationError):
                self._filled(location_external_ids=text)
        self.assertFalse(self.sandbox.ledger().get("total", 0))

    def test_a_token_is_not_sent_to_an_unsafe_address(self):
        for url in ("http://example.com", "ftp://x", "http://127.0.0.1.example.com", "http://localhost@evil.com", "x"):
            with self.subTest(url=url), self.assertRaises(ValidationError):
                self._filled(base_url=url)

    def test_only_administrators_may_connect(self):
        agent = make_user(self.env, "connect_agent", "agent")
        with self.assertRaises(AccessError):
            self.env["ghl.connect.wizard"].with_user(agent).create({"location_external_ids": self.first})

    def test_another_administrator_cannot_press_my_button(self):
        wizard = self._filled()
        colleague = make_user(self.env, "connect_colleague", "admin")
        with self.assertRaises(AccessError):
            wizard.with_user(colleague).action_connect()

    def test_the_same_location_may_be_connected_in_two_companies(self):
        self._filled().action_connect()
        company = self.env["res.company"].create({"name": "Second"})
        owner = make_user(self.env, "connect_second", "admin", companies=company)
        wizard = (
            self.env["ghl.connect.wizard"]
            .with_user(owner)
            .create(
                {
                    "location_external_ids": self.first,
                    "token": self.sandbox.private_tokens[self.first],
                    "base_url": self.sandbox.base_url,
                }
            )
        )
        wizard.action_connect()
        self.assertEqual(self._locations().company_id, self.env.company | company)

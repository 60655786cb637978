"""The demonstration data that Odoo loads on request."""

from odoo.modules import Manifest
from odoo.tests import TransactionCase, tagged
from odoo.tools.convert import convert_file

from ..ghl_contacts.mirror import figures


@tagged("post_install", "-at_install", "ghl")
class TestDemoData(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in Manifest.for_addon("ghl")["demo"]:
            convert_file(cls.env, "ghl", name, {}, mode="init", noupdate=True)
        cls.location = cls.env.ref("ghl.demo_location")

    def test_it_shows_a_location_with_everything_that_can_hang_on_contacts(self):
        for model in ("contact", "contact.task", "contact.conversation", "contact.message", "contact.opportunity",
                      "contact.attribution", "contact.custom.value", "user", "tag"):  # fmt: skip
            self.assertTrue(self.env[f"ghl.{model}"].search_count([("location_id", "=", self.location.id)]), model)

    def test_what_contacts_show_of_their_messages_is_what_the_messages_say(self):
        contacts = self.env["ghl.contact"].search([("location_id", "=", self.location.id)])
        shown = contacts.read(["touches", "engagements", "last_message_body", "last_message_date", "first_touch_date"])
        figures.refresh(self.env, self.location)
        self.assertEqual(contacts.read(list(shown[0])), shown)

    def test_its_calls_are_on_the_board_and_in_the_log(self):
        calls = self.env["ghl.call"].search([("location_id", "=", self.location.id)])
        self.assertEqual(len(calls), 10)
        self.assertEqual(len(calls.activity_log_ids), 10)
        self.assertGreater(len(calls.status_id), 4)

    def test_it_is_never_synchronised(self):
        self.assertFalse(self.location.sync_enabled)

"""What a limit to locations lets through: of the user, of the API key, and of both."""

from contextlib import nullcontext

from odoo.exceptions import AccessError, UserError
from odoo.http import Controller, request
from odoo.tests import new_test_user

from ..ghl_base.http import api_route
from .common_http import ApiCase


class LocationsSeen(Controller):
    @api_route("/api/test/locations", documented=False)
    def locations(self):
        return {"locations": request.env["ghl.location"].search([], order="name").mapped("name")}


class TestLocationScope(ApiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        account = cls.env["ghl.account"].search([("company_id", "=", cls.env.company.id)], limit=1) or cls.env[
            "ghl.account"
        ].create({"name": "Scope"})
        cls.a, cls.b, cls.c = cls.env["ghl.location"].create(
            [{"name": f"Scope {name}", "external_id": f"scope-{name}", "account_id": account.id} for name in "ABC"]
        )

    def seen(self, *key_locations):
        ids = [loc.id for loc in key_locations]
        response = self.call("/api/test/locations", key=self.make_key(self.viewer, ghl_location_ids=[(6, 0, ids)]))
        self.assertEqual(response.status_code, 200, response.text)
        return [name for name in response.json()["locations"] if name.startswith("Scope ")]

    def test_without_a_limit_everything_of_the_company_is_seen(self):
        self.assertEqual(self.seen(), ["Scope A", "Scope B", "Scope C"])

    def test_a_key_sees_only_its_locations_and_another_key_of_the_user_the_rest(self):
        self.assertEqual(self.seen(self.a), ["Scope A"])
        self.assertEqual(self.seen(self.b, self.c), ["Scope B", "Scope C"])

    def test_a_key_never_sees_more_than_its_user(self):
        self.viewer.ghl_location_ids = self.a | self.b
        self.assertEqual(self.seen(), ["Scope A", "Scope B"])
        self.assertEqual(self.seen(self.b, self.c), ["Scope B"])
        self.assertEqual(self.seen(self.c), [])

    def test_changing_a_limit_works_at_once(self):
        token = self.make_key(self.viewer, ghl_location_ids=[(6, 0, self.a.ids)])
        key = self.env["ghl.api.key"].search([("user_id", "=", self.viewer.id)], limit=1)
        names = lambda: self.call("/api/test/locations", key=token).json()["locations"]  # noqa: E731
        self.assertEqual(names(), ["Scope A"])
        key.sudo().ghl_location_ids = self.b
        self.assertEqual(names(), ["Scope B"])
        self.viewer.ghl_location_ids = self.a
        self.assertEqual(names(), [])

    def test_an_archived_or_deleted_location_does_not_lift_the_limit(self):
        self.a.active = False
        self.assertEqual(self.seen(self.a), [])
        self.seen(self.b)
        with self.assertRaisesRegex(UserError, "API keys are limited to it: "):
            self.b.unlink()
        self.viewer.ghl_location_ids = self.c
        with self.assertRaisesRegex(UserError, "users are limited to it: "):
            self.c.unlink()

    def test_a_context_sent_by_a_web_client_can_only_narrow(self):
        self.viewer.ghl_location_ids = self.a
        locations = self.env["ghl.location"].with_user(self.viewer)
        for sent, expected in (
            ([], ["Scope A"]),
            (self.b.ids, []),
            ("junk", ["Scope A"]),
            ((self.a | self.b).ids, ["Scope A"]),
        ):
            found = locations.with_context(ghl_location_ids=sent).search([("name", "like", "Scope")])
            self.assertEqual(found.mapped("name"), expected, sent)

    def test_an_administrator_with_a_limit_makes_no_key_for_users_who_see_more(self):
        admin = new_test_user(self.env, "scope_admin", groups="ghl.group_ghl_admin")
        admin.ghl_location_ids = self.a | self.b
        keys = self.env["ghl.api.key"].with_user(admin)
        for theirs, refused in ((self.c.browse(), True), (self.b | self.c, True), (self.b, False)):
            self.viewer.ghl_location_ids = theirs
            with self.assertRaises(AccessError) if refused else nullcontext():
                keys._generate("k", self.viewer)

    def test_the_window_passes_the_limit_on(self):
        wizard = (
            self.env["ghl.api.key.wizard"].with_user(self.viewer).create({"name": "w", "ghl_location_ids": self.a.ids})
        )
        token = wizard.action_generate()["context"]["default_key"]
        self.assertEqual(self.call("/api/test/locations", key=token).json()["locations"], ["Scope A"])

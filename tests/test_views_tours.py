"""The back office in a real browser, against a real sandbox. The browser fails the test on any console error."""

from urllib.parse import quote, urlencode

from odoo.tests import tagged

from .common import SandboxCase, make_user
from .tour_case import TourCase


@tagged("post_install", "-at_install", "ghl")
class TestContactsTours(TourCase, SandboxCase):
    sandbox_options = {"contacts": 60, "locations": 2}

    def test_an_administrator_connects_a_location_after_mistyping_the_token(self):
        make_user(self.env, "tour_admin", "admin")
        wanted = self.sandbox.location_ids[1]
        given = {
            "location": wanted,
            "token": self.sandbox.private_tokens[wanted],
            "url": self.sandbox.base_url,
        }
        self.start_tour(
            "/odoo/ghl-locations",
            "ghl_connect_tour",
            login="tour_admin",
            cookies={"ghl_connect_tour": quote(urlencode(given))},
        )
        location = self.env["ghl.location"].search([("external_id", "=", wanted)])
        self.assertEqual(location.account_id.state, "connected")
        self.env["ghl.job"].drain(limit=1)
        self.env.invalidate_all()
        self.assert_mirror_equals_remote(location)

    def test_a_viewer_finds_a_contact_with_open_tasks_and_follows_them(self):
        make_user(self.env, "tour_viewer", "viewer")
        self.pull("full")
        self.start_tour("/odoo/ghl-contacts", "ghl_contacts_tour", login="tour_viewer")

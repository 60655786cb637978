"""API keys in the browser."""

from odoo.tests import new_test_user, tagged

from .tour_case import TourCase


@tagged("post_install", "-at_install", "ghl")
class TestKeyTour(TourCase):
    def test_a_viewer_makes_a_key_sees_it_once_and_revokes_it(self):
        viewer = new_test_user(self.env, "tour_viewer", groups="ghl.group_ghl_viewer")
        self.start_tour("/odoo/ghl-api-keys", "ghl_api_key_tour", login="tour_viewer")
        key = self.env["ghl.api.key"].search([("user_id", "=", viewer.id)])
        self.assertEqual(key.mapped("name"), ["Tour program"])
        self.assertEqual(key.state, "revoked")

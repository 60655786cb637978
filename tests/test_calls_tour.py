from odoo.tests import tagged

from .calls_data import make_calls
from .common import make_user
from .tour_case import TourCase


@tagged("post_install", "-at_install", "ghl")
class TestCallsTour(TourCase):
    def test_an_agent_moves_a_card_and_notes_the_result(self):
        make_user(self.env, "tour_agent", "agent")
        [call] = make_calls(self.env, 1, subject="Renewal talk")
        self.start_tour("/odoo/ghl-calls", "ghl_calls_tour", login="tour_agent")
        self.assertEqual((call.status_id.kind, call.result), ("connected", "They renew"))
        self.assertEqual(
            call.activity_log_ids.mapped("activity_type"), ["call_updated", "call_status_changed", "call_created"]
        )

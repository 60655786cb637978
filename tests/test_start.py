"""From an empty Odoo to synchronised contacts, as a newcomer does it, against a real sandbox."""

from urllib.parse import quote, urlencode

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SandboxCase, make_location, make_user
from .tour_case import TourCase


@tagged("post_install", "-at_install", "ghl")
class TestStart(SandboxCase):
    sandbox_options = {"contacts": 30, "locations": 1}

    def start(self, user=None):
        self.env.invalidate_all()
        locations = self.env["ghl.location"].with_user(user or self.env.user)
        return next((row for row in locations.read_start() if row["id"] == self.location.id), None)

    def test_a_location_goes_from_choosing_over_the_first_sync_to_done(self):
        self.assertEqual((self.start()["step"], self.start()["entities"]), ("choose", []))
        self.location._enqueue_pull("full")
        self.assertEqual((self.start()["step"], self.start()["running"]), ("sync", True))
        self.env["ghl.job"].drain(limit=1)
        done = self.start()
        self.assertEqual((done["step"], done["counts"]["contact"]), ("done", 30))

    def test_a_first_sync_that_failed_says_why_and_can_be_started_again(self):
        self.env["ghl.token"].search([("location_id", "=", self.location.id)]).access_token = "pit-revoked"
        self.pull("full")
        found = self.start()
        self.assertEqual((found["step"], found["running"]), ("sync", False))
        self.assertIn("does not accept the credentials", found["error"])

    def test_asking_how_much_there_is_is_no_sync(self):
        self.location._enqueue_survey()
        self.assertEqual(self.start()["step"], "choose")
        self.env["ghl.job"].drain(limit=1)
        self.assertEqual(self.start()["step"], "choose")

    def test_locations_of_others_are_not_shown(self):
        other = self.env["res.company"].create({"name": "Start Ltd"})
        make_location(self.env, "MINE", company=other)
        stranger = make_user(self.env, "start_stranger", "admin", companies=other)
        self.assertIsNone(self.start(stranger))
        with self.assertRaises(AccessError):
            self.start(make_user(self.env, "start_nobody", group=None))


@tagged("post_install", "-at_install", "ghl")
class TestStartTour(TourCase, SandboxCase):
    sandbox_options = {"contacts": 30, "locations": 2}

    def tour(self, name):
        wanted = self.sandbox.location_ids[1]
        token = self.sandbox.private_tokens[wanted]
        given = quote(urlencode({"location": wanted, "token": token, "url": self.sandbox.base_url}))
        self.start_tour("/odoo/ghl-start", name, login="start_admin", cookies={"ghl_connect_tour": given})
        # What runs in the background of a real server.
        self.env["ghl.job"].drain()
        self.env.invalidate_all()

    def test_a_newcomer_connects_looks_chooses_synchronises_and_opens_the_contacts(self):
        company = self.env["res.company"].create({"name": "Newcomer Ltd"})
        make_user(self.env, "start_admin", "admin", companies=company)
        self.tour("ghl_start_connect_tour")
        location = self.env["ghl.location"].search([("company_id", "=", company.id)])
        self.assertTrue(location.survey)
        self.assertFalse(location.contact_count, "nothing is read before it was asked for")
        self.tour("ghl_start_sync_tour")
        self.assertEqual((location.sync_messages, location.sync_calls, location.sync_tasks), (False, False, True))
        self.assertTrue(location.contact_count)
        self.tour("ghl_start_done_tour")

"""What the form of a call shows beyond its fields, and the way to calls from what they are about."""

from datetime import datetime, timedelta

from odoo.exceptions import AccessError
from odoo.tests import Form, TransactionCase, tagged

from .calls_data import QUIET, make_calls
from .common import make_location, make_user, mirror
from .tour_case import TourCase

START = datetime(2025, 11, 20, 10, 0, 0)
TURNS = [
    {"role": "assistant", "content": "Good morning, this is Ada.", "timestamp": 0.4},
    {"role": "user", "content": "Hello, who is calling?", "timestamp": 3},
    {"role": "agent", "content": "  ", "timestamp": 4},
    {"role": "agent", "content": "Your plumber.", "timestamp": "2025-11-20T10:00:07Z"},
]


class CallScreensCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.location = make_location(cls.env)
        mirror(cls.env, cls.location, "ghl.contact", [{"id": "C1", "firstName": "Grace", "lastName": "Hopper"}])
        cls.contact = cls.env["ghl.contact"].search([("external_id", "=", "C1")])
        [cls.call] = make_calls(cls.env, 1, contact_id=cls.contact.id, start_time=START, transcript_turns=TURNS)
        cls.viewer = make_user(cls.env, "screens_viewer")


@tagged("post_install", "-at_install")
class TestCallTalk(CallScreensCase):
    def test_turns_say_who_spoke_and_when(self):
        self.call.user_id = self.viewer
        found = self.call.with_user(self.viewer).read_talk()["turns"]
        self.assertEqual([turn["side"] for turn in found], ["agent", "contact", "agent"], "silence is left out")
        self.assertEqual([turn["at"] for turn in found], [0.4, 3, 7.0])
        self.assertEqual([turn["name"] for turn in found], [self.viewer.name, "Grace Hopper", self.viewer.name])

    def test_a_whole_text_is_nobody_s_turn(self):
        self.call.write({"transcript_turns": False, "transcript": "Hello. Goodbye."})
        self.assertEqual(
            self.call.read_talk()["turns"], [{"side": "", "name": "", "text": "Hello. Goodbye.", "at": None}]
        )

    def test_odd_structures_and_times_break_nothing(self):
        for odd in ("text", [1, None, "x"], {"role": "user"}, [{"role": None, "content": 7, "timestamp": [1]}]):
            self.call.transcript_turns = odd
            self.assertLessEqual(len(self.call.read_talk()["turns"]), 1)
        for wrong in (-1, 1e9, True, "yesterday", "2020-01-01T00:00:00Z"):
            self.call.transcript_turns = [{"role": "user", "content": "Hm", "timestamp": wrong}]
            self.assertIsNone(self.call.read_talk()["turns"][0]["at"], wrong)

    def test_strangers_neither_read_nor_hear(self):
        stranger = make_user(self.env, "screens_stranger", companies=self.env["res.company"].create({"name": "Else"}))
        nobody = make_user(self.env, "screens_nobody", group=None)
        for user in (stranger, nobody):
            for method in ("read_talk", "read_timeline"):
                with self.assertRaises(AccessError):
                    getattr(self.call.with_user(user), method)()

    def test_the_page_shows_when_there_is_something_to_hear_or_read(self):
        self.assertTrue(self.call.can_play)
        [bare] = make_calls(self.env, 1)
        self.assertFalse(bare.can_play)
        bare.summary = "Short"
        self.assertTrue(bare.can_play)


@tagged("post_install", "-at_install")
class TestCallTimeline(CallScreensCase):
    def test_changes_and_reports_stand_in_one_order(self):
        missed = self.env.ref("ghl.call_status_missed")
        self.call.status_id = missed
        event = self.env["ghl.call.event"]
        event.create(
            event._append(self.call, "ANSWERED", occurred_at=datetime.now() + timedelta(hours=1), details="Hi")
        )
        found = self.call.with_user(self.viewer).read_timeline()
        self.assertEqual([entry["title"] for entry in found], ["Answered", "Status changed", "Created"])
        self.assertEqual(found[0]["detail"], "Hi")
        self.assertEqual(found[1]["detail"], "Scheduled → Missed")
        self.assertEqual(found[1]["who"], self.env.user.name)

    def test_a_change_names_its_fields(self):
        self.call.write({"agenda": "Ask", "tag": "x"})
        self.assertEqual(self.call.read_timeline()[0]["detail"], "Agenda, Tag")

    def test_a_report_that_came_late_says_so(self):
        event = self.env["ghl.call.event"]
        event.create(event._append(self.call, "BUSY", verdict="stale"))
        details = {entry["title"]: entry["detail"] for entry in self.call.read_timeline()}
        self.assertEqual(details["Busy"], "Came late")


@tagged("post_install", "-at_install")
class TestWaysToCalls(CallScreensCase):
    def test_what_calls_are_about_counts_them_by_one_query(self):
        partners = self.env["res.partner"].create([{"name": f"Partner {n}"} for n in range(5)])
        for number, partner in enumerate(partners):
            make_calls(self.env, number, partner_id=partner.id)
        make_calls(self.env, 1, partner_id=partners[4].id, active=False)
        partners = partners.with_user(self.viewer)
        partners[:1].mapped("ghl_call_count")  # rules and groups are known from here on
        partners.invalidate_recordset()
        with self.assertQueryCount(2):  # the partners and the counts
            self.assertEqual(partners.mapped("ghl_call_count"), [0, 1, 2, 3, 4])

    def test_contacts_and_opportunities_lead_to_their_calls(self):
        opportunity = {"id": "O1", "name": "Deal", "contactId": "C1", "status": "open"}
        mirror(self.env, self.location, "ghl.contact.opportunity", [opportunity])
        deal = self.env["ghl.contact.opportunity"].search([("external_id", "=", "O1")])
        self.call.opportunity_id = deal
        for record in (self.contact, deal):
            with Form(record.with_user(self.viewer)) as form:
                self.assertEqual(form.call_count, 1)

    def test_only_users_of_the_application_see_calls_on_partners(self):
        partner = self.env["res.partner"].create({"name": "Somebody"})
        outsider = make_user(self.env, "screens_outsider", group=None)
        arch = partner.with_user(outsider).get_view(view_type="form")["arch"]
        self.assertNotIn("ghl_call_count", arch)
        self.assertIn("ghl_call_count", partner.with_user(self.viewer).get_view(view_type="form")["arch"])


@tagged("post_install", "-at_install", "ghl")
class TestCallFormTour(TourCase):
    def test_a_viewer_reads_what_was_said_and_what_happened(self):
        make_user(self.env, "tour_listener")
        values = {"subject": "Leaking tap", "start_time": datetime.now(), "transcript_turns": TURNS}
        [call] = make_calls(self.env, 1, **values)
        call.with_context(**QUIET).status_id = self.env.ref("ghl.call_status_missed")
        self.start_tour(f"/odoo/ghl-calls/{call.id}", "ghl_call_form_tour", login="tour_listener")

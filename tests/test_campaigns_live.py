"""News of campaigns: who gets them, what they hold, how often."""

import json
import threading
from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tests.common import TransactionCase

from ..ghl_calls.dialer import live
from ..ghl_calls.models.ghl_campaign_live import OLD_NAMES, PROGRESS
from .campaigns_data import make_campaign, make_contacts
from .common import make_location, make_user


class _Session:
    uid = None


class _Request:
    """What Odoo asks the request for when somebody subscribes."""

    session = _Session()


@tagged("post_install", "-at_install", "ghl")
class LiveCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.location = make_location(cls.env)
        cls.owner = make_user(cls.env, "live_owner", "campaign_manager")
        cls.campaign = make_campaign(cls.env, make_contacts(cls.env, cls.location, 3), user_id=cls.owner.id)
        cls.env.flush_all()

    def pushed(self, act):
        """[(channel, type, payload)] of what `act` pushes."""
        self.env.cr.precommit.run()
        last = self.env["bus.bus"].sudo().search([], limit=1, order="id desc").id
        act()
        self.env.flush_all()
        self.env.cr.precommit.run()
        rows = self.env["bus.bus"].sudo().search([("id", ">", last)], order="id")
        found = []
        for row in rows:
            message = json.loads(row.message)
            found.append((tuple(json.loads(row.channel)[1:]), message["type"], message["payload"]))
        return found

    def events(self, after=0):
        return self.env["ghl.campaign.event"]._after(self.campaign, after)

    def call(self, **values):
        lead = self.campaign.lead_ids[0]
        return self.env["ghl.call"].create(
            {"subject": "x", "campaign_id": self.campaign.id, "campaign_lead_id": lead.id, **values}
        )


class TestNews(LiveCase):
    def test_a_change_of_state_is_told_with_who_and_which(self):
        self.campaign.write({"state": "running", "started_at": self.env.cr.now()})
        self.campaign.write({"state": "paused", "pause_reason": "Lunch"})
        self.campaign.state = "running"
        self.campaign.state = "completed"
        events = self.events()
        self.assertEqual(
            [event["type"] for event in events],
            ["campaign:started", "campaign:paused", "campaign:resumed", "campaign:completed"],
        )
        self.assertEqual({event["campaignId"] for event in events}, {str(self.campaign.id)})
        self.assertEqual({event["userId"] for event in events}, {str(self.owner.id)})
        self.assertEqual(events[0]["totalLeads"], 3)
        self.assertEqual(events[1]["reason"], "Lunch")
        self.assertEqual(set(events[3]["stats"]), {"total", "successful", "failed", "missed", "successRate"})

    def test_writing_the_state_it_has_already_is_no_news(self):
        self.campaign.state = "running"
        before = len(self.events())
        self.campaign.write({"state": "running", "notes": "x"})
        self.assertEqual(len(self.events()), before)

    def test_the_owner_and_whoever_looks_get_it_and_nobody_else(self):
        pushed = self.pushed(lambda: self.campaign.write({"state": "running"}))
        channels = {channel for channel, _type, _payload in pushed}
        owner = ("res.partner", self.owner.partner_id.id)
        self.assertEqual(channels, {owner, ("ghl.campaign", self.campaign.id, "live")})

    def test_progress_has_its_older_name_too_for_the_owner(self):
        pushed = self.pushed(lambda: live.tell_progress(self.campaign))
        types = sorted(kind for _channel, kind, _payload in pushed)
        self.assertEqual(types, sorted([PROGRESS, PROGRESS, OLD_NAMES[PROGRESS]]))
        self.assertEqual(pushed[0][2]["progress"], {"current": 0, "total": 3})

    def test_a_finished_call_is_told_with_the_first_name_only(self):
        call = self.call(state="completed", answered_at="2026-01-05 10:00:00", ended_at="2026-01-05 10:00:42")
        call._state_changed({call.id: "in_progress"})
        [event] = self.events()
        self.assertEqual(event["type"], "call:updated")
        self.assertEqual((event["leadName"], event["status"], event["duration"]), ("Person", "COMPLETED", 42))
        self.assertNotIn("number", str(event).lower())

    def test_steps_on_the_way_are_pushed_to_lookers_and_not_kept(self):
        call = self.call(state="connecting")
        pushed = self.pushed(lambda: call._state_changed({call.id: "initiated"}))
        campaign = ("ghl.campaign", self.campaign.id, "live")
        told = [kind for channel, kind, _payload in pushed if channel == campaign]
        self.assertEqual(told, ["call:status-update"])
        self.assertEqual(self.events(), [])

    def test_who_asks_behind_the_last_event_gets_every_event_once_in_order(self):
        for number in range(5):
            self.campaign._tell("test", {"n": number})
        first = self.env["ghl.campaign.event"]._after(self.campaign, 0, limit=2)
        rest = self.env["ghl.campaign.event"]._after(self.campaign, first[-1]["id"], limit=200)
        self.assertEqual([event["n"] for event in first + rest], list(range(5)))
        self.assertEqual(self.events(rest[-1]["id"]), [])

    def test_old_news_are_removed(self):
        self.campaign._tell("test", {})
        self.env.cr.execute("UPDATE ghl_campaign_event SET create_date = create_date - interval '8 days'")
        self.env.invalidate_all()
        self.campaign._tell("test", {"fresh": True})
        self.env["ghl.campaign.event"]._gc()
        self.assertEqual([event["fresh"] for event in self.events()], [True])


class TestProgress(LiveCase):
    def test_only_the_latest_progress_is_kept(self):
        self.assertTrue(live.tell_progress(self.campaign))
        self.campaign.lead_ids[0]._skip("no_number")
        self.env.cr.execute("UPDATE ghl_campaign_event SET create_date = create_date - interval '1 second'")
        self.env.invalidate_all()
        self.assertTrue(live.tell_progress(self.campaign))
        [event] = self.events()
        self.assertEqual((event["current"], event["total"]), (1, 3))

    def test_what_has_not_changed_is_not_told_again(self):
        live.tell_progress(self.campaign)
        self.assertEqual(self.pushed(lambda: self.assertTrue(live.tell_progress(self.campaign))), [])

    def test_within_half_a_second_somebody_else_must_wait(self):
        live.tell_progress(self.campaign)
        self.campaign.lead_ids[0]._skip("no_number")
        self.assertFalse(live.tell_progress(self.campaign))

    def test_a_campaign_that_is_gone_is_no_fault(self):
        gone = self.env["ghl.campaign"].browse(2**31 - 2)
        self.assertTrue(live.tell_progress(gone))

    def test_a_burst_is_told_at_once_and_once_more_at_its_end(self):
        told, one_more = [], threading.Semaphore(0)

        def tell(dbname, campaign_id):
            told.append(campaign_id)
            one_more.release()
            return True

        teller = live.Teller(tell)
        with patch.object(live.module, "current_test", None):
            teller.moved("db", [1])
            self.assertTrue(one_more.acquire(timeout=10), "the first is told at once")
            for _number in range(60):
                teller.moved("db", [1])
            self.assertTrue(one_more.acquire(timeout=10), "the end of a burst must be told")
        self.assertEqual(told, [1, 1])

    def test_what_somebody_else_was_about_to_tell_is_tried_again(self):
        answers, done = [True, False], threading.Event()

        def tell(dbname, campaign_id):
            told = answers.pop()
            if told:
                done.set()
            return told

        with patch.object(live.module, "current_test", None):
            live.Teller(tell).moved("db", [1])
            self.assertTrue(done.wait(10))


class TestListening(LiveCase):
    def channels(self, user, *wanted):
        with patch("odoo.addons.bus.models.ir_websocket.wsrequest", _Request()):
            built = self.env["ir.websocket"].with_user(user)._build_bus_channel_list(list(wanted))
        return [channel for channel in built if isinstance(channel, tuple) and channel[1] == "live"]

    def token(self, user):
        return self.campaign.with_user(user)._live_token()

    def test_a_viewer_of_the_company_may_look_at_a_campaign(self):
        viewer = make_user(self.env, "live_viewer", "viewer")
        self.assertEqual(self.channels(viewer, f"ghl.campaign_{self.campaign.id}"), [(self.campaign, "live")])

    def test_others_may_not(self):
        other = self.env["res.company"].create({"name": "Other"})
        stranger = make_user(self.env, "live_stranger", "campaign_manager", companies=other)
        nobody = self.env["res.users"].create({"name": "n", "login": "live_nobody"})
        public = self.env.ref("base.public_user")
        for user in (stranger, nobody, public):
            self.assertEqual(self.channels(user, f"ghl.campaign_{self.campaign.id}"), [], user.login)

    def test_nonsense_asked_for_opens_nothing(self):
        viewer = make_user(self.env, "live_viewer", "viewer")
        wanted = [
            "ghl.campaign_",
            "ghl.campaign_x",
            "ghl.campaign_99999999999",
            "ghl.live:",
            "ghl.live:xx",
            "ghl.live:ÿ",
        ]
        self.assertEqual(self.channels(viewer, *wanted), [])

    def test_a_token_lets_in_without_a_session(self):
        public = self.env.ref("base.public_user")
        [(campaign, _live)] = self.channels(public, f"ghl.live:{self.token(self.owner)}")
        self.assertEqual(campaign, self.campaign)

    def test_a_token_does_not_outlive_the_right(self):
        public, token = self.env.ref("base.public_user"), self.token(self.owner)
        self.owner.active = False
        self.assertEqual(self.channels(public, f"ghl.live:{token}"), [])
        self.owner.active = True
        other = self.env["res.company"].create({"name": "Other"})
        self.owner.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self.assertEqual(self.channels(public, f"ghl.live:{token}"), [])

    def test_a_token_that_was_changed_or_is_too_old_opens_nothing(self):
        public, token = self.env.ref("base.public_user"), self.token(self.owner)
        middle = len(token) // 2
        changed = token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]
        self.assertEqual(self.channels(public, f"ghl.live:{changed}"), [])
        with patch("odoo.addons.ghl.ghl_calls.models.ghl_campaign_live.TOKEN_LIVES", timedelta(seconds=-1)):
            old = self.token(self.owner)
        self.assertEqual(self.channels(public, f"ghl.live:{old}"), [])

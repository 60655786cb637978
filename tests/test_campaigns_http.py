"""Campaigns over HTTP, as the dialler's clients use them."""

import jsonschema

from odoo.tests import new_test_user, tagged

from ..ghl_base.http import openapi
from ..ghl_base.http.spec import routes
from ..ghl_calls.dialer.tick import tick
from .campaigns_data import NUMBERS, always, finish, make_campaign, make_contacts
from .common import make_location
from .common_http import ApiCase
from .voip_data import make_account, make_agent


@tagged("post_install", "-at_install", "ghl")
class CampaignHttpCase(ApiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(cls.env, "http_manager", groups="ghl.group_ghl_campaign_manager")
        cls.manager_key = cls.make_key(cls.manager)
        cls.colleague_key = cls.make_key(
            new_test_user(cls.env, "http_colleague", groups="ghl.group_ghl_campaign_manager")
        )
        cls.admin_key = cls.make_key(cls.env.ref("base.user_admin"))
        cls.account = make_account(cls.env, state="connected", calls_per_second=1000, max_concurrent=100)
        cls.agent = make_agent(cls.env, cls.account)
        cls.contacts = make_contacts(cls.env, make_location(cls.env), 8)
        cls.document = openapi.build(routes(), "http://x/")

    def ask(self, path, method="GET", key=None, status=200, **kwargs):
        """The body of an answer with this status, which is as the document says."""
        response = self.call(path, method, key=key or self.manager_key, **kwargs)
        self.assertEqual(response.status_code, status, response.text[:500])
        return response.json()

    def start(self, **values):
        body = {"agentId": str(self.agent.id), "leadIds": [str(contact.id) for contact in self.contacts], **values}
        answer = self.ask("/campaigns", "POST", json=body)
        campaign = self.env["ghl.campaign"].browse(int(answer["campaignId"]))
        # Whatever time of day it is where the recipients are.
        campaign.window_ids = [(5, 0, 0), *always(self.env)]
        campaign.lead_ids.filtered(lambda lead: lead.state == "waiting").write(
            {"state": "pending", "next_attempt_at": False}
        )
        return campaign, answer

    def assert_valid(self, body, schema_name):
        schema = {"$ref": f"#/components/schemas/{schema_name}", "components": self.document["components"]}
        jsonschema.validate(body, schema)


class TestStart(CampaignHttpCase):
    def test_a_campaign_starts_with_the_contacts_given_by_either_id(self):
        ids = [str(self.contacts[0].id), self.contacts[1].external_id]
        campaign, answer = self.start(leadIds=ids, campaignName="Q1 push")
        self.assertEqual((campaign.name, campaign.state, campaign.user_id), ("Q1 push", "running", self.manager))
        self.assertEqual(campaign.lead_ids.contact_id, self.contacts[:2])
        self.assertEqual(answer["message"], "Campaign started with 2 leads")
        self.assertRegex(answer["estimatedTime"], r"^~\d+min")

    def test_both_addresses_do_the_same(self):
        body = {"agentId": self.agent.id, "leadIds": [self.contacts[0].id]}
        answer = self.ask("/calls/campaigns", "POST", json=body)
        self.assertTrue(answer["success"])

    def test_the_same_client_key_starts_one_campaign(self):
        first, _answer = self.start(clientKey="click-1")
        second, _answer = self.start(clientKey="click-1")
        self.assertEqual(first, second)

    def test_a_contact_given_twice_is_called_once(self):
        campaign, _answer = self.start(leadIds=[str(self.contacts[0].id)] * 3)
        self.assertEqual(len(campaign.lead_ids), 1)

    def test_what_is_wrong_is_said_and_nothing_is_started(self):
        ids = [str(self.contacts[0].id)]
        cases = [
            ({"leadIds": ids}, "agentId"),
            ({"agentId": "x", "leadIds": ids}, "agentId"),
            ({"agentId": "999999", "leadIds": ids}, "agentId"),
            ({"agentId": self.agent.id}, "No leads selected"),
            ({"agentId": self.agent.id, "leadIds": []}, "leads"),
            ({"agentId": self.agent.id, "leadIds": "nope"}, "leadIds"),
            ({"agentId": self.agent.id, "leadIds": [*ids, "nobody"]}, "nobody"),
            ({"agentId": self.agent.id, "leadIds": [{"id": 1}]}, "leadIds"),
            ({"agentId": self.agent.id, "leadIds": ids, "maxConcurrentCalls": 0}, "maxConcurrentCalls"),
            ({"agentId": self.agent.id, "leadIds": ids, "maxConcurrentCalls": 10**9}, "maxConcurrentCalls"),
            ({"agentId": self.agent.id, "leadIds": ids, "campaignName": "a\x00b"}, "campaignName"),
        ]
        before = self.env["ghl.campaign"].search_count([])
        for body, word in cases:
            with self.subTest(body=body):
                answer = self.ask("/campaigns", "POST", json=body, status=400)
                self.assertIn(word, answer["error"] + " ".join(answer.get("details", [])))
                self.assert_valid(answer, "DiallerError")
        self.assertEqual(self.env["ghl.campaign"].search_count([]), before)

    def test_contacts_and_agents_of_other_companies_are_unknown(self):
        other = self.env["res.company"].create({"name": "Other"})
        stranger = make_contacts(self.env, make_location(self.env, company=other, external_id="LOCX"), 1, first=40)
        body = {"agentId": self.agent.id, "leadIds": [str(stranger.id)]}
        self.assertIn("unknown", self.ask("/campaigns", "POST", json=body, status=400)["error"])
        account = make_account(self.env, company=other)
        agent = make_agent(self.env, account, company_id=other.id)
        body = {"agentId": agent.id, "leadIds": [str(self.contacts[0].id)]}
        self.ask("/campaigns", "POST", json=body, status=400)

    def test_nobody_to_call_is_refused_and_leaves_nothing(self):
        self.env["phone.blacklist"].add(NUMBERS[0])
        before = self.env["ghl.campaign"].search_count([])
        body = {"agentId": self.agent.id, "leadIds": [str(self.contacts[0].id)]}
        self.assertIn("Nobody", self.ask("/campaigns", "POST", json=body, status=422)["error"])
        self.assertEqual(self.env["ghl.campaign"].search_count([]), before)


class TestWatch(CampaignHttpCase):
    def test_the_object_has_every_key_its_clients_read(self):
        campaign, _answer = self.start()
        body = self.ask(f"/campaigns/{campaign.id}")
        self.assert_valid(body, "Campaign")
        self.assertEqual(body["status"], "RUNNING")
        self.assertEqual(body["agentId"], {"_id": str(self.agent.id), "name": "Anna"})
        self.assertEqual(body["leads"], [str(contact.id) for contact in self.contacts])
        self.assertEqual(
            body, {**self.ask(f"/calls/campaigns/{campaign.id}"), "elapsedSeconds": body["elapsedSeconds"]}
        )

    def test_figures_are_those_of_the_recipients(self):
        campaign, _answer = self.start()
        tick(self.env, place=lambda *_args: None)
        calls = self.env["ghl.call"].search([("campaign_id", "=", campaign.id)], order="id")
        finish(self.env, calls[:2])
        finish(self.env, calls[2:3], "no_answer")
        body = self.ask(f"/campaigns/{campaign.id}")
        self.assertEqual((body["successfulCalls"], body["callsInFlight"]), (2, 2))

    def test_lists_and_logs_cost_the_same_for_one_campaign_as_for_many(self):
        def queries(path):
            self.ask(path)  # warm
            before = self.env.cr.sql_log_count
            self.ask(path)
            return self.env.cr.sql_log_count - before

        campaign, _answer = self.start()
        tick(self.env, place=lambda *_args: None)
        few = queries("/campaigns"), queries(f"/campaigns/{campaign.id}/logs?limit=1")
        for number in range(6):
            make_campaign(self.env, self.contacts, user_id=self.manager.id, name=f"More {number}")
        self.assertEqual((queries("/campaigns"), queries(f"/campaigns/{campaign.id}/logs?limit=50")), few)

    def test_a_status_filter_knows_the_names_of_older_clients(self):
        running, _answer = self.start()
        make_campaign(self.env, self.contacts, user_id=self.manager.id, name="Later")
        self.assertEqual([row["_id"] for row in self.ask("/campaigns?status=RUNNING")], [str(running.id)])
        self.assertEqual([row["name"] for row in self.ask("/campaigns?status=PENDING")], ["Later"])
        self.ask("/campaigns?status=SLEEPING", status=400)

    def test_everybody_sees_their_own_and_administrators_all(self):
        campaign, _answer = self.start()
        self.assertEqual(self.ask("/campaigns", key=self.colleague_key), [])
        for path in ("", "/logs", "/events"):
            self.ask(f"/campaigns/{campaign.id}{path}", key=self.colleague_key, status=404)
        self.assertEqual(len(self.ask("/campaigns", key=self.admin_key)), 1)

    def test_the_log_is_paged_newest_first(self):
        campaign, _answer = self.start()
        tick(self.env, place=lambda *_args: None)
        calls = self.env["ghl.call"].search([("campaign_id", "=", campaign.id)])
        for call in calls:
            call._log_event("INITIATED")
        body = self.ask(f"/campaigns/{campaign.id}/logs?limit=2&page=2")
        self.assertEqual((len(body["logs"]), body["limit"], body["skip"]), (2, 2, 2))
        everything = self.ask(f"/campaigns/{campaign.id}/logs")["logs"]
        self.assertEqual(body["logs"], everything[2:4])
        ids = [int(row["_id"]) for row in everything]
        self.assertEqual(ids, sorted(ids, reverse=True))
        self.assert_valid(everything[0], "CampaignLogEntry")
        self.assertEqual(self.ask(f"/campaigns/{campaign.id}/logs?limit=2&page=9&skip=0")["skip"], 0, "skip wins")

    def test_news_are_given_once_and_in_order(self):
        campaign, _answer = self.start()
        first = self.ask(f"/campaigns/{campaign.id}/events")
        self.assertEqual([event["type"] for event in first["events"]], ["campaign:started"])
        self.ask(f"/campaigns/{campaign.id}/pause", "PATCH")
        second = self.ask(f"/campaigns/{campaign.id}/events?after={first['next']}")
        self.assertEqual([event["type"] for event in second["events"]], ["campaign:paused"])
        third = self.ask(f"/campaigns/{campaign.id}/events?after={second['next']}")
        self.assertEqual((third["events"], third["next"], third["ended"]), ([], second["next"], False))

    def test_a_token_to_listen_names_the_websocket(self):
        campaign, _answer = self.start()
        body = self.ask(f"/campaigns/{campaign.id}/live-token", "POST")
        self.assertTrue(body["channel"].startswith("ghl.live:"))
        self.assertIn("/websocket?version=", body["url"], "browsers that do not name the version are turned away")
        token = body["channel"].removeprefix("ghl.live:")
        self.assertEqual(self.env["ghl.campaign"]._of_live_token(token), campaign)
        self.ask(f"/campaigns/{campaign.id}/live-token", "POST", key=self.colleague_key, status=404)


class TestControl(CampaignHttpCase):
    def test_pause_resume_stop_by_both_families_of_addresses(self):
        for pause, resume, stop in (
            (("/campaigns/{}/pause", "PATCH"), ("/campaigns/{}/resume", "PATCH"), ("/campaigns/{}", "DELETE")),
            (("/calls/campaigns/{}/pause", "POST"), ("/calls/campaigns/{}/resume", "POST"), None),
        ):
            campaign, _answer = self.start(leadIds=[str(self.contacts[3].id)])
            body = self.ask(pause[0].format(campaign.id), pause[1])
            self.assertEqual(body["campaign"]["status"], "PAUSED")
            self.assertTrue(body["campaign"]["pausedAt"])
            self.assertEqual(self.ask(resume[0].format(campaign.id), resume[1])["campaign"]["status"], "RUNNING")
            if stop:
                self.ask(stop[0].format(campaign.id), stop[1])
            else:
                self.ask("/calls/campaigns/stop", "POST", json={"campaignId": campaign.id})
            body = self.ask(f"/campaigns/{campaign.id}")
            self.assertEqual((body["status"], body["state"]), ("COMPLETED", "stopped"))

    def test_what_does_not_fit_the_state_is_refused_and_changes_nothing(self):
        campaign, _answer = self.start()
        self.assertEqual(
            self.ask(f"/campaigns/{campaign.id}/resume", "PATCH", status=400)["error"], "Campaign is not paused"
        )
        self.ask(f"/campaigns/{campaign.id}/pause", "PATCH")
        self.assertEqual(
            self.ask(f"/campaigns/{campaign.id}/pause", "PATCH", status=400)["error"], "Campaign is not running"
        )
        self.assertEqual(campaign.state, "paused")

    def test_stopping_twice_is_no_harm(self):
        campaign, _answer = self.start()
        for _time in range(2):
            self.assertEqual(self.ask(f"/campaigns/{campaign.id}", "DELETE")["message"], "Campaign stopped")

    def test_nobody_changes_what_is_not_theirs(self):
        campaign, _answer = self.start()
        for path, method in (("/pause", "PATCH"), ("/resume", "PATCH"), ("", "DELETE")):
            self.ask(f"/campaigns/{campaign.id}{path}", method, key=self.colleague_key, status=404)
            self.ask(f"/campaigns/{campaign.id}{path}", method, key=self.key, status=403)
        self.ask("/calls/campaigns/stop", "POST", json={"campaignId": campaign.id}, key=self.colleague_key, status=404)
        self.assertEqual(campaign.state, "running")

    def test_unknown_campaigns_are_not_found(self):
        for path, method in (("", "GET"), ("/logs", "GET"), ("/events", "GET"), ("/pause", "PATCH"), ("", "DELETE")):
            answer = self.ask(f"/campaigns/999999{path}", method, status=404)
            self.assertEqual(answer["error"], "Campaign not found")
        self.ask("/campaigns/99999999999999999999", status=400)
        self.ask("/campaigns/abc", status=404)


class TestCalls(CampaignHttpCase):
    def plan(self):
        return self.ask("/calls", "POST", json={"agentId": self.agent.id, "leadId": self.contacts[0].id})

    def test_a_planned_call_dials_nobody(self):
        body = self.plan()
        self.assert_valid(body, "DiallerCall")
        self.assertEqual((body["status"], body["leadName"], body["durationSeconds"]), ("INITIATED", "Person 0", 0))
        call = self.env["ghl.call"].browse(int(body["id"]))
        self.assertFalse(call.submission)

    def test_calls_are_listed_searched_and_paged(self):
        planned = [self.plan()["id"] for _number in range(3)]
        body = self.ask("/calls?limit=2")
        self.assertEqual((body["total"], body["pages"], body["limit"]), (3, 2, 2))
        self.assertEqual([row["id"] for row in body["calls"]], planned[:0:-1])
        self.assertEqual([row["id"] for row in self.ask("/calls?sort=oldest")["calls"]], planned)
        self.assertEqual(self.ask("/calls?search=Person 0")["total"], 3)
        self.assertEqual(self.ask("/calls?search=.*")["total"], 0)
        self.assertEqual(self.ask("/calls?status=COMPLETED")["total"], 0)
        self.assertEqual(self.ask("/calls?dateFrom=2030-01-01")["total"], 0)
        self.assertEqual(self.ask("/api/v1/calls?dateTo=2030-01-01&limit=5000")["limit"], 100)
        self.assertEqual(self.ask("/calls", key=self.colleague_key)["total"], 0)

    def test_a_call_nobody_reports_on_can_be_completed(self):
        call_id = self.plan()["id"]
        self.ask(f"/calls/{call_id}/complete", "POST", json={"durationSeconds": 42})
        [row] = self.ask("/calls")["calls"]
        self.assertEqual((row["status"], row["durationSeconds"]), ("COMPLETED", 42))
        self.ask("/calls/999999/complete", "POST", json={}, status=404)

    def test_archiving_also_succeeds_for_what_is_gone(self):
        call_id = self.plan()["id"]
        for path in (f"/calls/{call_id}", f"/calls/{call_id}", "/calls/999999"):
            self.assertTrue(self.ask(path, "DELETE")["success"])
        self.assertEqual(self.ask("/calls")["total"], 0)

    def test_a_colleagues_call_stays_as_it_is(self):
        call_id = self.plan()["id"]
        self.ask(f"/calls/{call_id}/complete", "POST", json={}, key=self.colleague_key, status=404)
        self.ask(f"/calls/{call_id}/redial", "POST", key=self.colleague_key, status=404)
        self.ask(f"/calls/{call_id}", "DELETE", key=self.colleague_key)
        self.assertTrue(self.env["ghl.call"].browse(int(call_id)).active)

    def test_who_must_not_be_called_is_not_called_now_either(self):
        self.env["phone.blacklist"].add(NUMBERS[0])
        body = {"agentId": self.agent.id, "leadId": self.contacts[0].id}
        answer = self.ask("/twilio/outbound", "POST", json=body, status=400)
        self.assertEqual(set(answer) - {"request_id", "code"}, {"error", "provider", "hint"})

    def test_without_a_number_there_is_no_call(self):
        answer = self.ask("/twilio/outbound", "POST", json={"agentId": self.agent.id}, status=400)
        self.assertIn("number", answer["error"])
        self.ask("/twilio/outbound", "POST", json={"agentId": "7x", "toPhone": NUMBERS[0]}, status=400)

    def test_a_provider_that_is_not_there_is_the_servers_trouble(self):
        body = {"agentId": self.agent.id, "toPhone": NUMBERS[5]}
        answer = self.ask("/api/v1/calls/outbound", "POST", json=body, status=502)
        self.assertEqual(answer["provider"], "bland")

"""The demo's campaign: twenty people called through the simulated Twilio, with Odoo restarted in the middle."""

import time
from collections import Counter

from .odoo_session import OdooSession
from .stage import LOGIN, PASSWORD
from .step import expect

LEADS = 20
SLOTS = 5
PATIENCE = 120
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# What the sandbox says of the end of a call -> what may be shown here.
RESULTS = {"completed": {"answered", "short", "machine"}, "busy": {"busy"}, "no-answer": {"no_answer"}}


class CampaignSteps:
    """Steps of ``Play``."""

    def connect_telephone(self):
        """As an administrator does: an account at the simulated Twilio with its numbers, and a voice agent."""
        place = self.sandbox["twilio"]
        self.odoo.call("ir.config_parameter", "set_param", "ghl.public_base_url", self.url)
        account = self.odoo.call(
            "ghl.voip.account",
            "create",
            {
                "name": "Demo telephone",
                "provider": "twilio",
                "base_url": place["base_url"],
                "account_sid": place["account_sid"],
                "auth_token": place["auth_token"],
                "calls_per_second": 10,
                "max_concurrent": 10,
                "number_ids": [(0, 0, {"number": number}) for number in place["numbers"]],
            },
        )
        self.odoo.call("ghl.voip.account", "action_test_connection", [account])
        (tested,) = self.odoo.call("ghl.voip.account", "read", [account], ["state", "state_reason"])
        expect(tested["state"] == "connected", f"the connection test says: {tested['state_reason']}")
        words = {"task": "Ask when a call would suit.", "first_sentence": "Good day, this is Anna. When may we call?"}
        self.agent_id = self.odoo.call(
            "ghl.voice.agent", "create", {"name": "Anna", "voip_account_id": account, **words}
        )
        return f"{len(place['numbers'])} caller numbers"

    def prepare_campaign(self):
        """A draft for twenty contacts, and what is told before the start."""
        # None of those whose number has a part to play in the sandbox.
        where = [["phone", "!=", False], ["dnd", "=", False], ["phone", "not like", "990__"]]
        contacts = self.odoo.call("ghl.contact", "search", where, limit=LEADS)
        wizard = self.odoo.call(
            "ghl.campaign.wizard",
            "create",
            {"name": "Demo", "voice_agent_id": self.agent_id, "contact_ids": [(6, 0, contacts)]},
        )
        self.campaign_id = self.odoo.call("ghl.campaign.wizard", "action_apply", [wizard])["res_id"]
        always = [(0, 0, {"weekday": day, "hour_from": 0, "hour_to": 24}) for day in DAYS]
        # For those whose number does not tell where they are.
        zone = {"timezone": "America/New_York"}
        values = {"window_ids": [(5, 0, 0), *always], "max_attempts": 1, "max_concurrent_calls": SLOTS, **zone}
        self.odoo.call("ghl.campaign", "write", [self.campaign_id], values)
        self.odoo.call("ghl.campaign", "action_preflight", [self.campaign_id])
        told = self._campaign("preflight")["preflight"]
        self.will_call = told["will_call"]
        expect(self.will_call > LEADS / 2, f"only {self.will_call} of {LEADS} would be called: {told['skipped']}")
        reasons = [f"{group['count']} not ({group['label']})" for group in told["skipped"].values()]
        return ", ".join([f"{self.will_call} will be called, {told['estimated_time']}", *reasons])

    def run_campaign(self):
        """Start, pause, restart Odoo, resume, finish."""
        self.odoo.call("ghl.campaign", "action_start", [self.campaign_id])
        self._until(
            lambda: self._campaign("completed_leads")["completed_leads"] >= self.will_call // 4, "no call ended"
        )
        self.odoo.call("ghl.campaign", "action_pause", [self.campaign_id])
        self._until(lambda: not self._campaign("in_flight")["in_flight"], "calls under way did not end")
        before = self._campaign("remaining_leads", "completed_leads", "state")
        self.url = self.stage.restart_server()
        self.odoo = OdooSession(self.url, self.stage.database, LOGIN, PASSWORD)
        expect(self._campaign("remaining_leads", "completed_leads", "state") == before, "the restart changed it")
        expect(before["remaining_leads"], "nobody was left to call after the pause")
        self.odoo.call("ghl.campaign", "action_resume", [self.campaign_id])
        self._until(lambda: self._campaign("state")["state"] == "completed", "the campaign did not end")
        return f"paused with {before['remaining_leads']} left, restarted, resumed, completed"

    def compare_calls(self):
        """What is shown here against the sandbox's own book of calls."""
        rung = Counter(entry["to"] for entry in self._control("/telephony/ledger?section=rung&provider=twilio")["rung"])
        calls = self._control("/telephony/ledger?section=calls&provider=twilio")["calls"]
        expect(len(rung) == self.will_call, f"{len(rung)} telephones rang, {self.will_call} were announced")
        expect(max(rung.values()) == 1, "somebody was called twice")
        where = [["campaign_id", "=", self.campaign_id], ["state", "=", "done"]]
        leads = self.odoo.call("ghl.campaign.lead", "search_read", where, ["number", "outcome", "talk_seconds"])
        ends = {call["to"]: call for call in calls}
        for lead in leads:
            there = ends[lead["number"]]
            expect(lead["outcome"] in RESULTS.get(there["end"], {"failed"}), f"{lead} against {there['end']}")
            if there["end"] == "completed":
                expect(lead["talk_seconds"] == there["talk_seconds"], f"{lead} against {there['talk_seconds']} s")
        told = self._campaign("completed_leads", "successful_calls", "failed_calls", "missed_calls", "success_rate")
        expect(told["completed_leads"] == len(leads) == self.will_call, f"{told} does not equal a recount")
        self.facts["campaign"] = {name: told[name] for name in told if name != "id"} | {"rang": sum(rung.values())}
        results = (
            f"{told['successful_calls']} answered, {told['missed_calls']} not reached, {told['failed_calls']} failed"
        )
        return f"{sum(rung.values())} rang once each; {results}, {told['success_rate']} %"

    def show_timelines(self):
        """What happened to the first and the last recipient."""
        where = [["campaign_id", "=", self.campaign_id], ["state", "=", "done"]]
        leads = self.odoo.call("ghl.campaign.lead", "search_read", where, ["name", "call_id"], order="sequence")
        for lead in (leads[0], leads[-1]):
            told = ["call_id", "=", lead["call_id"][0]], ["verdict", "=", "applied"], ["event", "!=", "NOTE"]
            events = self.odoo.call(
                "ghl.call.event", "search_read", list(told), ["event", "received_at", "duration_seconds"], order="id"
            )
            names = [event["event"] for event in events]
            expect(names[0] == "INITIATED" and len(names) == len(set(names)), f"the events of {lead['name']}: {names}")
            line = " -> ".join(f"{event['event']} {event['received_at'][11:]}" for event in events)
            self.say(f"     {lead['name']}: {line} ({events[-1]['duration_seconds']} s)")
        return f"{len(leads)} recipients"

    # ---- helpers -----------------------------------------------------------------------------------------

    def _campaign(self, *names):
        (values,) = self.odoo.call("ghl.campaign", "read", [self.campaign_id], list(names))
        return values

    def _until(self, come_true, otherwise):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if come_true():
                return
            time.sleep(0.2)
        expect(False, f"{otherwise} within {PATIENCE} s: {self._campaign('state', 'pause_reason', 'situation')}")

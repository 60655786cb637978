"""The demo's single call: one contact called by an AI agent through the simulated Bland AI."""

import time
from datetime import datetime

from .step import expect

CALLS_AT = 50  # times as fast as life, for this step
PATIENCE = 120
NUMBER = "+12125599001"  # a person answers
OVER = ("completed", "failed", "no_answer", "busy", "cancelled")


class BlandSteps:
    """Steps of ``Play``."""

    def place_bland_call(self):
        """Connect Bland AI, call a contact, wait for the report of the end and compare with the sandbox's books."""
        place = self.sandbox["bland"]
        account = self.odoo.call(
            "ghl.voip.account",
            "create",
            {
                "name": "Demo Bland AI",
                "provider": "bland",
                "base_url": place["base_url"],
                "api_key": place["api_key"],
                "webhook_secret": place["webhook_secret"],
            },
        )
        self.odoo.call("ghl.voip.account", "action_test_connection", [account])
        (tested,) = self.odoo.call("ghl.voip.account", "read", [account], ["state", "state_reason", "api_key"])
        expect(tested["state"] == "connected", f"the connection test says: {tested['state_reason']}")
        expect(tested["api_key"] is False, "a secret can be read back")
        agent = self.odoo.call(
            "ghl.voice.agent",
            "create",
            {"name": "Ben", "voip_account_id": account, "task": "Ask when a visit would suit."},
        )
        (contact,) = self.odoo.call("ghl.contact", "search", [["dnd", "=", False]], limit=1)
        speed = self._control("/telephony/clock")["scale"]
        self._control("/telephony/clock", {"scale": CALLS_AT})
        try:
            wizard = self.odoo.call(
                "ghl.call.place.wizard", "create", {"contact_id": contact, "voice_agent_id": agent, "to_number": NUMBER}
            )
            call_id = self.odoo.call("ghl.call.place.wizard", "action_call", [wizard])["res_id"]
            call = self._end_of(call_id)
        finally:
            self._control("/telephony/clock", {"scale": speed})
        expect(call["state"] == "completed", f"the call is {call['state']}: {call['error_message']}")
        books = self._control(f"/telephony/ledger?section=calls,rung&provider=bland&to={NUMBER.replace('+', '%2B')}")
        expect(len(books["rung"]) == 1, f"the telephone rang {len(books['rung'])} times")
        truth = books["calls"][-1]["talk_seconds"]
        answered, ended = (datetime.fromisoformat(call[name]) for name in ("answered_at", "ended_at"))
        counted = round((ended - answered).total_seconds())
        expect(
            call["duration_seconds"] == counted, f"{call['duration_seconds']} s, but the stamps are {counted} s apart"
        )
        expect(abs(counted - truth) <= 1, f"{counted} s here, {truth} s in the sandbox's books")
        lines = [line.strip() for line in (call["transcript"] or "").splitlines()[:2]]
        expect(lines, "there is no transcript")
        self.facts["bland_call"] = {"duration_seconds": counted, "talk_seconds": truth, "transcript": lines}
        return f"{counted} s (ended minus answered; sandbox {truth} s): {' / '.join(lines)}"

    def _end_of(self, call_id):
        names = ["state", "error_message", "duration_seconds", "answered_at", "ended_at", "transcript"]
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            (call,) = self.odoo.call("ghl.call", "read", [call_id], names)
            if call["state"] in OVER:
                return call
            time.sleep(0.2)
        return call

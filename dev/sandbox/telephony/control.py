"""The part of the control API that is about telephone providers."""

from dataclasses import asdict

from .ledger import SECTIONS
from .scenarios import TABLE


class TelephonyControl:
    """Mixed into `Control`; `self.exchange` is set there."""

    def get_telephony_ledger(self, given):
        """What was asked, what rang, what was told, how it ended: `?provider=&call_id=&to=&section=requests,calls`."""
        sections = [s for s in (given.get("section") or ",".join(SECTIONS)).split(",") if s in SECTIONS]
        only = {name: given.get(name) for name in ("provider", "call_id", "to")}
        return self.exchange.ledger.as_dict(sections, **only)

    def get_telephony_counts(self, given):
        """Figures per provider; `settled`: no call is under way and nothing is left to tell."""
        busy = self.exchange.courier.pending or any(app.busy for app in self.exchange.apps.values())
        return {**self.exchange.ledger.counts(), "settled": not busy}

    def get_telephony_faults(self, given):
        return self.exchange.faults.as_dict()

    def post_telephony_faults(self, given):
        """As `/faults`: `{"429": 0.05, "lost": {"rate": 0.1, "path": "twilio"}}`, `{"clear": true}`."""
        if given.pop("clear", False):
            self.exchange.faults.clear()
        for name, setting in given.items():
            self.exchange.faults.set(name, setting)
        return self.exchange.faults.as_dict()

    async def post_telephony_down(self, given):
        """`{"provider": "twilio", "how": "refused"}` or `503`; no `how`: up again."""
        await self.exchange.take_down(given.get("provider"), given.get("how") or "")
        return {app.name: app.down for app in self.exchange.apps.values()}

    def get_telephony_scenario(self, given):
        """The table, or what one number will do: `?number=+12125599001`."""
        if given.get("number"):
            return asdict(self.exchange.scenarios.of(given["number"]))
        return {ending: asdict(scenario) for ending, scenario in TABLE.items()}

    def post_telephony_scenario(self, given):
        """`{"number": "+1... or last digits", "outcomes": ["busy", "human"], "talk": 12, "faults": ["lost"], ...}`,
        `{"weights": {"human": 1}}`, `{"talk_median": 20}`."""
        scenarios, answer = self.exchange.scenarios, {}
        if "weights" in given:
            scenarios.set_weights(given.pop("weights"))
        if "talk_median" in given:
            scenarios.talk_median = float(given.pop("talk_median"))
        if "number" in given:
            answer = asdict(scenarios.set(str(given.pop("number")), given))
        return {**answer, "weights": scenarios.weights, "talk_median": scenarios.talk_median}

    def get_telephony_settings(self, given):
        return self.exchange.settings()

    def post_telephony_settings(self, given):
        """`{"twilio.cps": 5, "bland.plan": "start"}`; answers all settings."""
        return self.exchange.configure(given)

    def get_telephony_clock(self, given):
        clock = self.exchange.clock
        return {"scale": clock.scale, "now_ms": clock.now_ms()}

    def post_telephony_clock(self, given):
        """`{"scale": 50}`: how fast simulated time runs from now on, for calls under way too."""
        self.exchange.clock.rescale(float(given["scale"]))
        return self.get_telephony_clock(given)

    async def post_telephony_reset(self, given):
        """All calls forgotten in silence; books, faults, scenarios, settings and clock as at the start."""
        await self.exchange.reset()
        return {"ok": True}

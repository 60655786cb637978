"""Our providers against the simulated ones, over real HTTP."""

from datetime import datetime, timedelta, timezone

from ..ghl_base.net.session import new_session
from ..ghl_calls import lifecycle
from ..ghl_calls.providers import registry
from ..ghl_calls.providers.base import CallOrder, Delivery, DeliveryRefused, PlaceError
from .telephony_case import TelephonyCase

LAST = "ref-last"


class ProviderSandboxCase(TelephonyCase):
    """`name` is the provider's; each class has `settings()`, those of the simulated account."""

    name = ""
    number = "+121255990{}"  # the two last digits choose the scenario
    callers = ("+14155550100",)
    script: dict = {"task": "Ask how they are.", "message": "Hello"}

    def setUp(self):
        super().setUp()
        self.placed_at = datetime.now(timezone.utc).replace(tzinfo=None)

    def account(self) -> dict:
        return getattr(self.sandbox, self.name)

    def provider(self, session=None, **settings):
        return registry.make(self.name, {**self.settings(), **settings}, session=session)

    def impatient(self):
        """A provider that does not wait long for an answer."""
        return self.provider(new_session(timeouts=(2.0, 0.5)))

    def order(self, ending="01", **values) -> CallOrder:
        usual = {
            "reference": LAST,
            "to": self.number.format(ending),
            "from_number": self.callers[0],
            "callback_url": f"{self.door.url}/status/{LAST}",
            "ring_seconds": 30,
            "detect_machine": True,
            "script": self.script,
        }
        return CallOrder(**{**usual, **values})

    def refused(self, ending, provider=None, **values) -> PlaceError:
        with self.assertRaises(PlaceError) as caught:
            (provider or self.provider()).place(self.order(ending, **values))
        return caught.exception

    def deliveries(self, path="/status/") -> list[Delivery]:
        """What came to our door, as our door would hand it on."""
        return [
            Delivery(told.method, told.url, told.headers, told.body, told.headers.get("content-type", ""), LAST)
            for told in self.door.told
            if path in told.url
        ]

    def reports(self, provider=None, path="/status/"):
        """(reports of the deliveries that were believed, how many were not)."""
        provider, found, refused = provider or self.provider(), [], 0
        for delivery in self.deliveries(path):
            try:
                if provider.capabilities.signed:
                    provider.verify(delivery)
            except DeliveryRefused:
                refused += 1
                continue
            found += provider.parse(delivery)
        return found, refused

    def folded(self, reports, call_id):
        """(state, values) of the call after these reports, each counted once."""
        state, values, seen = "pending", {}, set()
        for report in reports:
            if report.provider_call_id != call_id or report.key in seen:
                continue
            seen.add(report.key)
            if report.state and lifecycle.on_event(state, report.state) == lifecycle.MOVE:
                state = report.state
            values.update(report.values if report.state in lifecycle.FINAL else {})
        return state, values

    def truth(self, call_id) -> dict:
        """How the call really went, from the simulator's books."""
        return self.settled_call(call_id)

    def settled_call(self, call_id) -> dict:
        return next(call for call in self.settled()["calls"] if call["call_id"] == call_id)

    def rang(self, ending) -> int:
        to = self.number.format(ending)
        return sum(call["to"] == to for call in self.settled()["rung"])

    def moment(self, milliseconds) -> datetime:
        return datetime(1970, 1, 1) + timedelta(milliseconds=milliseconds)

    def assertTimes(self, values, truth):
        """Talk and stamps are those of the provider's clock, to the second."""
        self.assertAlmostEqual(values["talk_seconds"], truth["talk_seconds"], delta=1)
        ended = self.moment(truth["ended_at"])
        self.assertLessEqual(abs(values["ended_at"] - ended), timedelta(seconds=1))
        if values["talk_seconds"]:
            answered = self.moment(truth["answered_at"])
            self.assertLessEqual(abs(values["answered_at"] - answered), timedelta(seconds=2))
        else:
            self.assertNotIn("answered_at", values)

"""The life of a call: waits in the provider's queue, is dialled, rings, is answered, ends."""

import asyncio

from .clock import HungUp
from .faults import CALL
from .scenarios import Fate

ANSWERING = ("human", "machine", "fax", "silence")
# outcome -> (how the call ends, SIP cause)
UNANSWERED = {
    "no_answer": ("no-answer", 487),
    "busy": ("busy", 486),
    "rejected": ("busy", 603),
    "failed": ("failed", 503),
    "invalid": ("failed", 404),
    "unwanted": ("failed", 607),
    "off": ("no-answer", 480),
}


class Call:
    """One accepted call. Stamps are simulated milliseconds, None until it has happened."""

    def __init__(self, app, call_id, to, from_, given, *, ring_limit=60.0, talk_limit=14_400.0):
        exchange = app.exchange
        self.app = app
        self.id = call_id
        self.to = to
        self.from_ = from_
        self.given = given  # the request
        self.ring_limit = ring_limit
        self.talk_limit = talk_limit
        self.attempt = exchange.attempt(app.name, to)
        scenario = exchange.scenarios.of(to)
        self.fate: Fate
        self.fate, self.rng = exchange.scenarios.fate(app.name, to, self.attempt)
        self.faults = set(scenario.faults)
        for name in CALL:
            if exchange.faults.pick((name,), app.name):
                self.faults.add(name)
        self.held = []  # events of a reordered call
        self.created_at = exchange.clock.now_ms()
        self.dialed_at = self.rang_at = self.answered_at = self.ended_at = None
        self.end = ""  # completed, no-answer, busy, failed, canceled
        self.sip = None
        self.stopped_by = ""
        self.stop = asyncio.get_running_loop().create_future()
        self.told = asyncio.Event()
        self.extra = {}  # what the provider keeps about the call

    @property
    def talk_ms(self) -> int:
        """Between answer and end; 0 when nobody answered."""
        return (self.ended_at or self.app.clock.now_ms()) - self.answered_at if self.answered_at else 0

    @property
    def talk_seconds(self) -> int:
        return round(self.talk_ms / 1000)

    @property
    def answered_by(self) -> str:
        return self.fate.outcome if self.answered_at else ""

    def first_told(self):
        self.told.set()

    def hang_up(self, by="request"):
        """Have the call end; nothing when it is over."""
        if not self.ended_at and not self.stop.done():
            self.stopped_by = by
            self.stop.set_result(None)

    def as_dict(self) -> dict:
        """The truth for the ledger, stamps in simulated epoch milliseconds."""
        names = "id to created_at dialed_at rang_at answered_at ended_at end sip stopped_by attempt".split()
        found = {name: getattr(self, name) for name in names}
        found.update(provider=self.app.name, call_id=found.pop("id"), outcome=self.fate.outcome)
        found.update(talk_seconds=self.talk_seconds if self.ended_at else None, from_=self.from_)
        found["from"] = found.pop("from_")
        return {**found, "answered_by": self.answered_by}


async def live(call: Call):
    """Live one call to its end, telling its provider at every step:

    `await admitted(call)` waits for a free place, `dialing`, `ringing`, `await answered` and `ended` take note.
    """
    app = call.app
    try:
        call.end, call.sip, call.ended_at = await _course(call, app, app.clock)
    except HungUp:
        call.end = "completed" if call.answered_at else "canceled"
        call.ended_at = app.clock.now_ms()
    if call.dialed_at:
        app.ledger.hung_up(call)
    app.ended(call)


async def _course(call, app, clock):
    """(end, SIP cause, ended_at); HungUp when stopped before. Stamps are exact, however late a timer fires."""
    fate = call.fate
    await app.admitted(call)
    moment = call.dialed_at = clock.now_ms()

    async def after(seconds):
        nonlocal moment
        moment += round(seconds * 1000)
        await clock.sleep(moment / 1000 - clock.now(), call.stop)
        return moment

    app.ledger.rang(call)
    app.dialing(call)
    await after(fate.dial)
    if fate.outcome in ("invalid", "failed", "unwanted"):
        return *UNANSWERED[fate.outcome], moment
    if fate.outcome != "busy":
        call.rang_at = moment
        app.ringing(call)
    if fate.outcome in ("no_answer", "off") or fate.ring > call.ring_limit:
        await after(call.ring_limit + call.rng.uniform(0, 3))
        return *UNANSWERED["off" if fate.outcome == "off" else "no_answer"], moment
    await after(2 if fate.outcome == "busy" else fate.ring)
    if fate.outcome not in ANSWERING:
        return *UNANSWERED[fate.outcome], moment
    call.answered_at = moment
    await app.answered(call)
    await after(min(fate.talk, call.talk_limit))
    return "completed", 200, moment

"""All telephone providers of one sandbox, with what they share."""

import uuid
from collections import Counter
from dataclasses import asdict, fields

from ..http import Server
from .clock import ScaledClock
from .delivery import Courier
from .faults import TelephonyFaults
from .ledger import TelephonyLedger
from .scenarios import Scenarios

DOWN = ("", "503", "refused")


class Exchange:
    """`settings`: {"bland.plan": "start", ...}, see the settings of each provider."""

    def __init__(self, seed=1, scale=1.0, weights=None, talk_median=35.0, faults=None, settings=None, **patience):
        self.seed = seed
        self.run = uuid.uuid4().hex  # in the ids of calls: they are other ones after a restart with the same seed
        self._scale = scale
        self._settings = settings or {}
        self.clock = ScaledClock(scale)
        self.ledger = TelephonyLedger(self.clock)
        self.faults = TelephonyFaults(seed, active=faults, **patience)
        self.scenarios = Scenarios(seed, weights, talk_median)
        self.courier = Courier(self.clock, self.faults, self.ledger)
        self._attempts = Counter()
        self.apps = {}

    def add(self, app_class):
        app = app_class(self)
        self.apps[app.name] = app
        self.configure({k: v for k, v in self._settings.items() if k.startswith(f"{app.name}.")})

    async def start(self, host, ports: dict):
        for app in self.apps.values():
            app.server = await Server(app, host, ports.get(app.name, 0)).start()
        return self

    def attempt(self, provider, number) -> int:
        """The number of this call to this number at this provider, from 1."""
        self._attempts[provider, number] += 1
        return self._attempts[provider, number]

    def configure(self, settings: dict) -> dict:
        """Change settings of providers; ValueError for an unknown one. Answers all."""
        for name, value in settings.items():
            provider, _, key = name.partition(".")
            held = self.apps[provider].settings if provider in self.apps else None
            kinds = {f.name: f.type for f in fields(held)} if held else {}
            if key not in kinds:
                raise ValueError(f"unknown setting {name!r}; known: {', '.join(self.settings())}")
            setattr(held, key, _read(kinds[key], value))
        for app in self.apps.values():
            app.configured()
        return self.settings()

    def settings(self) -> dict:
        return {f"{app.name}.{k}": v for app in self.apps.values() for k, v in asdict(app.settings).items()}

    async def take_down(self, provider, how):
        """`how`: 503, refused (nobody listens, open connections break), empty: up again."""
        if how not in DOWN or provider not in self.apps:
            raise ValueError(f"provider: {', '.join(self.apps)}; how: {', '.join(DOWN[1:])} or empty")
        app = self.apps[provider]
        if how == "refused" and app.down != "refused":
            await app.server.close()
        elif how != "refused" and app.down == "refused":
            await app.server.start()
        app.down = how

    async def reset(self):
        """No calls, no books, faults, scenarios and settings as at the start; the clock at the present."""
        for app in self.apps.values():
            await self.take_down(app.name, "")
            app.reset()
            app.settings = type(app.settings)()
        self.configure(self._settings)
        self.courier.reset()
        self.ledger.reset()
        self.faults.reset()
        self.scenarios.reset()
        self._attempts.clear()
        self.run = uuid.uuid4().hex
        self.clock.start(self._scale)

    def describe(self) -> dict:
        return {name: app.describe() for name, app in self.apps.items()}


def _read(kind, value):
    """A setting from text or JSON, as its declared type says; empty text is None where None is allowed."""
    if value in ("", None):
        return None if "None" in kind else "" if kind == "str" else _refuse(value)
    if kind == "bool":
        return value if isinstance(value, bool) else str(value).lower() in ("1", "true", "yes")
    if kind.startswith("int"):
        return int(value)
    if kind.startswith("float"):
        return float(value)
    return str(value)


def _refuse(value):
    raise ValueError(f"a value is needed, got {value!r}")

"""What every simulated provider does with a request: faults, the handler, the books."""

import asyncio
import contextlib
import sys
import traceback
from abc import ABC, abstractmethod

from ..faults import HTML
from ..http import Request, Response
from ..router import Router
from .faults import AFTER, BEFORE
from .line import Call, live

EARLY_PATIENCE = 20.0


class Refused(Exception):
    """The provider's answer to a request it does not like."""

    def __init__(self, status, body, headers=None):
        super().__init__(status)
        self.response = Response.of_json(body, status, headers)


class Ask:
    """One request on its way: `args` of the path, `call` once it was accepted."""

    __slots__ = ("args", "body", "call", "number", "request", "template")

    def __init__(self, request: Request, template, args):
        self.request = request
        self.template = template
        self.args = args or {}
        self.body = None
        self.number = ""
        self.call = None


class Hooks:
    """What a provider may do while its calls live; nothing, unless it says so."""

    def configured(self):
        """Settings were changed."""

    async def admitted(self, call: Call):
        """Wait until the provider dials."""

    def dialing(self, call: Call):
        pass

    def ringing(self, call: Call):
        pass

    async def answered(self, call: Call):
        pass


class ProviderApp(Hooks, ABC):
    """Subclasses set `name`, `id_field`, `settings` (a dataclass instance) and `placing` (the template of the door
    that places calls), register `self.router` routes with `async handler(ask) -> Response`, and follow calls by `ended`
    and the `Hooks`.
    """

    name = ""
    id_field = ""
    placing = ()

    def __init__(self, exchange):
        self.exchange = exchange
        self.clock = exchange.clock
        self.ledger = exchange.ledger
        self.courier = exchange.courier
        self.scenarios = exchange.scenarios
        self.router = Router()
        self.server = None
        self.down = ""
        self._tasks = set()

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def busy(self) -> bool:
        """Whether calls are under way or their ends are still worked on."""
        return bool(self._tasks)

    def reset(self):
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()

    def calls(self) -> list:
        """All calls of this provider, oldest first."""
        return [c for c in self.ledger.calls.values() if c.app is self]

    # -- a request -------------------------------------------------------------------------------------------------

    async def __call__(self, request: Request) -> Response:
        if self.down:
            return Response(503, HTML, {"Content-Type": "text/html"})
        route, args = self.router.match(request.method, request.path)
        template = f"{request.method} {route.template}" if route else f"{request.method} (unknown)"
        ask = Ask(request, template, args)
        fault = ""
        try:
            if not route:
                raise self.unknown_path(request)
            if template in self.placing:
                ask.number = self.number_called(ask)
            fault = self._fault(ask, BEFORE)
            if fault:
                response = self._refuse(fault)
            else:
                response = await route.handler(ask)
                if ask.call:
                    fault = self._fault(ask, AFTER)
                    response = await self._accepted(ask.call, response, fault)
        except Refused as error:
            response = error.response
        except Exception:
            traceback.print_exc(file=sys.stderr)
            response = Response.of_json({"message": "the sandbox failed, see its output"}, 500)
        self.ledger.asked(self.name, template, response.status)
        if template in self.placing:
            status = "reset" if response.reset else response.status
            self.ledger.create(self.name, request, ask.body, ask.number, status, fault or None, ask.call)
        return response

    @abstractmethod
    def number_called(self, ask) -> str:
        """The number a request to place a call wants rung; also sets `ask.body`."""

    def unknown_path(self, request) -> Refused:
        return Refused(404, {"message": f"no {request.method} {request.path}"})

    def _fault(self, ask, names) -> str:
        if ask.number:
            scenario = self.scenarios.of(ask.number)
            for name in scenario.faults:
                if name in names and self.scenarios.strikes(self.name, ask.number, scenario):
                    return name
        return self.exchange.faults.pick(names, f"{self.name} {ask.request.method} {ask.request.path}") or ""

    def refusal(self, number) -> str:
        """Why the scenario of a number wants the request refused; empty: it does not."""
        scenario = self.scenarios.of(number)
        refused = scenario.refuse and self.scenarios.strikes(self.name, number, scenario)
        return scenario.refuse if refused else ""

    def _refuse(self, fault) -> Response:
        if fault == "reset_before":
            return Response(reset=True)
        if fault == "429":
            return self.too_many()
        if fault == "503":
            return Response(503, HTML, {"Content-Type": "text/html"})
        return self.broken()

    @abstractmethod
    def too_many(self) -> Response:
        pass

    def broken(self) -> Response:
        return Response.of_json({"message": "Internal Server Error"}, 500)

    async def _accepted(self, call: Call, response: Response, fault) -> Response:
        if "early" in call.faults and self.tells(call):
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(call.told.wait(), EARLY_PATIENCE)
        if fault == "500_after":
            return self.broken()
        if fault == "reset_after":
            return Response(reset=True)
        if fault == "cut":
            response.cut = len(response.body) // 2
        if fault == "slow":
            response.hold = self.exchange.faults.slow_ms / 1000
        if fault == "timeout_after":
            response.hold = self.exchange.faults.hold_seconds
        return response

    # -- calls -----------------------------------------------------------------------------------------------------

    def begin(self, ask: Ask | None, call: Call):
        """The call is ours: it lives from now on, whatever becomes of the answer to the request."""
        if ask:
            ask.call = call
        self.ledger.calls[call.id] = call
        self.spawn(live(call))

    def spawn(self, work):
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @abstractmethod
    def new_id(self, key: str) -> str:
        pass

    @abstractmethod
    def tells(self, call: Call) -> bool:
        """Whether there is somewhere to tell what becomes of a call."""

    @abstractmethod
    def ended(self, call: Call):
        pass

    @abstractmethod
    def encode(self, event, fields, signature):
        """(headers, url, body) of a callback; `signature`: good, bad or old."""

    @abstractmethod
    def describe(self) -> dict:
        """What somebody must know to use this provider."""

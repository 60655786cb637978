"""One request through the simulated service: version, token, budget, fault, handler, budget headers, trace id."""

import asyncio
import random
import sys
import traceback
import uuid

from ..faults import BEFORE, DATA, HTML, WIRE, Faults
from ..http import Response
from ..ledger import Ledger
from ..ratelimit import RateLimiter
from ..router import Router
from ..webhooks import Webhooks
from . import (
    contact_search,
    contacts,
    conversations,
    locations,
    message_media,
    messages,
    notes,
    oauth,
    opportunities,
    opportunity_search,
    pipelines,
    tasks,
    users,
)
from .api import Call, Page, dumps
from .errors import ApiError
from .events import events_of
from .store import Store
from .tokens import Tokens

ENDPOINTS = (
    oauth,
    contact_search,
    contacts,
    tasks,
    notes,
    conversations,
    messages,
    message_media,
    opportunity_search,
    opportunities,
    pipelines,
    locations,
    users,
)
VERSIONS = ("v3", "2023-02-21", "2021-07-28", "2021-04-15", "legacy")


class GhlApp:
    name = "ghl"

    def __init__(
        self,
        store: Store,
        faults: Faults,
        limiter: RateLimiter,
        webhooks: Webhooks,
        latency_ms=0,
        token_lifetime_s=86_399,
    ):
        self.store = store
        self.faults = faults
        self.limiter = limiter
        self.webhooks = webhooks
        self.latency_ms = latency_ms
        self._first = {"latency_ms": latency_ms, "linger_ms": store.linger_ms, "token_lifetime_s": token_lifetime_s}
        self.ledger = Ledger()
        self.tokens = Tokens(store, token_lifetime_s)
        self.router = Router()
        self.fragments = {}
        self._trace = random.Random(f"{store.plan.seed}/trace")
        store.listener = self._announce
        for module in ENDPOINTS:
            for method, template, handler, options in module.routes:
                self.router.add(method, template, handler, **options)

    def reset(self):
        """Data, tokens, budgets, faults, webhooks and ledger as at the start."""
        self.latency_ms = self._first["latency_ms"]
        self.store.linger_ms = self._first["linger_ms"]
        self.store.reset()
        self.tokens = Tokens(self.store, self._first["token_lifetime_s"])
        self.limiter.reset()
        self.faults.reset()
        self.webhooks.reset()
        self.ledger.reset()
        self.fragments.clear()

    def _announce(self, kind, loc, old, new):
        if self.webhooks.url:
            for payload in events_of(kind, self.store.generators[loc].location.id, old, new):
                self.webhooks.send(payload)

    def trace_id(self) -> str:
        return str(uuid.UUID(int=self._trace.getrandbits(128), version=4))

    # -- one request -----------------------------------------------------------------------------------------------

    async def __call__(self, request) -> Response:
        if self.latency_ms:
            await asyncio.sleep(self.latency_ms / 1000)
        route, args = self.router.match(request.method, request.path)
        template = f"{request.method} {route.template if route else request.path.split('?')[0]}"
        fault = None
        headers = {}
        try:
            if not route:
                raise ApiError(404, f"Cannot {request.method} {request.path}")
            token, v3 = self._admit(request, route, headers)
            fault = self.faults.pick(BEFORE, request.path) if route.options.get("scope") is not None else None
            if fault == "slow":
                await asyncio.sleep(self.faults.slow_ms / 1000)
            elif fault:
                response = self._strike(fault, headers)
                self.ledger.record(
                    template, 0 if response.reset else response.status, f"{request.method} {request.raw_path}", fault
                )
                return response
            result = route.handler(Call(self, request, args, token, v3))
            response = result if isinstance(result, Response) else self._encode(*result)
        except ApiError as error:
            response = self._encode(error.status, error.payload)
        except Exception:  # a fault of the sandbox itself, never of the simulated service: say so loudly
            traceback.print_exc(file=sys.stderr)
            response = self._encode(500, {"statusCode": 500, "message": "bug in the sandbox, see its stderr"})
        if route and route.options.get("scope") is not None and response.status < 300:
            response, fault = self._damage(request, response, fault)
        response.headers.update(headers)
        self.ledger.record(template, response.status, f"{request.method} {request.raw_path}", fault)
        return response

    def _admit(self, request, route, headers):
        """(token or None, is v3) when version, token, scope and budget allow the request."""
        version = request.headers.get("version")
        if not version:
            if not route.options.get("any_version"):
                raise ApiError(401, "version header was not found.")
        elif version not in VERSIONS:
            raise ApiError(401, "version header is invalid")
        v3 = version == "v3"
        only = route.options.get("only")
        if only == "v3" and not v3:
            raise ApiError(404, f"Cannot {request.method} {request.path}")
        if only == "dated" and v3:
            raise ApiError(
                400,
                f"Endpoint {request.raw_path} not available in API version v3. "
                "This endpoint was removed in version v3. Please use a version before v3.",
            )
        scope = route.options.get("scope")
        if scope is None:
            return None, v3
        token = self.tokens.authenticate(request.headers.get("authorization", ""))
        allowed, budget = self.limiter.take((token.app, token.location_id or self.tokens.company_id))
        headers.update(budget)
        if not allowed:
            raise ApiError(429, "Too Many Requests", {"statusCode": 429, "message": "Too Many Requests"})
        if scope and scope not in token.scopes:
            raise ApiError(401, "The token is not authorized for this scope.")
        if route.options.get("agency_oauth") and (token.user_type != "Company" or token.kind != "oauth"):
            raise ApiError(401, "This authClass type is not allowed to access this scope. Please contact admin.")
        return token, v3

    def _encode(self, status, payload) -> Response:
        trace = self.trace_id()
        if isinstance(payload, Page):
            payload.rest["traceId"] = trace
            text = payload.text()
        else:
            # A bare list has no room for a trace.
            text = dumps({**payload, "traceId": trace} if isinstance(payload, dict) else payload)
        return Response(status, text.encode(), {"Content-Type": "application/json; charset=utf-8"})

    def _strike(self, fault, headers) -> Response:
        if fault == "timeout":
            return Response(reset=True, hold=self.faults.hold_seconds)
        if fault == "reset":
            return Response(reset=True)
        if fault == "502html":
            return Response(502, HTML, {"Content-Type": "text/html", **headers})
        message = {
            "429": "Too Many Requests",
            "500": "Internal server error",
            "401once": "Invalid JWT",
            "403": "You do not have permission to access this resource",
            "422": ["injected fault: property x should not exist"],
        }[fault]
        response = self._encode(int(fault[:3]), {"statusCode": int(fault[:3]), "message": message})
        response.headers.update(headers)
        if fault == "429":
            response.headers["X-RateLimit-Remaining"] = 0
        return response

    def _damage(self, request, response, fault):
        name = self.faults.pick(DATA, request.path)
        if name:
            stream = f"{request.method} {request.path} {request.headers.get('authorization', '')}"
            response.body = self.faults.damage(name, response.body, stream)
        wire = self.faults.pick(WIRE, request.path)
        if wire:
            response = self.faults.wire(wire, response)
        return response, wire or name or fault

    def describe(self, base_url) -> dict:
        """What a client needs to connect."""
        tokens = self.tokens
        first = next(iter(self.store.locations))
        return {
            "base_url": base_url,
            "marketplace_url": base_url,
            "private_token": tokens.private[first],
            "private_tokens": tokens.private,
            "company_id": tokens.company_id,
            "location_id": first,
            "location_ids": list(self.store.locations),
            "webhook_public_key": self.webhooks.key.public_pem(),
            "app_id": tokens.app_id,
            "client_id": tokens.client_id,
            "client_secret": tokens.client_secret,
            "agency": {
                "access_token": tokens.agency.value,
                "refresh_token": tokens.agency.refresh,
                "private_token": tokens.agency_private,
            },
        }

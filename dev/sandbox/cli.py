"""Start the simulated systems, say in one JSON line where they are, run until told to stop."""

import argparse
import asyncio
import json
import os
import signal
import sys
import threading

from .bland.app import BlandApp
from .clock import now_ms, parse_ms
from .control import Control
from .faults import NAMES, Faults
from .frontend import Frontend
from .ghl.app import GhlApp
from .ghl.plan import Plan
from .ghl.store import Store
from .http import Server
from .ratelimit import RateLimiter
from .sanspbx.app import SansPbxApp
from .telephony.exchange import Exchange
from .telephony.faults import NAMES as TELEPHONY_FAULTS
from .telephony.scenarios import WEIGHTS
from .twilio.app import TwilioApp
from .webhooks import Webhooks

PROVIDERS = (TwilioApp, BlandApp, SansPbxApp)


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(prog="bin/sandbox", description=__doc__)
    p.add_argument("--host", default="127.0.0.1")
    p.add_argument("--port", type=int, default=0, help="port of the GoHighLevel API (0: a free one)")
    p.add_argument("--control-port", type=int, default=0)
    p.add_argument("--frontend-port", type=int, default=0, help="port of the example page that uses the addon's API")
    p.add_argument("--contacts", type=int, default=1000, help="total over all locations")
    p.add_argument("--tasks", type=int, help="default: contacts / 2")
    p.add_argument("--conversations", type=int, help="default: contacts / 2")
    p.add_argument("--opportunities", type=int, help="default: contacts * 3 / 10")
    p.add_argument("--messages", type=int, default=4, help="of each conversation")
    p.add_argument("--locations", type=int, default=1)
    p.add_argument("--users", type=int, help="default: 6 per location, at least 8")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--epoch", default="now", help="newest generated stamp: an ISO date or `now` (the default)")
    p.add_argument("--tie-cluster", type=int, help="records that share one stamp (default: a share of each kind)")
    p.add_argument("--latency-ms", type=float, default=0, help="added to every answer")
    p.add_argument("--linger-ms", type=int, default=2000, help="how long deleted records stay in searches")
    p.add_argument("--token-lifetime-s", type=int, default=86_399, help="how long OAuth access tokens live")
    p.add_argument("--fault", action="append", default=[], metavar="NAME=RATE", help=f"one of {', '.join(NAMES)}")
    p.add_argument(
        "--hold-seconds", type=float, default=120, help="how long `timeout` and `timeout_after` hold a connection"
    )
    p.add_argument("--slow-ms", type=int, default=1500, help="delay of the fault `slow`")
    p.add_argument("--webhook-url", help="where changes are told, signed")
    p.add_argument(
        "--webhook-retry-ms", type=int, default=600_000, help="pause before an event refused with 429 is sent again"
    )
    p.add_argument("--no-rate-limit", action="store_true")
    p.add_argument("--rate-limit", type=int, default=100, help="requests per interval, token application and location")
    p.add_argument("--interval-ms", type=int, default=10_000)
    p.add_argument("--daily-limit", type=int, default=200_000)
    _telephony_options(p.add_argument_group("telephone providers"))
    p.add_argument("--exit-with-parent", action="store_true", help="stop when standard input closes or the parent dies")
    return p


def _telephony_options(p):
    for provider in PROVIDERS:
        p.add_argument(f"--{provider.name}-port", type=int, default=0)
    p.add_argument("--time-scale", type=float, default=1.0, help="simulated seconds of telephony in one real second")
    weights = ",".join(f"{name}={weight}" for name, weight in WEIGHTS.items())
    p.add_argument("--weights", default=weights, help=f"what ordinary numbers do (default: {weights})")
    p.add_argument("--talk-median", type=float, default=35, help="of talk time, in simulated seconds")
    names = ", ".join(TELEPHONY_FAULTS)
    p.add_argument("--telephony-fault", action="append", default=[], metavar="NAME=RATE", help=f"one of {names}")
    p.add_argument("--set", action="append", default=[], metavar="PROVIDER.SETTING=VALUE", help="e.g. bland.plan=start")


def exchange_of(options) -> Exchange:
    weights = {name: float(weight) for name, weight in _pairs(options.weights.split(","))}
    faults = {name: float(rate or 1) for name, rate in _pairs(options.telephony_fault)}
    exchange = Exchange(
        options.seed,
        options.time_scale,
        weights,
        options.talk_median,
        faults,
        dict(_pairs(options.set)),
        hold_seconds=options.hold_seconds,
        slow_ms=options.slow_ms,
    )
    for provider in PROVIDERS:
        exchange.add(provider)
    return exchange


def _pairs(texts):
    return [(name.strip(), value) for name, _, value in (text.partition("=") for text in texts)]


def plan_of(options) -> Plan:
    contacts = options.contacts
    pick = lambda value, default: default if value is None else value  # noqa: E731
    return Plan(
        seed=options.seed,
        contacts=contacts,
        tasks=pick(options.tasks, contacts // 2),
        conversations=pick(options.conversations, contacts // 2),
        opportunities=pick(options.opportunities, contacts * 3 // 10),
        messages=options.messages,
        locations=max(1, options.locations),
        users=pick(options.users, max(8, 6 * options.locations)),
        epoch=now_ms() if options.epoch == "now" else parse_ms(options.epoch),
        tie_cluster=options.tie_cluster,
    )


async def serve(options):
    plan = plan_of(options)
    active = {name: float(rate or 1) for name, rate in _pairs(options.fault)}
    faults = Faults(options.seed, options.hold_seconds, options.slow_ms, active)
    limiter = RateLimiter(
        now_ms, options.rate_limit, options.interval_ms, options.daily_limit, not options.no_rate_limit
    )
    webhooks = Webhooks(options.seed, options.webhook_url, options.webhook_retry_ms)
    app = GhlApp(
        Store(plan, options.linger_ms), faults, limiter, webhooks, options.latency_ms, options.token_lifetime_s
    )
    ghl = await Server(app, options.host, options.port).start()
    ports = {provider.name: getattr(options, f"{provider.name}_port") for provider in PROVIDERS}
    exchange = await exchange_of(options).start(options.host, ports)
    control = await Server(Control(app, exchange), options.host, options.control_port).start()
    frontend = await Server(Frontend(), options.host, options.frontend_port).start()
    counts = {
        "contacts": plan.contacts,
        "tasks": plan.tasks,
        "conversations": plan.conversations,
        "opportunities": plan.opportunities,
    }
    ready = {
        "ghl": app.describe(ghl.url),
        **exchange.describe(),
        "control_url": control.url,
        "frontend_url": frontend.url,
        "pid": os.getpid(),
        "counts": counts,
    }
    print(json.dumps(ready), flush=True)
    await asyncio.Event().wait()


def _watch_parent():
    """End the process as soon as standard input reaches its end, which happens when the parent goes away."""
    try:
        while sys.stdin.buffer.read(4096):
            pass
    finally:
        os._exit(0)


def main(argv=None):
    options = parser().parse_args(argv)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    if options.exit_with_parent:
        threading.Thread(target=_watch_parent, daemon=True).start()
    try:
        asyncio.run(serve(options))
    except (OSError, ValueError) as error:
        sys.exit(f"sandbox: {error}")

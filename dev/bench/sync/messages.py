"""The messages of a location: requests, growth of the process, a sync with nothing changed, the sums of contacts."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator

from bootstrap import ensure
from sandbox.client import running_sandbox

from ..runner import Context, Result
from .memory import megabytes
from .place import connected, odoo, pull

EXPORT = "GET /conversations/messages/export"
# One conversation for each contact. Of the last messages every fifth is an activity, which no export holds: 190,000
# are left, and of the huge location 1,000,000.
USUAL = {"conversations": 50_000, "messages": 4}
HUGE = {"conversations": 50_600, "messages": 20}
# What a dead cursor may cost: two walks, each put off while the rest is written.
CLOSING = 20


def run(context: Context) -> Iterator[Result]:
    volume = dict(HUGE if context.huge else USUAL)
    if context.quick:
        volume["conversations"] //= 20
    options = {**volume, "contacts": volume["conversations"], "tasks": 0, "opportunities": 0}
    with (
        running_sandbox(**options, locations=1, rate_limit=1_000_000) as sandbox,
        connected(context.env, sandbox.base_url, sandbox.private_token, sandbox.location_id, messages=True),
    ):
        number = _exported(sandbox)
        sandbox.reset_ledger()
        measured = _in_own_process("first")
        asked = sandbox.ledger()["requests"][EXPORT]
        again = _in_own_process("again")
    pages = sum(-(-count // 500) for count in number)
    case = f"pull with {sum(number):,} messages"
    yield Result("messages", f"{case}: requests of the export", asked, "", None, pages, "pages")
    yield Result("messages", f"{case}: requests beyond the pages", asked - pages, "", CLOSING)
    missing = sum(abs(there - here) for there, here in zip(number, measured["messages"], strict=True))
    yield Result("messages", f"{case}: messages missing or too many", missing, "", 0)
    yield Result("messages", f"{case}: growth of the process", measured["grown_mb"], "MB", 200)
    yield Result("messages", f"{case}: wall time", measured["seconds"], "s", None)
    yield Result("messages", f"{case}: sums of all contacts", again["sums"], "s", None)
    yield Result("messages", "sync with nothing changed: wall time", again["idle"], "s", None)


def _exported(sandbox) -> list[int]:
    """How many messages and e-mails there are. The sandbox makes them when first asked: longer than clients wait."""
    path = f"/conversations/messages/export?limit=10&locationId={sandbox.location_id}"
    return [sandbox.call("GET", path + channel, timeout=600)[1]["total"] for channel in ("", "&channel=Email")]


def _in_own_process(name: str) -> dict:
    """What this one has used before would hide the growth."""
    program = f"import json, {__name__} as bench; print(json.dumps(bench.{name}()))"
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def first() -> dict:
    with odoo(ensure()) as env:
        location = env["ghl.location"].search([])
        before, started = megabytes("VmRSS"), time.perf_counter()
        pull(env, location)
        seconds, grown = time.perf_counter() - started, megabytes("VmHWM") - before
        held = [env["ghl.contact.message"].search_count([("is_email", "=", is_email)]) for is_email in (False, True)]
        return {"messages": held, "seconds": round(seconds, 1), "grown_mb": round(grown, 1)}


def again() -> dict:
    with odoo(ensure()) as env:
        from odoo.addons.ghl.ghl_contacts.mirror import figures

        location = env["ghl.location"].search([])
        started = time.perf_counter()
        pull(env, location, "incremental")
        idle, started = time.perf_counter() - started, time.perf_counter()
        figures.refresh(env, location)
        return {"idle": round(idle, 2), "sums": round(time.perf_counter() - started, 2)}

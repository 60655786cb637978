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
# The sandbox has one conversation for each contact, with four messages; a few are activities, which no export holds.
CONVERSATIONS = 50_000
# What a dead cursor may cost: two walks, each put off while the rest is written.
CLOSING = 20


def run(context: Context) -> Iterator[Result]:
    conversations = CONVERSATIONS // 20 if context.quick else CONVERSATIONS
    options = {"contacts": conversations, "tasks": 0, "conversations": conversations, "opportunities": 0}
    with (
        running_sandbox(**options, locations=1, rate_limit=1_000_000) as sandbox,
        connected(context.env, sandbox.base_url, sandbox.private_token, sandbox.location_id, messages=True),
    ):
        measured = _in_own_process("first")
        asked = sandbox.ledger()["requests"][EXPORT]
        again = _in_own_process("again")
    number = measured["messages"]
    pages = sum(-(-count // 500) for count in number)
    case = f"pull with {sum(number):,} messages"
    yield Result("messages", f"{case}: requests of the export", asked, "", None, pages, "pages")
    yield Result("messages", f"{case}: requests beyond the pages", asked - pages, "", CLOSING)
    yield Result("messages", f"{case}: growth of the process", measured["grown_mb"], "MB", 200)
    yield Result("messages", f"{case}: wall time", measured["seconds"], "s", None)
    yield Result("messages", f"{case}: sums of all contacts", again["sums"], "s", None)
    yield Result("messages", "sync with nothing changed: wall time", again["idle"], "s", None)


def _in_own_process(name: str) -> dict:
    """What this one has used before would hide the growth."""
    program = f"import json, {__name__} as bench; print(json.dumps(bench.{name}()))"
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def first() -> dict:
    with odoo(ensure()) as env:
        location = env["ghl.location"].search([])
        before, started = megabytes("VmRSS"), time.perf_counter()
        entities = pull(env, location).result["entities"]
        return {
            "messages": [entities[name]["seen"] for name in ("messages", "e-mails")],
            "seconds": round(time.perf_counter() - started, 1),
            "grown_mb": round(megabytes("VmHWM") - before, 1),
        }


def again() -> dict:
    with odoo(ensure()) as env:
        from odoo.addons.ghl.ghl_contacts.mirror import figures

        location = env["ghl.location"].search([])
        started = time.perf_counter()
        pull(env, location, "incremental")
        idle, started = time.perf_counter() - started, time.perf_counter()
        figures.refresh(env, location)
        return {"idle": round(idle, 2), "sums": round(time.perf_counter() - started, 2)}

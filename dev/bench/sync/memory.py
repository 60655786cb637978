"""How much the process grows while it pulls 100,000 contacts."""

import json
import subprocess
import sys
from collections.abc import Iterator

from sandbox.client import running_sandbox

from ..runner import Context, Result
from .place import connected, odoo, pull


def run(context: Context) -> Iterator[Result]:
    contacts = 10_000 if context.quick else 100_000
    options = {"contacts": contacts, "tasks": 0, "conversations": 0, "opportunities": 0, "locations": 1}
    with (
        running_sandbox(**options, rate_limit=1_000_000) as sandbox,
        connected(context.env, sandbox.base_url, sandbox.private_token, sandbox.location_id),
    ):
        # A process of its own: what this one has used before would hide the growth.
        program = f"import json, {__name__} as bench; print(json.dumps(bench.measure()))"
        done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True)
        measured = json.loads(done.stdout.splitlines()[-1])
    yield Result("sync", f"pull of {contacts:,} contacts: growth of the process", measured["grown_mb"], "MB", 200)
    yield Result("sync", f"pull of {contacts:,} contacts: wall time", measured["seconds"], "s", None)


def measure() -> dict:
    from bootstrap import ensure

    from .pulls import _timed

    with odoo(ensure()) as env:
        location = env["ghl.location"].search([])
        before = megabytes("VmRSS")
        seconds = _timed(pull, env, location)
    # Not ru_maxrss: a new program inherits that from the process that started it.
    return {"grown_mb": round(megabytes("VmHWM") - before, 1), "seconds": round(seconds, 1)}


def megabytes(kind: str) -> float:
    """``VmRSS``: memory held now, ``VmHWM``: the most ever held by this program."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(kind)) / 1024

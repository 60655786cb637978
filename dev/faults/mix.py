"""Pulls from a service that refuses, breaks off, lies and answers rubbish; then compared with a clean one."""

import time

from bootstrap import Env
from sandbox.client import Sandbox, running_sandbox

from .dump import differences, dump
from .world import connect, copy, odoo_session, sql

DATABASE = "ghl_faults_run"
VOLUME = {"contacts": 1500, "tasks": 1500, "conversations": 2500, "opportunities": 1500}
# How much of all requests goes wrong in which way; besides, one answer is a lone 401.
MIX = {"429": 0.05, "500": 0.03, "502html": 0.02, "timeout": 0.02, "reset": 0.01, "cut": 0.01}
# Each alone, often enough to be met for sure: title, faults, and the state the job has to end in.
SINGLE = (
    ("403 on contacts", {"403": {"rate": 1, "path": "/contacts/search"}}, "parked"),
    ("422 on tasks", {"422": {"rate": 1, "path": "/tasks/search"}}, "parked"),
    ("403 on conversations", {"403": {"rate": 1, "path": "/conversations/search"}}, "parked"),
    ("HTML with status 200", {"html": 0.2}, "done"),
    ("HTML with status 200, always", {"html": {"rate": 1, "path": "/opportunities/search"}}, "failed"),
    ("every second request fails", {"500": 0.5}, "done"),
    ("nulls in every row", {"null": 1}, "done"),
    ("unknown enumeration values", {"unknown_enum": 1}, "done"),
    ("duplicate rows", {"duplicate": 1}, "done"),
    ("names of 10,000 characters", {"longnames": 1}, "done"),
    ("a bad record in every page", {"bad_record": 1}, "done"),
    ("a lone 401", {"401once": 1}, "done"),
    ("token revoked", {"revoked": 1}, "parked"),
)
# A sandbox 429 asks to wait one interval: a short one, so that the run does not sleep.
SANDBOX = {"latency_ms": 2, "rate_limit": 100_000, "interval_ms": 200, "locations": 1}
SETTINGS = {"ghl.read_timeout_seconds": "1", "ghl.job_executor": "cron"}
MOST_ATTEMPTS = 6


def run(env: Env, runs: int, seed: int):
    """Yield one finding per run: a dict with ``ok`` and ``line``."""
    with running_sandbox(**VOLUME, **SANDBOX, seed=seed) as sandbox:
        connect(env, sandbox, SETTINGS)
        try:
            expected, job, ledger = _pull(env, sandbox, {})
            yield {"ok": job["state"] == "done", "line": f"clean: {job['state']}, {ledger['total']} requests"}
            for number in range(runs):
                yield _mixed(env, sandbox, number, seed, expected)
            for title, faults, state in SINGLE:
                yield _single(env, sandbox, title, faults, state, expected)
        finally:
            env.drop_db(DATABASE)


def _pull(env: Env, sandbox: Sandbox, faults: dict) -> tuple[dict, dict, dict]:
    """Pull into a new database under faults. Returns (dump, job, ledger)."""
    copy(env, DATABASE)
    sandbox.reset_ledger()
    sandbox.set_faults(faults)
    with odoo_session(env, DATABASE) as odoo_env:
        job = _drive(odoo_env)
    sandbox.clear_faults()
    with sql(env, DATABASE) as cursor:
        return dump(cursor), job, sandbox.ledger()


def _drive(odoo_env) -> dict:
    """Ask for a full pull and run it, with its retries, until it has ended; the retries do not wait for their time."""
    job = odoo_env["ghl.location"].search([])._enqueue_pull("full")
    odoo_env.cr.commit()
    errors = []
    for _round in range(MOST_ATTEMPTS):
        odoo_env["ghl.job"].drain(limit=1)
        # The snapshot of the cursor is older than the run.
        odoo_env.cr.commit()
        odoo_env.invalidate_all()
        if job.error:
            errors.append(job.error)
        if job.state != "pending":
            break
        odoo_env.cr.execute("UPDATE ghl_job SET eta = now() AT TIME ZONE 'UTC' WHERE id = %s", [job.id])
        odoo_env.cr.commit()
    return {
        "state": job.state,
        "error": job.error or "",
        "detail": job.error_detail or "",
        "errors": errors,
        "attempts": job.attempt,
    }


def _mixed(env: Env, sandbox: Sandbox, number: int, seed: int, expected: dict) -> dict:
    drawn = {name: {"rate": rate, "seed": f"{seed}/{number}"} for name, rate in MIX.items()}
    # A lone 401 somewhere in the middle: the path decides where.
    path = ("/contacts/search", "/tasks/search", "/conversations/search", "/opportunities/search")[number % 4]
    drawn["401once"] = {"rate": 0.5, "path": path, "seed": f"{seed}/{number}"}
    started = time.monotonic()
    found, job, ledger = _pull(env, sandbox, drawn)
    wrong = differences(expected, found)
    faults = ledger["faults"]
    unhandled = [error for error in job["errors"] if "Unexpected error" in error]
    line = (
        f"run {number + 1}: {job['state']} after {job['attempts']} attempt(s), {ledger['total']} requests, faults "
        f"{faults}, {'mirror equal' if not wrong else 'MIRROR DIFFERS'} ({time.monotonic() - started:.1f} s)"
    )
    return {
        "ok": job["state"] == "done" and not wrong and not unhandled,
        "line": "\n".join([line, *wrong, *unhandled, job["detail"]]).strip(),
        "attempts": job["attempts"],
        "faults": faults,
        "requests": ledger["total"],
        "equal": not wrong,
        "state": job["state"],
    }


def _single(env: Env, sandbox: Sandbox, title: str, faults: dict, state: str, expected: dict) -> dict:
    """One fault alone: the job ends as it should, and one more full pull without the fault mends everything."""
    started = time.monotonic()
    copy(env, DATABASE)
    with odoo_session(env, DATABASE) as odoo_env:
        if faults == {"revoked": 1}:
            sandbox.expire_tokens(private=True)
        else:
            sandbox.set_faults(faults)
        job = _drive(odoo_env)
        issues = odoo_env["ghl.sync.issue"].search_count([])
        sandbox.clear_faults()
        if "revoked" in faults:
            sandbox.reset()
        after = _drive(odoo_env)
    with sql(env, DATABASE) as cursor:
        wrong = differences(expected, dump(cursor))
    human = not job["error"] or ("Unexpected error" not in job["error"] and job["error"].endswith("."))
    line = (
        f"{title}: {job['state']} after {job['attempts']} attempt(s), {issues} records refused, then {after['state']}, "
        f"{'mirror equal' if not wrong else 'MIRROR DIFFERS'} ({time.monotonic() - started:.1f} s) {job['error']}"
    )
    return {
        "ok": job["state"] == state and human and after["state"] == "done" and not wrong,
        "line": "\n".join([line.strip(), *wrong, "" if human else job["detail"], after["detail"]]).strip(),
        "title": title,
        "state": job["state"],
        "error": job["error"],
        "equal": not wrong,
    }

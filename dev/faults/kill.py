"""Pulls in a real Odoo server that is killed in the middle, taken up by the next process, and compared."""

import os
import random
import signal
import time
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from bootstrap import Env
from bootstrap.env import Server
from demo.odoo_session import OdooSession
from sandbox.client import Sandbox, running_sandbox

from .dump import differences, dump
from .world import connect, copy, sql

DATABASE = "ghl_faults_run"
VOLUME = {"contacts": 3000, "tasks": 1500, "conversations": 1500, "opportunities": 900}
LATENCY_MS = 120
LEASE_SECONDS = 5
PAGES = {"contacts": 500, "tasks": 500, "conversations": 100, "opportunities": 100}
# Records of one kind that a process may have fetched and not yet written when it dies: ``mirror.pull.ROWS_AHEAD``.
ROWS_AHEAD = 2500
MASTER_REQUESTS = 5
PATIENCE = 90
SETTINGS = {"ghl.job_lease_seconds": str(LEASE_SECONDS)}
# Messages come by two exports of 500; the sandbox has some of them in each conversation.
MESSAGE_REQUESTS = 2 * (ceil(ROWS_AHEAD / 500) + 1)
# What waited, the request under way, and the lists that come in one page.
MOST_REPEATED = (
    MASTER_REQUESTS
    + MESSAGE_REQUESTS
    + sum(min(ceil(VOLUME[kind] / size), ceil(ROWS_AHEAD / size) + 1) for kind, size in PAGES.items())
)


@dataclass
class Job:
    state: str
    seconds: float
    requests: int
    error: str
    lost: int


def run(env: Env, runs: int, seed: int):
    """Yield one finding per run: a dict with ``ok`` and ``line``."""
    with running_sandbox(**VOLUME, latency_ms=LATENCY_MS, rate_limit=False, seed=seed, locations=1) as sandbox:
        connect(env, sandbox, SETTINGS)
        try:
            expected, calm = _undisturbed(env, sandbox)
            yield {
                "ok": calm.state == "done",
                "line": f"undisturbed: {calm.state} in {calm.seconds:.1f} s, {calm.requests} requests",
                "pull_seconds": round(calm.seconds, 2),
                "requests": calm.requests,
            }
            for number in range(runs):
                yield _killed(env, sandbox, random.Random(f"{seed}/{number}"), number, expected, calm)
        finally:
            env.drop_db(DATABASE)


def _undisturbed(env: Env, sandbox: Sandbox) -> tuple[dict, Job]:
    copy(env, DATABASE)
    with _server(env, 0) as server, sql(env, DATABASE) as cursor:
        sandbox.reset_ledger()
        started = _start_pull(server)
        job = _finish(env, cursor, sandbox, started)
        return dump(cursor), job


def _killed(env: Env, sandbox: Sandbox, rng: random.Random, number: int, expected: dict, calm: Job) -> dict:
    # Every third run has worker processes, of which only the one that runs the job is killed.
    one_worker = number % 3 == 2
    delay = rng.uniform(0.02, 0.95) * calm.seconds
    copy(env, DATABASE)
    started_run = time.monotonic()
    with _server(env, 2 if one_worker else 0) as server, sql(env, DATABASE) as cursor:
        sandbox.reset_ledger()
        started = _start_pull(server)
        time.sleep(max(0.0, started + delay - time.monotonic()))
        victim = _kill_worker(cursor) if one_worker else _kill_all(server)
        written = _written(cursor)
        if one_worker:
            job = _finish(env, cursor, sandbox, started, poke=True)
        else:
            with _server(env, number % 2 * 2):
                job = _finish(env, cursor, sandbox, started, poke=True)
        wrong = differences(expected, dump(cursor))
        twice = _read_twice(cursor, sandbox)
    repeated = job.requests - calm.requests
    ok = job.state == "done" and not wrong and not twice and repeated <= MOST_REPEATED and job.lost <= 1
    line = (
        f"run {number + 1}: {victim} killed after {delay:.2f} s with {written} records written, {job.state}, "
        f"{repeated} requests repeated, rows written twice: {twice or 'none'}, "
        f"{'mirror equal' if not wrong else 'MIRROR DIFFERS'} ({time.monotonic() - started_run:.1f} s)"
    )
    return {
        "ok": ok,
        "line": "\n".join([line, *wrong, job.error if job.state != "done" else ""]).strip(),
        "kill_after": round(delay, 2),
        "written_before": written,
        "requests_repeated": repeated,
        "read_twice": twice,
        "equal": not wrong,
        "state": job.state,
    }


def _server(env: Env, workers: int) -> Server:
    os.environ.setdefault("ODOO_MAX_HTTP_THREADS", "auto")
    return env.start_server(
        DATABASE, workers=workers, log_file=Path(env.state_dir / "faults-odoo.log"), extra_args=["--log-level", "warn"]
    )


def _start_pull(server: Server) -> float:
    session = OdooSession(server.url, DATABASE, "admin", "admin")
    (location_id,) = session.call("ghl.location", "search", [])
    started = time.monotonic()
    session.call("ghl.location", "action_full_sync", [location_id])
    return started


def _kill_all(server: Server) -> str:
    """End the whole server as a power cut would: nobody gets to say goodbye."""
    os.killpg(server.process.pid, signal.SIGKILL)
    server.process.wait()
    return "server"


def _kill_worker(cursor) -> str:
    cursor.execute("SELECT lease_owner FROM ghl_job WHERE state = 'running'")
    row = cursor.fetchone()
    if not row:
        return "nobody"
    # host|pid|...: see ``jobs.lease.Owner``
    os.kill(int(row[0].rsplit("|", 4)[1]), signal.SIGKILL)
    return "worker"


def _written(cursor) -> int:
    cursor.execute("SELECT coalesce(sum(seen), 0) FROM ghl_sync_cursor")
    return int(cursor.fetchone()[0])


def _finish(env: Env, cursor, sandbox: Sandbox, started: float, poke: bool = False) -> Job:
    """Wait for the job. With `poke` the scheduled action runs now instead of within the minute."""
    poked = 0.0
    while True:
        cursor.execute("SELECT state, coalesce(error, ''), coalesce(lost, 0) FROM ghl_job ORDER BY id DESC LIMIT 1")
        state, error, lost = cursor.fetchone()
        seconds = time.monotonic() - started
        if state not in ("pending", "running") or seconds > PATIENCE:
            return Job(state, seconds, sandbox.ledger()["total"], error, lost)
        if poke and time.monotonic() - poked > 1:
            poked = time.monotonic()
            cursor.execute(
                "UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' WHERE id IN (SELECT res_id FROM ir_model_data "
                "WHERE module = 'ghl' AND name = 'cron_run_jobs' FOR UPDATE SKIP LOCKED)"
            )
            with sql(env, "postgres") as bell:  # where the schedulers of all databases listen
                bell.execute("SELECT pg_notify('cron_trigger', %s)", [DATABASE])
        time.sleep(0.05)


def _read_twice(cursor, sandbox: Sandbox) -> dict[str, int]:
    """Entity -> rows that the cursors counted beyond what there is: a page that was written a second time."""
    there = sandbox.counts()
    cursor.execute("SELECT entity, seen FROM ghl_sync_cursor")
    return {entity: seen - there[entity] for entity, seen in cursor.fetchall() if seen > there.get(entity, seen)}

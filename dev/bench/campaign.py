"""Campaigns: how close the sliding window comes to what the calls themselves take, and how fast recipients are claimed.

Calls live on the simulated provider by a clock that runs faster; the engine, HTTP and callbacks are real and are not
sped up, so every millisecond of theirs counts as many times as the clock is faster.
"""

import statistics
import threading
import time
from pathlib import Path

from bootstrap.env import Env
from campaign_world import CampaignWorld, numbers
from sandbox.client import running_sandbox

from .database import connect, filled_database
from .runner import Context, Result

DATABASE = "ghl_bench_campaign"
CLAIMS = "ghl_bench_claims"
SLOTS = 5
WORKERS = 4
# (recipients, slots, clock, ratio to reach)
RUNS = [(100, SLOTS, 5, 1.08), (1000, SLOTS, 10, 1.03)]
QUICK = [(40, SLOTS, 20, None)]


def run(context: Context):
    yield from _claims(context)
    for leads, slots, scale, goal in QUICK if context.quick else RUNS:
        yield from _makespan(context, leads, slots, scale, goal)
    if context.huge:
        yield from _makespan(context, 10_000, 200, 1, 1.05)


def _makespan(context: Context, leads: int, slots: int, scale: float, goal: float | None):
    env = context.env
    options = {"contacts": 10, "time_scale": scale, "settings": {"twilio.cps": 1000}, "weights": {"human": 1}}
    with running_sandbox(**options) as sandbox:
        world = CampaignWorld(env, sandbox, DATABASE)
        world.build(leads, max_concurrent_calls=slots, max_attempts=1)
        with world.serve() as server, world.sql() as cursor:
            world.act("action_start")
            memory = [_memory(server.process.pid)]
            while world.state(cursor) == "running":
                time.sleep(2)
                memory.append(_memory(server.process.pid))
        calls = sandbox.telephony_ledger("calls", provider="twilio")["calls"]
        peak = sandbox.telephony("counts")["twilio"]["peak_concurrency"]
    env.drop_db(DATABASE)
    case = f"{leads:,} recipients, {slots} slots"
    starts = sorted(call["created_at"] / 1000 for call in calls)
    ends = sorted(call["ended_at"] / 1000 for call in calls)
    lasted = [(call["ended_at"] - call["created_at"]) / 1000 for call in sorted(calls, key=lambda c: c["created_at"])]
    span, ideal = ends[-1] - starts[0], sum(lasted) / slots
    barrier = sum(max(lasted[i : i + slots]) for i in range(0, len(lasted), slots))
    refills = [(start - end) / scale for start, end in zip(starts[slots:], ends, strict=False)]
    yield Result("campaign", f"{case}: makespan (clock x{scale})", span, "s", goal, ideal, "s of work / slots")
    judged = 1.6 if goal else None
    yield Result("campaign", f"{case}: waiting for whole batches", barrier, "s", judged, span, "s", better="higher")
    yield Result("campaign", f"{case}: refill of a slot, median, real time", statistics.median(refills), "s", 1.0)
    yield Result("campaign", f"{case}: refill of a slot, p95, real time", _p95(refills), "s", None)
    idle = 100 * (1 - sum(lasted) / (slots * span))
    yield Result("campaign", f"{case}: slots idle", idle, "%", None)
    yield Result("campaign", f"{case}: calls at a time at most", peak, "calls", slots)
    growth = memory[-1] - memory[len(memory) // 4]
    yield Result("campaign", f"{case}: growth of memory after the first quarter", growth, "MB", 40 if goal else None)


def _p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)] if values else 0.0


def _memory(pid: int) -> float:
    """MB of a process that are its own."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


# ---- claiming --------------------------------------------------------------------------------------------


def _claims(context: Context):
    """The claim of the engine, one recipient at a time, by four connections at once, each its own transaction."""
    count = 2_000 if context.quick else 10_000
    name = filled_database(context.env, CLAIMS, lambda cursor: _fill(cursor, count), [Path(__file__)], count)
    times = []
    for _round in range(context.rounds(3)):
        connection = connect(context.env, name)
        with connection, connection.cursor() as cursor:
            cursor.execute("UPDATE ghl_campaign_lead SET state = 'pending', attempts = 0")
        connection.close()
        times.append(count / _race(context.env, name, count))
    goal = None if context.quick else 1000
    yield Result("campaign", f"claims, {WORKERS} workers", statistics.median(times), "claims/s", goal, better="higher")


def _fill(cursor, count: int) -> None:
    cursor.execute(
        """INSERT INTO ghl_campaign (name, company_id, user_id, state, active, max_concurrent_calls, max_attempts,
                                     machine_policy)
           VALUES ('Bench', 1, 2, 'running', true, 1000, 3, 'done') RETURNING id"""
    )
    [campaign_id] = cursor.fetchone()
    for sequence, number in enumerate(numbers(count)):
        cursor.execute(
            """INSERT INTO ghl_campaign_lead (campaign_id, company_id, sequence, number, zones, state, attempts)
               VALUES (%s, 1, %s, %s, 'America/New_York', 'pending', 0)""",
            [campaign_id, sequence, number],
        )


def _race(env: Env, name: str, count: int) -> float:
    """Seconds until everybody is claimed; fails when somebody was claimed twice."""
    from odoo.addons.ghl.ghl_calls.dialer.claiming import HEAD, TAKE

    claimed: list[int] = []

    def work():
        connection = connect(env, name)
        connection.set_session(isolation_level="READ COMMITTED")
        mine = []
        while True:
            with connection, connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(6776940, 1)")
                cursor.execute(HEAD, [1, 1])
                row = cursor.fetchone()
                if not row:
                    break
                cursor.execute(TAKE, [list(row)])
            mine += row
        connection.close()
        claimed.extend(mine)

    threads = [threading.Thread(target=work) for _ in range(WORKERS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = time.perf_counter() - started
    if sorted(claimed) != sorted(set(claimed)) or len(claimed) != count:
        raise AssertionError(f"{len(claimed)} claims of {count} recipients, {len(set(claimed))} of them different")
    return taken

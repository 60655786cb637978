"""Campaigns: how close the sliding window comes to what the calls themselves take, and how fast recipients are claimed.

Calls live on the simulated provider by a clock that runs faster; the engine, HTTP and callbacks are real and are not
sped up, so every millisecond of theirs counts as many times as the clock is faster.
"""

import contextlib
import heapq
import os
import statistics
import threading
import time
from collections import Counter
from dataclasses import dataclass
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
# (recipients, slots, clock, ratio to reach). A refill of 0.2 s is 2 s by a clock of 10, of calls of a minute.
RUNS = [(100, SLOTS, 5, 1.08), (1000, SLOTS, 10, 1.03)]
QUICK = [(40, SLOTS, 20, None)]
# By the real clock: the load on the server is that of 200 lines. So much talk makes calls of 35 s, ringing included.
HUGE, HUGE_QUICK, HUGE_SLOTS, HUGE_TALK = 10_000, 600, 200, 15
OVERHEAD = 1.05


def run(context: Context):
    if context.huge:
        # Alone, as it takes half an hour; with --quick as many lines, but soon over.
        yield from _huge(context)
        return
    yield from _claims(context)
    for leads, slots, scale, goal in QUICK if context.quick else RUNS:
        yield from _makespan(context, leads, slots, scale, goal)


def _makespan(context: Context, leads: int, slots: int, scale: float, goal: float | None):
    done = _campaign(context, leads, slots, scale)
    case = f"{leads:,} recipients, {slots} slots"
    ideal = sum(done.lasted) / slots
    barrier = sum(max(done.lasted[i : i + slots]) for i in range(0, len(done.lasted), slots))
    yield Result("campaign", f"{case}: makespan (clock x{scale})", done.span, "s", goal, ideal, "s of work / slots")
    judged = 1.6 if goal else None
    yield Result(
        "campaign", f"{case}: waiting for whole batches", barrier, "s", judged, done.span, "s", better="higher"
    )
    yield from _common(case, done, slots, scale, 1.0)
    growth = done.memory[-1] - done.memory[len(done.memory) // 4]
    yield Result("campaign", f"{case}: growth of memory after the first quarter", growth, "MB", 40 if goal else None)


def _huge(context: Context):
    leads, judged = (HUGE_QUICK, False) if context.quick else (HUGE, True)
    done = _campaign(context, leads, HUGE_SLOTS, 1, talk_median=HUGE_TALK, told=True)
    case = f"{leads:,} recipients, {HUGE_SLOTS} slots"
    perfect = _perfect(done.lasted, HUGE_SLOTS)
    goal = OVERHEAD if judged else None
    yield Result("campaign", f"{case}: makespan", done.span, "s", goal, perfect, "s with refills in no time")
    ideal = sum(done.lasted) / HUGE_SLOTS
    yield Result("campaign", f"{case}: makespan, last calls included", done.span, "s", None, ideal, "s of work / slots")
    yield from _common(case, done, HUGE_SLOTS, 1, 1.0 if judged else None)
    early = done.memory[len(done.memory) // 10]
    goal = 1.15 if judged else None
    yield Result("campaign", f"{case}: memory at the end", done.memory[-1], "MB", goal, early, "MB at 10 %")
    yield Result("campaign", f"{case}: CPU of the server for each call", 1000 * done.cpu / leads, "ms", None)


def _common(case: str, done, slots: int, scale: float, refill: float | None):
    refills = [(start - end) / scale for start, end in zip(done.starts[slots:], done.ends, strict=False)]
    yield Result("campaign", f"{case}: refill of a slot, median, real time", statistics.median(refills), "s", refill)
    yield Result("campaign", f"{case}: refill of a slot, p95, real time", _p95(refills), "s", None)
    idle = 100 * (1 - sum(done.lasted) / (slots * done.span))
    yield Result("campaign", f"{case}: slots idle", idle, "%", None)
    yield Result("campaign", f"{case}: calls at a time at most", done.peak, "calls", slots)
    yield Result("campaign", f"{case}: not called, or called twice", done.wrong, "recipients", 0)


@dataclass
class _Done:
    """How a campaign went by the provider's book, in simulated seconds; `memory` in MB, sampled evenly, `cpu` in s."""

    starts: list[float]
    ends: list[float]
    lasted: list[float]  # in the order of the starts
    peak: int
    wrong: int
    memory: list[float]
    cpu: float

    @property
    def span(self) -> float:
        return self.ends[-1] - self.starts[0]


def _campaign(context: Context, leads: int, slots: int, scale: float, talk_median: float = 35, told: bool = False):
    options = {"contacts": 10, "time_scale": scale, "settings": {"twilio.cps": 1000}, "weights": {"human": 1}}
    started = time.monotonic()
    with running_sandbox(**options) as sandbox:
        sandbox.telephony("scenario", {"talk_median": talk_median})
        world = CampaignWorld(context.env, sandbox, DATABASE)
        world.build(leads, max_concurrent_calls=slots, max_attempts=1)
        with world.serve() as server, world.sql() as cursor:
            pid, memory, shown = server.process.pid, [], 0
            if told:
                print(f"  ready after {time.monotonic() - started:.0f} s", flush=True)
            started = time.monotonic()
            world.act("action_start")
            while world.state(cursor) == "running":
                time.sleep(2)
                memory.append(_memory(pid))
                through = leads - world.left(cursor)
                if told and (share := 20 * through // leads) > shown:
                    shown = share
                    seconds = time.monotonic() - started
                    print(
                        f"  {5 * share:3} %: {through:,} through after {seconds:,.0f} s, {memory[-1]:.0f} MB, "
                        f"{_cpu(pid):.0f} s of CPU",
                        flush=True,
                    )
            cpu = _cpu(pid)
        calls = sandbox.telephony_ledger("calls", provider="twilio")["calls"]
        peak = sandbox.telephony("counts")["twilio"]["peak_concurrency"]
    context.env.drop_db(DATABASE)
    calls.sort(key=lambda call: call["created_at"])
    numbers_called = Counter(call["to"] for call in calls)
    return _Done(
        starts=[call["created_at"] / 1000 for call in calls],
        ends=sorted(call["ended_at"] / 1000 for call in calls),
        lasted=[(call["ended_at"] - call["created_at"]) / 1000 for call in calls],
        peak=peak,
        wrong=leads - len(numbers_called) + sum(times > 1 for times in numbers_called.values()),
        memory=memory,
        cpu=cpu,
    )


def _perfect(lasted: list[float], slots: int) -> float:
    """The makespan of the same calls in the same order when a free slot is refilled in no time."""
    free = [0.0] * slots
    for seconds in lasted:
        heapq.heapreplace(free, free[0] + seconds)
    return max(free)


def _p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)] if values else 0.0


def _members(leader: int):
    """The processes of a session: a server and its workers."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            columns = stat.read_text().rpartition(")")[2].split()
            if int(columns[3]) == leader:
                yield stat.parent, columns


def _memory(leader: int) -> float:
    """MB that the processes hold."""
    pages = sum(int((folder / "statm").read_text().split()[1]) for folder, _columns in _members(leader))
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


def _cpu(leader: int) -> float:
    """Seconds of CPU that the processes have used."""
    ticks = sum(int(columns[11]) + int(columns[12]) for _folder, columns in _members(leader))
    return ticks / os.sysconf("SC_CLK_TCK")


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

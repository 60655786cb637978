"""Campaigns on a simulated telephone provider with everything going wrong; the truth is the provider's own book.

Each finding compares the recipients' rows with what really rang: nobody twice, nobody forgotten, results as they were.
"""

import os
import random
import signal
import time
from collections import Counter

from bootstrap import Env
from campaign_world import CampaignWorld
from sandbox.client import Sandbox, running_sandbox

from .world import sql

DATABASE = "ghl_faults_campaign"
SCALE = 30
LEADS = 60
# The engine's own patience is in real seconds: shortened by moving stamps, as if the time had passed.
PATIENCE = 120
OUTAGE = 120  # simulated seconds that the provider is down
OUTCOMES = {"completed": {"answered", "short", "machine"}, "busy": {"busy"}, "no-answer": {"no_answer"}}


# A minute goes by for all calls that have been under way, or claimed and not sent, for six seconds.
_MINUTE = """
    UPDATE ghl_call SET lease_until = lease_until - interval '1 min', submitted_at = submitted_at - interval '1 min',
                        next_check_at = next_check_at - interval '1 min'
     WHERE lease_until IS NOT NULL
       AND coalesce(submitted_at, create_date) < (now() AT TIME ZONE 'UTC') - interval '6 s'"""


def run(env: Env, runs: int, seed: int):
    """Yield one finding per run: a dict with ``ok`` and ``line``."""
    settings = {"twilio.cps": 1000}
    with running_sandbox(contacts=10, time_scale=SCALE, settings=settings, seed=seed) as sandbox:
        scenarios = [_lost, _down, _paused, _forbidden, _capped]
        for scenario in scenarios:
            yield scenario(env, sandbox)
        for number in range(runs):
            yield _killed(env, sandbox, random.Random(f"{seed}/{number}"), number)
    env.drop_db(DATABASE)


def _world(env: Env, sandbox: Sandbox, leads: int = LEADS, **values) -> CampaignWorld:
    sandbox.telephony("reset", {})
    sandbox.telephony("clock", {"scale": SCALE})
    sandbox.telephony("settings", {"twilio.cps": 1000})
    world = CampaignWorld(env, sandbox, DATABASE)
    world.build(leads, settings={"ghl.call_check_seconds": "5"}, **{"max_attempts": 1, **values})
    return world


def _verdict(
    world: CampaignWorld, cursor, name: str, more: str = "", ok: bool = True, uncalled: set = frozenset()
) -> dict:
    """The finding: every telephone rang once at most, everybody has the result that the provider's book has."""
    rung = world.rung()
    twice = [number for number, times in rung.items() if times > 1]
    cursor.execute("SELECT number, state, outcome FROM ghl_campaign_lead")
    rows = {number: (state, outcome) for number, state, outcome in cursor.fetchall()}
    calls = world.sandbox.telephony_ledger("calls", provider=world.provider)["calls"]
    ends = {call["to"]: call["end"] for call in calls}
    forgotten = [number for number, (state, _) in rows.items() if state in ("pending", "waiting", "calling")]
    wrong = {}
    for number, (_state, outcome) in rows.items():
        if number in uncalled:
            good = number not in rung
        elif number in ends:
            good = outcome in OUTCOMES.get(ends[number], {"failed", "dead_number", "cancelled"})
        else:
            good = outcome == "unknown"  # never rang, and shown as such
        if not good:
            wrong[number] = (ends.get(number), outcome)
    unknown = sum(outcome == "unknown" for _state, outcome in rows.values())
    told = _figures(world)
    recount = Counter(state for state, _ in rows.values())
    equal = told["completed_leads"] == recount["done"] and told["total_leads"] == len(rows)
    equal = equal and told["successful_calls"] + told["failed_calls"] + told["missed_calls"] == recount["done"]
    cursor.execute("SELECT least(max_concurrent_calls, max_concurrent) FROM ghl_campaign, ghl_voip_account")
    [lines] = cursor.fetchone()
    peak = world.sandbox.telephony("counts")[world.provider]["peak_concurrency"]
    fine = ok and not twice and not forgotten and not wrong and equal and peak <= lines
    line = (
        f"{name}: {len(rows)} recipients, {sum(rung.values())} rang, {len(twice)} twice, {len(forgotten)} forgotten, "
        f"{len(wrong)} with another result than the provider's, {unknown} unknown, "
        f"at most {peak} at a time of {lines}, figures {'equal' if equal else 'DIFFER FROM'} a recount"
        f"{more and '; ' + more}"
    )
    if wrong:
        line += "\n  " + ", ".join(f"{n}: {a} here {b}" for n, (a, b) in list(wrong.items())[:5])
    return {"ok": fine, "line": line, "rang": sum(rung.values()), "twice": len(twice), "forgotten": len(forgotten),
            "wrong": len(wrong), "unknown": unknown}  # fmt: skip


def _figures(world: CampaignWorld) -> dict:
    names = ["total_leads", "completed_leads", "successful_calls", "failed_calls", "missed_calls"]
    return world.session().call("ghl.campaign", "read", [world.campaign_id], names)[0]


def _settle(world: CampaignWorld, cursor, seconds: float = PATIENCE) -> bool:
    """Wait for the end; minutes of the engine's patience pass in seconds, and the scheduled actions run."""
    last, end = 0.0, time.monotonic() + seconds
    while time.monotonic() < end:
        if world.state(cursor) not in ("running",) or not world.left(cursor):
            return True
        if time.monotonic() - last > 2:
            last = time.monotonic()
            cursor.execute(_MINUTE)
            _cron(world, cursor, "cron_ghl_telephony", "cron_ghl_campaign_dial")
        time.sleep(0.2)
    return False


def _cron(world: CampaignWorld, cursor, *names: str) -> None:
    """Have scheduled actions run now instead of within the minute."""
    cursor.execute(
        """UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' WHERE id IN (SELECT res_id FROM ir_model_data
            WHERE module = 'ghl' AND name = ANY(%s)) AND id IN (SELECT id FROM ir_cron FOR UPDATE SKIP LOCKED)""",
        [list(names)],
    )
    with sql(world.env, "postgres") as bell:  # where the schedulers of all databases listen
        bell.execute("SELECT pg_notify('cron_trigger', %s)", [world.database])


def _lost(env: Env, sandbox: Sandbox) -> dict:
    world = _world(env, sandbox, max_concurrent_calls=10)
    sandbox.telephony("faults", {"lost": 0.3, "doubled": 0.2, "reordered": 1.0})
    with world.serve(), world.sql() as cursor:
        world.act("action_start")
        done = _settle(world, cursor)
        sandbox.telephony("faults", {"clear": True})
        return _verdict(world, cursor, "30 % of the callbacks lost, 20 % doubled, all reordered", ok=done)


def _down(env: Env, sandbox: Sandbox) -> dict:
    world = _world(env, sandbox, leads=200)
    with world.serve(), world.sql() as cursor:
        world.act("action_start")
        world.wait(cursor, 30, lambda: world.leads(cursor)[("done", "answered")] > 3)
        sandbox.telephony("down", {"provider": "twilio", "how": "refused"})
        went_down = time.monotonic()
        broken = world.wait(cursor, 60, lambda: world.state(cursor) == "paused")
        cursor.execute("SELECT pause_reason FROM ghl_campaign")
        [reason] = cursor.fetchone()
        # Two minutes of the provider's clock, and of our own patience, too.
        for minute in (1, 2):
            time.sleep(max(0.5, went_down + minute / 2 * OUTAGE / SCALE - time.monotonic()))
            cursor.execute(_MINUTE)
            _cron(world, cursor, "cron_ghl_telephony", "cron_ghl_campaign_dial")
        down = SCALE * (time.monotonic() - went_down)
        quiet = world.state(cursor) == "paused"
        sandbox.telephony("down", {"provider": "twilio"})
        cursor.execute(
            """SELECT count(*) FROM ghl_campaign_lead
                WHERE state = 'done' AND outcome IN ('failed', 'unknown', 'not_sent')"""
        )
        [burned] = cursor.fetchone()
        world.act("action_resume")
        done = _settle(world, cursor)
        more = f"breaker: {reason} Resumed by hand, {burned} recipients burned"
        ok = done and broken and quiet and not burned and down >= OUTAGE
        return _verdict(world, cursor, f"provider down for {down:.0f} s", more, ok=ok)


def _paused(env: Env, sandbox: Sandbox) -> dict:
    world = _world(env, sandbox)
    with world.serve(), world.sql() as cursor:
        world.act("action_start")
        world.wait(cursor, 30, lambda: sum(world.rung().values()) >= 15)
        world.act("action_pause")
        asked = len(sandbox.telephony_ledger("requests", provider="twilio")["requests"])
        world.wait(cursor, 20, lambda: not world.leads(cursor)[("calling", None)])
        time.sleep(1)
        late = len(sandbox.telephony_ledger("requests", provider="twilio")["requests"]) - asked
        left = world.left(cursor)
        world.act("action_resume")
        done = _settle(world, cursor)
        return _verdict(
            world,
            cursor,
            "paused and resumed",
            f"{late} dialled after the pause, {left} were left",
            ok=done and not late,
        )


def _forbidden(env: Env, sandbox: Sandbox) -> dict:
    world = _world(env, sandbox)
    with world.serve(), world.sql() as cursor:
        world.act("action_start")
        world.wait(cursor, 30, lambda: sum(world.rung().values()) >= 10)
        cursor.execute("SELECT number FROM ghl_campaign_lead WHERE state = 'pending' ORDER BY sequence DESC LIMIT 10")
        chosen = {number for (number,) in cursor.fetchall()}
        world.session().call("phone.blacklist", "create", [{"number": number} for number in chosen])
        done = _settle(world, cursor)
        cursor.execute("SELECT count(*) FROM ghl_campaign_lead WHERE skip_reason = 'do_not_call'")
        more = f"{cursor.fetchone()[0]} of 10 numbers put on the do-not-call list were left alone"
        return _verdict(world, cursor, "do-not-call in the middle", more, ok=done, uncalled=chosen)


def _capped(env: Env, sandbox: Sandbox) -> dict:
    world = _world(env, sandbox, account={"max_concurrent": 7, "calls_per_second": 4}, max_concurrent_calls=30)
    with world.serve(workers=2), world.sql() as cursor:
        world.act("action_start")
        done = _settle(world, cursor)
        counts = sandbox.telephony("counts")["twilio"]
        rate = counts["peak_calls_per_second"]
        more = f"{rate} started within a second (cap 4)"
        return _verdict(world, cursor, "caps, two worker processes", more, ok=done and rate <= 4)


def _killed(env: Env, sandbox: Sandbox, rng: random.Random, number: int) -> dict:
    world = _world(env, sandbox, leads=30, redial_unconfirmed=True)
    if number % 2:
        # Between the provider's yes and our note of it: the answer is on its way when the process dies.
        sandbox.telephony("faults", {"slow": 0.3})
    delay = rng.uniform(0.2, 4.0)
    with world.sql() as cursor:
        with world.serve() as server:
            world.act("action_start")
            time.sleep(delay)
            os.killpg(server.process.pid, signal.SIGKILL)
            server.process.wait()
        at_death = dict(world.leads(cursor))
        sandbox.telephony("faults", {"clear": True})
        with world.serve():
            done = _settle(world, cursor)
            calling = sum(count for (state, _), count in at_death.items() if state == "calling")
            return _verdict(
                world, cursor, f"run {number + 1}, killed after {delay:.1f} s", f"{calling} were being called", ok=done
            )

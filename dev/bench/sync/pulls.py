"""Whole pulls against the simulated GoHighLevel over HTTP: requests, overlap of reading and writing, rate limit."""

import statistics
import time
from collections.abc import Iterator
from math import ceil

from sandbox.client import running_sandbox

from ..runner import Context, Result
from .place import Writer, connected, forget, pull

PAGES = {"contacts": 500, "tasks": 500, "conversations": 100, "opportunities": 100}
# Location, users, custom fields, tags, pipelines.
MASTER_REQUESTS = 5
# A full last page does not prove to be the last: tasks come without a total, and one of exactly 10,000 contacts may
# mean "or more". The pages of conversations overlap by a row.
CLOSING = 3
LATENCY_MS = 150
WINDOW_SECONDS, WINDOW_REQUESTS = 10, 100


def run(context: Context) -> Iterator[Result]:
    share = 10 if context.quick else 1
    volume = {
        "contacts": 10_000 // share,
        "tasks": 5_000 // share,
        "conversations": 5_000 // share,
        "opportunities": 3_000 // share,
    }
    yield from _overlap(context, volume)
    yield from _limited(context, share)


def _overlap(context, volume):
    # The limit is out of the way, and the headers say so.
    options = {**volume, "latency_ms": LATENCY_MS, "locations": 1, "rate_limit": 1_000_000}
    with (
        running_sandbox(**options) as sandbox,
        connected(context.env, sandbox.base_url, sandbox.private_token, sandbox.location_id) as (env, location),
    ):
        times = {"pull": [], "fetch": [], "write": [], "again": []}
        for _round in range(1 if context.quick else 3):
            pages = []
            times["fetch"].append(_timed(lambda pages=pages: pages.extend(_fetch(env, location))))
            forget(env)
            writer = Writer(env, location)
            times["write"].append(_timed(writer.write, pages))
            writer.close()
            forget(env)
            sandbox.reset_ledger()
            times["pull"].append(_timed(pull, env, location))
            requests = sandbox.ledger()["total"]
            _complete(env, location, sandbox)
            times["again"].append(_timed(pull, env, location))
        median = {name: statistics.median(taken) for name, taken in times.items()}
        needed = sum(ceil(count / PAGES[name]) for name, count in volume.items()) + MASTER_REQUESTS
        records = sum(volume.values())
        yield Result("sync", f"full pull of {records:,} records: requests", requests, "", None, needed, "pages")
        yield Result("sync", "full pull: requests beyond the pages", requests - needed, "", CLOSING)
        slower = max("fetch", "write", key=median.__getitem__)
        goal = None if context.quick else 1.15
        yield Result("sync", "full pull: wall time", median["pull"], "s", goal, median[slower], f"{slower} only")
        yield Result("sync", "full pull: fetch only", median["fetch"], "s", None)
        yield Result("sync", "full pull: write only", median["write"], "s", None)
        yield Result(
            "sync", "full pull, nothing changed: wall time", median["again"], "s", None, median["fetch"], "fetch only"
        )


def _limited(context, share):
    """Enough requests for three windows of the rate limit, with the limit on."""
    volume = {
        "contacts": 10_000 // share,
        "tasks": 5_000 // share,
        "conversations": 10_000 // share,
        "opportunities": 7_000 // share,
    }
    options = {**volume, "latency_ms": 5, "locations": 1}
    if context.quick:
        options |= {"interval_ms": WINDOW_SECONDS * 100}
    with (
        running_sandbox(**options) as sandbox,
        connected(context.env, sandbox.base_url, sandbox.private_token, sandbox.location_id) as (env, location),
    ):
        forget(env)
        seconds = _timed(pull, env, location)
        ledger = sandbox.ledger()
        floor = WINDOW_SECONDS * (ceil(ledger["total"] / WINDOW_REQUESTS) - 1) * (0.1 if context.quick else 1)
    goal = None if context.quick else 1.1
    name = f"quota floor of {ledger['total']} requests"
    yield Result("sync", "full pull under the rate limit: wall time", seconds, "s", goal, floor or None, name)
    yield Result("sync", "full pull under the rate limit: refused requests", ledger["rate_limited"], "", 0)


def _fetch(env, location):
    """Every page of a full pull, read by its chains as a pull reads them, and nothing else done."""
    from odoo.addons.ghl.ghl_contacts.mirror.entities import ENTITIES
    from odoo.addons.ghl.ghl_contacts.mirror.prefetch import End, Prefetch
    from odoo.addons.ghl.ghl_contacts.mirror.pull import ROWS_AHEAD, _is_on

    where = {"external_id": location.external_id, "company": location.account_id.external_id or None}
    client = None
    names = [name for name, entity in ENTITIES.items() if entity.pages and _is_on(entity, location)]
    chains = {name: lambda name=name: ENTITIES[name].pages(client, where, None, None) for name in names}
    prefetch = Prefetch(chains, depth=ROWS_AHEAD, weigh=lambda page: len(page.rows))
    client = location._client(should_stop=prefetch.stopped)
    with prefetch:
        for name, page in prefetch.take(names):
            if not isinstance(page, End):
                yield name, page
            elif page.error:
                raise page.error


def _complete(env, location, sandbox):
    there, here = sandbox.counts(), {}
    for name, model in (
        ("contacts", "ghl.contact"),
        ("tasks", "ghl.contact.task"),
        ("conversations", "ghl.contact.conversation"),
        ("opportunities", "ghl.contact.opportunity"),
    ):
        here[name] = env[model].search_count([("location_id", "=", location.id)])
    if here != {name: there[name] for name in here}:
        raise RuntimeError(f"the mirror holds {here}, GoHighLevel {there}")


def _timed(work, *args) -> float:
    started = time.perf_counter()
    work(*args)
    return time.perf_counter() - started

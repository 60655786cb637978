"""What a sync would meet, asked without a sync: totals, and what changed where GoHighLevel tells changes.

A few requests for each kind of record, which are counted like all others. Nothing is written; what the answers mean
for the mirror is worked out by ``forecast``.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice

from ...ghl_base.net.errors import RemoteError
from .entities import ENTITIES, Entity, moment

# So many pages of a kind are read at most to compare them with what is here.
PAGES = 3
THREADS = 4


def _call_pages(client, location, since, after):
    return client.message_pages(location["external_id"], "Call", since=moment(since), after=after)


# Calls are messages: only how many there are is asked for.
CALLS = Entity("calls", merge=None, pages=_call_pages)


@dataclass(frozen=True)
class Plan:
    """How to ask about an entity: ``since`` (epoch ms) for changes, None for all; ``held`` is how many are here."""

    entity: Entity
    held: int
    since: float | None = None


@dataclass(frozen=True)
class Look:
    """What GoHighLevel said of an entity.

    ``rows``: the records read, all of them (or all that changed, where only changes were asked for) if ``complete``.
    ``total``: how many there are, None if that was not told. ``matching``: how many of them changed, as far as that was
    told. ``requests``: what reading all of them takes, ``refresh``: what an ordinary sync takes; None if unknown.
    ``error``: why they cannot be read.
    """

    rows: list = field(default_factory=list)
    complete: bool = False
    changes_only: bool = False
    total: int | None = None
    matching: int | None = None
    requests: int | None = None
    refresh: int | None = None
    pages: int = 0
    error: str = ""


def plans(env, location):
    """A ``Plan`` for every entity: whatever is not chosen yet may be."""
    cursors = {cursor.entity: cursor for cursor in env["ghl.sync.cursor"].search([("location_id", "=", location.id)])}
    found = [_plan(env, location, entity, cursors.get(name)) for name, entity in ENTITIES.items() if entity.judge]
    return [*found, Plan(CALLS, location._count_calls())]


def _plan(env, location, entity, cursor):
    model = entity.model or "ghl.tag"
    alive = ("remote_deleted_at", "=", False) if entity.model else ("external_id", "!=", False)
    domain = [("location_id", "=", location.id), alive, *((key, "=", value) for key, value in entity.only.items())]
    held = env[model].with_context(active_test=False).search_count(domain)
    since = cursor.watermark - entity.overlap if entity.stamp and held and cursor and cursor.watermark else None
    return Plan(entity, held, since)


def ask(client, where, wanted):
    """Look at every entity.

    :param where: ``{"external_id", "company"}`` of the location
    :param wanted: the ``Plan`` of each
    :return: ``{entity: Look}``, with those that travel inside another's answer
    :raises RemoteError: GoHighLevel can be asked nothing, or something passing is in the way
    """
    asked = [plan for plan in wanted if plan.entity.pages]
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(lambda plan: _try(_look, client, where, plan), asked))
    errors = [answer for answer in answers if isinstance(answer, RemoteError)]
    for error in errors:
        if error.retryable or len(errors) == len(answers):
            raise error
    looks = {}
    for plan, answer in zip(asked, answers, strict=True):
        look = Look(error=answer.human()) if isinstance(answer, RemoteError) else answer
        looks[plan.entity.name] = look
        for part, split in plan.entity.parts.items():
            rows = split(look.rows)
            looks[part] = replace(look, rows=rows, total=len(rows) if look.complete else None, requests=0, refresh=0)
    return looks


def _try(work: Callable, *args):
    try:
        return work(*args)
    except RemoteError as error:
        return error


def _look(client, where, plan):
    entity = plan.entity
    # Where nothing is here there is nothing to compare: the first page tells the total, if it is told at all.
    everything = _read(entity.pages(client, where, None, None), 1 if plan.since is not None else PAGES, not plan.held)
    if plan.since is None:
        return everything
    changes = _read(entity.pages(client, where, plan.since, None), PAGES, False)
    matching = changes.total if entity.name == "contacts" else None  # only there the total is that of the matches
    return replace(
        everything,
        rows=changes.rows,
        complete=changes.complete,
        changes_only=True,
        matching=len(changes.rows) if changes.complete else matching,
        refresh=changes.pages if changes.complete else matching and changes.requests,
    )


def _read(pages, limit, total_is_enough):
    rows, read, total, size, last = [], 0, None, 0, False
    for page in islice(pages, limit):
        rows += page.rows
        read, last, size = read + 1, page.last, size or len(page.rows)
        total = page.total if total is None else total
        if last or (total_is_enough and total is not None):
            break
    last = last or not read
    if last:
        total, requests = len(rows), max(read, 1)
    else:
        requests = None if total is None else -(-total // max(size, 1))
    return Look(rows, last, total=total, requests=requests, refresh=requests, pages=read)

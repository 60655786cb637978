"""What a sync would create, update and leave alone, from what ``survey`` heard and what is here. Nothing is written.

No figure is made up. A figure is ``{"n": number, "how": how}`` or None: not known before the records are read. ``how``
is ``exact``; ``least`` (so many or more: GoHighLevel does not tell every change); or ``about`` (worked out of totals).
"""

from __future__ import annotations

from ..gateway.paging import COUNTING_STOPS_AT
from .survey import CALLS

EXACT, LEAST, ABOUT = "exact", "least", "about"
CALL = "TYPE_CALL"
# Only contacts move ahead in their order with every change. A conversation that was read or assigned and a call whose
# length became known do not: such changes are met when all of them are read.
TELLS_EVERY_CHANGE = frozenset(("contacts",))


def rows(env, location, plans, looks):
    """``{entity: {"remote", "held", "create", "update", "skip", "gone", "requests", "refresh", "error"}}``.

    ``remote``: how many GoHighLevel has, ``held``: how many are here (a number), ``gone``: how many of those are
    not there any more, ``requests``: to read all of them, ``refresh``: to read what an ordinary sync reads.
    """
    found, messages = {}, None
    for plan in plans:
        entity, look = plan.entity, looks[plan.entity.name]
        if look.error:
            found[entity.name] = {**_row(plan.held), "error": look.error}
        elif entity is CALLS:
            found[entity.name] = _calls(plan, look, messages)
        elif not plan.held:
            found[entity.name] = _first(plan, look)
        else:
            judged = entity.judge(env, location, look.rows)
            messages = (look, judged) if entity.name == "messages" else messages
            found[entity.name] = (_changes if look.changes_only else _all)(plan, look, judged)
    return found


def figure(number, how=EXACT):
    return {"n": max(0, number), "how": how}


def total(figures):
    """Their sum, as sure as the least sure of them; what is unknown makes it a lower bound."""
    known = [one for one in figures if one]
    ways = {one["how"] for one in known} | ({LEAST} if len(known) < len(figures) else set())
    return figure(sum(one["n"] for one in known), next((how for how in (LEAST, ABOUT) if how in ways), EXACT))


def _row(held, remote=None, create=None, update=None, skip=None, gone=None, look=None):
    row = {"held": held, "remote": remote, "create": create, "update": update, "skip": skip, "gone": gone, "error": ""}
    row["requests"] = row["refresh"] = None
    if look:
        row["requests"] = figure(look.pages + 1, LEAST) if look.requests is None else figure(look.requests)
        row["refresh"] = figure(look.pages + 1, LEAST) if look.refresh is None else figure(look.refresh)
    return row


def _remote(look):
    if look.total is None:
        return figure(len(look.rows) + 1, LEAST)
    stopped = look.total and look.total % COUNTING_STOPS_AT == 0 and (look.changes_only or not look.complete)
    return figure(look.total, LEAST if stopped else EXACT)


def _first(plan, look):
    """Nothing is here: all there is will be created."""
    remote = _remote(look)
    return _row(0, remote, remote, figure(0), figure(0), figure(0), look)


def _all(plan, look, judged):
    """Compared one by one, as far as they were read."""
    create, update, remote = len(judged.created), len(judged.updated), _remote(look)
    if look.complete:
        figures = figure(create), figure(update), figure(judged.unchanged), figure(plan.held - judged.met)
        return _row(plan.held, remote, *figures, look)
    return _row(plan.held, remote, _by_totals(look, plan, create), _least(update), None, None, look)


def _changes(plan, look, judged):
    """Compared one by one are those that changed; the others are those that did not."""
    create, update, remote = len(judged.created), len(judged.updated), _remote(look)
    sure = plan.entity.name in TELLS_EVERY_CHANGE
    if not look.complete:
        created = _by_totals(look, plan, create)
        if look.matching is None or created["how"] != ABOUT:
            return _row(plan.held, remote, created, _least(update), None, None, look)
        updated = figure(look.matching - created["n"], ABOUT)
        return _row(plan.held, remote, created, updated, figure(look.total - look.matching, ABOUT), None, look)
    if look.total is None or remote["how"] != EXACT:
        return _row(plan.held, remote, figure(create), figure(update, EXACT if sure else LEAST), None, None, look)
    # More there than here and new together: some are missing here that did not change. Reading everything brings them.
    missing = max(0, look.total - create - judged.refused - plan.held - _returned(judged))
    return _row(
        plan.held,
        remote,
        figure(create + missing, ABOUT if missing else EXACT),
        figure(update, EXACT if sure else LEAST),
        figure(look.total - create - missing - update - judged.refused, EXACT if sure and not missing else ABOUT),
        figure(plan.held + create + judged.refused + _returned(judged) - look.total, ABOUT),
        look,
    )


def _returned(judged):
    """How many of the records met were found gone before."""
    return max(0, len(judged.updated) + judged.unchanged - judged.met)


def _by_totals(look, plan, created):
    """How many more there are than here; where that is not told, at least those that were met."""
    if look.total is None:
        return figure(created, LEAST)
    return figure(max(created, look.total - plan.held), ABOUT)


def _least(number):
    return figure(number, LEAST) if number else None


def _calls(plan, look, messages):
    """Calls are made of messages: among those that changed are theirs. The total counts voicemail drops, too."""
    remote = figure(look.total, ABOUT) if look.total is not None else None
    row = _row(plan.held, remote)
    row["requests"] = row["refresh"] = figure(0)
    if not plan.held:
        return {**row, "create": remote, "update": figure(0), "skip": figure(0), "gone": None}
    read, judged = messages or (None, None)
    if read and read.complete:
        for name, records in (("create", judged.created), ("update", judged.updated)):
            row[name] = figure(sum(record.get("messageType") == CALL for record in records), ABOUT)
    return row

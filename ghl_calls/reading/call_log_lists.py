"""Lists of the call log, ten calls a page, and single calls of it.

Three queries, whatever there is: how many calls there are (and so where the page begins), the calls, and the contacts
they are with.
"""

from odoo.fields import Domain
from odoo.tools import SQL

from . import call_log, listing, pages

SIZE = 10
NEWEST, OLDEST = pages.NEWEST, pages.OLDEST
LONGEST, SHORTEST = "duration_seconds desc, id desc", "duration_seconds, id"
LASTED = Domain("duration_seconds", ">", 0)


def page(calls, where=Domain.TRUE, *, order=NEWEST, start=0, size=SIZE, base=None):
    """(documents of ``size`` calls after the first ``start``, how many there are in all).

    :param calls: the model ``ghl.call`` in the reader's environment
    :param where: Domain of the calls wanted
    :param order: `NEWEST`, `OLDEST`, or `LONGEST` and `SHORTEST`: then of calls that lasted
    :param base: where the reader reaches this Odoo, without a slash at the end; what is set for all, unless given
    """
    calls = calls.with_context(active_test=True)
    calls.env.flush_all()
    where = listing.mine(calls, where)
    if order in (NEWEST, OLDEST):
        place = pages.locate(calls, where, start=start, size=size, newest=order == NEWEST)
        if not place.size:
            return [], place.total
        query = calls._search(place.within, order=place.order, limit=place.size, offset=place.offset)
        return _documents(calls, query, order, base), place.total
    where &= LASTED
    total = sum(pages.blocks(calls, where).values())
    if start >= total:
        return [], total
    return read(calls, where, order=order, limit=size, offset=start, base=base), total


def one(calls, key, base=None):
    """The document of a call by its id, our own name of it or the provider's; None if the reader sees none."""
    found = find(calls, key)
    return read(calls, Domain("id", "=", found.id), limit=1, base=base)[0] if found else None


def find(calls, key):
    """The call that has this id, else that we know by this name, else that the provider does; empty for none."""
    calls = calls.with_context(active_test=True)
    text = str(key or "").strip()
    within = [("company_id", "in", calls.env.companies.ids)]
    if text.isascii() and text.isdigit() and len(text) < 10:
        found = calls.search([*within, ("id", "=", int(text))])
        if found:
            return found
    if not text:
        return calls.browse()
    return calls.search([*within, ("reference", "=", text)], limit=1) or calls.search(
        [*within, ("provider_call_id", "=", text)], limit=1, order="id desc"
    )


def read(calls, where, *, order=NEWEST, limit=None, offset=0, base=None):
    """The documents of the calls, in order."""
    calls.env.flush_all()
    return _documents(calls, calls._search(where, limit=limit, offset=offset, order=order), order, base)


def _documents(calls, query, order, base):
    env = calls.env
    rows = env.execute_query(pages.rows_of(query, call_log.COLUMNS, call_log.TIMES, order))
    at = call_log.COLUMNS.index("contact_id")
    contacts = _contacts(env, {row[at] for row in rows} - {None})
    base = base or calls.get_base_url()
    return [call_log.document(row, contacts, lambda call_id: calls.browse(call_id)._listens_at(base)) for row in rows]


def _contacts(env, ids):
    """``{id: external id}`` of the contacts the reader may see."""
    if not ids:
        return {}
    query = env["ghl.contact"].with_context(active_test=False)._search([("id", "in", sorted(ids))])
    query.order = None
    return dict(env.execute_query(query.select(*(SQL.identifier(query.table, name) for name in ("id", "external_id")))))

"""Lists of calls, the latest made first, and single calls.

Four queries, whatever there is: how many calls there are (and so where the page begins), the calls, the people and
records they name, and when each was last changed by somebody.
"""

import json
from typing import NamedTuple

from odoo.fields import Domain
from odoo.tools import SQL

from ...ghl_base.http.responses import fragment
from . import documents, pages, related


class Page(NamedTuple):
    """``documents`` that only an answer can read; ``total``: of all pages; ``last_id`` if there are calls after it."""

    documents: list
    total: int | None = None
    last_id: int | None = None


def page(calls, where=Domain.TRUE, *, number=1, size=20):
    """A `Page`.

    :param calls: the model ``ghl.call`` in the reader's environment
    :param where: Domain of the calls wanted
    :param number: of the page, the first is 1
    """
    calls = calls.with_context(active_test=True)
    where = mine(calls, where)
    place = pages.locate(calls, where, start=(number - 1) * size, size=size)
    if not place.size:
        return Page([], place.total)
    found = _read(calls, place.within, place.order, place.size, place.offset)
    last_id = found[-1][0] if found and number * size < place.total else None
    return Page([fragment(text) for _id, text in found], place.total, last_id)


def following(calls, where=Domain.TRUE, *, below=None, size=20):
    """A `Page` of calls with ids below ``below``, without counting any."""
    calls = calls.with_context(active_test=True)
    if below is not None:
        where &= Domain("id", "<", below)
    found = _read(calls, where, limit=size + 1)
    last_id = found[size - 1][0] if len(found) > size else None
    return Page([fragment(text) for _id, text in found[:size]], last_id=last_id)


def mine(calls, where):
    """``where``, in the reader's companies."""
    return Domain("company_id", "in", calls.env.companies.ids) & where


def one(calls, call_id):
    """The document of a call that the reader may see and that is not deleted, as a dict; None if there is none."""
    found = _read(calls.with_context(active_test=True), Domain("id", "=", call_id), limit=1)
    return json.loads(found[0][1]) if found else None


def _read(calls, where, order=pages.NEWEST, limit=None, offset=0):
    """(id, document) of the calls of the reader's companies found in this order; always by id, the highest first."""
    env = calls.env
    query = calls._search(mine(calls, where), limit=limit, offset=offset, order=order)
    rows = env.execute_query(pages.rows_of(query, documents.COLUMNS, documents.TIMES))
    found = related.read(env, rows)
    at = documents.COLUMNS.index("id")
    dates = _last_activity(env, [row[at] for row in rows])
    return [(row[at], documents.call(row, found, last_activity_date=dates.get(row[at], ""))) for row in rows]


def _last_activity(env, call_ids):
    """``{call id: UTC day}`` of the latest line in the activity log."""
    if not call_ids:
        return {}
    # No rules: the days belong to calls that the reader has been shown already.
    return dict(
        env.execute_query(
            SQL(
                """SELECT call.id, to_char(line.create_date, 'YYYY-MM-DD') FROM unnest(%s) AS call(id)
                   CROSS JOIN LATERAL (SELECT create_date FROM ghl_activity_log
                       WHERE entity_model = 'ghl.call' AND entity_id = call.id ORDER BY id DESC LIMIT 1) AS line""",
                call_ids,
            )
        )
    )

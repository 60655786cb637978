"""Lists of calls, the latest made first, and single calls.

Four queries, whatever there is: the calls, how many there are, the people and records they name, and when each was
last changed by somebody.
"""

from odoo.fields import Domain
from odoo.tools import SQL

from . import board, documents, related


def page(calls, where=Domain.TRUE, *, number=1, size=20):
    """(documents of a page, how many calls there are in all).

    :param calls: the model ``ghl.call`` in the reader's environment
    :param where: Domain of the calls wanted
    :param number: of the page, the first is 1
    """
    calls = calls.with_context(active_test=True)
    rows = read(calls, where, limit=size, offset=(number - 1) * size)
    return rows, board.total(calls, where)


def one(calls, call_id):
    """The document of a call that the reader may see and that is not deleted; None if there is none."""
    found = read(calls.with_context(active_test=True), Domain("id", "=", call_id), limit=1)
    return found[0] if found else None


def read(calls, where, *, limit=None, offset=0):
    """The documents of the calls of the reader's companies, by id, the highest first."""
    env = calls.env
    where = Domain("company_id", "in", env.companies.ids) & where
    query = calls._search(where, limit=limit, offset=offset, order="id desc")
    column = {name: SQL.identifier(query.table, name) for name in documents.COLUMNS}
    rows = env.execute_query(
        query.select(*(SQL("%s::text", sql) if name in documents.TIMES else sql for name, sql in column.items()))
    )
    found = related.read(env, rows)
    at = documents.COLUMNS.index("id")
    dates = _last_activity(env, [row[at] for row in rows])
    return [{**documents.call(row, found), "last_activity_date": dates.get(row[at], "")} for row in rows]


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

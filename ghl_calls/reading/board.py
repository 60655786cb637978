"""The call board: the newest calls of every status, and how many there are.

Four queries, whatever there is: statuses, calls, totals, and the people and records the calls name. The calls are the
heads of index ranges, one for each status and company, so that their number does not matter. A total is the sum of a
few rows of ``ghl.call.total`` as long as what the reader may see depends on company and status alone; otherwise the
calls are counted in the index.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from odoo.fields import Domain
from odoo.tools import SQL

from ...ghl_base.http.responses import fragment
from . import documents, related

MOST = 1000  # calls of one column
_KEYS = ("id", "status_id", "start_time")


@dataclass
class Column:
    """A status with its newest calls: ``calls`` as documents that only an answer can read, ``call_ids``; ``total``
    counts all of them."""

    id: int
    name: str
    description: str
    color: str
    total: int = 0
    call_ids: list = field(default_factory=list)
    calls: list = field(default_factory=list)


def read(calls, where=Domain.TRUE, *, limit, enriched=True):
    """The columns by id, each with at most ``limit`` calls, newest first; ``calls`` stay empty unless ``enriched``.

    :param calls: the model ``ghl.call`` in the reader's environment
    :param where: Domain of the calls wanted
    """
    env = calls.env
    calls = calls.with_context(active_test=True)
    columns = {row[0]: Column(*row) for row in env.execute_query(statuses(env))}
    names = documents.COLUMNS if enriched else _KEYS
    rows = env.execute_query(newest(calls, where, list(columns), limit, names)) if columns else []
    totals = count(calls, where)
    found = related.read(env, rows) if enriched else {}
    place = [names.index(name) for name in _KEYS]
    groups = defaultdict(list)
    for row in rows:
        groups[row[place[1]]].append(row)
    for status_id, column in columns.items():
        column.total = totals.get(status_id, 0)
        group = sorted(groups[status_id], key=lambda row: (row[place[2]], row[place[0]]), reverse=True)
        column.call_ids = [row[place[0]] for row in group]
        if enriched:
            column.calls = [fragment(documents.call(row, found)) for row in group]
    return list(columns.values())


def statuses(env):
    """SQL of the columns the reader knows: id, name, description and color, by id."""
    model = env["ghl.call.status"]
    query = model._search([], order="id")
    texts = [model._field_to_sql(query.table, name, query) for name in ("name", "description", "color")]
    return query.select(SQL.identifier(query.table, "id"), *(SQL("COALESCE(%s, '')", text) for text in texts))


def newest(calls, where, status_ids, limit, names):
    """SQL of the newest ``limit`` calls of each status in the reader's companies, times as text.

    A list of companies in one condition would lose the order of the index, so that each has a probe of its own; the
    newest of all are among the newest of each.
    """
    query = calls._search(where)
    column = {name: SQL.identifier(query.table, name) for name in {*names, "company_id", *_KEYS}}
    query.add_where(SQL("%s = board_company.id", column["company_id"]))
    query.add_where(SQL("%s = board_status.id", column["status_id"]))
    query.order = SQL("%s DESC, %s DESC", column["start_time"], column["id"])
    query.limit = limit
    return SQL(
        """SELECT board_call.* FROM unnest(%s) AS board_status(id) CROSS JOIN LATERAL (
               SELECT head.* FROM unnest(%s) AS board_company(id) CROSS JOIN LATERAL (%s) AS head
               ORDER BY head.start_time COLLATE "C" DESC, head.id DESC LIMIT %s
           ) AS board_call""",
        status_ids,
        calls.env.companies.ids,
        query.select(*(SQL("%s::text", column[name]) if name in documents.TIMES else column[name] for name in names)),
        limit,
    )


def count(calls, where=Domain.TRUE):
    """``{status id: how many calls}`` the reader may see, in the reader's companies."""
    env = calls.env
    where = Domain("company_id", "in", env.companies.ids) & where
    if totals := kept_totals(calls, where):
        return dict(env.execute_query(totals))
    # Compiling the statement would take longer than running it.
    env.cr.execute("SET LOCAL jit = off")
    return dict(env.execute_query(counted_totals(calls, where)))


def kept_totals(calls, where, grain="status"):
    """SQL of the kept totals by ``status`` or by ``block``.

    None when there is a condition, of a rule or wanted, on anything but company and status: then they do not answer.
    """
    query = calls.env["ghl.call.total"]._find(grain, where)
    if query is None:
        return None
    names = {"status": "status_id", "block": "block"}
    key, number = (SQL.identifier(query.table, column) for column in (names[grain], "calls"))
    query.groupby = key
    return query.select(key, SQL("sum(%s)", number))


def counted_totals(calls, where):
    query = calls._search(where)
    status = SQL.identifier(query.table, "status_id")
    query.order, query.groupby = None, status
    return query.select(status, "count(*)")

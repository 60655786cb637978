"""Pages of calls by id, however deep, at the cost of the first.

A page number needs the number of all calls anyway. They are counted by block of ids, which costs no more, and the
counts say in which block a page begins: at most the rows of one block are passed over, and in an index.
"""

from dataclasses import dataclass

from odoo.fields import Domain
from odoo.tools import SQL

from ..models.ghl_call_total import BLOCK_BITS
from . import board


@dataclass(frozen=True)
class Place:
    """Where a page is: its ``size`` rows come after the first ``offset`` of ``within``. ``total``: of all pages."""

    within: Domain
    offset: int
    size: int
    total: int


def locate(calls, where, *, start, size, newest=True):
    """The ``Place`` of ``size`` calls after the first ``start``, by id, the newest or the oldest first.

    :param where: Domain of the calls wanted, the reader's companies among it
    """
    counts = sorted(blocks(calls, where).items(), reverse=newest)
    before, begin, offset, last = 0, None, 0, None
    for block, number in counts:
        if before < start + size and before + number > start:
            if begin is None:
                begin, offset = block, start - before
            last = block
        before += number
    if begin is None:
        return Place(Domain.FALSE, 0, 0, before)
    low, high = sorted((begin, last))
    within = where & Domain("id", ">=", low << BLOCK_BITS) & Domain("id", "<", (high + 1) << BLOCK_BITS)
    return Place(within, offset, min(size, before - start), before)


def blocks(calls, where):
    """``{block of ids: how many calls}`` the reader may see."""
    env = calls.env
    if board.kept(calls, where):
        return {
            block: number for block, number in env.execute_query(board.kept_totals(calls, where, "block")) if number
        }
    # Compiling the statement would take longer than running it.
    env.cr.execute("SET LOCAL jit = off")
    return dict(env.execute_query(counted(calls, where)))


def counted(calls, where):
    query = calls._search(where)
    block = SQL("%s >> %s", SQL.identifier(query.table, "id"), BLOCK_BITS)
    query.order, query.groupby = None, SQL("1")
    return query.select(block, SQL("count(*)"))


def rows_of(query, names, times=(), order="id desc"):
    """SQL of these columns of the calls that ``query`` finds, in the same order; `times` as text.

    What is passed over is passed over in the index: whole rows are read of the page alone.
    """
    column = {name: SQL.identifier("ghl_call", name) for name in names}
    order = SQL(", ").join(
        SQL("%s %s", SQL.identifier("ghl_call", name), SQL("DESC NULLS LAST" if down else "ASC"))
        for name, _, down in (part.strip().partition(" ") for part in order.split(","))
    )
    return SQL(
        "SELECT %s FROM ghl_call WHERE ghl_call.id IN (%s) ORDER BY %s",
        SQL(", ").join(SQL("%s::text", sql) if name in times else sql for name, sql in column.items()),
        query.select(),
        order,
    )

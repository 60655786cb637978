"""Pages of calls by id, however deep, at the cost of the first.

A page number needs the number of all calls anyway. They are counted by block of ids, which costs no more, and the
counts say in which block a page begins: at most half the rows of a block are passed over (of a page that lies across
two, the rows of one), because what is nearer to the other end is walked to from there.
"""

from dataclasses import dataclass

from odoo.fields import Domain
from odoo.tools import SQL

from ..models.ghl_call_total import BLOCK_BITS
from . import board

NEWEST, OLDEST = "id desc", "id"


@dataclass(frozen=True)
class Place:
    """Where a page is: its ``size`` rows come after the first ``offset`` of ``within`` in ``order``, which need not be
    the order of the list. ``total``: of all pages."""

    within: Domain
    order: str
    offset: int
    size: int
    total: int


def locate(calls, where, *, start, size, newest=True):
    """The ``Place`` of ``size`` calls after the first ``start``, by id, the newest or the oldest first.

    :param where: Domain of the calls wanted, the reader's companies among it
    """
    counts = sorted(blocks(calls, where).items(), reverse=newest)
    total, found, ahead = 0, [], 0
    for block, number in counts:
        if total < start + size and total + number > start:
            ahead = ahead if found else start - total
            found.append((block, number))
        total += number
    orders = (NEWEST, OLDEST) if newest else (OLDEST, NEWEST)
    if not found:
        return Place(Domain.FALSE, orders[0], 0, 0, total)
    low, high = sorted((found[0][0], found[-1][0]))
    within = where & Domain("id", ">=", low << BLOCK_BITS) & Domain("id", "<", (high + 1) << BLOCK_BITS)
    size = min(size, total - start)
    behind = sum(number for _block, number in found) - ahead - size
    return Place(within, orders[behind < ahead], min(ahead, behind), size, total)


def blocks(calls, where):
    """``{block of ids: how many calls}`` the reader may see."""
    env = calls.env
    if totals := board.kept_totals(calls, where, "block"):
        return {block: number for block, number in env.execute_query(totals) if number}
    # Compiling the statement would take longer than running it.
    env.cr.execute("SET LOCAL jit = off")
    return dict(env.execute_query(counted(calls, where)))


def counted(calls, where):
    query = calls._search(where)
    block = SQL("%s >> %s", SQL.identifier(query.table, "id"), BLOCK_BITS)
    query.order, query.groupby = None, SQL("1")
    return query.select(block, SQL("count(*)"))


def rows_of(query, names, times=(), order=NEWEST):
    """SQL of these columns of the calls that ``query`` finds, in an order of their own; `times` as text.

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

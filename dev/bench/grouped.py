"""The call board: against plain SQL that does the same, as it grows, and against the ORM.

The floor is shape e of the measurements the board was designed by: psycopg2 without Odoo, index heads by LATERAL,
totals from the counter table, people from one look-up, orjson. Skewed statuses; the newest calls of each, 100 at most.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from .database import connect, filled_database
from .odoo_process import odoo_environment
from .runner import Context, Result, interleave

NAME = "grouped"
LIMIT = 100
ROUNDS = 25
PEER_ROUNDS = 5
CALLS = """
    INSERT INTO ghl_call (company_id, status_id, subject, start_time, end_time, duration_seconds, type, purpose, source,
                          state, active, owner_id, user_id, assigned_to_id, from_number, to_number, agenda, create_uid,
                          write_uid, create_date, write_date)
    SELECT %(company)s, (%(statuses)s::int[])[1 + floor(power(random(), 3) * %(width)s)::int], 'Call ' || n,
           timestamp '2020-01-01' + n * interval '1 minute', timestamp '2020-01-01' + n * interval '1 minute' +
           interval '5 minutes', 300, 'outbound', 'demo', 'generator', 'pending', n %% 33 > 0, 1 + n %% 2, 1 + n %% 2,
           1 + n %% 2, '+15550100', '+15550101', 'About this and that', 1, 1, now(), now()
      FROM generate_series(1, %(count)s) AS n
"""
ROWS = """
    SELECT c.* FROM unnest(%s) AS s(id) CROSS JOIN LATERAL (
        SELECT {columns} FROM ghl_call t
         WHERE t.company_id = %s AND t.status_id = s.id AND t.active IS TRUE
         ORDER BY t.start_time DESC, t.id DESC LIMIT %s) c
"""
TOTALS = "SELECT status_id, sum(calls) FROM ghl_call_total WHERE company_id = %s GROUP BY 1"
PEOPLE = """
    SELECT u.id, p.name, p.email, p.phone
      FROM res_users u JOIN res_partner p ON p.id = u.partner_id WHERE u.id = ANY(%s)
"""


def fill(cursor, count: int) -> None:
    """`count` calls in the first company and a tenth of it in a second, both of the user admin."""
    cursor.execute("INSERT INTO res_partner (name, active) VALUES ('Second', true) RETURNING id")
    cursor.execute(
        """
        INSERT INTO res_company
        SELECT (jsonb_populate_record(c, jsonb_build_object('id', n.id, 'name', 'Second', 'partner_id', %s,
                                                            'parent_path', n.id || '/'))).*
          FROM res_company c, (SELECT nextval('res_company_id_seq') AS id) n WHERE c.id = 1
        RETURNING id
        """,
        cursor.fetchone(),
    )
    [second] = cursor.fetchone()
    cursor.execute(
        "INSERT INTO res_company_users_rel (cid, user_id) SELECT %s, id FROM res_users WHERE login = 'admin'", [second]
    )
    cursor.execute("SELECT array_agg(id ORDER BY id) FROM ghl_call_status")
    [statuses] = cursor.fetchone()
    for company, number in ((1, count), (second, count // 10)):
        cursor.execute(CALLS, {"company": company, "statuses": statuses, "width": len(statuses), "count": number})


def floor(connection, documents, dumps, frozen) -> bytes:
    """The bytes of the answer, by plain SQL and the board's own documents."""
    columns = ", ".join(f"{name}::text" if name in documents.TIMES else name for name in documents.COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM ghl_call_status ORDER BY id")
        statuses = [status for (status,) in cursor.fetchall()]
        cursor.execute(ROWS.format(columns=columns), [statuses, 1, LIMIT])
        rows = cursor.fetchall()
        cursor.execute(TOTALS, [1])
        totals = dict(cursor.fetchall())
        first = documents.COLUMNS.index("owner_id")
        cursor.execute(PEOPLE, [list({user for row in rows for user in row[first : first + 3]})])
        found = {("users", row[0]): frozen(documents.person(*row)) for row in cursor.fetchall()}
    groups = {status: [] for status in statuses}
    for row in rows:
        groups[row[2]].append(documents.call(row, found))
    return dumps([{"id": key, "total_calls": totals.get(key, 0), "calls": calls} for key, calls in groups.items()])


def measure(context: Context, count: int) -> dict[str, float]:
    """Medians in milliseconds of one database with `count` calls."""
    from odoo.addons.ghl.ghl_base.http.responses import dumps, frozen
    from odoo.addons.ghl.ghl_calls.reading import board

    name = filled_database(
        context.env, f"bench_calls_{count}", lambda cursor: fill(cursor, count), [Path(__file__)], count
    )
    with closing(connect(context.env, name)) as connection, odoo_environment(context.env, name, "admin") as env:
        both = env["ghl.call"]
        one = both.with_context(allowed_company_ids=[1])
        statuses = env["ghl.call.status"].search([], order="id").ids
        connection.autocommit = True

        def handler(calls):
            columns = calls._board_for_api(limit=LIMIT)
            return dumps([{"id": c.id, "total_calls": c.total, "calls": c.calls} for c in columns])

        def orm():
            counts = {status.id: number for status, number in one._read_group([], ["status_id"], ["__count"])}
            found = [
                one.search_fetch([("status_id", "=", status)], board.documents.COLUMNS, limit=LIMIT)
                for status in statuses
            ]
            return dumps([counts, [calls.read(board.documents.COLUMNS) for calls in found]])

        if handler(one) != floor(connection, board.documents, dumps, frozen):
            raise AssertionError("the board and plain SQL do not give the same answer")
        figures = interleave(
            context.rounds(ROUNDS),
            floor=lambda: floor(connection, board.documents, dumps, frozen),
            one=lambda: handler(one),
            both=lambda: handler(both),
            counts=lambda: board.count(one),
        )
        peer = interleave(
            context.rounds(PEER_ROUNDS), prepare=both.invalidate_model, orm=orm, again=lambda: handler(one)
        )
        return {**figures, **peer}


def write_cost(context: Context, count: int) -> dict[str, float]:
    """Medians in milliseconds of one INSERT of `count` calls, with and without the triggers that keep the totals."""
    name = f"bench_calls_{10_000 if not context.quick else 1000}"
    with closing(connect(context.env, name)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(id ORDER BY id) FROM ghl_call_status")
        [statuses] = cursor.fetchone()
        values = {"company": 1, "statuses": statuses, "width": len(statuses), "count": count}

        def insert(triggers):
            if not triggers:
                cursor.execute("ALTER TABLE ghl_call DISABLE TRIGGER USER")
            cursor.execute(CALLS, values)
            connection.rollback()

        return interleave(context.rounds(10), with_totals=lambda: insert(True), without=lambda: insert(False))


def run(context: Context) -> Iterator[Result]:
    small, large = (1000, 10_000) if context.quick else (10_000, 1_000_000)
    try:
        import orjson  # noqa: F401

        floor_goal = 1.5
    except ImportError:
        floor_goal = 2.0
    few, many = measure(context, small), measure(context, large)

    def result(case, value, goal, reference=None, reference_name="", better="lower"):
        goal = None if context.quick else goal
        return Result(NAME, case, value, "ms", goal, reference, reference_name, better)

    yield result(f"board, {small:,} calls", few["one"], floor_goal, few["floor"], "ms plain SQL")
    yield result(f"board, {large:,} calls", many["one"], floor_goal, many["floor"], "ms plain SQL")
    yield result(f"board, {large:,} calls", many["one"], 1.3, few["one"], f"ms with {small:,}")
    yield result(f"two companies, {large:,} calls", many["both"], 1.3, many["one"], "ms of one")
    yield result(f"read_group and search, {large:,} calls", many["orm"], 10, many["again"], "ms of the board", "higher")
    yield result(f"totals only, {large:,} calls", many["counts"], 1.0)
    cost = write_cost(context, 10_000)
    yield result("inserting 10,000 calls", cost["with_totals"], 1.1, cost["without"], "ms without totals")

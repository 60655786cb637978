"""What keeping the totals costs writers: one large INSERT, and eight writers at once."""

import multiprocessing
import time
from contextlib import closing

import psycopg2
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ

from .. import calls_data
from ..database import connect
from ..runner import Context, interleave

DATABASE = "bench_calls_writers"
DATABASE_OF_NOBODY = "postgres"
WRITERS = 8
ADD = """
    INSERT INTO ghl_call (company_id, status_id, subject, start_time, type, source, state, active, duration_seconds,
                          owner_id, user_id, create_date, write_date)
    VALUES (1, %s, 'Writer', now() AT TIME ZONE 'UTC', 'outbound', 'generator', 'pending', true, 0, 2, 2,
            now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC') RETURNING id
"""
MOVE = "UPDATE ghl_call SET status_id = %s WHERE id = %s"
WRONG = """
    SELECT (
    SELECT count(*) FROM (SELECT company_id, status_id, count(*) AS calls FROM ghl_call WHERE active GROUP BY 1, 2) a
      FULL JOIN (SELECT company_id, status_id, sum(calls) AS calls FROM ghl_call_total
                  WHERE grain IN ('fresh', 'status') GROUP BY 1, 2
                 HAVING sum(calls) <> 0) b USING (company_id, status_id)
     WHERE a.calls IS DISTINCT FROM b.calls) + (
    SELECT count(*)
      FROM (SELECT company_id, status_id, start_time::date AS day, count(*) AS calls FROM ghl_call WHERE active
             GROUP BY 1, 2, 3) a
      FULL JOIN (SELECT company_id, status_id, day, sum(calls) AS calls FROM ghl_call_total
                  WHERE grain IN ('fresh', 'day') GROUP BY 1, 2, 3
                 HAVING sum(calls) <> 0) b USING (company_id, status_id, day)
     WHERE a.calls IS DISTINCT FROM b.calls)
"""


def insert_cost(context: Context, database: str, count: int) -> dict[str, float]:
    """Medians in milliseconds of one INSERT of ``count`` calls, with and without the triggers that keep the totals."""
    with closing(connect(context.env, database)) as connection, connection.cursor() as cursor:

        def insert(triggers):
            if not triggers:
                cursor.execute("ALTER TABLE ghl_call DISABLE TRIGGER USER")
            calls_data.insert(cursor, 1, count)
            connection.rollback()

        return interleave(context.rounds(10), with_totals=lambda: insert(True), without=lambda: insert(False))


def _send_away(env, database: str) -> None:
    """End what still looks at the database, be it autovacuum: it cannot be copied while somebody does."""
    with closing(connect(env, DATABASE_OF_NOBODY)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [database])


def writers(context: Context, database: str) -> dict[str, float]:
    """Transactions a second of eight processes ``with_totals`` and ``without``; ``failures``; ``wrong`` totals after.

    Each transaction is as isolated as Odoo's are; it adds a call and moves the writer's last one to another status.
    """
    env, rounds, each = context.env, 1 if context.quick else 7, 100 if context.quick else 400
    env.drop_db(DATABASE)
    _send_away(env, database)
    env.create_db(DATABASE, database)
    try:
        rates, failures = {True: [], False: []}, 0
        with closing(connect(env, DATABASE)) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            for _round in range(rounds):
                for triggers in (True, False):
                    cursor.execute(f"ALTER TABLE ghl_call {'ENABLE' if triggers else 'DISABLE'} TRIGGER USER")
                    cursor.execute("SELECT max(id) FROM ghl_call")
                    newest = cursor.fetchone()
                    rate, failed = _run(env, each)
                    rates[triggers].append(rate)
                    failures += failed
                    if not triggers:  # nobody has counted these
                        cursor.execute("DELETE FROM ghl_call WHERE id > %s", newest)
                    cursor.execute("VACUUM ghl_call, ghl_call_total")
            cursor.execute(WRONG)
            [wrong] = cursor.fetchone()
        middle = {triggers: sorted(found)[len(found) // 2] for triggers, found in rates.items()}
        return {"with_totals": middle[True], "without": middle[False], "failures": failures, "wrong": wrong}
    finally:
        env.drop_db(DATABASE)


def _run(env, each):
    """(transactions a second of all writers, serialization failures)"""
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(WRITERS), context.Queue()
    pg = {"host": env.pg.host, "port": env.pg.port, "user": env.pg.user, "password": env.pg.password}
    workers = [
        context.Process(target=_write, args=({**pg, "dbname": DATABASE}, each, barrier, results), daemon=True)
        for _writer in range(WRITERS)
    ]
    for worker in workers:
        worker.start()
    found = [results.get(timeout=120) for _worker in workers]
    for worker in workers:
        worker.join()
    begin, end = min(start for start, _end, _failed in found), max(end for _start, end, _failed in found)
    return WRITERS * each / (end - begin), sum(failed for _start, _end, failed in found)


def _write(pg, each, barrier, results):
    connection = psycopg2.connect(**pg)
    connection.set_isolation_level(ISOLATION_LEVEL_REPEATABLE_READ)
    cursor, last, failed = connection.cursor(), None, 0
    cursor.execute("SELECT array_agg(id ORDER BY id) FROM ghl_call_status")
    [statuses] = cursor.fetchone()
    connection.commit()
    barrier.wait(60)
    started = time.time()
    for turn in range(each):
        try:
            cursor.execute(ADD, [statuses[turn % len(statuses)]])
            [added] = cursor.fetchone()
            if last:
                cursor.execute(MOVE, [statuses[(turn + 2) % len(statuses)], last])
            connection.commit()
            last = added
        except psycopg2.errors.SerializationFailure:
            connection.rollback()
            failed += 1
    results.put((started, time.time(), failed))
    connection.close()

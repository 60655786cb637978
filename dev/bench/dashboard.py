"""The analytics page at volume: 1,000,000 calls, 100,000 contacts, 800,000 messages of two years."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from . import calls_data, dashboard_paint
from .database import connect, filled_database
from .odoo_process import api_reader, odoo_environment
from .runner import Context, Result, interleave

NAME = "dashboard"
ROUNDS, SLOW_ROUNDS = 11, 3
LAST = date(2025, 12, 31)
MOST_MS, MOST_QUERIES = 150, 10
# What somebody would write by hand to count the same of a company, a statement for each kind of record.
BY_HAND = (
    "SELECT count(*) FROM ghl_contact WHERE company_id = 1 AND active IS TRUE",
    """SELECT date_trunc('day', remote_created_at), count(*), count(first_touch_date), count(engagements),
              percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM first_touch_date - remote_created_at))
         FROM ghl_contact WHERE company_id = 1 AND active IS TRUE AND remote_created_at >= %(before)s
          AND remote_created_at < %(end)s GROUP BY 1""",
    """SELECT date_trunc('day', remote_created_at), message_type, direction, count(*) FROM ghl_contact_message
        WHERE company_id = 1 AND active IS TRUE AND remote_created_at >= %(before)s AND remote_created_at < %(end)s
        GROUP BY 1, 2, 3""",
    """SELECT date_trunc('day', start_time), status_id, count(*) FROM ghl_call
        WHERE company_id = 1 AND active IS TRUE AND start_time >= %(before)s AND start_time < %(end)s GROUP BY 1, 2""",
    """SELECT stage_id, status, last_status_change_at >= %(begin)s, last_status_change_at >= %(before)s, count(*),
              sum(monetary_value) FROM ghl_contact_opportunity WHERE company_id = 1 AND active IS TRUE
        GROUP BY 1, 2, 3, 4""",
)
FILL = """
    INSERT INTO ghl_user (company_id, location_id, external_id, name, active)
    SELECT company_id, id, 'BU' || n, 'Person ' || n, true FROM ghl_location, generate_series(1, 20) AS n
     WHERE external_id = 'BENCH-1';
    INSERT INTO ghl_contact (company_id, location_id, external_id, name, active, remote_created_at, first_touch_date,
                             touches, engagements, assigned_user_id)
    SELECT l.company_id, l.id, 'BD' || n, 'Dash ' || n, true, moment, CASE WHEN n %% 3 > 0 THEN
           moment + n %% 97 * interval '1 hour' END, CASE WHEN n %% 3 > 0 THEN '{"TYPE_SMS": 2}'::jsonb END,
           CASE WHEN n %% 4 > 0 THEN '{"TYPE_SMS": 1}'::jsonb END, people[1 + n %% 20]
      FROM ghl_location l, (SELECT array_agg(id) AS people FROM ghl_user WHERE external_id LIKE 'BU%%') AS known,
           generate_series(1, %(contacts)s) AS n,
           LATERAL (SELECT timestamp '2026-01-01' - n * (interval '730 days' / %(contacts)s) AS moment) AS drawn
     WHERE l.external_id = 'BENCH-1';
    CREATE TEMPORARY TABLE dash AS
    SELECT array_agg(id ORDER BY id) AS ids FROM ghl_contact WHERE external_id LIKE 'BD%%';
    INSERT INTO ghl_contact_message (company_id, location_id, external_id, contact_id, message_type, direction, body,
                                     active, is_email, remote_created_at)
    SELECT l.company_id, l.id, 'BM' || n, ids[1 + n * 31 %% %(contacts)s],
           (ARRAY['TYPE_SMS', 'TYPE_EMAIL', 'TYPE_CALL', 'TYPE_WHATSAPP'])[1 + n %% 4],
           (ARRAY['inbound', 'outbound'])[1 + n %% 2], 'About this and that, and then about the offer', true, false,
           timestamp '2026-01-01' - n * (interval '730 days' / %(messages)s)
      FROM ghl_location l, dash, generate_series(1, %(messages)s) AS n WHERE l.external_id = 'BENCH-1';
    INSERT INTO ghl_contact_opportunity (company_id, location_id, external_id, contact_id, name, status, monetary_value,
                                         active, last_status_change_at, assigned_user_id)
    SELECT company_id, location_id, 'BO' || id, id, 'Deal', (ARRAY['open', 'won', 'lost'])[1 + id %% 3], id %% 5000,
           true, remote_created_at, assigned_user_id FROM ghl_contact WHERE external_id LIKE 'BD%%' AND id %% 2 = 0
"""


# Model -> what the peers group by.
RECORDS = {"ghl.call": ("start_time", "status_id"), "ghl.contact.message": ("remote_created_at", "message_type")}


def database(env, calls: int) -> str:
    numbers = {"contacts": calls // 10, "messages": calls * 8 // 10}

    def fill(cursor):
        def more():
            for statement in FILL.split(";\n"):
                cursor.execute(statement, numbers)

        calls_data.fill(cursor, calls, 5, more)

    files = [Path(__file__), Path(calls_data.__file__)]
    return filled_database(env, f"bench_dashboard_{calls}", fill, files, calls)


def run(context: Context) -> Iterator[Result]:
    name = database(context.env, 10_000 if context.quick else 1_000_000)
    api_reader(context.env, name)
    with odoo_environment(context.env, name, "bench") as env, closing(connect(context.env, name)) as connection:
        connection.autocommit = True
        yield from pages(context, env, connection)
    yield from dashboard_paint.pages(context, name)


def pages(context: Context, env, connection) -> Iterator[Result]:
    from odoo.addons.ghl.ghl_base.http.responses import dumps
    from odoo.addons.ghl.ghl_calls.reading import dashboard
    from odoo.addons.ghl.ghl_contacts.reading.insights import Scope

    both = env(context={**env.context, "allowed_company_ids": env.user.company_ids.ids})
    env = env(context={**env.context, "allowed_company_ids": [1]})
    place = env["ghl.location"].search([("external_id", "=", "BENCH-1")])
    person = env["ghl.user"].search([("external_id", "=", "BU7")]).id
    limited = env(user=_limited(env, place))

    def by_hand(scope):
        values = {"before": scope.edges[0], "begin": scope.edges[1], "end": scope.edges[-1]}
        with connection.cursor() as cursor:
            cursor.execute("SET jit = off")
            for statement in BY_HAND:
                cursor.execute(statement, values)
                cursor.fetchall()

    readers = {
        "": (env, {}),
        " of two companies": (both, {}),
        " of a location": (env, {"location_id": place.id}),
        " of a user": (env, {"user_id": person}),
        " for who may see one location": (limited, {}),
    }
    for days in (7, 30, 90, 365):
        for whose, (reader, chosen) in readers.items():
            scope = Scope(LAST - timedelta(days=days - 1), LAST, "Europe/Berlin", **chosen)
            page = lambda reader=reader, scope=scope: dumps(dashboard.read(reader, scope, "30d"))  # noqa: E731
            times = interleave(context.rounds(ROUNDS), prepare=env.invalidate_all, page=page)
            goal = None if context.quick else MOST_MS
            yield Result(NAME, f"{days} days{whose}", times["page"], "ms", goal)
            env.invalidate_all()
            before = env.cr.sql_log_count
            page()
            queries = env.cr.sql_log_count - before
            if queries > MOST_QUERIES or (days == 365 and not whose):
                yield Result(NAME, f"{days} days{whose}", queries, "queries", MOST_QUERIES)
        scope = Scope(LAST - timedelta(days=days - 1), LAST, "Europe/Berlin")
        times = interleave(
            context.rounds(SLOW_ROUNDS),
            prepare=env.invalidate_all,
            page=lambda scope=scope: dashboard.read(env, scope, "30d"),
            hand=lambda scope=scope: by_hand(scope),
            orm=lambda scope=scope: _read_group(env, scope),
        )
        yield Result(NAME, f"{days} days", times["page"], "ms", None, times["hand"], "ms a GROUP BY for each kind")
        yield Result(NAME, f"{days} days", times["page"], "ms", None, times["orm"], "ms _read_group of calls, messages")
    scope = Scope(LAST - timedelta(days=6), LAST, "Europe/Berlin")
    times = interleave(
        context.rounds(SLOW_ROUNDS),
        prepare=env.invalidate_all,
        page=lambda: dashboard.read(env, scope, "30d"),
        python=lambda: _in_python(env, scope),
    )
    yield Result(NAME, "7 days", times["page"], "ms", None, times["python"], "ms calls, messages counted in Python")


def _limited(env, place):
    users = env["res.users"].sudo()
    user = users.create(
        {
            "name": "Bench of one location",
            "login": "bench-limited",
            "group_ids": [(4, env.ref("ghl.group_ghl_viewer").id)],
            "company_ids": [(6, 0, [1])],
            "company_id": 1,
        }
    )
    user.ghl_location_ids = place
    env.flush_all()
    return user


def _period(scope, stamp):
    return [(stamp, ">=", scope.edges[0]), (stamp, "<", scope.edges[-1]), ("company_id", "=", 1)]


def _read_group(env, scope):
    env = env(context={**env.context, "tz": scope.timezone})
    for model, (stamp, name) in RECORDS.items():
        env[model]._read_group(_period(scope, stamp), [f"{stamp}:day", name], ["__count"])


def _in_python(env, scope):
    for model, (stamp, name) in RECORDS.items():
        records = env[model].search_fetch(_period(scope, stamp), [stamp, name], order="id")
        Counter((record[stamp].date(), record[name]) for record in records)

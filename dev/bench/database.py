"""Databases for benches: the addon installed, filled once, kept until the addon or the filling code changes."""

from collections.abc import Callable
from pathlib import Path

import psycopg2

from bootstrap import addon_template
from bootstrap.env import Env
from bootstrap.state import digest, say


def connect(env: Env, name: str):
    """A plain psycopg2 connection, without Odoo."""
    return psycopg2.connect(host=env.pg.host, port=env.pg.port, user=env.pg.user, password=env.pg.password, dbname=name)


def filled_database(env: Env, name: str, fill: Callable[[object], None], sources: list[Path], *details) -> str:
    """The database `name`; made anew, by `fill(cursor)` on a copy of the addon's template, when anything changed.

    `sources` are the files that decide what is filled in, `details` whatever else does.
    """
    template = addon_template(env)
    key = digest(template, *(path.read_bytes() for path in sources), *details)
    if name in env.list_dbs() and _comment(env, name) == key:
        return name
    say(f"Filling {name} ...")
    env.drop_db(name)
    env.create_db(name, template)
    connection = connect(env, name)
    try:
        with connection, connection.cursor() as cursor:
            fill(cursor)
        connection.autocommit = True
        with connection.cursor() as cursor:
            # Twice: the first run only removes the locks that foreign keys left on referenced rows, the second marks
            # pages as all visible, which is the state autovacuum keeps a used table in.
            cursor.execute("VACUUM (FREEZE, ANALYZE)")
            cursor.execute("VACUUM (FREEZE, ANALYZE)")
            cursor.execute(f"COMMENT ON DATABASE \"{name}\" IS '{key}'")
    finally:
        connection.close()
    return name


def _comment(env: Env, name: str) -> str | None:
    connection = connect(env, name)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
            )
            return cursor.fetchone()[0]
    finally:
        connection.close()

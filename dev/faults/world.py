"""A simulated GoHighLevel and databases connected to it."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2

from bootstrap import Env, addon_template
from sandbox.client import Sandbox

CONNECTED = "ghl_faults_connected"


def connect(env: Env, sandbox: Sandbox, settings: dict[str, str]) -> str:
    """Make a database whose only location is the sandbox's first; returns its name, to be copied by `copy`."""
    env.drop_db(CONNECTED)
    env.create_db(CONNECTED, addon_template(env))
    with odoo_session(env, CONNECTED) as odoo_env:
        account = odoo_env["ghl.account"].create({"name": "Sandbox", "base_url": sandbox.base_url})
        location = odoo_env["ghl.location"].create(
            {"name": "Sandbox", "account_id": account.id, "external_id": sandbox.location_id}
        )
        odoo_env["ghl.token"]._put(account, "private", location=location, access=sandbox.private_token)
        for key, value in settings.items():
            odoo_env["ir.config_parameter"].set_param(key, value)
        # Only what a run asks for may happen in it.
        keep = odoo_env.ref("ghl.cron_run_jobs")
        odoo_env["ir.cron"].search([("id", "!=", keep.id)]).active = False
        odoo_env.cr.commit()
    return CONNECTED


def copy(env: Env, name: str) -> str:
    env.drop_db(name)
    env.create_db(name, CONNECTED)
    return name


@contextmanager
def odoo_session(env: Env, database: str) -> Iterator:
    """An Odoo environment of the superuser in this process; the cursor is committed at the end if all went well."""
    import odoo.sql_db
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(["-c", str(env.odoo_conf), "-d", database, "--log-level", "critical"], setup_logging=True)
    try:
        with Registry(database).cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})
    finally:
        Registry.delete(database)
        odoo.sql_db.close_db(database)


@contextmanager
def sql(env: Env, database: str) -> Iterator:
    """A cursor past Odoo, each statement committed at once."""
    connection = psycopg2.connect(
        host=env.pg.host, port=env.pg.port, user=env.pg.user, password=env.pg.password, dbname=database
    )
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()

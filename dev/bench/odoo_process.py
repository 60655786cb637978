"""Odoo inside the bench's own process."""

from collections.abc import Iterator
from contextlib import contextmanager

from bootstrap.env import Env


@contextmanager
def odoo_environment(env: Env, database: str, login: str | None = None) -> Iterator:
    """An Odoo environment on `database` as the user with `login` (superuser without), rolled back at the end."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(["-c", str(env.odoo_conf), "-d", database, "--log-level=warn"])
    with Registry(database).cursor() as cr:
        odoo_env = api.Environment(cr, SUPERUSER_ID, {})
        if login:
            user = odoo_env["res.users"].search([("login", "=", login)])
            odoo_env = api.Environment(cr, user.id, {"allowed_company_ids": user.company_ids.ids})
        yield odoo_env
        cr.rollback()

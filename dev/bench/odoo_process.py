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


def api_reader(env: Env, database: str, login: str = "bench") -> str:
    """A viewer of all companies to read as, so that record rules are measured too; gives a new API key of it."""
    with odoo_environment(env, database) as odoo_env:
        users = odoo_env["res.users"]
        user = users.search([("login", "=", login)]) or users.create(
            {
                "name": "Bench",
                "login": login,
                "group_ids": [(4, odoo_env.ref("ghl.group_ghl_viewer").id)],
                "company_ids": [(6, 0, odoo_env["res.company"].search([]).ids)],
            }
        )
        odoo_env["ghl.api.key"].search([("user_id", "=", user.id)]).unlink()
        key = odoo_env["ghl.api.key"]._generate("Bench", user)[1]
        odoo_env.cr.commit()
        return key

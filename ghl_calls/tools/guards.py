"""Who may use the tools, and on whose calls."""

from odoo.exceptions import AccessError, UserError

ADMIN = "ghl.group_ghl_admin"


def check_admin(env):
    """:raises AccessError: the user is not an administrator of GoHighLevel"""
    if not env.su and not env.user.has_group(ADMIN):
        raise AccessError(env._("Only GoHighLevel administrators may use the data tools."))


def check_company(env, company):
    """:raises UserError: there is no such company, or the user does not work in it now"""
    if len(company) != 1 or not company.exists():
        raise UserError(env._("There is no such company."))
    if not env.su and company not in env.companies:
        raise UserError(env._("You are not working in the company %s.", company.sudo().display_name))


def check_between(env, label, value, least, most):
    """:raises UserError: ``value`` is no whole number from ``least`` to ``most``"""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise UserError(
            env._(
                "%(label)s must be a whole number from %(least)s to %(most)s, not %(value)s.",
                label=label,
                least=least,
                most=most,
                value=value,
            )
        )

"""What the module leaves in the database beside its tables."""

from odoo.tools import SQL


def uninstall_hook(env):
    """Remove what Odoo does not know of: the function behind the totals of calls, and the counters of call numbers."""
    env.cr.execute("DROP FUNCTION IF EXISTS ghl_call_count() CASCADE")
    env.cr.execute(r"SELECT sequencename FROM pg_sequences WHERE sequencename ~ '^ghl_call_number_\d+$'")
    for (name,) in env.cr.fetchall():
        env.cr.execute(SQL("DROP SEQUENCE %s", SQL.identifier(name)))

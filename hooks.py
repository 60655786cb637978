"""What the module leaves in the database beside its tables."""

from odoo.tools import SQL


def uninstall_hook(env):
    """Remove what Odoo does not know of: the functions behind our triggers, and the counters of call numbers."""
    env.cr.execute(
        """SELECT proname FROM pg_proc
            WHERE proname LIKE 'ghl\\_%' AND prorettype = 'trigger'::regtype
              AND pronamespace = current_schema()::regnamespace"""
    )
    for (name,) in env.cr.fetchall():
        env.cr.execute(SQL("DROP FUNCTION %s CASCADE", SQL.identifier(name)))
    env.cr.execute(r"SELECT sequencename FROM pg_sequences WHERE sequencename ~ '^ghl_call_number_\d+$'")
    for (name,) in env.cr.fetchall():
        env.cr.execute(SQL("DROP SEQUENCE %s", SQL.identifier(name)))

"""What can only be settled when a walk is over: records gone from GoHighLevel, links to records that came later."""

from odoo.tools import SQL


def count_gone(env, model_name, cursor, only):
    """How many of the location's rows a complete walk did not meet, and how many there are; ``only`` those of these
    column values."""
    table, walked = SQL.identifier(env[model_name]._table), _walked(cursor, only)
    return env.execute_query(
        SQL(
            "SELECT (SELECT count(*) FROM %s t WHERE %s AND %s), (SELECT count(*) FROM %s t WHERE %s)",
            table,
            walked,
            _not_met(cursor),
            table,
            walked,
        )
    )[0]


def archive_gone(env, model_name, cursor, only):
    """Archive the location's rows that a complete walk did not meet; ``only`` those of these column values. Returns
    how many."""
    model = env[model_name]
    env.cr.execute(
        SQL(
            """UPDATE %s t
                  SET active = FALSE, remote_deleted_at = now() AT TIME ZONE 'UTC',
                      write_date = now() AT TIME ZONE 'UTC', write_uid = %s
                WHERE %s AND %s""",
            SQL.identifier(model._table),
            env.uid,
            _walked(cursor, only),
            _not_met(cursor),
        )
    )
    model.invalidate_model(flush=False)
    return env.cr.rowcount


def _walked(cursor, only):
    return SQL(
        "t.location_id = %s AND t.active IS TRUE %s",
        cursor.location_id.id,
        SQL(" ").join(SQL("AND t.%s = %s", SQL.identifier(name), value) for name, value in only.items()),
    )


def _not_met(cursor):
    return SQL(
        """NOT EXISTS (
            SELECT 1 FROM (SELECT jsonb_array_elements_text(seen.external_ids) AS external_id
                             FROM ghl_sync_seen seen WHERE seen.cursor_id = %s) met
             WHERE met.external_id = t.external_id)""",
        cursor.id,
    )


def link_latecomers(env, model_names, location):
    """Fill links whose other end was not mirrored yet when the row was written. Returns how many, by model."""
    linked = dict.fromkeys(model_names, 0)
    for model_name in model_names:
        model = env[model_name]
        for many2one, remote_column in model._mirror_references.items():
            comodel = env[model._fields[many2one].comodel_name]
            linked[model_name] += _link(env, model._table, many2one, remote_column, comodel._table, location)
        model.invalidate_model(flush=False)
    _link(env, "ghl_contact_custom_value", "field_id", "field_external_id", "ghl_custom_field", location)
    return linked


def _link(env, table, many2one, remote_column, other_table, location):
    env.cr.execute(
        SQL(
            """UPDATE %s t SET %s = other.id FROM %s other
                WHERE t.location_id = %s AND t.%s IS NULL AND t.%s IS NOT NULL
                  AND other.location_id = %s AND other.external_id = t.%s""",
            SQL.identifier(table),
            SQL.identifier(many2one),
            SQL.identifier(other_table),
            location.id,
            SQL.identifier(many2one),
            SQL.identifier(remote_column),
            location.id,
            SQL.identifier(remote_column),
        )
    )
    return env.cr.rowcount


def drop_unused_tags(env, location):
    """Remove tags that neither the location's list nor any contact names any more. Returns how many."""
    env.cr.execute(
        SQL(
            """DELETE FROM ghl_tag tag
                WHERE tag.location_id = %s AND tag.external_id IS NULL
                  AND NOT EXISTS (SELECT 1 FROM ghl_contact_tag_rel rel WHERE rel.tag_id = tag.id)""",
            location.id,
        )
    )
    env["ghl.tag"].invalidate_model(flush=False)
    return env.cr.rowcount

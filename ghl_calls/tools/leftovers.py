"""What hangs on a call by model name and number, without a foreign key: chatter, files, activities, the log."""

from odoo.tools import SQL

# table -> (column of the model, column of the record's number)
TIED = {
    "mail_message": ("model", "res_id"),
    "ir_attachment": ("res_model", "res_id"),
    "mail_activity": ("res_model", "res_id"),
    "mail_followers": ("res_model", "res_id"),
}
MODELS = {table: table.replace("_", ".") for table in TIED}


def unlink_leftovers(env, calls):
    """Remove what hangs on the calls of the query ``calls`` (SQL that gives ids), but for the log."""
    for table, (model, number) in TIED.items():
        env.cr.execute(
            SQL(
                "SELECT id FROM %s WHERE %s = 'ghl.call' AND %s IN (%s)",
                SQL.identifier(table),
                SQL.identifier(model),
                SQL.identifier(number),
                calls,
            )
        )
        ids = [found for (found,) in env.cr.fetchall()]
        # sudo: they go with their call, whoever wrote them. By the ORM, for the files on disk and for what hangs on
        # messages; generated calls have few.
        env[MODELS[table]].sudo().browse(ids).unlink()


def move_leftovers(env, moves):
    """Give what hangs on a call to another one. ``moves``: {id: id of the call that gets it}."""
    pairs = SQL("unnest(%s, %s) AS move(old, new)", list(moves), list(moves.values()))
    for table in ("mail_message", "ir_attachment", "mail_activity"):
        model, number = TIED[table]
        env.cr.execute(
            SQL(
                "UPDATE %(table)s SET %(number)s = move.new FROM %(pairs)s"
                " WHERE %(model)s = 'ghl.call' AND %(number)s = move.old",
                table=SQL.identifier(table),
                number=SQL.identifier(number),
                model=SQL.identifier(model),
                pairs=pairs,
            )
        )
    env.cr.execute(
        SQL(
            "UPDATE ghl_activity_log SET entity_id = move.new FROM %s"
            " WHERE entity_model = 'ghl.call' AND entity_id = move.old",
            pairs,
        )
    )
    env.cr.execute(
        SQL(
            "SELECT move.new, partner_id FROM mail_followers JOIN %s ON res_id = move.old AND res_model = 'ghl.call'",
            pairs,
        )
    )
    followers = {}
    for call_id, partner_id in env.cr.fetchall():
        followers.setdefault(call_id, []).append(partner_id)
    env.invalidate_all()
    for call_id, partner_ids in followers.items():
        env["ghl.call"].browse(call_id).message_subscribe(partner_ids)

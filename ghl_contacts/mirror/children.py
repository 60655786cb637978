"""Bulk writing of what hangs on a page of contacts: tags, custom values, attributions.

Each of them replaces what the contact had before, touching only rows that differ.
"""

from odoo.tools import SQL

from ...ghl_base.net.codec import dumps
from ..mapping import tag as tag_mapping

# child list of the mapped row -> (model, the column that tells the children of one contact apart)
TABLES = {
    "custom_values": ("ghl.contact.custom.value", "field_external_id"),
    "attributions": ("ghl.contact.attribution", "touch"),
}


def write_children(env, location, rows, ids):
    """:param rows: mapped rows; :param ids: remote id -> database id of the rows just written."""
    for name, (model_name, key) in TABLES.items():
        if name in rows[0]:
            children = [{"contact_id": ids[row["external_id"]], **child} for row in rows for child in row[name]]
            _replace(env[model_name], location, list(ids.values()), children, key)
    if "tags" in rows[0]:
        tags = [{"contact_id": ids[row["external_id"]], "name": tag} for row in rows for tag in row["tags"]]
        _replace_tags(env, location, list(ids.values()), tags)


def _replace(model, location, contact_ids, children, key):
    env, table, key_sql = model.env, SQL.identifier(model._table), SQL.identifier(key)
    kept = SQL(
        """NOT EXISTS (SELECT 1 FROM json_to_recordset(%s::json) AS r(contact_id int4, %s varchar)
                        WHERE r.contact_id = t.contact_id AND r.%s = t.%s)""",
        dumps([{"contact_id": child["contact_id"], key: child[key]} for child in children]).decode(),
        key_sql,
        key_sql,
        key_sql,
    )
    env.cr.execute(SQL("DELETE FROM %s t WHERE t.contact_id = ANY(%s) AND %s", table, contact_ids, kept))
    model.invalidate_model(flush=False)
    if not children:
        return
    columns = list(children[0])
    names = [SQL.identifier(name) for name in columns]
    data = [SQL.identifier(name) for name in columns if name not in ("contact_id", key)]
    field_link, field_join, field_value = SQL(), SQL(), SQL()
    if model._name == "ghl.contact.custom.value":
        field_link, field_value = SQL(", field_id"), SQL(", f.id")
        field_join = SQL(
            "LEFT JOIN ghl_custom_field f ON f.location_id = %s AND f.external_id = r.field_external_id", location.id
        )
        data.append(SQL.identifier("field_id"))
    env.cr.execute(
        SQL(
            """INSERT INTO %(table)s AS t (company_id, location_id, create_uid, write_uid, create_date, write_date,
                                          %(names)s%(field_link)s)
               SELECT %(company)s, %(location)s, %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC',
                      %(sources)s%(field_value)s
                 FROM json_to_recordset(%(rows)s::json) AS r(%(types)s) %(field_join)s
               ON CONFLICT (contact_id, %(key)s) DO UPDATE
                  SET write_uid = EXCLUDED.write_uid, write_date = EXCLUDED.write_date, %(updates)s
                WHERE (%(old)s) IS DISTINCT FROM (%(new)s)""",
            table=table,
            names=SQL(", ").join(names),
            field_link=field_link,
            company=location.company_id.id,
            location=location.id,
            uid=env.uid,
            sources=SQL(", ").join(SQL("r.%s", name) for name in names),
            field_value=field_value,
            rows=dumps(children).decode(),
            types=SQL(", ").join(
                SQL("%s %s", SQL.identifier(name), SQL(model._fields[name].column_type[1])) for name in columns
            ),
            field_join=field_join,
            key=key_sql,
            updates=SQL(", ").join(SQL("%s = EXCLUDED.%s", name, name) for name in data),
            old=SQL(", ").join(SQL("t.%s", name) for name in data),
            new=SQL(", ").join(SQL("EXCLUDED.%s", name) for name in data),
        )
    )


def _replace_tags(env, location, contact_ids, tags):
    names = sorted({tag["name"] for tag in tags})
    if names:
        env.cr.execute(
            SQL(
                """INSERT INTO ghl_tag (name, color, company_id, location_id, create_uid, write_uid,
                                        create_date, write_date)
                   SELECT name, color, %s, %s, %s, %s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                     FROM unnest(%s, %s) AS t(name, color) ON CONFLICT (location_id, name) DO NOTHING""",
                location.company_id.id,
                location.id,
                env.uid,
                env.uid,
                names,
                [tag_mapping.color(name) for name in names],
            )
        )
    env.cr.execute(
        SQL(
            """WITH wanted AS (
                   SELECT r.contact_id, tag.id AS tag_id
                     FROM json_to_recordset(%s::json) AS r(contact_id int4, name varchar)
                     JOIN ghl_tag tag ON tag.location_id = %s AND tag.name = r.name
               ), gone AS (
                   DELETE FROM ghl_contact_tag_rel rel
                    WHERE rel.contact_id = ANY(%s)
                      AND NOT EXISTS (
                          SELECT 1 FROM wanted w WHERE w.contact_id = rel.contact_id AND w.tag_id = rel.tag_id)
               )
               INSERT INTO ghl_contact_tag_rel (contact_id, tag_id) SELECT contact_id, tag_id FROM wanted
               ON CONFLICT DO NOTHING""",
            dumps(tags).decode(),
            location.id,
            contact_ids,
        )
    )
    env["ghl.tag"].invalidate_model(flush=False)

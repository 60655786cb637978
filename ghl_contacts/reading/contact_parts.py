"""What hangs on contacts, read for many contacts at once: one query for each part, whatever it holds.

Each function takes the environment and the contact ids and gives ``{contact id: rows as documents}``.
"""

from collections import defaultdict

from odoo import fields
from odoo.tools import SQL

from ...ghl_base.net.codec import loads
from . import documents


def _query(model, contact_ids):
    """The model's own query (rules, companies, not archived), narrowed to the contacts' rows."""
    query = model._search([])
    query.add_where(SQL("%s = ANY(%s)", SQL.identifier(query.table, "contact_id"), contact_ids))
    return query


def _columns(query, text):
    return [SQL.identifier(query.table, name) for name in text.split()]


def _by_contact(rows, build):
    found = defaultdict(list)
    for row in rows:
        found[row[0]].append(build(row))
    return found


def tags(env, contact_ids):
    query = env["ghl.tag"]._search([])
    query.add_join("JOIN", "rel", "ghl_contact_tag_rel", SQL("rel.tag_id = %s", SQL.identifier(query.table, "id")))
    query.add_where(SQL("rel.contact_id = ANY(%s)", contact_ids))
    name = SQL.identifier(query.table, "name")
    query.order = name
    return _by_contact(env.execute_query(query.select("rel.contact_id", name)), lambda row: row[1])


def custom_values(env, contact_ids):
    query = _query(env["ghl.contact.custom.value"], contact_ids)
    value = SQL.identifier(query.table, "value")
    query.order = SQL.identifier(query.table, "id")
    rows = env.execute_query(
        query.select(
            *_columns(query, "contact_id field_external_id"),
            SQL("%s ->> 'v'", value),
            SQL("jsonb_typeof(%s -> 'v') = 'string'", value),
        )
    )
    found = defaultdict(list)
    for contact_id, field_id, text, is_text in rows:
        found[contact_id].append({"id": field_id, "value": text if is_text or text is None else loads(text)})
    return found


def attributions(env, contact_ids):
    query = _query(env["ghl.contact.attribution"], contact_ids)
    query.order = SQL.identifier(query.table, "touch")
    columns = "contact_id touch url campaign utm_source utm_medium referrer ip medium"
    return _by_contact(env.execute_query(query.select(*_columns(query, columns))), documents.attribution)


def tasks(env, contact_ids):
    query = _query(env["ghl.contact.task"], contact_ids)
    # The name of a user that the contact names is part of the contact, as in any many2one shown to a reader.
    user = query.left_join(query.table, "assigned_user_id", "ghl_user", "id", "assigned_user_id")
    query.order = SQL(", ").join(_columns(query, "completed due_date id"))
    columns = _columns(query, "contact_id id external_id title body due_date completed assigned_external_id")
    rows = env.execute_query(query.select(*columns, SQL.identifier(user, "name"), *_stamps(query)))
    now = fields.Datetime.now()
    return _by_contact(rows, lambda row: documents.task(row, now))


def conversations(env, contact_ids):
    query = _query(env["ghl.contact.conversation"], contact_ids)
    date, row_id = _columns(query, "last_message_date id")
    query.order = SQL("%s DESC NULLS LAST, %s DESC", date, row_id)
    columns = _columns(
        query,
        """contact_id id external_id last_message_date last_message_body last_message_type last_message_direction type
        unread_count full_name contact_name email phone""",
    )
    return _by_contact(env.execute_query(query.select(*columns, *_stamps(query))), documents.conversation)


def opportunity_totals(env, contact_ids):
    """``{contact id: (how many, sum of their values)}``."""
    query = _query(env["ghl.contact.opportunity"], contact_ids)
    contact, value = _columns(query, "contact_id monetary_value")
    query.groupby = contact
    rows = env.execute_query(query.select(contact, "count(*)", SQL("sum(%s)", value)))
    return {contact_id: (count, total) for contact_id, count, total in rows}


def opportunity_list(env, contact_ids):
    query = _query(env["ghl.contact.opportunity"], contact_ids)
    stage = query.left_join(query.table, "stage_id", "ghl_pipeline_stage", "id", "stage_id")
    location = query.left_join(query.table, "location_id", "ghl_location", "id", "location_id")
    updated, row_id = _columns(query, "remote_updated_at id")
    query.order = SQL("%s DESC NULLS LAST, %s DESC", updated, row_id)
    columns = [
        *_columns(query, "contact_id id external_id name"),
        SQL.identifier(stage, "name"),
        *_columns(
            query,
            """expected_close_date remote_created_at remote_updated_at monetary_value pipeline_external_id
            stage_external_id assigned_external_id status source contact_external_id""",
        ),
        SQL.identifier(location, "external_id"),
        *_columns(query, "followers"),
    ]
    return _by_contact(env.execute_query(query.select(*columns)), documents.opportunity)


def _stamps(query):
    """Odoo's own stamps without the microseconds, like all other dates of the answer."""
    return [SQL("date_trunc('second', %s)", column) for column in _columns(query, "create_date write_date")]


READERS = {
    "tags": tags,
    "custom_values": custom_values,
    "attributions": attributions,
    "tasks": tasks,
    "conversations": conversations,
    "opportunity_totals": opportunity_totals,
    "opportunity_list": opportunity_list,
}


def read(env, contact_ids, wanted):
    """Every part: those in ``wanted`` read from the database, the others empty."""
    return {part: reader(env, contact_ids) if part in wanted else {} for part, reader in READERS.items()}

"""The people and records that calls name, all in one query."""

from collections import defaultdict

from odoo.tools import SQL

from ...ghl_base.http.responses import fragment
from . import documents

# What an older client calls a kind -> model, and its columns for name, first name, last name, e-mail and phone.
RECORDS = {
    "contacts": ("ghl.contact", "name first_name last_name email phone"),
    "deals": ("ghl.contact.opportunity", "name - - - -"),
    "accounts": ("res.partner", "name - - email phone"),
    "campaigns": ("ghl.campaign", "name - - - -"),
    "leads": ("crm.lead", "name contact_name - email_from phone"),
}


# The newest deal with a contact: to be shown where a call with them names nothing that it is about.
NEWEST_DEALS = "newest_deals"


def read(env, rows):
    """``{kind: {id: document}}`` of what the call rows name and the reader may see; an empty dict for other kinds.

    Under `NEWEST_DEALS` are deals by the id of their contact.

    :param rows: rows of ``documents.COLUMNS``
    """
    return _read(env, _named(rows))


def people(env, ids):
    """``{id: document}`` of these users, to stand in an answer as they are."""
    return {user_id: fragment(document) for user_id, document in _read(env, {"users": ids})["users"].items()}


def _read(env, named):
    parts = [
        (_newest_deals(env, sorted(ids)) if kind == NEWEST_DEALS else _part(env, kind, sorted(ids)))
        for kind, ids in sorted(named.items())
        if ids
    ]
    parts = [part for part in parts if part]
    found = defaultdict(dict)
    if not parts:
        return found
    for kind, row_id, name, first, last, email, phone in env.execute_query(SQL(" UNION ALL ").join(parts)):
        if kind == "users":
            found[kind][row_id] = documents.person(row_id, name, email, phone)
        elif kind == NEWEST_DEALS:
            found[kind][int(first)] = documents.record(row_id, name, None, None, None, None)
        else:
            found[kind][row_id] = documents.record(row_id, name, first, last, email, phone)
    return found


def _named(rows):
    columns = {name: position for position, name in enumerate(documents.COLUMNS)}
    ids = {name: {row[position] for row in rows} - {None} for name, position in columns.items() if name.endswith("_id")}
    at = [columns[name] for name in ("contact_id", "opportunity_id", "partner_id", "campaign_id")]
    return {
        "users": ids["owner_id"] | ids["user_id"] | ids["assigned_to_id"],
        "contacts": ids["contact_id"],
        "deals": ids["opportunity_id"],
        "accounts": ids["partner_id"],
        "campaigns": ids["campaign_id"],
        "leads": {documents.lead_id(reference) for row in rows if (reference := row[columns["lead_ref"]])},
        NEWEST_DEALS: {row[at[0]] for row in rows if row[at[0]] and not any(row[place] for place in at[1:])},
    }


def _part(env, kind, ids):
    """The SELECT of one kind, under the reader's rules; None when the reader has no access to the model."""
    if kind == "users":
        # sudo: whom a call names is part of the call, as in any many2one shown to a reader, and belongs to its company.
        # People who left are still the owners of their calls.
        query = env["res.users"].sudo().with_context(active_test=False)._search([])
        partner = query.left_join(query.table, "partner_id", "res_partner", "id", "partner_id")
        names = [SQL.identifier(partner, column) for column in ("name", "email", "phone")]
        columns = [names[0], SQL("NULL"), SQL("NULL"), *names[1:]]
    else:
        model, names = RECORDS[kind]
        if model not in env or not env[model].has_access("read"):
            return None
        query = env[model].with_context(active_test=False)._search([])
        columns = [SQL("NULL") if name == "-" else SQL.identifier(query.table, name) for name in names.split()]
    query.add_where(_among(query.table, "id", ids))
    query.order = None
    texts = [SQL("%s::text", column) for column in columns]
    return query.select(SQL("%s::text", kind), SQL.identifier(query.table, "id"), *texts)


def _newest_deals(env, contact_ids):
    """The SELECT of the newest deal of each contact, with the id of the contact in the place of the first name."""
    model = env[RECORDS["deals"][0]]
    if not model.has_access("read"):
        return None
    query = model.with_context(active_test=True)._search([])
    query.add_where(_among(query.table, "contact_id", contact_ids))
    query.order = None
    columns = [SQL.identifier(query.table, name) for name in ("id", "name", "contact_id", "remote_created_at")]
    return SQL(
        """(SELECT DISTINCT ON (contact_id) %s::text, id, name::text, contact_id::text, NULL, NULL, NULL
              FROM (%s) AS deal ORDER BY contact_id, remote_created_at DESC NULLS LAST, id DESC)""",
        NEWEST_DEALS,
        query.select(*columns),
    )


def _among(table, name, ids):
    """One literal: PostgreSQL reads hundreds of numbers apart for longer than it looks them up."""
    return SQL("%s = ANY(%s::int[])", SQL.identifier(table, name), f"{{{','.join(map(str, ids))}}}")

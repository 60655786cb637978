"""Contacts of one location: by page, from a position, as a stream, or counted."""

import re
from dataclasses import dataclass

from odoo.tools import SQL, escape_psql

from . import contact_parts, documents
from .shape import FULL

CHUNK = 1000
COLUMNS = (
    "id external_id name first_name last_name email phone company_name address city state postal_code country website "
    "timezone source type dnd remote_created_at remote_updated_at last_activity_at business_external_id "
    "first_touch_date last_touch_date touches engagements last_message_external_id last_message_body last_message_type "
    "last_message_direction last_message_source last_message_date"
).split()
MOST_WORDS = 8


@dataclass(frozen=True)
class ContactPage:
    """``documents``: contacts as callers get them; ``next``: the position behind the last one, None at the end."""

    documents: list
    next: tuple | None


@dataclass(frozen=True)
class ContactFilter:
    """Which contacts of a location: of one user (``LocationState.user``), holding all words of a text; or all."""

    user: tuple | None = None
    text: str = ""


EVERYTHING = ContactFilter()


def narrowed(contacts, location_id, chosen, after=None):
    """The model's own query (rules, companies, not archived), narrowed to the contacts wanted."""
    query = contacts._search([("search_text", "ilike", escape_psql(word)) for word in words(chosen.text)])

    def column(name):
        return SQL.identifier(query.table, name)

    query.add_where(SQL("%s = %s", column("location_id"), location_id))
    if chosen.user:
        user_id, external_id = chosen.user
        if user_id:
            query.add_where(SQL("%s = %s", column("assigned_user_id"), user_id))
        else:  # not every user that contacts name is mirrored
            query.add_where(SQL("%s = %s", column("assigned_external_id"), external_id))
    if after:
        stamp, contact_id = after
        stamp_column, id_column = column("remote_created_at"), column("id")
        if stamp:
            # Compared as a row, because only so PostgreSQL starts in the index right behind the position.
            query.add_where(SQL("(%s, %s) < (%s, %s)", stamp_column, id_column, stamp, contact_id))
        else:  # contacts without a stamp come first
            query.add_where(SQL("(%s IS NOT NULL OR %s < %s)", stamp_column, id_column, contact_id))
    return query


def page_query(contacts, location_id, chosen, limit, offset=0, after=None):
    """The same, newest first and cut out of the list."""
    query = narrowed(contacts, location_id, chosen, after)
    query.order = SQL(
        "%s DESC, %s DESC", SQL.identifier(query.table, "remote_created_at"), SQL.identifier(query.table, "id")
    )
    query.offset, query.limit = offset, limit
    return query


def words(text):
    """What must be found, each anywhere: words in lower case; a phone number, however written, is one word."""
    if re.fullmatch(r"[\d\s()+./-]*", text) and len(digits := re.sub(r"\D", "", text)) >= 5:
        return [digits]
    return text.lower().split()[:MOST_WORDS]


def page(contacts, location_id, chosen, *, limit, offset=0, after=None, shape=FULL):
    """Up to ``limit`` contacts, newest first, as ``ContactPage``.

    :param contacts: the model ``ghl.contact`` in the reader's environment
    :param after: position to go on behind, from ``ContactPage.next``
    """
    env = contacts.env
    query = page_query(contacts, location_id, chosen, limit + 1, offset, after)
    # The name of a user that the contact names is part of the contact, as in any many2one shown to a reader.
    user = query.left_join(query.table, "assigned_user_id", "ghl_user", "id", "assigned_user_id")
    rows = env.execute_query(
        query.select(
            *(SQL.identifier(query.table, name) for name in COLUMNS),
            SQL("%s::text", SQL.identifier(query.table, "followers")),
            SQL.identifier(user, "name"),
            SQL.identifier(query.table, "assigned_external_id"),
        )
    )
    more, rows = len(rows) > limit, rows[:limit]
    if not rows:
        return ContactPage([], None)
    parts = contact_parts.read(env, [row[0] for row in rows], shape.parts)
    found = [shape.cut(documents.contact(row, parts)) for row in rows]
    last = rows[-1]
    return ContactPage(found, (last[COLUMNS.index("remote_created_at")], last[0]) if more else None)


def stream(contacts, location_id, chosen, *, shape=FULL):
    """Every contact's document, newest first, read in chunks so that memory stays flat."""
    after = None
    while True:
        chunk = page(contacts, location_id, chosen, limit=CHUNK, after=after, shape=shape)
        yield from chunk.documents
        if chunk.next is None:
            return
        after = chunk.next


def count(contacts, location_id, chosen, most=None):
    """How many there are; with ``most`` never more than that, for filters no index helps with."""
    query = narrowed(contacts, location_id, chosen)
    query.limit = most
    return len(query)

"""Contacts of one location: by page, from a position, as a stream, or counted."""

import re
from dataclasses import dataclass

from odoo.fields import Domain
from odoo.tools import SQL, escape_psql

from . import contact_parts, documents
from .shape import FULL

CHUNK = 1000
ORDER = "remote_created_at desc, id desc"
COLUMNS = (
    "id external_id name first_name last_name email phone company_name address city state postal_code country website "
    "timezone source type dnd remote_created_at remote_updated_at last_activity_at business_external_id"
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


def domain(location_id, chosen):
    result = Domain("location_id", "=", location_id)
    if chosen.user:
        user_id, external_id = chosen.user
        # Not every user that contacts name is mirrored: an unknown one is compared by the remote id.
        known = Domain("assigned_user_id", "=", user_id)
        result &= known if user_id else Domain("assigned_external_id", "=", external_id)
    for word in words(chosen.text):
        result &= Domain("search_text", "ilike", escape_psql(word))
    return result


def words(text):
    """What must be found, each anywhere: words in lower case; a phone number, however written, is one word."""
    if re.fullmatch(r"[\d\s()+./-]*", text) and len(digits := re.sub(r"\D", "", text)) >= 5:
        return [digits]
    return text.lower().split()[:MOST_WORDS]


def behind(position):
    """Domain of what comes behind a position (stamp or None, id) in the order of the lists.

    Written as "at most the stamp, and then ..." because only so PostgreSQL starts in the index at the stamp.
    Contacts without a stamp come first.
    """
    stamp, contact_id = position
    if stamp is None:
        return Domain("remote_created_at", "!=", False) | Domain("id", "<", contact_id)
    return Domain("remote_created_at", "<=", stamp) & (
        Domain("remote_created_at", "<", stamp) | Domain("id", "<", contact_id)
    )


def page(contacts, location_id, chosen, *, limit, offset=0, after=None, shape=FULL):
    """Up to ``limit`` contacts, newest first, as ``ContactPage``.

    :param contacts: the model ``ghl.contact`` in the reader's environment
    :param after: position to go on behind, from ``ContactPage.next``
    """
    env = contacts.env
    where = domain(location_id, chosen)
    if after:
        where &= behind(after)
    query = contacts._search(where, offset=offset, limit=limit + 1, order=ORDER)
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
    return contacts.search_count(domain(location_id, chosen), limit=most)

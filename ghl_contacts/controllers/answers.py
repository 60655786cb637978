"""What the contact routes have in common: their parameters, how they find the location, how a list is answered."""

from datetime import datetime

from ...ghl_base.http import Param, decode_cursor, encode_cursor, json_pieces, not_found, stream_json
from ..reading.contacts import CHUNK, ContactFilter
from ..reading.shape import ALL, FULL, Shape

DEFAULT_LIMIT = 100

LOCATION = Param(
    "location_id", required=True, max_length=128, doc="GHL id of the location.", example="ve9EPM428h8vShlRW1KT"
)
SELECTED_USER = Param(
    "selected_user",
    default="",
    max_length=128,
    doc="Only contacts assigned to this user: GHL id, or `id` of location-users.",
)
FIELDS = Param("fields", list, choices=tuple(sorted(ALL)), doc="Keys wanted; what is not asked for is not read either.")


def paging(default=None):
    rest = f"{default} when absent." if default else "all contacts when no paging parameter is given, else 100."
    return (
        Param("limit", int, minimum=1, maximum=1000, doc=f"Contacts per answer; {rest}"),
        Param("page", int, minimum=1, doc="Page number from 1, for `limit` contacts each."),
        Param("offset", int, minimum=0, doc="Contacts to skip; wins over `page`."),
        Param("cursor", default="", max_length=1024, doc="`next_cursor` of the answer before; wins over both, and is "
              "as fast on the last page as on the first."),
    )  # fmt: skip


LIST_PARAMS = (LOCATION, SELECTED_USER, FIELDS, *paging())


def find_location(env, location_id, selected_user=""):
    """The caller's ``LocationState``; one 404 for unknown locations and for those of others."""
    state = env["ghl.location"]._find_for_api(location_id, selected_user or None)
    if state is None:
        raise not_found("Location", "location_not_found")
    return state


def contact_list(env, state, head, fields=None, limit=None, page=None, offset=None, cursor=""):
    """The list answer: ``head``, ``contacts``, ``total_contacts`` and, when paged, where the next page starts.

    Without any paging parameter everything is answered; more than a chunk of it as a stream.
    """
    contacts, chosen = env["ghl.contact"], ContactFilter(user=state.user)
    shape = Shape.of(fields) if fields else FULL
    if limit is None and page is None and offset is None and not cursor:
        total = contacts._count_for_api(state.id, chosen)
        if total > CHUNK:
            return stream_json(lambda own_env: _pieces(own_env, state, head, chosen, shape))
        found = contacts._read_for_api(state.id, chosen, limit=CHUNK, shape=shape)
        return {**head, "contacts": found.documents, "total_contacts": total}
    return {
        **head,
        **contact_page(env, state, chosen, shape, limit or DEFAULT_LIMIT, page, offset, cursor),
        "total_contacts": contacts._count_for_api(state.id, chosen),
    }


def contact_page(env, state, chosen, shape, limit, page=None, offset=None, cursor=""):
    """``contacts`` of one page, and the keys that tell which it is and where the next one starts."""
    after = decode_cursor(cursor, (datetime, None), int) if cursor else None
    if offset is None:
        offset = ((page or 1) - 1) * limit
    if after:
        offset = 0
    found = env["ghl.contact"]._read_for_api(state.id, chosen, limit=limit, offset=offset, after=after, shape=shape)
    return {
        "contacts": found.documents,
        "page": offset // limit + 1 if not after else page or 1,
        "limit": limit,
        "offset": offset,
        "has_more": found.next is not None,
        "next_cursor": encode_cursor(*found.next) if found.next else "",
    }


def _pieces(env, state, head, chosen, shape):
    contacts = env["ghl.contact"]
    total = contacts._count_for_api(state.id, chosen)
    rows = contacts._stream_for_api(state.id, chosen, shape=shape)
    return json_pieces({**head, "total_contacts": total}, "contacts", rows)

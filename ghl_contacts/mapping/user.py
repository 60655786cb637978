"""Users. Source: rows of GET /users/search."""

from __future__ import annotations

from typing import Any

from . import values as v

IGNORED = frozenset()
KNOWN = frozenset(
    "id name firstName lastName email phone extension roles permissions scopes deleted dateAdded dateUpdated".split()
)


def to_row(remote: Any) -> dict:
    """Columns of ``ghl.user``; a deleted user comes with ``active`` False."""
    remote = v.record(remote)
    get = remote.get
    roles = get("roles") if isinstance(get("roles"), dict) else {}
    first, last = v.text(get("firstName")), v.text(get("lastName"))
    return {
        "external_id": v.identity(remote, "id", "_id"),
        "name": v.text(get("name")) or " ".join(part for part in (first, last) if part) or v.text(get("email")),
        "first_name": first,
        "last_name": last,
        "email": v.text(get("email")),
        "phone": v.text(get("phone")),
        "extension": v.text(get("extension")),
        "role": v.text(roles.get("role")),
        "role_type": v.text(roles.get("type")),
        "permissions": v.structure(get("permissions")),
        "scopes": v.structure(get("scopes")),
        "active": not v.boolean(get("deleted")),
        "extra": v.rest(remote, KNOWN),
    }

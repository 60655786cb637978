"""Locations. Source: GET /locations/{locationId}."""

from __future__ import annotations

from typing import Any

from . import values as v

KNOWN = frozenset(
    "id _id companyId name address city state country postalCode website timezone email phone settings".split()
)


def to_values(remote: Any) -> dict:
    """Values of ``ghl.location`` for ``write``; empty text is False, as Odoo stores it."""
    remote = v.record(remote)
    row = {
        "name": v.text(remote.get("name")) or v.identity(remote, "id", "_id"),
        **{key: v.text(remote.get(key)) for key in ("address", "city", "state", "country", "website")},
        "postal_code": v.text(remote.get("postalCode")),
        "timezone": v.text(remote.get("timezone")),
        "email": v.text(remote.get("email")),
        "phone": v.text(remote.get("phone")),
        "settings": v.structure(remote.get("settings")),
        "extra": v.rest(remote, KNOWN),
    }
    return {key: value if value is not None else False for key, value in row.items()}

"""Custom field definitions. Source: rows of GET /locations/{id}/customFields."""

from __future__ import annotations

from typing import Any

from . import values as v

IGNORED = frozenset()
KNOWN = frozenset(
    """id name fieldKey dataType model placeholder position picklistOptions picklistImageOptions locationId
    dateAdded""".split()
)


def to_row(remote: Any) -> dict:
    """Columns of ``ghl.custom.field``."""
    remote = v.record(remote)
    get = remote.get
    return {
        "external_id": v.identity(remote, "id", "_id"),
        "name": v.text(get("name")),
        "field_key": v.text(get("fieldKey")),
        "data_type": v.text(get("dataType")),
        "model": v.text(get("model")),
        "placeholder": v.text(get("placeholder")),
        "position": v.integer(get("position")),
        "options": v.structure(get("picklistOptions")) or v.structure(get("picklistImageOptions")),
        "remote_created_at": v.stamp(get("dateAdded")),
        "extra": v.rest(remote, KNOWN),
    }

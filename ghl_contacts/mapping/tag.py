"""Tags. Source: rows of GET /locations/{id}/tags."""

from __future__ import annotations

from typing import Any

from . import values as v


def to_row(remote: Any) -> dict:
    """``external_id`` and ``name`` of ``ghl.tag``."""
    remote = v.record(remote)
    name = (v.text(remote.get("name")) or "").strip()[: v.TAG_LIMIT]
    if not name:
        raise v.MappingError("the tag has no name")
    return {"external_id": v.identity(remote, "id", "_id"), "name": name}

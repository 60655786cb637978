"""Tags. Source: rows of GET /locations/{id}/tags."""

from __future__ import annotations

from typing import Any
from zlib import crc32

from . import values as v


def color(name: str) -> int:
    """Odoo's colour (1 to 11) of a new tag: GoHighLevel has none, and colourless tags do not show on cards."""
    return crc32(name.encode()) % 11 + 1


def to_row(remote: Any) -> dict:
    """``external_id`` and ``name`` of ``ghl.tag``."""
    remote = v.record(remote)
    name = (v.text(remote.get("name")) or "").strip()[: v.TAG_LIMIT]
    if not name:
        raise v.MappingError("GoHighLevel sent the tag without a name.")
    return {"external_id": v.identity(remote, "id", "_id"), "name": name}

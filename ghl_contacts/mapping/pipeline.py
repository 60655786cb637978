"""Pipelines. Source: rows of GET /opportunities/pipelines."""

from __future__ import annotations

from typing import Any

from . import values as v

IGNORED = frozenset()
KNOWN = frozenset(("id", "name", "locationId", "stages", "dateAdded", "dateUpdated"))


def to_row(remote: Any) -> dict:
    """Columns of ``ghl.pipeline``."""
    remote = v.record(remote)
    return {
        "external_id": v.identity(remote, "id", "_id"),
        "name": v.text(remote.get("name")),
        "remote_created_at": v.stamp(remote.get("dateAdded")),
        "remote_updated_at": v.stamp(remote.get("dateUpdated")),
        "extra": v.rest(remote, KNOWN),
    }


def stages(pipelines: Any) -> list[dict]:
    """The stages of all pipelines as remote records of their own, each with its ``pipelineId``."""
    found = []
    for pipeline in pipelines if isinstance(pipelines, list) else []:
        if isinstance(pipeline, dict) and isinstance(pipeline.get("stages"), list):
            found += [
                {**stage, "pipelineId": pipeline.get("id")} for stage in pipeline["stages"] if isinstance(stage, dict)
            ]
    return found

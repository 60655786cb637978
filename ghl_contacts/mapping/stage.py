"""Pipeline stages. Source: ``stages`` of GET /opportunities/pipelines, each with its ``pipelineId``."""

from __future__ import annotations

from typing import Any

from . import values as v

IGNORED = frozenset()
KNOWN = frozenset(("id", "name", "position", "stageWinProbability", "pipelineId"))


def to_row(remote: Any) -> dict:
    """Columns of ``ghl.pipeline.stage``."""
    remote = v.record(remote)
    return {
        "external_id": v.identity(remote, "id", "_id"),
        "name": v.text(remote.get("name")),
        "sequence": v.integer(remote.get("position")) or 0,
        "win_probability": v.number(remote.get("stageWinProbability")),
        "pipeline_external_id": v.reference(remote.get("pipelineId")),
        "extra": v.rest(remote, KNOWN),
    }

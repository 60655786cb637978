"""Opportunities. Source: rows of POST /opportunities/search."""

from __future__ import annotations

from typing import Any

from . import values as v

STATUSES = frozenset(("open", "won", "lost", "abandoned"))
# The contact's own data, and where the row stood in the answer.
IGNORED = frozenset(("contact", "sort"))
KNOWN = IGNORED | frozenset(
    """id name monetaryValue pipelineId pipelineStageId pipelineStageUId assignedTo status source lastStatusChangeAt
    lastStageChangeAt createdAt updatedAt contactId locationId customFields followers lostReasonId
    forecastExpectedCloseDate""".split()
)


def to_row(remote: Any) -> dict:
    """Columns of ``ghl.contact.opportunity``. An unknown status becomes ``other``, its word stays in ``extra``."""
    remote = v.record(remote)
    get = remote.get
    status, extra = v.text(get("status")), v.rest(remote, KNOWN)
    if status not in STATUSES and status:
        extra = {**(extra or {}), "status": status}
    contact = get("contact") if isinstance(get("contact"), dict) else {}
    return {
        "external_id": v.identity(remote, "id", "_id"),
        "name": v.text(get("name")),
        "status": status if status in STATUSES else "other" if status else "open",
        "monetary_value": v.number(get("monetaryValue")) or 0.0,
        "source": v.text(get("source")),
        "lost_reason_external_id": v.reference(get("lostReasonId")),
        "last_status_change_at": v.stamp(get("lastStatusChangeAt")),
        "last_stage_change_at": v.stamp(get("lastStageChangeAt")),
        "expected_close_date": v.day(get("forecastExpectedCloseDate")),
        "custom_fields": v.structure(get("customFields")),
        "followers": v.structure(get("followers")),
        "contact_external_id": v.reference(get("contactId")) or v.reference(contact.get("id")),
        "pipeline_external_id": v.reference(get("pipelineId")),
        "stage_external_id": v.reference(get("pipelineStageId")) or v.reference(get("pipelineStageUId")),
        "assigned_external_id": v.reference(get("assignedTo")),
        "remote_created_at": v.stamp(get("createdAt")),
        "remote_updated_at": v.stamp(get("updatedAt")),
        "extra": extra,
    }

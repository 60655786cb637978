"""Campaigns, their log and calls as the dialler's clients know them. A fixed number of queries, whatever is asked for.

Ids are text, times ISO 8601 with milliseconds and Z; what is not known is null.
"""

from __future__ import annotations

from odoo import fields
from odoo.tools import SQL

from .. import lifecycle
from . import talk

# What older clients call the states. They do not know a stopped campaign: to them it is over.
STATUS_NAMES = {
    "draft": "PENDING",
    "scheduled": "PENDING",
    "running": "RUNNING",
    "paused": "PAUSED",
    "completed": "COMPLETED",
    "stopped": "COMPLETED",
    "failed": "FAILED",
}
# The dialler names a busy or cancelled call by words its oldest clients lack.
CALL_NAMES = {**lifecycle.DIALLER_NAMES, "busy": "BUSY", "cancelled": "CANCELLED", "retrying": "INITIATED"}
SENTIMENTS = {"positive": "Positive", "neutral": "Neutral", "negative": "Negative"}


def stamp(moment) -> str | None:
    """``2026-02-15T10:30:00.000Z``"""
    return moment.isoformat(timespec="milliseconds") + "Z" if moment else None


def documents(campaigns) -> list[dict]:
    """One object for each campaign. Four queries for any number of them."""
    campaigns.fetch()
    figures = campaigns._figures()
    leads = _recipients(campaigns)
    now = fields.Datetime.now()
    return [_document(campaign, figures[campaign.id], leads.get(campaign.id, []), now) for campaign in campaigns]


def _document(campaign, figures, leads, now) -> dict:
    agent = campaign.voice_agent_id
    end = campaign.completed_at or now
    elapsed = (end - campaign.started_at).total_seconds() if campaign.started_at else 0
    return {
        "_id": str(campaign.id),
        "userId": str(campaign.user_id.id),
        "agentId": {"_id": str(agent.id), "name": agent.name} if agent else None,
        "name": campaign.name,
        "status": STATUS_NAMES[campaign.state],
        "state": campaign.state,
        "pauseReason": campaign.pause_reason or "",
        "leads": leads,
        "totalLeads": figures["total_leads"],
        "completedLeads": figures["completed_leads"],
        "remainingLeads": figures["remaining_leads"],
        "skippedLeads": figures["skipped_leads"] + figures["suppressed_leads"],
        "callsInFlight": figures["in_flight"],
        "successfulCalls": figures["successful_calls"],
        "failedCalls": figures["failed_calls"],
        "missedCalls": figures["missed_calls"],
        "noAnswerCalls": figures["no_answer_calls"],
        "averageDuration": figures["average_duration"],
        "totalDuration": figures["total_duration"],
        "successRate": figures["success_rate"],
        "startedAt": stamp(campaign.started_at),
        "completedAt": stamp(campaign.completed_at),
        "pausedAt": stamp(campaign.paused_at) if campaign.state == "paused" else None,
        "maxConcurrentCalls": campaign.max_concurrent_calls,
        # Nobody is called in batches any more; the oldest clients show it.
        "currentBatchIndex": figures["completed_leads"] // campaign.max_concurrent_calls,
        "notes": campaign.notes or "",
        "createdAt": stamp(campaign.create_date),
        "updatedAt": stamp(campaign.write_date),
        "elapsedSeconds": int(max(0, elapsed)),
    }


def _recipients(campaigns) -> dict[int, list[str]]:
    """Campaign id -> the ids under which its recipients were given, in the order of calling."""
    if not campaigns:
        return {}
    rows = campaigns.env.execute_query(
        SQL(
            """SELECT campaign_id, array_agg(coalesce(contact_id::text, 'recipient-' || id) ORDER BY sequence, id)
                 FROM ghl_campaign_lead WHERE campaign_id IN %s GROUP BY campaign_id""",
            tuple(campaigns.ids),
        )
    )
    return dict(rows)


def logs(events, where, *, limit: int, skip: int) -> tuple[list[dict], int]:
    """A page of ``ghl.call.event``, newest first, and how many there are."""
    total = events.search_count(where)
    found = events.search_fetch(
        where,
        ["call_id", "campaign_id", "campaign_lead_id", "event", "provider", "occurred_at", "received_at", "state",
         "duration_seconds", "details", "data", "verdict"],
        order="id desc", limit=limit, offset=skip,
    )  # fmt: skip
    # sudo: who may read the line may read whom it is about
    found.sudo().campaign_lead_id.fetch(["name", "number", "contact_id"])
    found.sudo().call_id.fetch(["to_number", "user_id"])
    return [_log_entry(event) for event in found.sudo()], total


def _log_entry(event) -> dict:
    lead, call = event.campaign_lead_id, event.call_id
    return {
        "_id": str(event.id),
        "callId": str(call.id),
        "campaignId": str(event.campaign_id.id) if event.campaign_id else None,
        "userId": str(call.user_id.id) if call.user_id else None,
        "event": event.event,
        "timestamp": stamp(event.occurred_at or event.received_at),
        "details": event.details or "",
        "data": event.data or {},
        "leadId": str(lead.contact_id.id or f"recipient-{lead.id}") if lead else None,
        "leadName": lead.name or "",
        "phoneNumber": lead.number or call.to_number or "",
        "voipProvider": event.provider or "",
        "callStatus": CALL_NAMES.get(event.state, ""),
        "durationSeconds": event.duration_seconds or 0,
        "verdict": event.verdict,
    }


def call_rows(calls, base: str) -> list[dict]:
    """One object for each call of a list. ``base``: where the reader reaches this Odoo, without a slash at the end."""
    calls.contact_id.fetch(["name"])
    return [_call_row(call, base) for call in calls]


def _call_row(call, base: str) -> dict:
    status = CALL_NAMES[call.state]
    return {
        "id": str(call.id),
        "_id": str(call.id),
        "userId": str(call.user_id.id) if call.user_id else None,
        "leadId": str(call.contact_id.id) if call.contact_id else None,
        "leadName": call.contact_id.name or call.partner_id.name or "",
        "campaignId": str(call.campaign_id.id) if call.campaign_id else None,
        "agentId": str(call.voice_agent_id.id) if call.voice_agent_id else None,
        "direction": "INBOUND" if call.type == "inbound" else "OUTBOUND",
        "phoneNumber": call.to_number or call.contact_id.phone or "",
        "status": status,
        "durationSeconds": call.duration_seconds or 0,
        "startedAt": stamp(call.create_date),
        "answeredAt": stamp(call.answered_at),
        "endedAt": stamp(call.ended_at or call.create_date),
        "transcript": call.transcript or "",
        "conversationTurns": talk.said(call),
        "summary": call.summary or "",
        "sentiment": SENTIMENTS.get(call.sentiment),
        "outcome": call.outcome or None,
        "rating": call.rating,
        "recordingUrl": call._listen_address(base),
        "usageCost": call.cost or 0.0,
        "dialStatus": status,
        "endReason": call.end_reason or call.error_message or "",
        "voipProvider": call.provider or "",
        "providerCallId": call.provider_call_id or None,
        "twilioCallSid": call.provider_call_id or None if call.provider == "twilio" else None,
        "aiProcessed": bool(call.classification),
        "archived": not call.active,
        "createdAt": stamp(call.create_date),
        "updatedAt": stamp(call.write_date),
    }

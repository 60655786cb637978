"""JSON schemas of the dialler's answers, for the OpenAPI document and the tests that hold answers against it."""

from ...ghl_base.http import define_schema
from ..models.ghl_call_event import EVENTS
from ..reading.campaigns import CALL_NAMES, STATUS_NAMES

_text = {"type": "string"}
_text_or_null = {"type": ["string", "null"]}
_count = {"type": "integer", "minimum": 0}
_time = {"type": ["string", "null"], "description": "ISO 8601 with milliseconds and Z."}
_statuses = sorted(set(STATUS_NAMES.values()))
_calls = sorted(set(CALL_NAMES.values()))


def _object(required, **more):
    return {"type": "object", "required": list(required), "properties": {**required, **more}}


CAMPAIGN = define_schema(
    "Campaign",
    _object(
        {
            "_id": _text,
            "userId": _text,
            "agentId": {"anyOf": [_object({"_id": _text, "name": _text}), {"type": "null"}]},
            "name": _text,
            "status": {"enum": _statuses},
            "state": {"enum": sorted(STATUS_NAMES)},
            "leads": {"type": "array", "items": _text, "description": "In the order of calling."},
            **dict.fromkeys(
                ("totalLeads", "completedLeads", "remainingLeads", "skippedLeads", "callsInFlight", "successfulCalls",
                 "failedCalls", "missedCalls", "noAnswerCalls", "averageDuration", "totalDuration", "elapsedSeconds",
                 "maxConcurrentCalls", "currentBatchIndex"), _count
            ),
            "successRate": {"type": "integer", "minimum": 0, "maximum": 100},
            **dict.fromkeys(("startedAt", "completedAt", "pausedAt", "createdAt", "updatedAt"), _time),
            "notes": _text,
            "pauseReason": _text,
        }
    ),
)  # fmt: skip
STARTED = _object(
    {"success": {"const": True}, "campaignId": _text, "message": _text, "estimatedTime": _text, "skipped": _count}
)
CHANGED = _object({"success": {"const": True}, "campaign": CAMPAIGN})
STOPPED = _object({"success": {"const": True}, "message": _text})
DONE = _object({"success": {"const": True}}, callId=_text)
LOG = define_schema(
    "CampaignLogEntry",
    _object(
        {
            "_id": _text,
            "callId": _text,
            "campaignId": _text_or_null,
            "userId": _text_or_null,
            "event": {"enum": [name for name, _label in EVENTS]},
            "timestamp": _time,
            "details": _text,
            "data": {"type": "object"},
            "leadId": _text_or_null,
            "leadName": _text,
            "phoneNumber": _text,
            "voipProvider": _text,
            "callStatus": _text,
            "durationSeconds": _count,
            "verdict": _text,
        }
    ),
)
LOGS = _object({"logs": {"type": "array", "items": LOG}, "total": _count, "limit": _count, "skip": _count})
EVENTS_OF_CAMPAIGN = {
    "type": "array",
    "items": _object({"id": _count, "type": _text, "campaignId": _text}),
}
EVENTS = _object({"events": EVENTS_OF_CAMPAIGN, "next": _count, "ended": {"type": "boolean"}, "retryAfterMs": _count})
LIVE_TOKEN = _object({"channel": _text, "url": _text})
CALL = define_schema(
    "DiallerCall",
    _object(
        {
            "id": _text,
            "_id": _text,
            **dict.fromkeys(
                ("userId", "leadId", "campaignId", "agentId", "outcome", "providerCallId", "twilioCallSid"),
                _text_or_null,
            ),
            "recordingUrl": {**_text_or_null, "description": "To be opened as it is, without a key, for 12 hours."},
            "conversationTurns": {
                "type": "array",
                "items": _object({"role": {"enum": ["agent", "user"]}, "content": _text}),
            },
            "aiProcessed": {"type": "boolean"},
            "sentiment": {"enum": ["Positive", "Neutral", "Negative", None]},
            "direction": {"enum": ["INBOUND", "OUTBOUND"]},
            "status": {"enum": _calls},
            "dialStatus": {"enum": _calls},
            **dict.fromkeys(("leadName", "phoneNumber", "transcript", "summary", "endReason", "voipProvider"), _text),
            **dict.fromkeys(("startedAt", "answeredAt", "endedAt", "createdAt", "updatedAt"), _time),
            "durationSeconds": _count,
            "rating": {"type": "integer", "minimum": 0, "maximum": 5},
            "usageCost": {"type": "number"},
            "archived": {"type": "boolean"},
        }
    ),
)
CALLS = _object(
    {"calls": {"type": "array", "items": CALL}, "total": _count, "page": _count, "pages": _count, "limit": _count}
)

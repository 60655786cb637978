"""The calls among GoHighLevel's messages, as API callers know them: by message."""

from odoo import fields
from odoo.fields import Domain
from odoo.tools import escape_psql

from ..mirrored.calls import MESSAGE_TYPE, PROVIDER
from .talk import AGENT

FETCHED = (
    "external_id message_type body direction status content_type source sender recipient call_duration call_status "
    "contact_id conversation_external_id ghl_user_id location_id remote_created_at extra"
).split()
IS_CALL = Domain("message_type", "=", MESSAGE_TYPE)


def wanted(location_id=None, contact_id=None, user=None, text=""):
    """Domain of the calls of a location or contact, of one user (``LocationState.user``), with whom a text finds."""
    domain = IS_CALL
    if location_id:
        domain &= Domain("location_id", "=", location_id)
    if contact_id:
        domain &= Domain("contact_id", "=", contact_id)
    if user:
        user_id, external_id = user
        # Calls that came in name nobody: they are their contact's.
        if user_id:
            domain &= Domain("ghl_user_id", "=", user_id) | Domain("contact_id.assigned_user_id", "=", user_id)
        else:
            domain &= Domain("user_external_id", "=", external_id)
    for word in text.split():
        like = escape_psql(word.lower())
        domain &= (
            Domain("contact_id.search_text", "ilike", like)
            | Domain("sender", "ilike", like)
            | Domain("recipient", "ilike", like)
        )
    return domain


def page(messages, domain, *, limit=None, offset=0):
    """Call rows, the latest first; two queries and one for the contacts' and users' names."""
    rows = messages.search_fetch(domain, FETCHED, limit=limit, offset=offset, order="remote_created_at desc, id desc")
    calls = calls_of(rows)
    rows.contact_id.fetch(["name", "external_id", "email", "phone"])
    return [row_document(row, calls.get(row.external_id)) for row in rows]


def calls_of(messages):
    """``{remote id: call}`` of the messages, deleted ones too."""
    found = (
        messages.env["ghl.call"]
        .with_context(active_test=False)
        .search([("provider", "=", PROVIDER), ("provider_call_id", "in", messages.mapped("external_id"))])
    )
    return {call.provider_call_id: call for call in found}


def row_document(message, call):
    """A call row."""
    seconds = message.call_duration or 0
    extra = message.extra if isinstance(message.extra, dict) else {}
    return {
        "id": message.id,
        "ghl_id": message.external_id,
        "message_type": message.message_type,
        "body": message.body or "",
        "direction": message.direction or "",
        "status": message.status or "",
        "content_type": message.content_type or "",
        "source": message.source or "",
        "user_id": message.ghl_user_id.name or "",
        "conversation_provider_id": str(extra.get("conversationProviderId") or ""),
        "date_added": _iso(message.remote_created_at),
        "conversation_id": message.conversation_external_id or "",
        "location_id": message.location_id.external_id,
        "meta": {"call_duration": seconds if message.call_status == "completed" or seconds else None,
                 "call_status": message.call_status or message.status or ""},
        "ai_call_grade": "",
        "ai_call_summary_generated": bool(call and call.summary),
        "ai_call_summary_date": "",
        "contact": contact_document(message.contact_id),
        "call_id": call.id if call else 0,
        **media_document(message, call),
    }  # fmt: skip


def contact_document(contact):
    return {
        "id": contact.id or 0,
        "name": contact.name or "",
        "external_id": contact.external_id or "",
        "email": contact.email or "",
        "phone": contact.phone or "",
    }


def media_document(message, call):
    """What is known of recording and transcript; neither is asked for here."""
    has = bool(call and call._has_recording())
    turns = _turns(call)
    return {
        "recording_url": f"/api/ghl-message/{message.id}/recording" if has else "",
        "recording_fetched": bool(call and call.recording_attachment_id),
        "recording_state": (call.recording_state if call else "") or "unknown",
        "recording_size": call.recording_attachment_id.sudo().file_size if call and call.recording_attachment_id else 0,
        "transcript_fetched": bool(call and call.transcript_state == "stored"),
        "transcript_state": (call.transcript_state if call else "") or "unknown",
        "transcript_count": len(turns),
        "transcript_ids": [turn.get("index", place) for place, turn in enumerate(turns)],
    }


def details(message, call):
    """The document of a call's own page. What nobody worked out is empty, never invented."""
    row = row_document(message, call)
    moment = message.remote_created_at
    seconds = message.call_duration or 0
    number = message.sender if message.direction == "inbound" else message.recipient
    outcome = dict(call._fields["outcome"]._description_selection(call.env)).get(call.outcome, "") if call else ""
    sentiment = call.sentiment or "" if call else ""
    return {
        **{key: row[key] for key in ("id", "ghl_id", "call_id", "status", "direction", "meta", "contact")},
        **media_document(message, call),
        "contactName": message.contact_id.name or "",
        "contactPhone": message.contact_id.phone or number or "",
        "callDate": moment.strftime("%Y-%m-%d") if moment else "",
        "callTime": moment.strftime("%H:%M:%S") if moment else "",
        "duration": f"{seconds // 60}:{seconds % 60:02}",
        "duration_seconds": seconds,
        "agent": row["user_id"],
        "recordingUrl": row["recording_url"],
        "transcript": transcript(message, call),
        "summary": {"outcome": outcome, "keyPoints": [], "nextSteps": [], "sentiment": sentiment},
        "aiAnalysis": {
            "overallScore": None,
            "categories": dict.fromkeys(("communication", "professionalism", "problemSolving", "followUp")),
            "highlights": [],
            "improvements": [],
            "callIntent": "",
            "satisfactionLevel": "",
        },
        "aiCallSummary": {"html": "", "generated": False, "date": ""},
        "callGrade": "",
    }


def transcript(message, call):
    """The stored sentences, in the order spoken."""
    names = {"agent": message.ghl_user_id.name or "Agent", "contact": message.contact_id.name or "Contact"}
    found = []
    for turn in _turns(call):
        speaker = "agent" if str(turn.get("role")).lower() in AGENT else "contact"
        begin, end = turn.get("timestamp"), turn.get("end")
        timed = isinstance(begin, (int, float)) and isinstance(end, (int, float))
        found.append(
            {
                "timestamp": f"{int(begin) // 60}:{int(begin) % 60:02}" if isinstance(begin, (int, float)) else "",
                "speaker": speaker,
                "speakerName": names[speaker],
                "text": str(turn.get("content") or ""),
                "confidence": turn.get("confidence"),
                "start_time": begin,
                "end_time": end,
                "duration": round(end - begin, 3) if timed else None,
                "media_channel": turn.get("channel"),
            }
        )
    return found


def _turns(call):
    turns = call.transcript_turns if call else None
    return [turn for turn in turns if isinstance(turn, dict)] if isinstance(turns, list) else []


def _iso(moment):
    return fields.Datetime.to_datetime(moment).isoformat() if moment else ""

"""JSON schemas of the answers about calls of contacts, for the API document."""

from ...ghl_base.http import define_schema

TEXT, INTEGER, NUMBER, BOOLEAN = ({"type": kind} for kind in ("string", "integer", "number", "boolean"))


def _object(required="", **properties):
    return {"type": "object", "properties": properties, "required": required.split() or list(properties)}


def _list(items):
    return {"type": "array", "items": items}


def _or_null(schema):
    return {**schema, "type": [schema["type"], "null"]}


CONTACT = define_schema(
    "CallContact", _object(id=INTEGER, name=TEXT, external_id=TEXT, email=TEXT, phone=TEXT)
)  # fmt: skip
MEDIA = {
    "recording_url": TEXT,
    "recording_fetched": BOOLEAN,
    "recording_state": TEXT,
    "recording_size": INTEGER,
    "transcript_fetched": BOOLEAN,
    "transcript_state": TEXT,
    "transcript_count": INTEGER,
    "transcript_ids": _list(_or_null(INTEGER)),
}
META = _object(call_duration=_or_null(INTEGER), call_status=TEXT)
ROW = define_schema(
    "CallMessage",
    _object(
        id=INTEGER,
        call_id=INTEGER,
        ai_call_summary_generated=BOOLEAN,
        meta=META,
        contact=CONTACT,
        **MEDIA,
        **dict.fromkeys(
            (
                "ghl_id message_type body direction status content_type source user_id conversation_provider_id "
                "date_added conversation_id location_id ai_call_grade ai_call_summary_date"
            ).split(),
            TEXT,
        ),
    ),
)
SENTENCE = define_schema(
    "CallSentence",
    _object(
        timestamp=TEXT,
        speaker={"type": "string", "enum": ["agent", "contact"]},
        speakerName=TEXT,
        text=TEXT,
        confidence=_or_null(NUMBER),
        start_time={},
        end_time={},
        duration=_or_null(NUMBER),
        media_channel=_or_null(INTEGER),
    ),
)
CALLS = _object(
    success=BOOLEAN, calls=_list(ROW), total_calls=INTEGER, page=INTEGER, limit=INTEGER, total_pages=INTEGER,
    message=TEXT,
)  # fmt: skip
CONTACT_CALLS = _object(
    success=BOOLEAN, contact=CONTACT, call_messages=_list(ROW), total_messages=INTEGER, message=TEXT
)
DETAILS = _object(
    success=BOOLEAN,
    call_details=define_schema(
        "CallDetailsByMessage",
        _object(
            id=INTEGER,
            call_id=INTEGER,
            duration_seconds=INTEGER,
            meta=META,
            contact=CONTACT,
            transcript=_list(SENTENCE),
            summary={"type": "object"},
            aiAnalysis={"type": "object"},
            aiCallSummary={"type": "object"},
            **MEDIA,
            **dict.fromkeys(
                (
                    "ghl_id contactName contactPhone callDate callTime duration status agent direction recordingUrl "
                    "callGrade"
                ).split(),
                TEXT,
            ),
        ),
    ),
)
TRANSCRIPT = _object(
    success=BOOLEAN, message_id=INTEGER, transcript=_list(SENTENCE), total_sentences=INTEGER, transcript_state=TEXT
)
FETCHED = _object(
    "success status message_id count message",
    success=BOOLEAN,
    status={"type": "string", "enum": ["fetched", "no_transcript", "no_recording", "pending"]},
    message_id=INTEGER,
    count=INTEGER,
    no_transcript=BOOLEAN,
    no_recording=BOOLEAN,
    transcripts_fetched=INTEGER,
    recordings_fetched=INTEGER,
    message=TEXT,
)
SOUND = {
    "description": "The sound; 206 with a part of it when asked for.",
    "content": {"audio/*": {"schema": {"type": "string", "format": "binary"}}},
}

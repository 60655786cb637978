"""JSON schemas of the answers, for the API document."""

from ...ghl_base.http import define_schema
from ..reading.documents import PERSON_KEYS
from .crm_envelope import SCHEMA as CRM_ERROR

TEXT, INTEGER, BOOLEAN = ({"type": kind} for kind in ("string", "integer", "boolean"))
TIME = {"type": "string", "description": "UTC with Z, or empty.", "examples": ["2025-10-13T10:00:00.000Z"]}
FLAG = {"type": "integer", "enum": [0, 1]}


def _object(required=(), **properties):
    schema = {"type": "object", "properties": properties}
    return {**schema, "required": list(required)} if required else schema


def list_of(items):
    return {"type": "array", "items": items}


def _all(schema, names):
    return dict.fromkeys(names.split(), schema)


def answer(**keys):
    """A success with these keys, or a refusal under HTTP 200."""
    success = _object(("status", "message", *keys), status={"const": 200}, message=TEXT, **keys)
    return {"anyOf": [success, CRM_ERROR]}


PERSON = define_schema(
    "CrmPerson",
    {
        **_object(**{key: INTEGER if key == "id" else TEXT for key in PERSON_KEYS}),
        "additionalProperties": False,
        "description": "Empty when there is nobody.",
    },
)
RECORD = define_schema(
    "CrmRecord",
    {
        **_object(id=INTEGER, **_all(TEXT, "title name first_name last_name email phone")),
        "description": "Empty when there is none, or none the caller may see.",
    },
)
CALL = define_schema(
    "CrmCall",
    _object(
        ("id", "ukey", "subject", "status_id", "start_time", "duration"),
        **_all(TEXT, "ukey subject type purpose reminder agenda description result tag caller_id dialled_number"),
        **_all(TEXT, "call_for related_to state source"),
        **_all(TIME, "start_time end_time createdon updatedon"),
        **_all(
            INTEGER,
            """id type_id status_id outgoing_status_id purpose_id reminder_id duration call_for_id related_to_id
            owner_id user_id assigned_to_id deleted_by sort_by tenant_id add_by edit_by""",
        ),
        **_all(FLAG, "favorite active deleted closed deletable"),
        **_all(PERSON, "owner_details user_details assigned_to_details owner user assigned_to"),
        **_all(RECORD, "call_for_details related_to_details related_entity"),
        caller_details=_object(caller_id=TEXT),
    ),
)
BOARD = answer(
    data=list_of(
        _object(
            ("id", "name", "title", "total_calls", "calls"),
            **_all(INTEGER, "id total_calls"),
            **_all(TEXT, "name title description color"),
            calls=list_of(CALL),
            call_ids=list_of(INTEGER),
        )
    ),
    summary=_object(
        ("total_calls", "total_status_groups", "enrichment_enabled"),
        **_all(INTEGER, "total_calls total_status_groups limit_per_status"),
        enrichment_enabled=BOOLEAN,
    ),
)
STATUS_UPDATE = answer(data=_object(("id", "status_id"), id=INTEGER, status_id=INTEGER))
LISTED = {"allOf": [CALL, _object(("last_activity_date",), last_activity_date=TEXT)]}
CALLS = answer(
    data=list_of(LISTED),
    filters_applied=_object(**_all(TEXT, "view subject start_time duration related_to"), owner_id=INTEGER),
    pagination=_object(
        **_all(INTEGER, "page limit total_count total_pages returned_count"),
        next_cursor={"type": ["string", "null"], "description": "For the parameter `cursor`; null on the last page."},
    ),
)
ONE_CALL = answer(data=LISTED)
LINE = _object(**_all(INTEGER, "id user_id"), **_all(TEXT, "activity_type title description"), createdon=TIME)
CALL_DETAILS = answer(
    data={
        "allOf": [
            LISTED,
            _object(
                activity_logs=list_of(LINE),
                notes=list_of(_object()),
                calls=list_of(LISTED),
                attachments=list_of(_object(id=INTEGER, **_all(TEXT, "name mimetype"), createdon=TIME)),
                tasks=list_of(_object(id=INTEGER, user_id=INTEGER, **_all(TEXT, "title due_date"))),
                meetings=list_of(_object()),
            ),
        ]
    },
    summary=_object(
        **_all(INTEGER, "activity_logs_count notes_count calls_count attachments_count tasks_count meetings_count")
    ),
)
TIMELINE = answer(
    data=list_of({"allOf": [LINE, _object(("kind",), kind={"enum": ["activity", "event", "note"]})]}),
    summary=_object(total_entries=INTEGER),
)
RELATED_CALLS = answer(data=list_of(LISTED), summary=_object(total_calls=INTEGER))
SAVED = {
    "anyOf": [
        ONE_CALL["anyOf"][0],
        _object(
            ("status", "message", "data"),
            status={"const": 409},
            message=TEXT,
            data=_object(duplicate_call_id=INTEGER, duplicate_fields=list_of(TEXT)),
        ),
        CRM_ERROR,
    ]
}
STATISTICS = answer(
    data=list_of(
        _object(
            ("icon", "iconClass", "title", "total", "change", "description", "lineChartData"),
            **_all(TEXT, "icon iconClass title description"),
            total={"type": ["integer", "string"], "description": "A number; minutes as in 12m for the duration."},
            change={"type": "number", "description": "Per cent against the period before."},
            lineChartData=list_of(_object(("value",), value={"type": "number"})),
        )
    ),
    date_range=_object(**{"from": TIME, "to": TIME}),
    tenant_id=INTEGER,
)
DONE = answer(data={"type": "null"})
CLONE = {"anyOf": [_object(("status", "message", "data"), status={"const": 201}, message=TEXT, data=LISTED), CRM_ERROR]}

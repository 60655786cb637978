"""JSON schemas of the answers, for the API document."""

from ...ghl_base.http import define_schema
from ..reading.locations import UNKNOWN_FIGURES
from ..reading.shape import ALL
from ..reading.users import PERMISSIONS

TEXT, INTEGER, NUMBER, BOOLEAN = ({"type": kind} for kind in ("string", "integer", "number", "boolean"))
DATE = {"type": "string", "description": "ISO 8601 without zone (UTC), or empty.", "examples": ["2025-07-01T09:00:00"]}


def _object(required=(), **properties):
    schema = {"type": "object", "properties": properties}
    return {**schema, "required": list(required)} if required else schema


def _list(items):
    return {"type": "array", "items": items}


def _texts(names):
    return dict.fromkeys(names.split(), TEXT)


TASK = define_schema(
    "ContactTask",
    _object(
        ("id", "external_id", "title", "completed", "is_overdue", "days_until_due"),
        id=INTEGER,
        due_date=DATE,
        completed=BOOLEAN,
        is_overdue=BOOLEAN,
        days_until_due=INTEGER,
        create_date=DATE,
        write_date=DATE,
        **_texts("external_id title body assigned_to assigned_user_name"),
    ),
)
CONVERSATION = define_schema(
    "ContactConversation",
    _object(
        ("id", "ghl_id"),
        id=INTEGER,
        last_message_date=DATE,
        unread_count=INTEGER,
        create_date=DATE,
        write_date=DATE,
        **_texts(
            """ghl_id last_message_body last_message_type last_message_direction type full_name contact_name email
            phone display_name"""
        ),
    ),
)
OPPORTUNITY = define_schema(
    "ContactOpportunity",
    _object(
        ("id", "external_id"),
        id=INTEGER,
        monetary_value=NUMBER,
        date_created=DATE,
        date_modified=DATE,
        expected_close_date=TEXT,
        followers=_list({}),
        **_texts(
            """external_id name title description stage pipeline_id pipeline_stage_id assigned_to status source
            contact_external_id location_external_id"""
        ),
    ),
)
LAST_MESSAGE = {
    "anyOf": [
        {"const": "", "description": "No message yet."},
        _object(unread_count=INTEGER, date_added=DATE, **_texts("body type direction source id")),
    ]
}
_TYPED = {
    "id": INTEGER,
    "dnd": BOOLEAN,
    "date_added": DATE,
    "date_updated": DATE,
    "last_activity": DATE,
    "followers": {"type": "string", "description": "JSON text: a list of GHL user ids."},
    "assigned_to": {"type": "string", "description": "Name of the user; the GHL id when the user is unknown."},
    "crm_tasks": {
        "enum": ["overdue", "upcoming", "no_tasks", "empty"],
        "description": "empty: there are tasks, all of them completed.",
    },
    "ai_quality_grade": {"enum": ["grade_a", "grade_b", "grade_c", "no_grade"]},
    "ai_sales_grade": {"enum": ["grade_a", "grade_b", "grade_c", "no_grade"]},
    "category": {"enum": ["integration", "manual", "automated", "referral"]},
    "channel": {"enum": ["integration", "manual", "automated", "referral"]},
    "speed_to_lead": {
        "type": "string",
        "description": "Time from `date_added` to the first message sent: 40s, 4m, 3h, 2d; empty without one.",
    },
    "touch_summary": {
        "type": "string",
        "description": "Messages sent to the contact by type, such as 3 SMS, 1 PHONE CALL; no_touches when none.",
    },
    "last_touch_date": {**DATE, "description": "The latest message sent to the contact; empty without one."},
    "engagement_summary": {
        **_list(
            _object(
                ("type", "count"),
                count=INTEGER,
                type=TEXT,
                icon={"type": "string", "description": "Classes of Font Awesome."},
                color={"type": "string", "description": "As in CSS."},
            )
        ),
        "description": "Messages received from the contact by type, the most frequent first.",
    },
    "contact_tags": _list(TEXT),
    "tasks": _list(TASK),
    "conversations": _list(CONVERSATION),
    "opportunity_list": {**_list(OPPORTUNITY), "description": "Only when asked for in `fields`."},
    "custom_fields": {
        **_list(_object(("id", "value"), id=TEXT, value={})),
        "description": "Absent when there are none.",
    },
    "attributions": {
        **_list(_object(**_texts("touch url campaign utm_source utm_medium referrer ip medium"))),
        "description": "First and last touch; absent when there are none.",
    },
    "last_message": LAST_MESSAGE,
    "opportunities": {"type": "integer", "description": "How many there are."},
    "total_pipeline_value": NUMBER,
    "tasks_count": INTEGER,
    "conversations_count": INTEGER,
    "conversations_count_basic": INTEGER,
    "custom_fields_count": INTEGER,
    "attributions_count": INTEGER,
    **dict.fromkeys(("has_tasks", "has_conversations", "details_fetched", "loading_details"), BOOLEAN),
}
CONTACT = define_schema(
    "Contact",
    _object(("id",), **{key: _TYPED.get(key, TEXT) for key in sorted(ALL)}, location_id=TEXT, location_name=TEXT),
)
_SUCCESS = {"success": {"const": True}}
_LIST = {
    **_SUCCESS,
    "contacts": _list(CONTACT),
    "total_contacts": INTEGER,
    "page": INTEGER,
    "limit": INTEGER,
    "offset": INTEGER,
    "has_more": BOOLEAN,
    "next_cursor": {"type": "string", "description": "Only when paged; empty on the last page."},
}
_REQUIRED = ("success", "contacts", "total_contacts")
_SYNC = {"message": TEXT, "sync_job_id": INTEGER, "last_synced_at": DATE}
_REPORT = _object(
    success=BOOLEAN,
    **dict.fromkeys(("created_count", "updated_count", "unchanged_count", "archived_count", "failed_count"), INTEGER),
)

FAST_LIST = _object(
    (*_REQUIRED, "sync_status", "message"),
    **_LIST,
    **_SYNC,
    sync_status={"enum": ["background", "fresh", "not_connected", "error"]},
    sync_error=TEXT,
)
FRESH_LIST = _object(
    (*_REQUIRED, "sync_status", "message", "created_count", "updated_count"),
    **_LIST,
    **_SYNC,
    sync_status={"enum": ["fresh", "running", "error", "not_connected"]},
    sync_error=TEXT,
    created_count=INTEGER,
    updated_count=INTEGER,
    task_sync=_REPORT,
    conversation_sync=_REPORT,
    opportunity_sync=_REPORT,
)
STORED_LIST = _object(
    (*_REQUIRED, "sync_summary"),
    **_LIST,
    sync_job_id=INTEGER,
    last_synced_at=DATE,
    sync_summary=_object(
        **dict.fromkeys(
            (
                "contacts_synced",
                "tasks_synced",
                "conversations_synced",
                "opportunities_synced",
                "messages_fetched",
                "touch_info_updated",
            ),
            INTEGER,
        )
    ),
)
COUNT = _object(
    ("success", "total_contacts", "location_id", "is_filtered", "source"),
    **_SUCCESS,
    total_contacts=INTEGER,
    location_id=TEXT,
    is_filtered=BOOLEAN,
    source={"const": "database"},
    user_filter=TEXT,
)
SEARCH = _object(
    (*_REQUIRED, "search_term"),
    **_LIST,
    total_is_capped=BOOLEAN,
    search_term=TEXT,
    ghl_api_used=BOOLEAN,
    ghl_api_enabled=BOOLEAN,
    ghl_contacts_found=INTEGER,
    local_contacts_found=INTEGER,
    performance=_object(total_time_ms=NUMBER, contacts_per_second=NUMBER),
    config=_object(default_limit=INTEGER, max_counted=INTEGER),
    message=TEXT,
)
LOCATION_NAME = _object(("success", "location_id", "name"), **_SUCCESS, location_id=TEXT, name=TEXT)
PAGE_OF_CONTACTS = _object(
    (*_REQUIRED, "page", "limit", "has_more"),
    **_LIST,
    created_count=INTEGER,
    updated_count=INTEGER,
    message=TEXT,
    background_sync_started=BOOLEAN,
    contacts_syncing=INTEGER,
)
LOCATION_ROW = define_schema(
    "Location",
    _object(
        ("id", "location_id", "location"),
        id=INTEGER,
        contacts_count=INTEGER,
        last_synced_at=DATE,
        sync_job_id=INTEGER,
        syncing=BOOLEAN,
        **_texts("location_id location address city state country timezone email phone"),
        **{name: {"type": "null"} for name in UNKNOWN_FIGURES},
    ),
)
LOCATIONS = _object(
    ("success", "locations", "sync_status"),
    **_SUCCESS,
    locations=_list(LOCATION_ROW),
    total_locations=INTEGER,
    message=TEXT,
    sync_status={"enum": ["background", "fresh"]},
)
USER = define_schema(
    "User",
    _object(
        ("id", "external_id", "name", "permissions"),
        id=INTEGER,
        scopes=_list({}),
        permissions=_object(**dict.fromkeys(PERMISSIONS, BOOLEAN)),
        **_texts("external_id name first_name last_name email phone extension role role_type"),
    ),
)
USERS = _object(("success", "users", "total_users"), **_SUCCESS, users=_list(USER), total_users=INTEGER)

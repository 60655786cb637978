"""Every GoHighLevel endpoint the addon calls, with the keys it may send.

Source: the official OpenAPI files (apps/v3/*.json). GoHighLevel answers 422 to any property it does not know, so
what is sent is limited to these whitelists; answers are read leniently.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from urllib.parse import quote

VERSION = "v3"
# Any of these may be the only one in an answer, depending on endpoint and version (the first spelling is official).
SUCCESS_FLAGS = ("succeded", "succeeded", "success")


@dataclass(frozen=True)
class Endpoint:
    """One method and path.

    ``page_key`` names the page size parameter (it differs between endpoints, the wrong one is refused), ``success`` the
    flags by which an answer with a 2xx status may still report a failure. ``idempotent``: repeating the call after an
    unclear failure does no harm (true for the searches, although they are POST requests). ``listed``: an answer that is
    a list is handed on as an object with the list under this key.
    """

    name: str
    method: str
    path: str
    version: str = VERSION
    page_key: str | None = None
    success: tuple[str, ...] = ()
    idempotent: bool = True
    body_keys: frozenset[str] = frozenset()
    query_keys: frozenset[str] = frozenset()
    listed: str = ""

    @property
    def path_keys(self) -> frozenset[str]:
        return frozenset(field for _, field, _, _ in Formatter().parse(self.path) if field)

    def url_path(self, values: Mapping[str, str]) -> str:
        """The path with its placeholders filled in; ValueError for a missing, empty or unknown one."""
        if set(values) != self.path_keys:
            raise ValueError(f"{self.name}: path needs {sorted(self.path_keys)}, got {sorted(values)}")
        # "." and ".." survive quoting and would be resolved to another path.
        wrong = [key for key, value in values.items() if not isinstance(value, str) or value.strip() in ("", ".", "..")]
        if wrong:
            raise ValueError(f"{self.name}: no usable value for {', '.join(sorted(wrong))}")
        return self.path.format_map({key: quote(value, safe="") for key, value in values.items()})

    def check(self, query: Mapping[str, object], body: Mapping[str, object] | None) -> None:
        """ValueError when a query or body key is not on the whitelist."""
        for kind, given, allowed in (("query", query, self.query_keys), ("body", body or {}, self.body_keys)):
            unknown = sorted(set(given) - allowed)
            if unknown:
                raise ValueError(f"{self.name}: {kind} keys not known to the endpoint: {', '.join(unknown)}")


def _keys(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CONTACT_UPDATE = _keys(
    "firstName lastName name email phone address1 city state postalCode website timezone dnd inboundDndSettings tags "
    "customFields source dateOfBirth country assignedTo dndSettings"
)
_CONTACT_CREATE = _CONTACT_UPDATE | _keys("locationId gender companyName")
_TASK = _keys("title body dueDate completed assignedTo")
_NOTE = _keys("userId body title color pinned")

_ENDPOINTS = (
    # Location and master data
    Endpoint("location_get", "GET", "/locations/{locationId}"),
    Endpoint("tags_list", "GET", "/locations/{locationId}/tags"),
    Endpoint("custom_fields_list", "GET", "/locations/{locationId}/customFields", query_keys=_keys("model")),
    Endpoint("pipelines_list", "GET", "/opportunities/pipelines", query_keys=_keys("locationId")),
    Endpoint(
        "users_search",
        "GET",
        "/users/search",
        page_key="limit",
        query_keys=_keys("companyId locationId query skip limit type role ids sort sortDirection"),
    ),
    # Contacts
    Endpoint(
        "contacts_search",
        "POST",
        "/contacts/search",
        page_key="pageLimit",
        body_keys=_keys("locationId pageLimit searchAfter sort filters query"),
    ),
    Endpoint("contact_get", "GET", "/contacts/{contactId}"),
    Endpoint("contact_create", "POST", "/contacts/", idempotent=False, body_keys=_CONTACT_CREATE),
    Endpoint("contact_update", "PUT", "/contacts/{contactId}", success=SUCCESS_FLAGS, body_keys=_CONTACT_UPDATE),
    # Not idempotent: a contact without e-mail and phone matches nothing and is created again.
    Endpoint(
        "contact_upsert",
        "POST",
        "/contacts/upsert",
        success=SUCCESS_FLAGS,
        idempotent=False,
        body_keys=_CONTACT_CREATE | _keys("createNewIfDuplicateAllowed"),
    ),
    Endpoint("contact_delete", "DELETE", "/contacts/{contactId}", success=SUCCESS_FLAGS),
    Endpoint("contact_tags_add", "POST", "/contacts/{contactId}/tags", body_keys=_keys("tags")),
    Endpoint("contact_tags_remove", "DELETE", "/contacts/{contactId}/tags", body_keys=_keys("tags")),
    # Tasks
    Endpoint(
        "tasks_search",
        "POST",
        "/locations/{locationId}/tasks/search",
        page_key="limit",
        body_keys=_keys("contactId completed assignedTo query limit skip businessId searchAfter"),
    ),
    Endpoint("tasks_list", "GET", "/contacts/{contactId}/tasks"),
    Endpoint("task_get", "GET", "/contacts/{contactId}/tasks/{taskId}"),
    Endpoint("task_create", "POST", "/contacts/{contactId}/tasks", idempotent=False, body_keys=_TASK),
    Endpoint("task_update", "PUT", "/contacts/{contactId}/tasks/{taskId}", body_keys=_TASK),
    Endpoint("task_complete", "PUT", "/contacts/{contactId}/tasks/{taskId}/completed", body_keys=_keys("completed")),
    Endpoint("task_delete", "DELETE", "/contacts/{contactId}/tasks/{taskId}", success=SUCCESS_FLAGS),
    # Notes
    Endpoint("notes_list", "GET", "/contacts/{contactId}/notes"),
    Endpoint("note_create", "POST", "/contacts/{contactId}/notes", idempotent=False, body_keys=_NOTE),
    Endpoint("note_update", "PUT", "/contacts/{contactId}/notes/{id}", body_keys=_NOTE),
    Endpoint("note_delete", "DELETE", "/contacts/{contactId}/notes/{id}", success=SUCCESS_FLAGS),
    # Conversations
    Endpoint(
        "conversations_search",
        "GET",
        "/conversations/search",
        page_key="limit",
        query_keys=_keys(
            "locationId contactId assignedTo query sort sortBy startAfterDate id limit status startDate endDate"
        ),
    ),
    Endpoint("conversation_get", "GET", "/conversations/{conversationId}"),
    Endpoint(
        "messages_export",
        "GET",
        "/conversations/messages/export",
        page_key="limit",
        query_keys=_keys("locationId limit cursor sortBy sortOrder conversationId contactId channel startDate endDate"),
    ),
    Endpoint("email_get", "GET", "/conversations/messages/email/{id}"),
    Endpoint("recording_get", "GET", "/conversations/messages/{messageId}/locations/{locationId}/recording"),
    Endpoint(
        "transcription_get",
        "GET",
        "/conversations/locations/{locationId}/messages/{messageId}/transcription",
        listed="sentences",
    ),
    # Opportunities
    Endpoint(
        "opportunities_search",
        "POST",
        "/opportunities/search",
        page_key="limit",
        body_keys=_keys("locationId query limit page searchAfter additionalDetails"),
    ),
    Endpoint("opportunity_get", "GET", "/opportunities/{id}"),
)

ENDPOINTS: dict[str, Endpoint] = {endpoint.name: endpoint for endpoint in _ENDPOINTS}

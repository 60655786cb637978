"""The calls of the CRM clients: lists, single calls, and what can be done to one."""

from odoo.fields import Domain
from odoo.http import Controller, request

from ...ghl_base.http import Param, api_route, decode_cursor, encode_cursor, not_found
from ..reading import filters, listing, timeline
from ..reading.board import MOST
from . import schemas
from .crm_board import FILTERS, wanted
from .crm_envelope import CrmEnvelope, succeed

TAG = "CRM calls"
FILTER_KEYS = ("view", "subject", "start_time", "duration", "related_to", "owner_id", "assigned_to_id")


class CrmCalls(Controller):
    @api_route(
        ("/crm/calls/get", "/crm/calls/list"),
        methods=("POST",),
        params=(
            Param("page", int, default=1, minimum=1, clamp=True, doc="The first is 1."),
            Param("limit", int, default=20, minimum=1, maximum=MOST, clamp=True, doc=f"Calls of a page, 1 to {MOST}."),
            Param(
                "cursor",
                default="",
                max_length=200,
                doc="`next_cursor` of the page before: goes on behind it, without "
                "counting; `page` is not looked at then, and there are no totals.",
            ),
            *FILTERS,
        ),
        summary="A page of calls, the latest made first",
        responses={200: schemas.CALLS},
        tag=TAG,
        envelope=CrmEnvelope(),
    )
    def calls(self, page, limit, cursor, **chosen):
        """Calls of a view that match all filters given. A page costs the same however deep it is."""
        env = request.env
        chosen["view"] = chosen["view"] or "all_calls"
        where = wanted(env, **chosen)
        if cursor:
            [below] = decode_cursor(cursor, int)
            found = listing.following(env["ghl.call"], where, below=below, size=limit)
            numbers = {"limit": limit}
        else:
            found = listing.page(env["ghl.call"], where, number=page, size=limit)
            numbers = {
                "page": page,
                "limit": limit,
                "total_count": found.total,
                "total_pages": -(-found.total // limit),
            }
        return succeed(
            "Records retrieved successfully",
            found.documents,
            filters_applied={key: chosen[key] for key in FILTER_KEYS},
            pagination={
                **numbers,
                "returned_count": len(found.documents),
                "next_cursor": encode_cursor(found.last_id) if found.last_id else None,
            },
        )

    @api_route(
        "/crm/calls/get/<int:id>",
        methods=("POST",),
        summary="One call",
        responses={200: schemas.ONE_CALL},
        tag=TAG,
        envelope=CrmEnvelope(),
    )
    def one(self, id):
        """The call with the people and records it names."""
        return succeed("Record retrieved successfully", _document(id, "Record"))

    @api_route(
        "/crm/calls/details/get/<int:id>",
        summary="One call, for its own page",
        responses={200: schemas.CALL_DETAILS},
        tag=TAG,
        envelope=CrmEnvelope(in_body=True),
    )
    def details(self, id):
        """The call with the people and records it names, what was changed and written (the latest 100), its files and
        what is planned to do (100 of each), and the latest 20 other calls with the same contact or lead. Meetings are
        none. `summary` counts them."""
        env = request.env
        document = _document(id, "Call")
        entries = timeline.read(env, id)
        others = _others(document)
        more = {
            "activity_logs": timeline.activity_logs(entries, id, document["tenant_id"]),
            "notes": timeline.notes(entries, id),
            "calls": others,
            "attachments": timeline.attachments(env, id),
            "tasks": timeline.tasks(env, id),
            "meetings": [],
        }
        summary = {f"{key}_count": len(rows) for key, rows in more.items()}
        return succeed("Call details retrieved successfully", {**document, **more}, summary=summary)

    @api_route(
        "/crm/calls/timeline/<int:id>",
        params=(
            Param("limit", int, default=100, minimum=1, maximum=timeline.MOST, clamp=True, doc="The latest entries."),
        ),
        summary="What happened to a call, the latest first",
        responses={200: schemas.TIMELINE},
        tag=TAG,
        envelope=CrmEnvelope(),
    )
    def timeline(self, id, limit):
        """Changes (`kind` activity), what its provider reported (event) and what people wrote (note)."""
        _document(id, "Record")
        entries = timeline.read(request.env, id, limit=limit)
        return succeed("Timeline retrieved successfully", entries, summary={"total_entries": len(entries)})

    @api_route(
        "/crm/calls/get-related-calls/<string:module>/<int:id>",
        params=(Param("module", choices=tuple(filters.RELATED), location="path", doc="What they have in common."),),
        summary="The calls with a contact or lead, or about a record",
        responses={200: schemas.RELATED_CALLS},
        tag=TAG,
        envelope=CrmEnvelope(in_body=True),
    )
    def related(self, module, id):
        """The latest calls made first, at most 1,000; `summary.total_calls` counts all."""
        value = f"crm.lead,{id}" if module == "leads" else id
        where = Domain(filters.RELATED[module], "=", value)
        found = listing.page(request.env["ghl.call"], where, size=MOST)
        return succeed("Related calls retrieved successfully", found.documents, summary={"total_calls": found.total})

    @api_route(
        "/crm/calls/<int:id>/deleted/<int:value>",
        methods=("GET", "POST"),
        params=(Param("value", int, choices=(0, 1), location="path", doc="1 deletes, 0 restores."),),
        group="ghl.group_ghl_agent",
        summary="Delete or restore a call",
        responses={200: schemas.DONE},
        tag=TAG,
        envelope=CrmEnvelope(),
    )
    def deleted(self, id, value):
        """Deleted calls are kept and can be restored. Doing it twice changes nothing."""
        _switch(id, "active", not value)
        return succeed(f"Record {'deleted' if value else 'restored'} successfully", None)

    @api_route(
        "/crm/calls/delete/<int:id>",
        methods=("GET", "POST"),
        group="ghl.group_ghl_agent",
        summary="Delete a call",
        responses={200: schemas.DONE},
        tag=TAG,
        envelope=CrmEnvelope(),
    )
    def delete(self, id):
        """Deleted calls are kept and can be restored."""
        _switch(id, "active", False)
        return succeed("Record deleted successfully", None)

    @api_route(
        "/crm/calls/<int:id>/favorite/<int:value>",
        methods=("GET", "POST"),
        params=(Param("value", int, choices=(0, 1), location="path", doc="1 marks, 0 unmarks."),),
        group="ghl.group_ghl_agent",
        summary="Mark a call as favorite, or no longer",
        responses={200: schemas.DONE},
        tag=TAG,
        envelope=CrmEnvelope(),
    )
    def favorite(self, id, value):
        """Doing it twice changes nothing."""
        _switch(id, "favorite", bool(value))
        return succeed(f"Call {'marked' if value else 'unmarked'} as favorite", None)

    @api_route(
        "/crm/calls/clone/<int:id>",
        methods=("GET", "POST"),
        group="ghl.group_ghl_agent",
        summary="Copy a call",
        responses={200: schemas.CLONE},
        tag=TAG,
        envelope=CrmEnvelope(in_body=True),
    )
    def clone(self, id):
        """The copy is a call of its own, and of whoever makes it: not placed yet, no favourite. `status` is 201."""
        return copied(id)


def copied(call_id):
    """The answer to copying a call; ApiError 404."""
    call = request.env["ghl.call"].search([("id", "=", call_id)])
    if not call:
        raise not_found("Original record")
    copy = call.copy({"source": "api", "user_id": request.env.uid})
    copy.flush_recordset()
    message = f"Call (cloned from {call_id}) created successfully"
    return {**succeed(message, _document(copy.id, "Call")), "status": 201}


def _document(call_id, what):
    """The document of a call; ApiError 404 that names ``what``."""
    document = listing.one(request.env["ghl.call"], call_id)
    if not document:
        raise not_found(what)
    return document


def _others(document):
    """The documents of the latest other calls with the same contact or lead."""
    kind, record_id = document["call_for"], document["call_for_id"]
    if not kind:
        return []
    value = record_id if kind == "contacts" else f"crm.lead,{record_id}"
    where = Domain(filters.RELATED[kind], "=", value) & Domain("id", "!=", document["id"])
    return listing.following(request.env["ghl.call"], where).documents


def _switch(call_id, name, value):
    """Set a flag of a call, deleted or not; ApiError 404. Writes, and leaves a line, only when it changes."""
    call = request.env["ghl.call"].with_context(active_test=False).search([("id", "=", call_id)])
    if not call:
        raise not_found("Record")
    if call[name] != value:
        call[name] = value

"""Bland AI at the hands of programs: call a contact, call again, stop, and the log of what was done."""

from odoo.fields import Domain
from odoo.http import Controller, request

from ...ghl_base.http import Param, api_route, bad_request, catch_all, conflict, json_response, not_found
from ...ghl_base.http.params import check_tree
from .. import lifecycle
from ..models.ghl_call import CallTransitionError
from ..reading import call_log_lists
from .call_log import DOCUMENT, reached_at
from .call_log_envelope import ENVELOPE, answer_schema, bland_refused, named, succeed, true_status

TAG = "Bland control"
PREFIX = "/api/v1/bland"
TEXT = {"type": ["string", "null"]}
WHOLE = {"type": "integer"}
# Of the body -> field of the call. All else goes to Bland as it is.
FIELDS = {
    "task": "task",
    "voice": "voice",
    "first_sentence": "first_sentence",
    "wait_for_greeting": "wait_for_greeting",
    "record": "record",
    "webhook": "webhook_url",
    "request_data": "request_data",
    "metadata": "metadata",
    "transfer_phone_number": "transfer_phone_number",
    "max_duration": "max_duration",
    "pathway_id": "pathway_id",
}
PLACED = answer_schema(
    {
        "type": "object",
        "required": ["status", "message", "call_id"],
        "properties": {
            "status": {"enum": ["success", "unknown"], "description": "unknown: sent, and being looked for"},
            "message": {"type": "string"},
            "details": {"type": "object"},
            "call_id": {**TEXT, "description": "Bland's."},
        },
    }
)
LOG_PAGE = answer_schema(
    {
        "type": "object",
        "properties": {
            **dict.fromkeys(("page", "page_size", "total_items", "total_pages"), WHOLE),
            "items": {"type": "array", "items": DOCUMENT},
        },
    }
)
STATES_COUNTED = ("pending", "completed", "failed", "retrying")
CONTACT = Param("contact_id", required=True, doc="GoHighLevel's id, ours, or the caller's own.")
PAGE = (
    Param("page", int, default=1, minimum=1),
    Param("page_size", int, default=10, minimum=1, maximum=100),
)
STATUS = Param("status", choices=[state for state, _label in lifecycle.STATES])
ORDERS = {"created_at": "id", "duration_seconds": "duration_seconds", "updated_at": "write_date", "status": "state"}
OURS = Domain("provider", "=", "bland") | Domain("source", "=", "bland")


class BlandControl(Controller):
    unknown = catch_all(PREFIX, ENVELOPE)

    @api_route(
        f"{PREFIX}/initiate",
        methods=("POST",),
        params=(
            CONTACT,
            Param("phone_number", required=True, location="body", max_length=64, doc="E.164 preferred."),
            Param("task", location="body", max_length=20000),
            Param("voice", location="body", aliases=("voice_id",)),
            Param("first_sentence", location="body", max_length=2000),
            Param("wait_for_greeting", bool, location="body"),
            Param("record", bool, location="body"),
            Param("webhook", location="body", max_length=2000, doc="Instead of our own address for reports."),
            Param("request_data", dict, location="body", doc="What the agent may speak of."),
            Param("metadata", dict, location="body", doc="Given back with the reports."),
            Param("transfer_phone_number", location="body", max_length=64),
            Param("max_duration", int, location="body", minimum=1, maximum=240, doc="Minutes; 12 unless said."),
            Param("pathway_id", location="body"),
        ),
        group="ghl.group_ghl_agent",
        summary="Call somebody now",
        responses={202: PLACED, 200: PLACED},
        tag=TAG,
        envelope=ENVELOPE,
    )
    def initiate(self, contact_id, phone_number, **chosen):
        """The call is stored before Bland hears of it, and placed once. Bland's reports bring the rest.

        Whatever else the body holds is passed on to Bland.
        """
        if chosen["webhook"] and not chosen["webhook"].startswith("https://"):
            raise bad_request("The webhook must be an https address.", "invalid_data")
        values = {FIELDS[name]: value for name, value in chosen.items() if value not in (None, "")}
        known = {*FIELDS, "voice_id", "phone_number", "contact_id"}
        body = request.dispatcher._body(request.httprequest.get_data())
        try:
            options = {name: check_tree(value) for name, value in body.items() if name not in known}
        except ValueError as fault:
            raise bad_request(f"The body {fault}.", "invalid_data") from fault
        call, outcome = request.env["ghl.call"]._initiate_bland(
            contact_id, {"to_number": phone_number, **values, **({"provider_options": options} if options else {})}
        )
        return _placed(call, outcome)

    @api_route(
        f"{PREFIX}/retry/<string:contact_id>",
        methods=("POST",),
        params=(Param("retry_reason", max_length=1000),),
        group="ghl.group_ghl_agent",
        summary="Call a contact again",
        responses={202: PLACED, 200: PLACED},
        tag=TAG,
        envelope=ENVELOPE,
    )
    def retry(self, contact_id, retry_reason):
        """A new call like the contact's latest, which must have failed, been busy or not been answered."""
        call = request.env["ghl.call"]._latest_of(contact_id)
        if not call:
            raise not_found("Call")
        if not call.to_number:
            raise bad_request("The earlier call has no telephone number.", "invalid_data")
        try:
            fresh = call._copy_for_retry(retry_reason, {})
        except CallTransitionError as error:
            raise conflict(str(error), "invalid_transition") from error
        return _placed(fresh, fresh._place()[0])

    @api_route(
        f"{PREFIX}/stop",
        methods=("POST",),
        params=(Param("call_id", required=True, doc="Our id, our reference, or Bland's id."),),
        group="ghl.group_ghl_agent",
        summary="End a call",
        responses={200: answer_schema({"type": "object"})},
        tag=TAG,
        envelope=ENVELOPE,
    )
    def stop(self, call_id):
        """What was not placed yet is cancelled; what was is hung up, and its state follows Bland's word."""
        call = call_log_lists.find(request.env["ghl.call"], call_id)
        if not call:
            raise not_found("Call")
        call.check_access("write")
        if errors := call._stop():
            raise bland_refused(errors[0])
        return succeed(
            {"status": "success", "message": "Call is being ended", "call_id": call.provider_call_id or None}
        )

    @api_route(
        f"{PREFIX}/stats",
        summary="How many calls Bland was asked for",
        responses={200: answer_schema({"type": "object", "additionalProperties": WHOLE})},
        tag=TAG,
        envelope=ENVELOPE,
    )
    def stats(self):
        counts = dict(request.env["ghl.call"]._read_group(OURS, ["state"], ["__count"]))
        found = {f"{state}_calls": counts.get(state, 0) for state in STATES_COUNTED}
        return succeed({"total_calls": sum(counts.values()), **found})

    @api_route(
        f"{PREFIX}/logs",
        params=(
            *PAGE,
            STATUS,
            Param("sort_field", choices=tuple(ORDERS), default="created_at"),
            Param("sort_order", choices=("asc", "desc"), default="desc"),
        ),
        summary="Calls through Bland",
        responses={200: LOG_PAGE},
        tag=TAG,
        envelope=ENVELOPE,
    )
    def logs(self, page, page_size, status, sort_field, sort_order):
        return _log(page, page_size, status, ORDERS[sort_field] + (" desc" if sort_order == "desc" else ""))

    @api_route(
        f"{PREFIX}/logs/failed",
        params=PAGE,
        summary="Calls through Bland that failed",
        responses={200: LOG_PAGE},
        tag=TAG,
        envelope=ENVELOPE,
    )
    def logs_failed(self, page, page_size):
        return _log(page, page_size, "failed")

    @api_route(
        f"{PREFIX}/logs/completed",
        params=PAGE,
        summary="Calls through Bland that were completed",
        responses={200: LOG_PAGE},
        tag=TAG,
        envelope=ENVELOPE,
    )
    def logs_completed(self, page, page_size):
        return _log(page, page_size, "completed")


def _log(page, page_size, status=None, order="id desc"):
    calls = request.env["ghl.call"]
    where = OURS & (Domain("state", "=", status) if status else Domain.TRUE)
    total = calls.search_count(where)
    order = order if order in ("id", "id desc") else f"{order}, id desc"
    start = (page - 1) * page_size
    items = call_log_lists.read(calls, where, order=order, limit=page_size, offset=start, base=reached_at())
    pages = -(-total // page_size)
    return succeed({"page": page, "page_size": page_size, "total_items": total, "total_pages": pages, "items": items})


def _placed(call, outcome):
    """HTTP 202 whatever Bland said: `success` in the body tells. With the plain form of errors, the true status."""
    if outcome.kind in ("accepted", "unknown"):
        accepted = outcome.kind == "accepted"
        data = {
            "status": "success" if accepted else "unknown",
            "message": "Call successfully queued." if accepted else outcome.message,
            "details": {"id": str(call.id), "reference": call.reference, "status": call.state},
            "call_id": call.provider_call_id or None,
        }
        return succeed(data, status=202)
    error = bad_request(outcome.message, "invalid_data") if outcome.kind == "lead" else bland_refused(outcome.message)
    envelope = request.dispatcher.envelope
    if envelope is not ENVELOPE:
        raise error
    body = {
        "success": False,
        "data": None,
        "error_message": error.message,
        "error_details": named(error, request.dispatcher.request_id),
        "status_code": true_status(error),
    }
    return json_response(body, status=202)

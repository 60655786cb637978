"""Calls for the dialler's clients: list, plan, place one now, call again, complete, archive."""

from datetime import datetime, timedelta

from odoo import fields
from odoo.fields import Domain
from odoo.http import Controller, request
from odoo.tools import escape_psql

from ...ghl_base.http import ApiError, Param, api_route, catch_all, invalid_parameters, not_found
from .. import lifecycle
from ..reading import campaigns as reading
from . import dialler_schemas as schemas
from .campaigns import find_agent, find_contacts
from .dialler_envelope import ENVELOPE

TAG = "Dialler calls"
AGENT = "ghl.group_ghl_agent"
MOST = 100
ENDED = (*lifecycle.FINAL, "retrying")
# What a call says instead of its agent's own words, and its copy as well.
SAID = "task first_sentence voice pathway_id wait_for_greeting transfer_phone_number request_data max_duration".split()
STARTED = "call:started"  # the news of a call placed again, to who asked for it
STATES = {
    name: [state for state, known in reading.CALL_NAMES.items() if known == name]
    for name in reading.CALL_NAMES.values()
}


class DiallerCalls(Controller):
    @api_route(
        ("/calls", "/api/v1/calls"),
        params=(
            Param("search", max_length=100, doc="In the name of the contact, or the number."),
            Param("status", choices=sorted(STATES)),
            Param("sentiment", choices=sorted(reading.SENTIMENTS.values())),
            Param("dateFrom", datetime, doc="Made from then on; a date is its beginning, in UTC."),
            Param("dateTo", datetime, doc="Made until then; a date is its end, in UTC."),
            Param("sort", default="latest", choices=("latest", "oldest")),
            Param("page", int, default=1, minimum=1, maximum=1_000_000),
            Param("limit", int, default=50, minimum=1, maximum=MOST, clamp=True),
        ),
        summary="Calls made through providers, by page",
        responses={200: schemas.CALLS},
        tag=TAG,
        envelope=ENVELOPE,
    )
    def calls(self, search, status, sentiment, dateFrom, dateTo, sort, page, limit):
        """Those of the key's user; of everybody when the user is an administrator."""
        where = _mine()
        if search:
            like = escape_psql(search)
            where &= Domain("contact_id", "ilike", like) | Domain("to_number", "ilike", like)
        if status:
            where &= Domain("state", "in", STATES[status])
        if sentiment:
            where &= Domain("sentiment", "=", sentiment.lower())
        if dateFrom:
            where &= Domain("create_date", ">=", dateFrom)
        if dateTo:
            # A day without time: all of it.
            end = timedelta(days=1) if dateTo.time() == dateTo.min.time() else timedelta(seconds=1)
            end = dateTo + min(end, dateTo.max - dateTo)
            where &= Domain("create_date", "<", end)
        calls = request.env["ghl.call"]
        total = calls.search_count(where)
        order = "id desc" if sort == "latest" else "id"
        found = calls.search(where, order=order, limit=limit, offset=(page - 1) * limit)
        pages = -(-total // limit)
        return {"calls": _rows(found), "total": total, "page": page, "pages": pages, "limit": limit}

    @api_route(
        "/calls",
        methods=("POST",),
        params=(
            Param("agentId", required=True),
            Param("leadId", required=True, doc="A contact: its id, or its GHL id."),
            Param("direction", default="OUTBOUND", choices=("OUTBOUND", "INBOUND")),
        ),
        group=AGENT,
        summary="Plan a call",
        responses={200: schemas.CALL},
        tag=TAG,
        envelope=ENVELOPE,
    )
    def plan(self, agentId, leadId, direction):
        """The call is written down; nobody is dialled. Calling again (`redial`) or `/twilio/outbound` dials."""
        call = _new_call(find_agent(agentId), find_contacts([leadId]), type=direction.lower())
        return _rows(call)[0]

    @api_route(
        ("/twilio/outbound", "/api/v1/calls/outbound"),
        methods=("POST",),
        params=(
            Param("agentId", required=True),
            Param("toPhone", max_length=40, doc="International form; that of the contact unless given."),
            Param("leadId", doc="A contact: its id, or its GHL id."),
        ),
        group=AGENT,
        summary="Call a number now",
        responses={200: schemas.CALL},
        tag=TAG,
        envelope=ENVELOPE,
    )
    def place(self, agentId, toPhone, leadId):
        """Through the account of the agent, whatever provider that is. Whom the rules protect is not called."""
        contact = find_contacts([leadId]) if leadId else request.env["ghl.contact"]
        number = toPhone or contact.phone
        if not number:
            raise ApiError(400, "invalid_parameter", "There is no number to call", {"toPhone": "is required"})
        call = _new_call(find_agent(agentId), contact, to_number=number)
        return _placed(call, call._place()[0])

    @api_route(
        "/calls/<int:id>/redial",
        methods=("POST",),
        group=AGENT,
        summary="Call again",
        responses={200: schemas.DONE},
        tag=TAG,
        envelope=ENVELOPE,
    )
    def redial(self, id):
        """A new call to the same person, placed now; the rules hold for it as for every call."""
        call = _call(id)
        # Who asks twice at once is served one after the other.
        call.lock_for_update()
        call.invalidate_recordset()
        waiting = call.state == "pending" and not call.submission and not call.lease_until
        if not waiting and (call.state not in ENDED or _is_called_again(call)):
            raise ApiError(409, "conflict", "This person is being called already.")
        if waiting:
            fresh = call
            if not call.voip_account_id:
                call.voip_account_id = call._default_account(call.voice_agent_id, call.company_id)
            call.to_number = call.to_number or call.contact_id.phone
        else:
            fresh = _new_call(
                call.voice_agent_id,
                call.contact_id,
                to_number=call.to_number,
                retry_of_id=call.id,
                subject=call.subject,
                **{name: call[name] for name in SAID if call[name]},
            )
        outcome = fresh._place()[0]
        if outcome.kind not in ("accepted", "unknown"):
            raise _refusal(fresh, outcome)
        told = {"type": STARTED, "userId": str(request.env.uid), "callId": str(fresh.id), "phone": fresh.to_number}
        request.env["bus.bus"]._sendone(request.env.user.partner_id, STARTED, told)
        return {"success": True, "callId": str(fresh.id)}

    @api_route(
        "/calls/<int:id>/complete",
        methods=("POST",),
        params=(
            Param("durationSeconds", int, minimum=0, maximum=86_400),
            Param("recordingUrl", max_length=2000),
        ),
        group=AGENT,
        summary="Say that a call is over",
        responses={200: schemas.DONE},
        tag=TAG,
        envelope=ENVELOPE,
    )
    def complete(self, id, durationSeconds, recordingUrl):
        """For calls nobody else reports on. What a provider has reported stays as it is."""
        if recordingUrl and not recordingUrl.startswith(("https://", "http://")):
            raise invalid_parameters({"recordingUrl": "must be a web address"})
        call = _call(id)
        # sudo: the engine's columns are closed to forms; the right to change the call was checked by `_call`.
        if call.provider_call_id or call.submission:
            raise ApiError(409, "conflict", "The provider of this call reports on it.")
        ended = fields.Datetime.now()
        values = {"ended_at": ended, "answered_at": ended - timedelta(seconds=durationSeconds or 0)}
        if recordingUrl:
            values["recording_url"] = recordingUrl
        if call.state not in lifecycle.FINAL:
            call.sudo()._end("completed", values)
        return {"success": True}

    @api_route(
        "/calls/<int:id>",
        methods=("DELETE",),
        group=AGENT,
        summary="Archive a call",
        responses={200: schemas.DONE},
        tag=TAG,
        envelope=ENVELOPE,
    )
    def archive(self, id):
        """Also answers success for calls that are gone."""
        call = request.env["ghl.call"].search(_mine() & Domain("id", "=", id))
        if call:
            call.active = False
        return {"success": True}

    unknown = catch_all("/calls", ENVELOPE, root=True)
    unknown_api = catch_all("/api/v1/calls", ENVELOPE, root=True)
    unknown_outbound = catch_all("/twilio", ENVELOPE)


def _mine():
    env = request.env
    if env.user.has_group("ghl.group_ghl_admin"):
        return Domain.TRUE
    return Domain("user_id", "=", env.uid)


def _call(call_id):
    """The caller's call, which they may change; ApiError 404."""
    call = request.env["ghl.call"].search(_mine() & Domain("id", "=", call_id))
    if not call:
        raise not_found("Call")
    call.check_access("write")
    return call


def _is_called_again(call):
    """Whether a call made in place of this one is not over yet."""
    again = [("retry_of_id", "=", call.id), ("state", "not in", ENDED)]
    # sudo: also one that belongs to somebody else
    return bool(request.env["ghl.call"].sudo().search_count(again, limit=1))


def _rows(calls):
    return reading.call_rows(calls, request.httprequest.url_root.rstrip("/"))


def _new_call(agent, contact, **values):
    calls = request.env["ghl.call"]
    company = agent.company_id or request.env.company
    return calls.create(
        {
            "subject": contact.display_name or values.get("to_number"),
            "company_id": company.id,
            "source": "api",
            "contact_id": contact.id,
            "to_number": contact.phone,
            "voice_agent_id": agent.id,
            "voip_account_id": calls._default_account(agent, company).id,
            "start_time": fields.Datetime.now(),
            **values,
        }
    )


def _placed(call, outcome):
    if outcome.kind not in ("accepted", "unknown"):
        raise _refusal(call, outcome)
    return _rows(call)[0]


def _refusal(call, outcome):
    """The provider's trouble is ours (502); a number that must not or cannot be called is the caller's (400)."""
    details = {"provider": call.provider or call.voip_account_id.provider or "", "hint": outcome.code or outcome.kind}
    if outcome.kind in ("lead", "caller", "gone"):
        return ApiError(400, "call_refused", outcome.message, details)
    headers = (("Retry-After", str(int(outcome.retry_after))),) if outcome.retry_after else ()
    return ApiError(503 if outcome.kind == "later" else 502, "provider_refused", outcome.message, details, headers)

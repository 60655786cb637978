"""Older addresses of the CRM clients: many calls at once, and what has moved to /crm/calls."""

from odoo.fields import Domain
from odoo.http import Controller, request

from ...ghl_base.http import Param, api_route, catch_all, not_found, unprocessable
from ...ghl_base.http.errors import invalid_parameters
from .. import codes
from ..reading import filters, listing
from ..reading.board import MOST
from . import schemas
from .crm_calls import copied
from .crm_envelope import CrmEnvelope, succeed
from .crm_form import ALSO, word

TAG = "CRM calls"
IDS = Param("ids", list, item=int, minimum=1, required=True, max_items=MOST, doc=f"At most {MOST} calls.")
PURPOSE = Param("purpose", aliases=("purpose_id",), doc="1 to 6, or the word.")
COUNTED = {"type": "object", "properties": {"modified_count": schemas.INTEGER, "updated_count": schemas.INTEGER}}


class CrmBulk(Controller):
    unknown_clone = catch_all("/calls/clone", CrmEnvelope())  # what else is below /calls is the dialler's

    @api_route(
        "/calls/bulk-delete",
        methods=("POST",),
        params=(IDS,),
        group="ghl.group_ghl_agent",
        summary="Delete calls",
        responses={200: schemas.answer(data=COUNTED)},
        tag=TAG,
        envelope=CrmEnvelope(),
    )
    def bulk_delete(self, ids):
        """Those of them that are there; they are kept and can be restored. `modified_count` says how many."""
        calls = _mine(ids)
        calls.active = False
        return succeed("Calls deleted successfully", {"modified_count": len(calls)}, modified_count=len(calls))

    @api_route(
        "/calls/bulk-update",
        methods=("POST",),
        params=(IDS, Param("subject", max_length=500), Param("agenda", max_length=10_000), PURPOSE),
        group="ghl.group_ghl_agent",
        summary="Change calls",
        responses={200: schemas.answer(data=COUNTED)},
        tag=TAG,
        envelope=CrmEnvelope(),
    )
    def bulk_update(self, ids, subject, agenda, purpose):
        """Writes what was sent to those of them that are there; `updated_count` says how many."""
        values = {"subject": subject, "agenda": agenda}
        values = {name: value for name, value in values.items() if value is not None}
        if purpose is not None:
            values["purpose"] = _purpose(purpose)
        if not values:
            raise unprocessable("Nothing to update: send subject, agenda or purpose", "nothing_to_update")
        calls = _mine(ids)
        calls.write(values)
        return succeed("Calls updated successfully", {"updated_count": len(calls)}, updated_count=len(calls))

    @api_route(
        "/calls/update-purpose",
        methods=("POST",),
        params=(Param("id", int, required=True, minimum=1, doc="The call."), PURPOSE),
        group="ghl.group_ghl_agent",
        summary="Give a call another purpose",
        responses={200: schemas.answer(data={"type": "object"})},
        tag=TAG,
        envelope=CrmEnvelope(in_body=True),
    )
    def update_purpose(self, id, purpose):
        """Writes the purpose and nothing else."""
        call = _mine([id])
        if not call:
            raise not_found("Call")
        call.purpose = _purpose(purpose or "")
        data = {"id": call.id, "purpose": call.purpose or "", "purpose_id": codes.PURPOSE_CODES.get(call.purpose, 0)}
        return succeed("Call updated successfully", data)

    @api_route(
        "/calls/clone/<int:id>",
        methods=("GET", "POST"),
        group="ghl.group_ghl_agent",
        summary="Copy a call",
        responses={200: schemas.CLONE},
        tag=TAG,
        envelope=CrmEnvelope(in_body=True),
    )
    def clone(self, id):
        """As /crm/calls/clone."""
        return copied(id)

    @api_route(
        "/calls/get-by-related",
        methods=("POST",),
        params=(
            Param("related_to", required=True, choices=(*filters.RELATED, *ALSO), doc="What the calls are about."),
            Param("related_to_id", int, required=True, minimum=1),
        ),
        summary="The calls about a record",
        responses={200: schemas.RELATED_CALLS},
        tag=TAG,
        envelope=CrmEnvelope(in_body=True),
    )
    def by_related(self, related_to, related_to_id):
        """The latest made first, at most 1,000; `summary.total_calls` counts all."""
        kind = ALSO.get(related_to, related_to)
        value = f"crm.lead,{related_to_id}" if kind == "leads" else related_to_id
        found = listing.page(request.env["ghl.call"], Domain(filters.RELATED[kind], "=", value), size=MOST)
        return succeed("Related calls retrieved successfully", found.documents, summary={"total_calls": found.total})


def _mine(ids):
    return request.env["ghl.call"].search([("id", "in", ids)])


def _purpose(text):
    try:
        return word(text, codes.PURPOSES)
    except ValueError as error:
        raise invalid_parameters({"purpose": str(error)}) from None

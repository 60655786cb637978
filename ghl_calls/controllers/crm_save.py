"""Making and changing calls by the form of the CRM clients."""

from odoo.http import Controller, request

from ...ghl_base.http import Param, api_route, not_found
from ..reading import listing
from . import schemas
from .crm_envelope import CrmEnvelope, succeed
from .crm_form import FIELDS, UNSET, CallForm

# What makes two calls the same, where it was sent: name -> fields of the call.
SAME = {
    "subject": ("subject",),
    "call_for": ("contact_id", "lead_ref"),
    "call_for_id": ("contact_id", "lead_ref"),
    "start_time": ("start_time",),
}


class CrmSave(Controller):
    @api_route(
        "/crm/calls/save",
        methods=("POST",),
        params=(Param("id", int, default=0, minimum=0, doc="The call to change; 0 makes one."), *FIELDS),
        group="ghl.group_ghl_agent",
        summary="Make a call, or change one",
        responses={200: schemas.SAVED},
        tag="CRM calls",
        envelope=CrmEnvelope(),
    )
    def save(self, id, **given):
        """Changing writes what was sent and nothing else. A new call with the subject of another (and the same
        call_for, call_for_id and start_time, where sent) is refused with `status` 409 in the body."""
        calls = request.env["ghl.call"]
        call = calls.search([("id", "=", id)]) if id else calls
        if id and not call:
            raise not_found("Record")
        values = CallForm(request.env, given, call).values()
        if call:
            call.write(values)
            return succeed("Call updated successfully", _document(call))
        same = {
            name: {field: values[field] for field in fields if values.get(field)}
            for name, fields in SAME.items()
            if given.get(name) not in (None, 0, *UNSET)
        }
        same = {name: known for name, known in same.items() if known}  # a kind without an id names nobody
        known = {field: value for fields in same.values() for field, value in fields.items()}
        duplicate = calls._find_duplicate(known, values["company_id"]) if "subject" in same else None
        if duplicate:
            return {
                "status": 409,
                "message": f"Duplicate call found with matching {', '.join(same)}. Call ID: {duplicate}",
                "data": {"duplicate_call_id": duplicate, "duplicate_fields": list(same)},
            }
        return succeed("Call created successfully", _document(calls.create({**values, "source": "api"})))


def _document(call):
    call.flush_recordset()
    return listing.one(call, call.id)

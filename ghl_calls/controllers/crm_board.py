"""The call board of the CRM clients: calls by status, and moving a call to another status."""

from odoo.fields import Domain
from odoo.http import Controller, request

from ...ghl_base.http import Param, api_route, catch_all, not_found
from ...ghl_base.http.errors import invalid_parameters
from ...ghl_base.http.params import parse_datetime
from .. import durations
from ..reading import filters
from ..reading.board import MOST
from . import schemas
from .crm_envelope import CrmEnvelope, succeed

DEFAULT_LIMIT = 100
# What clients send for a number or a date that is not set.
UNSET = ("", "0")

FILTERS = (
    Param("view", choices=("", *filters.VIEWS), default="", doc="A standard view. Sent by boards that send the payload "
          "of the list: then `limit` is a page size of that list, and the column size of the settings is used."),
    Param("today_date", default="", doc="The day meant by the view calls_today; today unless set."),
    Param("subject", default="", doc="Part of the subject."),
    Param("start_time", default="", doc="A time: calls that start on that UTC day."),
    Param("duration", default="", doc="Minutes, or as in 5m 30s, 5:30, 90s."),
    Param("related_to", default="", choices=("", *filters.RELATED), doc="What the call is about."),
    Param("owner_id", int, default=0, minimum=0, doc="The owner."),
    Param("assigned_to_id", int, default=0, minimum=0, doc="The person the call is assigned to."),
)  # fmt: skip


class CrmBoard(Controller):
    unknown = catch_all("/crm", CrmEnvelope())

    @api_route(
        "/crm/calls/get-grouped-by-status",
        methods=("POST",),
        params=(
            Param("limit", int, default=DEFAULT_LIMIT, minimum=1, maximum=MOST, clamp=True, doc="Calls per status, "
                  f"1 to {MOST}; beyond that the nearest."),
            Param("include_enrichment", bool, default=True, doc="false: only the ids of the calls, in `call_ids`."),
            *FILTERS,
        ),
        summary="Calls by status, the newest first",
        responses={200: schemas.BOARD},
        tag="CRM calls",
        envelope=CrmEnvelope(in_body=True),
    )  # fmt: skip
    def grouped(self, limit, include_enrichment, view, today_date, **chosen):
        """Every status is listed, by id, also when it is empty. `total_calls` counts all calls of a status that the
        caller may see (and that match), not only those returned."""
        env = request.env
        where = wanted(env, view, today_date, **chosen)
        if view:
            limit = _column_size(env)
        columns = env["ghl.call"]._board_for_api(where, limit=limit, enriched=include_enrichment)
        summary = {
            "total_calls": sum(column.total for column in columns),
            "total_status_groups": len(columns),
            "enrichment_enabled": include_enrichment,
        }
        if include_enrichment:
            summary["limit_per_status"] = limit
        return succeed(
            "Calls grouped by status retrieved successfully",
            [_group(column, include_enrichment) for column in columns],
            summary=summary,
        )

    @api_route(
        "/crm/calls/update-status",
        methods=("POST",),
        params=(
            Param("id", int, required=True, minimum=1, doc="The call."),
            Param("status_id", int, required=True, minimum=1, doc="The status it moves to."),
        ),
        group="ghl.group_ghl_agent",
        summary="Move a call to another status",
        responses={200: schemas.STATUS_UPDATE},
        tag="CRM calls",
        envelope=CrmEnvelope(in_body=True, invalid="Valid id and status_id are required"),
    )
    def update_status(self, id, status_id):
        """Writes the status and nothing else; the move is noted in the activity log."""
        env = request.env
        call = env["ghl.call"].search([("id", "=", id)])
        if not call:
            raise not_found("Call")
        status = env["ghl.call.status"].search([("id", "=", status_id)])
        if not status:
            raise invalid_parameters({"status_id": "is no status"})
        call.status_id = status
        return succeed("Call updated successfully", {"id": call.id, "status_id": status.id})


def _group(column, enriched):
    group = {
        "id": column.id,
        "name": column.name,
        "title": column.name,
        "description": column.description,
        "color": column.color,
        "total_calls": column.total,
        "calls": column.calls,
    }
    return group if enriched else {**group, "call_ids": column.call_ids}


def wanted(env, view, today_date, *, start_time, duration, **chosen):
    """Domain of the view and the filters; ApiError 400 naming every text that cannot be read."""
    reasons = {}

    def read(name, text, parse):
        try:
            return parse(text) if text.strip() not in UNSET else None
        except ValueError as error:
            reasons[name] = str(error)

    today = read("today_date", today_date, parse_datetime)
    start = read("start_time", start_time, parse_datetime)
    seconds = read("duration", duration, durations.seconds)
    if reasons:
        raise invalid_parameters(reasons)
    where = filters.chosen(start_time=start, seconds=seconds, **chosen)
    return where & (filters.view(env, view, today) if view else Domain.TRUE)


def _column_size(env):
    # sudo: system parameters are closed to everybody else, and this is no secret.
    size = env["ir.config_parameter"].sudo().get_param("ghl.board_column_size") or ""
    return min(MOST, int(size)) if size.isdigit() and int(size) else DEFAULT_LIMIT

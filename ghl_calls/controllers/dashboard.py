"""The figures of the analytics page for outside clients."""

from datetime import date, timedelta

from odoo import fields
from odoo.http import Controller, request

from ...ghl_base.http import Param, api_route, bad_request
from ...ghl_contacts.controllers.answers import find_location
from ...ghl_contacts.reading import insights
from ..reading import dashboard_answers as answers
from . import dashboard_schemas as schemas

TAG = "Dashboard"
DEFAULT_DAYS = 30
MOST_DAYS = 3660
PERIOD = (
    Param("locationId", default="", max_length=128, aliases=("location_id",), doc="GHL id; absent: all locations."),
    Param("startDate", date, doc=f"First day, UTC; {DEFAULT_DAYS} days up to `endDate` when absent."),
    Param("endDate", date, doc="Last day, UTC; today when absent."),
)


class Dashboard(Controller):
    @api_route(
        "/api/dashboard/metrics",
        params=PERIOD[:1],
        summary="Contacts, opportunities and revenue in total",
        responses={200: schemas.METRICS},
        tag=TAG,
    )
    def metrics(self, **chosen):
        """Of all time. Revenue is the value of the opportunities won; the conversion rate their share in per cent."""
        location = _location(chosen["locationId"])
        scope = insights.Scope(date.min, date.max, location_id=location and location.id)
        found = answers.totals(request.env, scope)
        return {
            "success": True,
            "id": location.id if location else 0,
            "locationId": location.external_id if location else "",
            **found,
            "dateCalculated": fields.Datetime.now().isoformat(timespec="seconds") + "Z",
        }

    @api_route(
        "/api/dashboard/analytics/call-volume",
        params=PERIOD,
        summary="Calls by day and status",
        responses={200: schemas.CALL_VOLUME},
        tag=TAG,
    )
    def call_volume(self, **chosen):
        """Calls by the day they start. Long periods are cut into weeks or months (`days` holds their first days)."""
        scope = _scope(**chosen)
        page = answers.call_volume(request.env, scope)
        return {"success": True, **_echo(scope, chosen["locationId"]), **page}

    @api_route(
        "/api/dashboard/analytics/engagement",
        params=(
            *PERIOD,
            Param("limit", int, default=1000, minimum=1, maximum=5000, clamp=True, doc="Messages at most."),
            Param("offset", int, default=0, minimum=0, maximum=1_000_000, doc="Messages to skip."),
        ),
        summary="Messages and calls of a period, newest first",
        responses={200: schemas.ENGAGEMENT},
        tag=TAG,
    )
    def engagement(self, limit, offset, **chosen):
        """One entry for each message or call mirrored from GoHighLevel."""
        return answers.engagement(request.env, _scope(**chosen), limit, offset)

    @api_route(
        "/api/dashboard/analytics/pipeline",
        params=PERIOD,
        summary="Open opportunities by stage, won and lost ones of a period",
        responses={200: schemas.PIPELINE},
        tag=TAG,
    )
    def pipeline(self, **chosen):
        """Won and lost opportunities belong to the day their status changed."""
        scope = _scope(**chosen)
        return {"success": True, **_echo(scope, chosen["locationId"]), **answers.pipeline(request.env, scope)}


def _location(external_id):
    return find_location(request.env, external_id) if external_id else None


def _scope(locationId, startDate, endDate):
    last = endDate or fields.Date.today()
    # Of the first days that there are, nothing can be subtracted; they are refused below.
    first = startDate or max(last, date(1970, 1, 1)) - timedelta(days=DEFAULT_DAYS - 1)
    if last < first:
        raise bad_request("startDate must not be after endDate.", "invalid_period")
    if (last - first).days >= MOST_DAYS or first.year < 1970 or last.year > 9000:
        raise bad_request(f"At most {MOST_DAYS} days can be asked for, from 1970 on.", "invalid_period")
    location = _location(locationId)
    return insights.Scope(first, last, location_id=location and location.id)


def _echo(scope, location_id):
    return {"locationId": location_id, "startDate": scope.first.isoformat(), "endDate": scope.last.isoformat()}

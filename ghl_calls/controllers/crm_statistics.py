"""The cards above the call list of the CRM clients."""

from datetime import datetime, timedelta

from odoo.http import Controller, request

from ...ghl_base.http import Param, api_route, bad_request
from ..reading import statistics
from . import schemas
from .crm_envelope import CrmEnvelope, succeed


class CrmStatistics(Controller):
    @api_route(
        "/crm/calls/get-statistics",
        methods=("POST",),
        params=(
            Param("from", datetime, doc="The first day; the whole UTC day counts."),
            Param("to", datetime, doc="The last day; the whole UTC day counts."),
        ),
        summary="Four cards of figures about the calls of a period",
        responses={200: schemas.STATISTICS},
        tag="CRM calls",
        envelope=CrmEnvelope(in_body=True),
    )
    def statistics(self, **given):
        """Calls by the day they start. `change` compares with the period of equal length before, `lineChartData` has
        the last seven days. Calls that did not last are left out of the average duration, and nowhere else."""
        first, last = given["from"], given["to"]
        if not first or not last:
            raise bad_request("from and to date parameters are required")
        if last < first:
            raise bad_request("from must not be after to")
        env = request.env
        period = statistics.Period.of(first, last)
        return succeed(
            "Call statistics retrieved successfully",
            cards(statistics.read(env["ghl.call"], period), _purposes(env)),
            date_range={"from": _stamp(period.begin), "to": _stamp(period.end - timedelta(milliseconds=1))},
            tenant_id=env.company.id,
        )


def cards(found, purposes):
    """The four cards of ``Statistics``; ``purposes`` names them."""
    now, connected = found.now, found.now.connected
    rate = round(connected / now.total * 100, 2) if now.total else 0
    top = sorted(now.purposes.items(), key=lambda item: (-item[1], item[0]))[:3]
    parts = [*(f"{purposes[purpose]}: {number}" for purpose, number in top), f"Calls Penetration: {rate}%"]
    days = found.days if now.total else []

    def card(icon, title, total, description, figure):
        return {
            "icon": f"/icons/call_{icon}_icon.svg",
            "iconClass": "",
            "title": title,
            "total": total,
            "change": change(figure(found.now), figure(found.before)),
            "description": description,
            "lineChartData": [{"value": round(figure(day), 1)} for day in days],
        }

    lengths = now.lengths
    return [
        card("in_out", "Total Calls Made", now.total, " | ".join(parts), lambda of: of.total),
        card(
            "missed",
            "Missed/Non-Shows",
            now.missed,
            f"Missed: {now.kinds['missed']} | Over Due: {now.kinds['overdue']}",
            lambda of: of.missed,
        ),
        card(
            "connected",
            "Connected Calls",
            connected,
            f"Inbound: {now.directions['inbound']} | Outbound: {now.directions['outbound']}",
            lambda of: of.connected,
        ),
        card(
            "duration",
            "Average Call Duration",
            f"{round(now.minutes)}m",
            f"Short (<2m): {lengths['short']} | Medium (2-10m): {lengths['medium']} | Long (>10m): {lengths['long']}",
            lambda of: of.minutes,
        ),
    ]


def change(now, before):
    """Per cent against the period before, one decimal; 100 when there was nothing."""
    if not before:
        return 100.0 if now else 0.0
    return round((now - before) / before * 100, 1)


def _purposes(env):
    return dict(env["ghl.call"]._fields["purpose"]._description_selection(env))


def _stamp(moment):
    return moment.isoformat(timespec="milliseconds") + "Z"

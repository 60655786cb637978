from odoo import fields, models

from ...ghl_base.models.ghl_total_mixin import Unchecked


class GhlCallDay(models.Model):
    """How many calls start on each day of UTC, by company, location and status.

    Days of other time zones are made of these and of the hours at their edges (see ``insights.count``).
    """

    _name = "ghl.call.day"
    _description = "GoHighLevel Calls of a Day"
    _inherit = ["ghl.total.mixin"]
    _log_access = False
    _total_of = "ghl.call"
    _total_keys = {
        "company_id": "company_id",
        "location_id": "location_id",
        "status_id": "status_id",
        "day": "start_time::date",
    }
    _total_number = "calls"

    company_id = Unchecked("res.company", required=True, ondelete="cascade")
    location_id = Unchecked("ghl.location", ondelete="cascade")
    status_id = Unchecked("ghl.call.status", required=True, ondelete="cascade")
    day = fields.Date()
    calls = fields.Integer(required=True)

    _key = models.Index("(company_id, day) INCLUDE (location_id, status_id, calls)")

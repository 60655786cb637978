from odoo import fields, models

from ...ghl_base.models.ghl_total_mixin import Unchecked

BLOCK_BITS = 13  # a block is a run of 8,192 ids


class GhlCallTotal(models.Model):
    """How many calls there are by status, by block of ids, and by day of UTC they start on.

    - ``status``: a few rows, however many calls there are.
    - ``block``: these say where in a list a page begins, so that nobody has to walk there (see ``reading.pages``).
    - ``day``: days of other time zones are made of these and of the hours at their edges (see ``insights.count``).
    """

    _name = "ghl.call.total"
    _description = "GoHighLevel Call Total"
    _inherit = ["ghl.total.mixin"]
    _log_access = False
    _total_of = "ghl.call"
    _total_keys = {
        "company_id": "company_id",
        "location_id": "location_id",
        "status_id": "status_id",
        "day": "start_time::date",
        "block": f"id >> {BLOCK_BITS}",
    }
    _total_grains = {
        "status": ("company_id", "status_id"),
        "block": ("company_id", "status_id", "block"),
        "day": ("company_id", "location_id", "status_id", "day"),
    }
    _total_number = "calls"

    company_id = Unchecked("res.company", required=True, ondelete="cascade")
    location_id = Unchecked("ghl.location", ondelete="cascade")
    status_id = Unchecked("ghl.call.status", required=True, ondelete="cascade")
    day = fields.Date()
    block = fields.Integer(help="The first of its ids, divided by its size.")
    calls = fields.Integer(required=True)

    _key = models.Index("(company_id, grain, day) INCLUDE (status_id, location_id, block, calls)")

    def init(self):
        # The triggers of earlier versions went by other names.
        self.env.cr.execute("DROP FUNCTION IF EXISTS ghl_call_count, ghl_call_day_keep CASCADE")
        return super().init()

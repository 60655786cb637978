from odoo import fields, models

from ...ghl_base.models.ghl_total_mixin import Unchecked

BLOCK_BITS = 13  # a block is a run of 8,192 ids


class GhlCallTotal(models.Model):
    """How many calls there are by company and status, and by block of ids.

    Rows without block count the calls of a status, whatever their ids, so that totals are sums of a few rows however
    many calls there are. Rows with a block count them again, by block: these say where in a list a page begins, so that
    nobody has to walk there (see ``reading.pages``).
    """

    _name = "ghl.call.total"
    _description = "GoHighLevel Call Total"
    _inherit = ["ghl.total.mixin"]
    _log_access = False
    _total_of = "ghl.call"
    _total_keys = {"company_id": "company_id", "status_id": "status_id", "block": f"id >> {BLOCK_BITS}"}
    _total_sums = ("company_id", "status_id")
    _total_number = "calls"

    company_id = Unchecked("res.company", required=True, ondelete="cascade")
    status_id = Unchecked("ghl.call.status", required=True, ondelete="cascade")
    block = fields.Integer(help="The first of its ids, divided by its size; NULL: all blocks.")
    calls = fields.Integer(required=True)

    _key = models.Index("(company_id, block, status_id) INCLUDE (calls)")

    def init(self):
        # The triggers of earlier versions went by another name.
        self.env.cr.execute("DROP FUNCTION IF EXISTS ghl_call_count() CASCADE")
        return super().init()

from odoo import fields, models


class GhlContactOpportunity(models.Model):
    _inherit = "ghl.contact.opportunity"

    call_count = fields.Integer(compute="_compute_call_count", string="Number of calls")

    def _compute_call_count(self):
        counts = dict(
            self.env["ghl.call"]._read_group([("opportunity_id", "in", self.ids)], ["opportunity_id"], ["__count"])
        )
        for opportunity in self:
            opportunity.call_count = counts.get(opportunity, 0)

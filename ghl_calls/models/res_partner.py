from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    ghl_call_count = fields.Integer(
        compute="_compute_ghl_call_count", string="Number of calls", groups="ghl.group_ghl_viewer"
    )

    def _compute_ghl_call_count(self):
        counts = dict(self.env["ghl.call"]._read_group([("partner_id", "in", self.ids)], ["partner_id"], ["__count"]))
        for partner in self:
            partner.ghl_call_count = counts.get(partner, 0)

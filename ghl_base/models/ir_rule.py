from odoo import api, models


class IrRule(models.Model):
    _inherit = "ir.rule"

    @api.model
    def _eval_context(self):
        """Adds `ghl_location_ids`: the locations the user and the API key are limited to, [] = no limit."""
        return {**super()._eval_context(), "ghl_location_ids": self.env.user._ghl_location_scope()}

    def _compute_domain_keys(self):
        return [*super()._compute_domain_keys(), "ghl_location_ids"]

from odoo import fields, models


class GhlApiKeyWizard(models.TransientModel):
    _inherit = "ghl.api.key.wizard"

    ghl_location_ids = fields.Many2many(
        "ghl.location",
        string="Locations",
        help="Limits the key to these locations. Empty: every location its user may see.",
    )

    def _more_values(self):
        return {**super()._more_values(), "ghl_location_ids": [fields.Command.set(self.ghl_location_ids.ids)]}

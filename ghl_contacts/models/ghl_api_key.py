from odoo import fields, models


class GhlApiKey(models.Model):
    _inherit = "ghl.api.key"

    ghl_location_ids = fields.Many2many(
        "ghl.location",
        "ghl_api_key_ghl_location_rel",
        "key_id",
        "location_id",
        "Locations",
        ondelete="restrict",  # without its last location the limit would be none
        help="Limits the key to these locations. Empty: every location its user may see.",
    )

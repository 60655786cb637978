from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    ghl_location_ids = fields.Many2many(
        "ghl.location",
        "ghl_location_res_users_rel",
        "user_id",
        "location_id",
        "GoHighLevel locations",
        ondelete="restrict",  # without its last location the limit would be none
        help="Limits the user to these locations. Empty: every location of the user's companies.",
    )

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    ghl_max_concurrent_calls = fields.Integer(
        "Campaign Calls at a Time", default=0, help="Over all accounts and campaigns of the company; 0 = no limit."
    )

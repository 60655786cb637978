from odoo import fields, models


class GhlJob(models.Model):
    _inherit = "ghl.job"

    location_id = fields.Many2one("ghl.location", readonly=True, ondelete="cascade", index="btree_not_null")

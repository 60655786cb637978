from odoo import fields, models


class GhlJob(models.Model):
    _inherit = "ghl.job"

    location_id = fields.Many2one("ghl.location", readonly=True, ondelete="cascade")

    _location_latest = models.Index("(location_id, id DESC) WHERE location_id IS NOT NULL")

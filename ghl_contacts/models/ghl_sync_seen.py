from odoo import fields, models


class GhlSyncSeen(models.Model):
    """Remote ids met by a complete walk, one row per page: what the walk did not meet is gone from GoHighLevel."""

    _name = "ghl.sync.seen"
    _description = "GoHighLevel Sync Page"
    _rec_name = "cursor_id"

    cursor_id = fields.Many2one("ghl.sync.cursor", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    external_ids = fields.Json(readonly=True)

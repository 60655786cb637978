from odoo import api, fields, models

from ..mapping import readable


class GhlMirrorMixin(models.AbstractModel):
    """What every record mirrored from one GoHighLevel location has in common.

    Mirrored columns are written by the bulk merge of ``mirror/merge.py`` only, which reads three class
    attributes of the model:

    - ``_mirror_references``: ``{many2one field: column that holds the remote id}``. The many2one is filled by
      a join on the remote id within the same location, and stays empty while the other record is unknown:
      the remote id is kept, so nothing is lost, and the link is made later.
    - ``_mirror_entity``: the entity's name in cursors, progress and issues, as the user reads it.
    """

    _name = "ghl.mirror.mixin"
    _description = "Record mirrored from GoHighLevel"

    _mirror_entity = ""
    _mirror_references = {}

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    location_id = fields.Many2one("ghl.location", required=True, readonly=True, ondelete="cascade")
    external_id = fields.Char("GHL ID", required=True, readonly=True, copy=False)
    active = fields.Boolean(default=True, help="Unset when the record was deleted in GoHighLevel.")
    remote_created_at = fields.Datetime("Added in GHL", readonly=True)
    remote_updated_at = fields.Datetime("Updated in GHL", readonly=True)
    remote_deleted_at = fields.Datetime(
        "Gone from GHL", readonly=True, help="When a complete walk of the location no longer held the record."
    )
    content_hash = fields.Char(readonly=True, copy=False, help="Digest of the remote record: equal means unchanged.")
    extra = fields.Json("Other remote fields", readonly=True, help="What GoHighLevel sent beyond the known fields.")
    extra_text = fields.Text("Other fields", compute="_compute_extra_text")

    @api.depends("extra")
    def _compute_extra_text(self):
        for record in self:
            record.extra_text = readable.lines(record.extra)

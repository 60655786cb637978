from odoo import api, fields, models

from ..mapping import readable


class GhlCustomField(models.Model):
    """Definition of a custom field of a location's contacts or opportunities.

    Source: GET /locations/{locationId}/customFields.
    """

    _name = "ghl.custom.field"
    _description = "GoHighLevel Custom Field"
    _inherit = ["ghl.mirror.mixin"]
    _order = "model, position, name"
    _mirror_entity = "custom fields"

    name = fields.Char(readonly=True)
    field_key = fields.Char(readonly=True, help="For example contact.shoe_size")
    data_type = fields.Char(
        readonly=True, help="TEXT, NUMERICAL, MONETORY, CHECKBOX, DATE, ... as GoHighLevel names it"
    )
    model = fields.Char("Belongs to", readonly=True, help="contact or opportunity")
    placeholder = fields.Char(readonly=True)
    position = fields.Integer(readonly=True)
    options = fields.Json(readonly=True)
    options_text = fields.Char("Choices", compute="_compute_options_text")

    _location_external_uniq = models.UniqueIndex("(location_id, external_id)")

    @api.depends("options")
    def _compute_options_text(self):
        for field in self:
            field.options_text = readable.listed(field.options)

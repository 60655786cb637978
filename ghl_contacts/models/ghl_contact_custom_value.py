from odoo import api, fields, models

from ..mapping import readable


class GhlContactCustomValue(models.Model):
    """Value of one custom field of one contact, kept in the column of its type beside the value as sent."""

    _name = "ghl.contact.custom.value"
    _description = "GoHighLevel Contact Custom Value"
    _order = "contact_id, id"
    _rec_name = "value_text"

    contact_id = fields.Many2one("ghl.contact", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    location_id = fields.Many2one("ghl.location", required=True, readonly=True, index=True, ondelete="cascade")
    field_external_id = fields.Char("GHL field ID", required=True, readonly=True)
    field_id = fields.Many2one("ghl.custom.field", readonly=True, index="btree_not_null", ondelete="set null")
    value = fields.Json("Value as sent", readonly=True, help='Wrapped as {"v": value}: a bare 0 or false must survive.')
    value_text = fields.Char("Value", readonly=True)
    value_summary = fields.Text("Content", compute="_compute_value_summary")
    value_number = fields.Float(readonly=True)
    value_date = fields.Date(readonly=True)

    _contact_field_uniq = models.UniqueIndex("(contact_id, field_external_id)")

    @api.depends("value", "value_text", "field_id.options", "field_id.extra")
    def _compute_value_summary(self):
        for record in self:
            held = record.value.get("v") if record.value else None
            structured = isinstance(held, dict) or (isinstance(held, list) and any(isinstance(i, dict) for i in held))
            record.value_summary = readable.held(held, record._boxes()) if structured else record.value_text

    def _boxes(self):
        field = self.field_id
        return readable.boxes((field.extra or {}).get("textBoxListOptions")) | readable.boxes(field.options)

    @api.depends("field_id", "value_text")
    def _compute_display_name(self):
        for value in self:
            value.display_name = f"{value.field_id.name or value.field_external_id}: {value.value_text or ''}"

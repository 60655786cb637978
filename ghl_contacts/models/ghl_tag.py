from odoo import fields, models


class GhlTag(models.Model):
    """A tag of a location. Contacts carry tag names, so a name met on a contact makes the tag."""

    _name = "ghl.tag"
    _description = "GoHighLevel Tag"
    _order = "name"

    name = fields.Char(required=True, readonly=True)
    external_id = fields.Char("GHL ID", readonly=True, help="Empty until the tag list of the location names it.")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    location_id = fields.Many2one("ghl.location", required=True, readonly=True, ondelete="cascade")
    color = fields.Integer()

    _location_name_uniq = models.UniqueIndex("(location_id, name)")

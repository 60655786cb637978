from odoo import api, fields, models

from ..reading import users as reading


class GhlUser(models.Model):
    """A GoHighLevel user as seen from one location (a user of three locations has three rows)."""

    _name = "ghl.user"
    _description = "GoHighLevel User"
    _inherit = ["ghl.mirror.mixin"]
    _order = "name, id"
    _mirror_entity = "users"

    name = fields.Char(readonly=True, index="trigram")
    first_name = fields.Char(readonly=True)
    last_name = fields.Char(readonly=True)
    email = fields.Char(readonly=True)
    phone = fields.Char(readonly=True)
    extension = fields.Char(readonly=True)
    role = fields.Char(readonly=True, help="admin or user")
    role_type = fields.Char(readonly=True, help="account or agency")
    permissions = fields.Json(readonly=True)
    scopes = fields.Json(readonly=True)
    user_id = fields.Many2one("res.users", "Odoo user", help="The same person in Odoo.")
    contact_ids = fields.One2many("ghl.contact", "assigned_user_id", "Contacts")

    _location_external_uniq = models.UniqueIndex("(location_id, external_id)")

    @api.model
    def _read_for_api(self, location_id):
        """A dict for each user of the location (see ``ghl_contacts/reading``)."""
        return reading.of_location(self, location_id)

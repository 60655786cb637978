from odoo import fields, models

from ...ghl_base.models.ghl_total_mixin import Unchecked


class GhlContactMessageDay(models.Model):
    """How many messages there are of each day of UTC, by company, location, type and direction."""

    _name = "ghl.contact.message.day"
    _description = "GoHighLevel Messages of a Day"
    _inherit = ["ghl.total.mixin"]
    _log_access = False
    _total_of = "ghl.contact.message"
    _total_keys = {
        "company_id": "company_id",
        "location_id": "location_id",
        "message_type": "message_type",
        "direction": "direction",
        "day": "remote_created_at::date",
    }
    _total_grains = {"day": tuple(_total_keys)}
    _total_number = "messages"

    company_id = Unchecked("res.company", required=True, ondelete="cascade")
    location_id = Unchecked("ghl.location", ondelete="cascade")
    message_type = fields.Char("Type")
    direction = fields.Char()
    day = fields.Date()
    messages = fields.Integer(required=True)

    _key = models.Index("(company_id, day) INCLUDE (location_id, message_type, direction, messages)")

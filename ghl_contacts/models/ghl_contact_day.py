from odoo import fields, models

from ...ghl_base.models.ghl_total_mixin import Unchecked


class GhlContactDay(models.Model):
    """How many contacts were added on each day of UTC, by company, location, and whether they were touched or answered.

    Contacts of which nobody knows when they were added have no day.
    """

    _name = "ghl.contact.day"
    _description = "GoHighLevel Contacts of a Day"
    _inherit = ["ghl.total.mixin"]
    _log_access = False
    _total_of = "ghl.contact"
    _total_keys = {
        "company_id": "company_id",
        "location_id": "location_id",
        "touched": "first_touch_date IS NOT NULL",
        "engaged": "engagements IS NOT NULL",
        "day": "remote_created_at::date",
    }
    _total_grains = {"day": tuple(_total_keys)}
    _total_number = "contacts"

    company_id = Unchecked("res.company", required=True, ondelete="cascade")
    location_id = Unchecked("ghl.location", ondelete="cascade")
    touched = fields.Boolean()
    engaged = fields.Boolean("Answered")
    day = fields.Date()
    contacts = fields.Integer(required=True)

    _key = models.Index("(company_id, day) INCLUDE (location_id, touched, engaged, contacts)")

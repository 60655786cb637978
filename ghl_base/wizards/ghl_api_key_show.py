from odoo import fields, models


class GhlApiKeyShow(models.AbstractModel):
    """A window that shows a new key. Abstract, with the text in the context: so it never reaches the database."""

    _name = "ghl.api.key.show"
    _description = "New GoHighLevel API Key"

    id = fields.Id()
    key = fields.Char("API Key", readonly=True)

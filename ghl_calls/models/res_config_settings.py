from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..reading.board import MOST


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ghl_board_column_size = fields.Integer(
        "Calls per Board Column", default=100, config_parameter="ghl.board_column_size"
    )

    ghl_keep_recordings = fields.Boolean(
        "Keep Recordings",
        config_parameter="ghl.keep_recordings",
        help="Store the recordings of GoHighLevel's calls as attachments when somebody asks for them.",
    )

    ghl_max_concurrent_calls = fields.Integer(related="company_id.ghl_max_concurrent_calls", readonly=False)
    ghl_public_base_url = fields.Char("Public Address", config_parameter="ghl.public_base_url")

    @api.constrains("ghl_public_base_url")
    def _check_ghl_public_base_url(self):
        for settings in self:
            address = urlsplit(settings.ghl_public_base_url or "https://none")
            if address.scheme not in ("https", "http") or not address.hostname or address.query or address.fragment:
                raise ValidationError(self.env._("Write the public address like https://odoo.example.com"))

    @api.constrains("ghl_board_column_size")
    def _check_ghl_board_column_size(self):
        for settings in self:
            if not 1 <= settings.ghl_board_column_size <= MOST:
                raise ValidationError(self.env._("A board column shows between 1 and %s calls.", MOST))

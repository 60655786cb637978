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

    @api.constrains("ghl_board_column_size")
    def _check_ghl_board_column_size(self):
        for settings in self:
            if not 1 <= settings.ghl_board_column_size <= MOST:
                raise ValidationError(self.env._("A board column shows between 1 and %s calls.", MOST))

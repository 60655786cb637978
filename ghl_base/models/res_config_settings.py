from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..http import cors


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ghl_cors_origins = fields.Char("Allowed Web Origins", config_parameter="ghl.cors_origins")
    ghl_job_executor = fields.Selection(
        [
            ("thread", "Thread"),
            ("cron", "Scheduled action"),
            ("queue_job", "OCA queue_job"),
        ],
        "Background Jobs Run In",
        default="thread",
        config_parameter="ghl.job_executor",
    )

    @api.constrains("ghl_cors_origins")
    def _check_ghl_cors_origins(self):
        for settings in self:
            try:
                cors.parse_origins(settings.ghl_cors_origins)
            except ValueError as error:
                raise ValidationError(
                    self.env._("%s is not a web origin. Write it like https://app.example.com", error)
                ) from None

    @api.constrains("ghl_job_executor")
    def _check_ghl_job_executor(self):
        if "queue.job" not in self.env and "queue_job" in self.mapped("ghl_job_executor"):
            raise ValidationError(self.env._("The module queue_job is not installed on this database."))

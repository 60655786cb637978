from odoo import api, fields, models
from odoo.exceptions import ValidationError

LONGEST_WAIT = 110  # seconds: what stands in front of Odoo hangs up soon after


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ghl_refresh_minutes = fields.Integer(
        "Refresh every", compute="_compute_ghl_refresh", inverse="_inverse_ghl_refresh"
    )
    ghl_fast_sync_seconds = fields.Integer("Fast Answers May Be Old", config_parameter="ghl.fast_sync_seconds")
    ghl_fresh_timeout_seconds = fields.Integer(
        "Fresh Answers Wait", default=60, config_parameter="ghl.fresh_timeout_seconds"
    )

    def _ghl_cron(self):
        # sudo: who may change the settings may change how often the scheduled action runs.
        return self.env.ref("ghl.cron_ghl_pull_incremental").sudo()

    def _compute_ghl_refresh(self):
        cron = self._ghl_cron()
        factor = {"minutes": 1, "hours": 60}.get(cron.interval_type, 24 * 60)
        self.ghl_refresh_minutes = cron.interval_number * factor if cron.active else 0

    def _inverse_ghl_refresh(self):
        for settings in self:
            cron, minutes = self._ghl_cron(), settings.ghl_refresh_minutes
            if not 0 <= minutes <= 24 * 60:
                raise ValidationError(self.env._("Refresh every 1 to 1440 minutes; 0 switches it off."))
            values = {"active": bool(minutes)}
            if minutes:
                values.update(interval_number=minutes, interval_type="minutes")
            if any(cron[name] != value for name, value in values.items()):
                cron.write(values)

    @api.constrains("ghl_fast_sync_seconds", "ghl_fresh_timeout_seconds")
    def _check_ghl_freshness(self):
        for settings in self:
            if settings.ghl_fast_sync_seconds < 0:
                raise ValidationError(self.env._("An answer cannot be younger than new."))
            if not 1 <= settings.ghl_fresh_timeout_seconds <= LONGEST_WAIT:
                raise ValidationError(self.env._("Fresh answers wait 1 to %s seconds.", LONGEST_WAIT))

from odoo import api, fields, models
from odoo.exceptions import ValidationError

WEEKDAYS = [
    ("mon", "Monday"),
    ("tue", "Tuesday"),
    ("wed", "Wednesday"),
    ("thu", "Thursday"),
    ("fri", "Friday"),
    ("sat", "Saturday"),
    ("sun", "Sunday"),
]


class GhlCampaignWindow(models.Model):
    """Hours of a weekday, on the recipient's clock, in which a campaign may call."""

    _name = "ghl.campaign.window"
    _description = "Calling Window"
    _order = "weekday_number, hour_from, id"

    campaign_id = fields.Many2one("ghl.campaign", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="campaign_id.company_id", store=True, precompute=True, index=True)
    weekday = fields.Selection(WEEKDAYS, required=True, default="mon")
    weekday_number = fields.Integer(compute="_compute_weekday_number", store=True, precompute=True)
    hour_from = fields.Float("From", required=True, default=9.0)
    hour_to = fields.Float("To", required=True, default=20.0)

    @api.depends("weekday")
    def _compute_weekday_number(self):
        order = [key for key, _label in WEEKDAYS]
        for window in self:
            window.weekday_number = order.index(window.weekday) if window.weekday else 0

    @api.constrains("weekday", "hour_from", "hour_to", "campaign_id")
    def _check_windows(self):
        for campaign in self.campaign_id:
            try:
                campaign._windows()
            except ValueError as error:
                raise ValidationError(str(error)) from error

    def _clock(self):
        """(begin, end) as ``campaigns.windows.parse`` takes them."""
        return [f"{minutes // 60:02}:{minutes % 60:02}" for minutes in (self._minutes("from"), self._minutes("to"))]

    def _minutes(self, side):
        return round(self[f"hour_{side}"] * 60)

from odoo import fields, models


class GhlCampaignHoliday(models.Model):
    """A day on which no campaign of the company calls anybody; the day is the recipient's."""

    _name = "ghl.campaign.holiday"
    _description = "Day Without Calls"
    _order = "date, id"

    name = fields.Char(required=True)
    date = fields.Date(required=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)

    _date_uniq = models.UniqueIndex("(company_id, date)", "This day is in the list already.")

from odoo import fields, models


class GhlCall(models.Model):
    """What ties a call to the campaign that places it: an attempt to reach one recipient."""

    _inherit = "ghl.call"

    campaign_id = fields.Many2one("ghl.campaign", readonly=True, copy=False, ondelete="set null", check_company=True)
    campaign_lead_id = fields.Many2one("ghl.campaign.lead", "Recipient", readonly=True, copy=False, ondelete="set null")

    _campaign = models.Index("(campaign_id, id DESC) WHERE campaign_id IS NOT NULL")
    _campaign_lead = models.Index("(campaign_lead_id) WHERE campaign_lead_id IS NOT NULL")
    # How often campaigns have called a number lately.
    _campaign_number = models.Index("(company_id, to_number, create_date) WHERE campaign_id IS NOT NULL")

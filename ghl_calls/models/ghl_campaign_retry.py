from odoo import fields, models

from ..campaigns import retries

RETRIED = [(key, label) for key, label in retries.OUTCOMES.items() if key not in retries.FINAL]


class GhlCampaignRetry(models.Model):
    """When a campaign calls somebody again, for one outcome. No rule for an outcome: not again."""

    _name = "ghl.campaign.retry"
    _description = "Campaign Retry Rule"
    _order = "campaign_id, id"
    _rec_name = "outcome"

    campaign_id = fields.Many2one("ghl.campaign", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="campaign_id.company_id", store=True, precompute=True, index=True)
    outcome = fields.Selection(RETRIED, required=True)
    minutes = fields.Integer("After (min)", required=True, default=60)
    attempts = fields.Integer(
        "At most", help="Calls in all, this outcome's last included; 0: up to the campaign's cap."
    )

    _outcome_uniq = models.UniqueIndex("(campaign_id, outcome)", "There is a rule for this outcome already.")
    _minutes_positive = models.Constraint("CHECK(minutes > 0 AND attempts >= 0)", "Wait at least a minute.")

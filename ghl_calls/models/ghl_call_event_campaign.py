from odoo import api, fields, models


class GhlCallEvent(models.Model):
    _inherit = "ghl.call.event"

    campaign_id = fields.Many2one("ghl.campaign", readonly=True, ondelete="set null")
    campaign_lead_id = fields.Many2one(
        "ghl.campaign.lead", "Recipient", readonly=True, ondelete="set null", index="btree_not_null"
    )

    # A campaign's log, newest first.
    _campaign = models.Index("(campaign_id, id DESC) WHERE campaign_id IS NOT NULL")

    @api.model
    def _append(self, call, event, **values):
        return {
            "campaign_id": call.campaign_id.id,
            "campaign_lead_id": call.campaign_lead_id.id,
            **super()._append(call, event, **values),
        }

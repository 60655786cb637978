from odoo import api, fields, models

from .ghl_campaign import STATES

COLUMNS = ("draft", "running", "paused", "completed")


class GhlCampaign(models.Model):
    """What the buttons of a campaign's form open."""

    _inherit = "ghl.campaign"

    call_count = fields.Integer(compute="_compute_call_count")

    @api.model
    def _expand_states(self, states, domain):
        """The columns of the board, in the order of a campaign's life: the usual ones, and others that hold some."""
        return [state for state, _label in STATES if state in COLUMNS or state in states]

    def _compute_call_count(self):
        counts = dict(self.env["ghl.call"]._read_group([("campaign_id", "in", self.ids)], ["campaign_id"], ["__count"]))
        for campaign in self:
            campaign.call_count = counts.get(campaign, 0)

    def action_open_live(self):
        """The live dashboard."""
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "ghl_campaign_live",
            "name": self.name,
            "params": {"campaign_id": self.id},
            "context": {"active_id": self.id},
        }

    def action_open_leads(self):
        return self._open("ghl.campaign.lead", self.env._("Recipients"), "list,kanban,form,pivot,graph")

    def action_open_calls(self):
        return self._open("ghl.call", self.env._("Calls"), "list,kanban,form,pivot,graph")

    def action_open_events(self):
        return self._open("ghl.call.event", self.env._("Event Log"), "list")

    def _open(self, model, name, views):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": model,
            "name": name,
            "views": [(False, view) for view in views.split(",")],
            "mobile_view_mode": "kanban",
            "domain": [("campaign_id", "=", self.id)],
            "context": {"default_campaign_id": self.id},
        }

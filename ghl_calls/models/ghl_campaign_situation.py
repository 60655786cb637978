from odoo import api, fields, models
from odoo.tools import format_datetime


class GhlCampaign(models.Model):
    """Why nothing is being dialled, or that it is: one sentence for the screen."""

    _inherit = "ghl.campaign"

    situation = fields.Char(compute="_compute_situation")

    @api.depends_context("uid", "tz", "lang")
    def _compute_situation(self):
        figures = self._figures()
        for campaign in self:
            campaign.situation = campaign._situation(figures[campaign.id])

    def _situation(self, figures):
        if self.state == "running":
            return self._running_situation(figures)
        if self.state == "scheduled":
            return self.env._("Starts %s.", format_datetime(self.env, self.start_at))
        if self.state in ("paused", "failed"):
            return self.pause_reason or ""
        if self.state == "stopped" and figures["remaining_leads"]:
            return self.env._("%s people were not called any more.", figures["remaining_leads"])
        return ""

    def _running_situation(self, figures):
        ready = figures["remaining_leads"] - figures["waiting_leads"] - figures["in_flight"]
        if not ready:
            if figures["in_flight"] or not figures["waiting_leads"]:
                return self.env._("%s calls under way, nobody else to call now.", figures["in_flight"])
            due = self.env["ghl.campaign.lead"].search(
                [("campaign_id", "=", self.id), ("state", "=", "waiting")], order="next_attempt_at", limit=1
            )
            moment = format_datetime(self.env, due.next_attempt_at)
            return self.env._("Waiting for calling hours or retries, the next one %s.", moment)
        if figures["in_flight"] >= self.max_concurrent_calls:
            return self.env._("Calling: all %s lines of the campaign are in use.", self.max_concurrent_calls)
        account = self._account()
        if not account or account.state == "stopped":
            return self.env._("The telephone account does not work: %s", account.state_reason or "")
        live = self.env["ghl.call"].search_count(
            [("voip_account_id", "=", account.id), ("lease_until", ">", fields.Datetime.now())]
        )
        if live >= account.max_concurrent:
            return self.env._("All %s lines of the account are in use.", account.max_concurrent)
        return self.env._("Calling.")

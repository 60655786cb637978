from datetime import timedelta

from odoo import models

PROGRESS = "campaign:progress"
# The oldest browser clients listen to these names.
OLD_NAMES = {PROGRESS: "CAMPAIGN_PROGRESS", "call:updated": "CALL_STATUS_UPDATE"}
# Becoming the state tells this; running again is told as resumed.
NEWS = {
    "running": "campaign:started",
    "paused": "campaign:paused",
    "stopped": "campaign:stopped",
    "completed": "campaign:completed",
    "failed": "campaign:failed",
}
SCOPE = "ghl.campaign.live"
TOKEN_LIVES = timedelta(hours=12)


class GhlCampaign(models.Model):
    """Tells what happens while it happens: to its owner, and to whoever looks at the campaign."""

    _name = "ghl.campaign"
    _inherit = ["ghl.campaign", "ghl.signed.mixin"]

    def write(self, vals):
        before = {campaign.id: (campaign.state, campaign.started_at) for campaign in self} if "state" in vals else {}
        result = super().write(vals)
        for campaign in self:
            state, started = before.get(campaign.id, (campaign.state, None))
            if state != campaign.state and campaign.state in NEWS:
                resumed = campaign.state == "running" and started
                campaign._tell("campaign:resumed" if resumed else NEWS[campaign.state], campaign._news())
        return result

    def _news(self):
        """What a change of state tells beside who and which."""
        self.ensure_one()
        figures = self._figures()[self.id]
        return {
            "name": self.name,
            "status": self.state,
            "reason": self.pause_reason or "",
            "error": self.pause_reason or "" if self.state == "failed" else "",
            "totalLeads": figures["total_leads"],
            "successfulCalls": figures["successful_calls"],
            "failedCalls": figures["failed_calls"],
            "stats": {
                "total": figures["total_leads"],
                "successful": figures["successful_calls"],
                "failed": figures["failed_calls"],
                "missed": figures["missed_calls"],
                "successRate": figures["success_rate"],
            },
        }

    def _progress(self):
        """How far the campaign is: payload of ``campaign:progress``."""
        self.ensure_one()
        figures = self._figures()[self.id]
        through = figures["total_leads"] - figures["remaining_leads"]
        return {
            "current": through,
            "total": figures["total_leads"],
            "progress": {"current": through, "total": figures["total_leads"]},
            "inFlight": figures["in_flight"],
            "remaining": figures["remaining_leads"],
            "successfulCalls": figures["successful_calls"],
            "failedCalls": figures["failed_calls"],
            "missedCalls": figures["missed_calls"],
            "noAnswerCalls": figures["no_answer_calls"],
            "successRate": figures["success_rate"],
            "status": self.state,
        }

    def _tell(self, kind, payload):
        """Push an event, when this transaction commits, and keep it for those who ask."""
        self.ensure_one()
        # sudo: news are kept by the campaign; nobody writes them by hand
        kept = self.env["ghl.campaign.event"].sudo()
        payload = {"type": kind, "campaignId": str(self.id), "userId": str(self.user_id.id), **payload}
        kept = kept.create({"campaign_id": self.id, "company_id": self.company_id.id, "type": kind, "payload": payload})
        self._push(kind, {"id": kept.id, **payload})

    def _push(self, kind, payload):
        bus = self.env["bus.bus"]
        # sudo: only the channel is taken from the owner
        owner = self.user_id.sudo().partner_id
        bus._sendone(owner, kind, payload)
        if kind in OLD_NAMES:
            bus._sendone(owner, OLD_NAMES[kind], payload)
        # Those who look at it: ``ir.websocket`` lets in who may read the campaign.
        bus._sendone((self, "live"), kind, payload)

    # ---- programs that listen without a session ----------------------------------------------------------

    def _live_token(self):
        """A text with which a program may listen to this campaign, as the current user, for `TOKEN_LIVES`."""
        return self._sign(SCOPE, TOKEN_LIVES)

    def _of_live_token(self, token):
        """The campaign a token lets listen to; empty when it is not ours, too old, or the user may not any more."""
        return self._signed(SCOPE, token)

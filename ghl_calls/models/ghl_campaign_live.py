from datetime import timedelta

from odoo import models
from odoo.tools.misc import hash_sign, verify_hash_signed

PROGRESS = "campaign:progress"
# The oldest browser clients listen to these names.
OLD_NAMES = {PROGRESS: "CAMPAIGN_PROGRESS", "call:updated": "CALL_STATUS_UPDATE"}
# Becoming the state tells this; from "paused" to "running" is told as resumed.
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

    _inherit = "ghl.campaign"

    def write(self, vals):
        before = {campaign.id: campaign.state for campaign in self} if "state" in vals else {}
        result = super().write(vals)
        for campaign in self:
            if before.get(campaign.id, campaign.state) != campaign.state and campaign.state in NEWS:
                resumed = campaign.state == "running" and before[campaign.id] == "paused"
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
        self.ensure_one()
        values = [self.env.uid, self.id, self.env.context.get("ghl_location_ids") or []]
        return hash_sign(self.env(su=True), SCOPE, values, expiration=TOKEN_LIVES)

    def _of_live_token(self, token):
        """The campaign a token lets listen to; empty when it is not ours, too old, or the user may not any more."""
        try:
            values = verify_hash_signed(self.env(su=True), SCOPE, token)
        except (ValueError, IndexError, TypeError):
            values = None
        if not values:
            return self.browse()
        uid, campaign_id, location_ids = values
        # sudo: who listens is who asked for the token
        user = self.env["res.users"].sudo().browse(uid).exists()
        if not user.active or not user.has_group("ghl.group_ghl_viewer"):
            return self.browse()
        companies = user._get_company_ids()
        mine = self.with_user(user).with_context(allowed_company_ids=companies, ghl_location_ids=location_ids)
        return mine.search([("id", "=", campaign_id)]).sudo(False)

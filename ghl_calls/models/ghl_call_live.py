from odoo import models

from .. import lifecycle
from ..reading.campaigns import CALL_NAMES
from .ghl_campaign_live import OLD_NAMES


class GhlCall(models.Model):
    """Tells how calls go: those of a campaign to its audience, others to whom they belong."""

    _inherit = "ghl.call"

    def _state_changed(self, before):
        for call in self:
            if not call.campaign_id:
                call._tell_user()
            elif call.state in lifecycle.FINAL:
                call.campaign_id._tell("call:updated", call._news())
            else:
                # On the way: for those who look, not worth keeping.
                campaign = call.campaign_id
                payload = {"type": "call:status-update", "campaignId": str(campaign.id), **call._news()}
                self.env["bus.bus"]._sendone((campaign, "live"), "call:status-update", payload)
        return super()._state_changed(before)

    def _tell_user(self):
        # sudo: only the channel is taken from the user
        user = self.user_id.sudo()
        if not user or not self.reference:
            return  # nobody's, or no telephone rang
        over = self.state in lifecycle.FINAL
        kinds = ("call:updated", OLD_NAMES["call:updated"], "call:ended") if over else ("call:status-update",)
        for kind in kinds:
            payload = {"type": kind, "userId": str(user.id), "campaignId": "", **self._news()}
            self.env["bus.bus"]._sendone(user.partner_id, kind, payload)

    def _news(self):
        """Payload of ``call:updated``: the first name only, as more people may be looking than may read contacts."""
        self.ensure_one()
        # sudo: the first name of the person called
        name = self.sudo().campaign_lead_id.name or self.sudo().contact_id.name or ""
        return {
            "callId": str(self.id),
            "leadId": str(self.campaign_lead_id.id or ""),
            "leadName": name.split(" ")[0],
            "status": CALL_NAMES[self.state],
            "duration": self.duration_seconds or 0,
            "answeredBy": self.answered_by or "",
        }

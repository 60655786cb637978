from odoo import models

from ...ghl_base.net.errors import RemoteError
from ..dialer import orders


class GhlCall(models.Model):
    """What is done when a machine answers, at providers that leave it to us (Twilio tells while the call goes on)."""

    _inherit = "ghl.call"

    def _machine_answered(self):
        """A provider has just said so of these calls: hang up, leave the message or go on, as the agent says."""
        for call in self:
            if call.state == "in_progress" and call.voice_agent_id.voicemail_action != "ignore":
                self.env["ghl.job"].enqueue(
                    "_job_voicemail",
                    {"call_id": call.id},
                    model="ghl.call",
                    name=self.env._("Answering machine: %s", call.display_name),
                    company=call.company_id,
                    identity_key=f"ghl.call.voicemail:{call.id}",
                    priority=1,
                    max_attempts=2,
                )

    def _job_voicemail(self, run):
        """Job: tell the provider what a machine that answered is to hear."""
        call = self.browse(run.payload["call_id"]).exists()
        if not call or call.state != "in_progress":
            return {"done": "over"}
        provider = call.voip_account_id._provider()
        if not hasattr(provider, "redirect"):
            return {"done": "left to the provider"}
        order, provider_call_id = orders.order(call), call.provider_call_id
        run.commit()  # nothing is locked while the provider is asked
        try:
            if order.script.get("voicemail_action") == "leave_message":
                provider.redirect(provider_call_id, provider.answer(order, "machine_end_beep"))
                return {"done": "message"}
            provider.cancel(provider_call_id)
        except RemoteError as failure:
            if not failure.retryable:
                return {"done": "failed", "error": failure.human()}
            raise
        return {"done": "hung up"}

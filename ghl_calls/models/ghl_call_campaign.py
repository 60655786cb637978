from datetime import timedelta

from odoo import fields, models

from .. import lifecycle
from ..campaigns import retries
from ..dialer import judging, orders, reconcile
from ..dialer.dispatcher import wake_after_commit

# Waits of recipients whose call a provider did not take, unless it names one.
BUSY_PROVIDER = timedelta(seconds=5)
UNREACHED_PROVIDER = timedelta(seconds=30)


class GhlCall(models.Model):
    """What ties a call to the campaign that places it: an attempt to reach one recipient."""

    _inherit = "ghl.call"

    campaign_id = fields.Many2one("ghl.campaign", readonly=True, copy=False, ondelete="set null", check_company=True)
    campaign_lead_id = fields.Many2one("ghl.campaign.lead", "Recipient", readonly=True, copy=False, ondelete="set null")

    _campaign = models.Index("(campaign_id, id DESC) WHERE campaign_id IS NOT NULL")
    _campaign_lead = models.Index("(campaign_lead_id) WHERE campaign_lead_id IS NOT NULL")
    # How often campaigns have called a number lately.
    _campaign_number = models.Index("(company_id, to_number, create_date) WHERE campaign_id IS NOT NULL")
    # Talk of a campaign, summed without reading the calls.
    _campaign_talk = models.Index(
        """(campaign_id) INCLUDE (duration_seconds)
           WHERE campaign_id IS NOT NULL AND state = 'completed'
             AND (answered_by IS NULL OR answered_by <> 'machine')"""
    )

    # ---- what becomes of the recipient -------------------------------------------------------------------

    def _state_changed(self, before):
        result = super()._state_changed(before)
        attempts = self.filtered("campaign_lead_id")
        for call in attempts:
            lead = call.campaign_lead_id
            if call.state not in lifecycle.FINAL or lead.call_id != call:
                continue
            # A report that comes after our own guess corrects the recipient as well.
            if lead.state == "calling" or before[call.id] in lifecycle.FINAL:
                if call._never_placed() and call.campaign_id.redial_unconfirmed:
                    lead._put_back(outcome="unknown")
                else:
                    lead._settle(call._attempt_outcome())
        if any(call.state in lifecycle.FINAL for call in attempts):
            wake_after_commit(self.env)  # a line is free
        return result

    def _never_placed(self):
        """Whether the answer to the order was lost, and the provider, asked twice, said that it has no such call."""
        self.ensure_one()
        return self.guessed and not self.provider_call_id and self.checks >= reconcile.LISTINGS

    def _attempt_outcome(self):
        """What this call, which is over, means for its recipient: a key of ``retries.OUTCOMES``."""
        self.ensure_one()
        if self.guessed:
            return "unknown"
        dead = self.end_reason == "invalid_number"  # no later try and no other campaign can change that
        return retries.classify(self.state, answered_by=self.answered_by, talk_seconds=self.duration_seconds, dead=dead)

    def _placed(self, outcome):
        """Who answers for a campaign's call that the provider did not take: the recipient goes back into the queue."""
        lead, kind = self.campaign_lead_id, outcome.kind
        if not lead or lead.call_id != self or kind == "accepted":
            return super()._placed(outcome)
        now = fields.Datetime.now()
        if kind == "unknown":
            # Counts against the provider at once; the recipient stays as it is until we know more.
            lead.write({"outcome": "unknown", "settled_at": now})
        elif kind == "lead":
            self._refused_recipient(lead, now)
        elif kind == "later":
            if outcome.code != orders.OWN:
                self.env["ghl.call.pace"]._refused(self.voip_account_id)
            wait = timedelta(seconds=outcome.retry_after) if outcome.retry_after else BUSY_PROVIDER
            self._take_back(outcome.message, at=now + wait)
        elif kind == "not_sent":
            self._take_back(outcome.message, at=now + UNREACHED_PROVIDER, outcome="not_sent")
        else:
            # The account or our request is the trouble (account, config), or every caller number (caller).
            self.campaign_id._pause(outcome.message)
            self._take_back(outcome.message)
        return super()._placed(outcome)

    def _refused_recipient(self, lead, now):
        """Called off: by our own rules, which may have changed a moment ago, or because the number does not work."""
        rules = judging.Rules.of(self.campaign_id)
        reason = judging.judge(self.env.cr, rules, lead.ids, now)[lead.id].reason
        if reason in ("do_not_call", "dnd", "removed", "invalid_number"):
            self._take_back(reason)
            lead._skip(reason)
        else:
            lead._settle("dead_number")

    def _take_back(self, reason, at=None, outcome=None):
        """These calls were not made: their recipients are as before, to be called from ``at`` on."""
        mine = self.filtered(lambda call: call.campaign_lead_id.call_id == call)
        mine.campaign_lead_id.filtered(lambda lead: lead.state == "calling")._put_back(at, outcome)
        self._end("cancelled", {"end_reason": reason})

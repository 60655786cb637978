from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import lifecycle
from ..campaigns import retries, suppression

STATES = [
    ("pending", "To call"),
    ("calling", "Being called"),
    ("waiting", "Later"),
    ("done", "Done"),
    ("skipped", "Skipped"),
    ("suppressed", "Must not be called"),
]
OPEN = ("pending", "calling", "waiting")
ENDED = ("completed", "stopped")  # states of a campaign; a failed one may be resumed
OUTCOMES = [*retries.OUTCOMES.items(), ("not_sent", "Provider not reached")]
NO_RESULT = (False, "not_sent")  # of a recipient who was called before


class GhlCampaignLead(models.Model):
    """A recipient of a campaign: whether, when and with what result they are called.

    One row for each recipient, whatever number of attempts it takes; the attempts are its calls. `number` is in
    international form and unique in the campaign; those who have none, or share another's, are skipped with the reason.
    """

    _name = "ghl.campaign.lead"
    _description = "Campaign Recipient"
    _order = "campaign_id, sequence, id"
    _check_company_auto = True

    campaign_id = fields.Many2one("ghl.campaign", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    location_id = fields.Many2one("ghl.location", readonly=True, ondelete="set null", index="btree_not_null")
    sequence = fields.Integer(default=10, help="The order of calling.")
    name = fields.Char(readonly=True)
    phone = fields.Char("Number as given", readonly=True)
    number = fields.Char(readonly=True)
    zones = fields.Char("Time zones", readonly=True, help="All in which the recipient may be, separated by commas.")
    contact_id = fields.Many2one("ghl.contact", readonly=True, ondelete="set null", index="btree_not_null")
    partner_id = fields.Many2one("res.partner", "Odoo contact", readonly=True, ondelete="set null")
    lead_ref = fields.Reference("_selection_lead_models", "Lead", readonly=True)
    variables = fields.Json(readonly=True, help="What the agent may speak of.")

    state = fields.Selection(STATES, required=True, readonly=True, copy=False, default="pending")
    skip_reason = fields.Selection(list(suppression.REASONS.items()), "Not called because", readonly=True, copy=False)
    outcome = fields.Selection(OUTCOMES, "Result", readonly=True, copy=False, help="Of the last attempt.")
    attempts = fields.Integer(readonly=True, copy=False)
    next_attempt_at = fields.Datetime("Next attempt", readonly=True, copy=False)
    settled_at = fields.Datetime("Last result at", readonly=True, copy=False)
    talk_seconds = fields.Integer("Talk", related="call_id.duration_seconds", help="In the last call.")
    call_id = fields.Many2one(
        "ghl.call", "Last call", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    call_ids = fields.One2many("ghl.call", "campaign_lead_id", "Calls")
    event_ids = fields.One2many(
        "ghl.call.event", "campaign_lead_id", "Timeline", readonly=True, domain=[("verdict", "=", "applied")]
    )

    # The head of it is what the dialler takes next.
    _queue = models.Index("(campaign_id, sequence, id) WHERE state = 'pending'")
    _later = models.Index("(campaign_id, next_attempt_at) WHERE state = 'waiting'")
    # What the figures of a campaign are counted from, without reading the table.
    _figures = models.Index("(campaign_id, state, outcome) INCLUDE (attempts)")
    _recent = models.Index("(campaign_id, settled_at) WHERE settled_at IS NOT NULL")
    _dead = models.Index("(company_id, number) WHERE outcome = 'dead_number'")
    _number_uniq = models.UniqueIndex(
        "(campaign_id, number) WHERE number IS NOT NULL", "This number is in the campaign already."
    )

    @api.model
    def _selection_lead_models(self):
        return [("crm.lead", self.env._("Lead"))] if "crm.lead" in self.env else []

    @api.depends("name", "number", "phone")
    def _compute_display_name(self):
        for lead in self:
            lead.display_name = lead.name or lead.number or lead.phone or ""

    # ---- what becomes of a recipient ---------------------------------------------------------------------

    def _skip(self, reason):
        """Never call them (again) in this campaign. Who was called before is done, with the result there is."""
        for called, leads in self.grouped(lambda lead: bool(lead.attempts)).items():
            state = "suppressed" if reason in suppression.FORBIDDEN else "done" if called else "skipped"
            leads.write({"state": state, "skip_reason": reason, "next_attempt_at": False})
            for lead in leads.filtered(lambda lead: lead.attempts and lead.outcome in NO_RESULT):
                lead.outcome = lead._last_result()

    def _last_result(self):
        """What the last call came to that took place; False when none did."""
        calls = self.call_ids.filtered(lambda call: call.state in lifecycle.FINAL and call.state != "cancelled")
        return calls.sorted("id")[-1:]._attempt_outcome() if calls else False

    def _put_back(self, at=None, outcome=None):
        """The attempt did not take place: to be called again, from ``at`` on, and not counted.

        The result stays that of the attempt before. With an ``outcome``, the provider is the trouble: it is told until
        there is another, for the breaker to see.
        """
        told = {"outcome": outcome, "settled_at": fields.Datetime.now()} if outcome else {}
        for attempts, leads in self.grouped("attempts").items():
            leads.write(
                {
                    "state": "waiting" if at else "pending",
                    "next_attempt_at": at,
                    "attempts": max(0, attempts - 1),
                    **told,
                }
            )

    def _settle(self, outcome):
        """The attempt is over with ``outcome``: done, or again when the campaign's rules say so."""
        self.ensure_one()
        campaign = self.campaign_id
        now = fields.Datetime.now()
        wait = None
        if campaign.state not in ENDED:
            wait = retries.delay(outcome, self.attempts, campaign._retry_rules(), campaign.max_attempts)
        self.write(
            {
                "state": "waiting" if wait else "done",
                "next_attempt_at": now + wait if wait else False,
                "outcome": outcome,
                "settled_at": now,
            }
        )

    def _call_values(self, campaign, account, now):
        """The values of the call that is the next attempt to reach this recipient."""
        self.ensure_one()
        agent = campaign.voice_agent_id
        return {
            "subject": f"{campaign.name}: {self.name or self.number}",
            "company_id": self.company_id.id,
            "location_id": self.location_id.id,
            "contact_id": self.contact_id.id,
            "partner_id": self.partner_id.id,
            "lead_ref": f"{self.lead_ref._name},{self.lead_ref.id}" if self.lead_ref else False,
            "owner_id": campaign.user_id.id,
            "user_id": campaign.user_id.id,
            "source": "campaign",
            "start_time": now,
            "to_number": self.number,
            "campaign_id": campaign.id,
            "campaign_lead_id": self.id,
            "voip_account_id": account.id,
            "voip_number_id": self.call_id.voip_number_id.id,  # the same as before, if it may be used
            "voice_agent_id": agent.id,
            "max_duration": agent.max_duration_minutes or 12,
            "request_data": self.variables,
            "retry_of_id": self.call_id.id if self.attempts > 1 else False,
            "retry_count": self.attempts - 1,
            "retry_reason": self.outcome if self.attempts > 1 else False,
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_uncalled(self):
        if any(lead.attempts or lead.state == "calling" for lead in self):
            raise UserError(self.env._("Recipients who were called stay in the campaign: its figures count them."))

    def action_call_again(self):
        """Have those who are through called once more, by a person's decision and within all rules.

        A campaign that is completed goes on with them; one that was stopped stays so: UserError.
        """
        self.campaign_id.check_access("write")
        if stopped := self.campaign_id.filtered(lambda campaign: campaign.state == "stopped"):
            raise UserError(self.env._("%s was stopped for good: clone it to call again.", stopped[0].name))
        again = self.filtered(lambda lead: lead.state in ("done", "skipped") and lead.number)
        # sudo: recipients change by what is done to the campaign, which the user may change
        again.sudo().write({"state": "pending", "skip_reason": False, "next_attempt_at": False, "attempts": 0})
        again.campaign_id._reopen()
        return True

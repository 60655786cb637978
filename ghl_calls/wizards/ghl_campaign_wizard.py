from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class GhlCampaignWizard(models.TransientModel):
    """Puts the chosen contacts into a campaign, new or under way, and shows who of them will be called."""

    _name = "ghl.campaign.wizard"
    _description = "Start a Campaign"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    campaign_id = fields.Many2one(
        "ghl.campaign",
        "Add to",
        domain="[('company_id', '=', company_id), ('state', 'in', ('draft', 'scheduled', 'running', 'paused'))]",
        help="Empty: a new campaign.",
    )
    name = fields.Char(
        default=lambda self: self.env._("Calls of %s", format_date(self.env, fields.Date.context_today(self)))
    )
    voice_agent_id = fields.Many2one(
        "ghl.voice.agent",
        "Voice agent",
        domain="[('company_id', '=', company_id)]",
        default=lambda self: self.env["ghl.voice.agent"].search([("company_id", "=", self.env.company.id)], limit=1),
    )
    max_concurrent_calls = fields.Integer("Calls at a time", default=5)
    contact_ids = fields.Many2many("ghl.contact", default=lambda self: self._chosen("ghl.contact"))
    partner_ids = fields.Many2many("res.partner", default=lambda self: self._chosen("res.partner"))
    chosen = fields.Integer("Recipients chosen", compute="_compute_chosen")

    @api.model
    def _chosen(self, model):
        """What was ticked in the list the wizard was opened from."""
        context = self.env.context
        ids = context.get("active_ids") or [] if context.get("active_model") == model else []
        return [fields.Command.set(ids)]

    @api.depends("contact_ids", "partner_ids")
    def _compute_chosen(self):
        for wizard in self:
            wizard.chosen = len(wizard.contact_ids) + len(wizard.partner_ids)

    def action_apply(self):
        """Add the recipients; opens the campaign with what will happen. Nobody is called before somebody starts it."""
        self.ensure_one()
        if not self.chosen:
            raise UserError(self.env._("Tick contacts in a list first, then choose Actions / Start a Campaign."))
        campaign = self.campaign_id or self._new_campaign()
        campaign._add_contacts(self.contact_ids)
        campaign._add_partners(self.partner_ids)
        if campaign.state in ("draft", "scheduled"):
            campaign.action_preflight()
        return campaign._get_records_action()

    def _new_campaign(self):
        if not self.voice_agent_id:
            raise UserError(self.env._("Choose the voice agent who is to talk; make one under Calls / Voice Agents."))
        return self.env["ghl.campaign"].create(
            {
                "name": self.name or self.env["ghl.campaign"]._default_name(),
                "company_id": self.company_id.id,
                "voice_agent_id": self.voice_agent_id.id,
                "max_concurrent_calls": self.max_concurrent_calls,
            }
        )

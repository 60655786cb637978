from odoo import api, fields, models
from odoo.exceptions import UserError


class GhlCallPlaceWizard(models.TransientModel):
    """Has an AI agent call a contact now."""

    _name = "ghl.call.place.wizard"
    _description = "Call a Contact"

    contact_id = fields.Many2one(
        "ghl.contact", required=True, readonly=True, default=lambda self: self._default_contact()
    )
    company_id = fields.Many2one(related="contact_id.company_id")
    to_number = fields.Char("Number", compute="_compute_to_number", store=True, readonly=False, precompute=True)
    voice_agent_id = fields.Many2one(
        "ghl.voice.agent", domain="[('company_id', '=', company_id)]", default=lambda self: self._default_agent()
    )
    voip_account_id = fields.Many2one(
        "ghl.voip.account",
        "Telephone account",
        domain="[('company_id', '=', company_id)]",
        compute="_compute_voip_account_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    task = fields.Text("Prompt", help="Instead of the agent's own.")

    @api.model
    def _default_contact(self):
        """The contact from whose form this is opened."""
        contacts, context = self.env["ghl.contact"], self.env.context
        return contacts.browse(context.get("active_id") if context.get("active_model") == contacts._name else None)

    @api.model
    def _default_agent(self):
        contact_id = self.env.context.get("default_contact_id") or self._default_contact().id
        company = self.env["ghl.contact"].browse(contact_id).company_id or self.env.company
        return self.env["ghl.voice.agent"].search([("company_id", "=", company.id)], limit=1)

    @api.depends("contact_id")
    def _compute_to_number(self):
        for wizard in self:
            wizard.to_number = wizard.contact_id.phone

    @api.depends("voice_agent_id", "contact_id")
    def _compute_voip_account_id(self):
        for wizard in self:
            accounts = self.env["ghl.voip.account"]
            wizard.voip_account_id = wizard.voice_agent_id.voip_account_id or accounts._default_for(wizard.company_id)

    def action_call(self):
        """Place the call; opens it."""
        self.ensure_one()
        calls = self.env["ghl.call"]
        calls.check_access("create")
        if not (self.voice_agent_id or self.task):
            raise UserError(self.env._("Choose an agent, or write what the call is about."))
        account = self.voip_account_id or calls._default_account(self.voice_agent_id, self.contact_id.company_id)
        call = calls.create(
            {
                "subject": self.env._("Call to %s", self.contact_id.display_name),
                "contact_id": self.contact_id.id,
                "company_id": self.contact_id.company_id.id,
                "to_number": self.to_number,
                "voice_agent_id": self.voice_agent_id.id,
                "voip_account_id": account.id,
                "task": self.task,
                "max_duration": self.voice_agent_id.max_duration_minutes or 12,
                "source": account.provider if account.provider in ("bland", "twilio", "sanspbx") else "manual",
            }
        )
        call._place()
        return call._get_records_action()

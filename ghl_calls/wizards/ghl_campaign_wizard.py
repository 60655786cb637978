from odoo import api, fields, models


class GhlCampaignWizard(models.TransientModel):
    """A campaign for the contacts selected in a list: made as a draft, with what would happen looked at already."""

    _name = "ghl.campaign.wizard"
    _description = "New Campaign"

    name = fields.Char(required=True, default=lambda self: self.env["ghl.campaign"]._default_name())
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    contact_ids = fields.Many2many("ghl.contact", default=lambda self: self._selected("ghl.contact"))
    partner_ids = fields.Many2many("res.partner", default=lambda self: self._selected("res.partner"))
    voice_agent_id = fields.Many2one("ghl.voice.agent", domain="[('company_id', '=', company_id)]")
    max_concurrent_calls = fields.Integer("Calls at a time", default=5, required=True)
    selected = fields.Integer(compute="_compute_selected")

    @api.model
    def _selected(self, model):
        if self.env.context.get("active_model") != model:
            return False
        return self.env[model].browse(self.env.context.get("active_ids", []))

    @api.depends("contact_ids", "partner_ids")
    def _compute_selected(self):
        for wizard in self:
            wizard.selected = len(wizard.contact_ids) + len(wizard.partner_ids)

    def action_create(self):
        """Open the new draft; nobody is called before it is started there."""
        self.ensure_one()
        campaign = self.env["ghl.campaign"].create(
            {
                "name": self.name,
                "company_id": self.company_id.id,
                "voice_agent_id": self.voice_agent_id.id,
                "max_concurrent_calls": self.max_concurrent_calls,
            }
        )
        campaign._add_contacts(self.contact_ids)
        campaign._add_partners(self.partner_ids)
        campaign.action_preflight()
        return campaign._get_records_action()

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class GhlApiKeyWizard(models.TransientModel):
    _name = "ghl.api.key.wizard"
    _description = "New GoHighLevel API Key"

    name = fields.Char("Purpose", required=True, help="Which program uses the key, so that you know what you revoke.")
    user_id = fields.Many2one(
        "res.users",
        "Acts As",
        required=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        help="The key can do and see what this user can.",
    )
    company_id = fields.Many2one(related="user_id.company_id")
    duration = fields.Selection(
        [("30", "30 days"), ("90", "90 days"), ("365", "1 year"), ("0", "Until revoked"), ("-1", "Until a date")],
        "Valid For",
        required=True,
        default="90",
    )
    expires_at = fields.Datetime("Expires", compute="_compute_expires_at", store=True, readonly=False)
    can_choose_user = fields.Boolean(compute="_compute_can_choose_user")

    @api.depends("duration")
    def _compute_expires_at(self):
        for wizard in self:
            if wizard.duration != "-1":
                days = int(wizard.duration or 0)
                wizard.expires_at = fields.Datetime.now() + relativedelta(days=days) if days else False

    @api.depends_context("uid")
    def _compute_can_choose_user(self):
        self.can_choose_user = self.env.user.has_group("ghl.group_ghl_admin")

    def action_generate(self):
        """Make the key and open the window that shows it, once."""
        self.ensure_one()
        if self.duration == "-1" and not self.expires_at:
            raise ValidationError(self.env._("Choose the date on which the key expires."))
        if self.expires_at and self.expires_at <= fields.Datetime.now():
            raise ValidationError(self.env._("The expiry must lie in the future."))
        _key, token = self.env["ghl.api.key"]._generate(self.name, self.user_id, self.expires_at, **self._more_values())
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("API Key Ready"),
            "res_model": "ghl.api.key.show",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_key": token},
        }

    def _more_values(self):
        """Values of further fields of the key."""
        return {}

import phonenumbers

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class GhlVoipNumber(models.Model):
    """A number of our own that calls are made from."""

    _name = "ghl.voip.number"
    _description = "Caller Number"
    _order = "account_id, sequence, id"
    _rec_name = "number"
    _check_company_auto = True

    account_id = fields.Many2one("ghl.voip.account", required=True, ondelete="cascade", index=True, check_company=True)
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True, precompute=True)
    sequence = fields.Integer(default=10)
    number = fields.Char(required=True, help="International form: +15550100001")
    active = fields.Boolean(default=True)
    daily_cap = fields.Integer(help="Calls from this number in 24 hours at most; 0 = no limit.")
    rest_until = fields.Datetime("Resting until", copy=False, help="Not used before then: a provider refused it.")
    rest_reason = fields.Char(readonly=True, copy=False)
    last_used_at = fields.Datetime("Last used", readonly=True, copy=False)

    _number_uniq = models.UniqueIndex("(account_id, number)", "This account has the number already.")
    _cap_positive = models.Constraint("CHECK(daily_cap >= 0)", "A number of calls cannot be negative.")

    @api.constrains("number")
    def _check_number(self):
        for record in self:
            try:
                parsed = phonenumbers.parse(record.number)
            except phonenumbers.NumberParseException:
                parsed = None
            if not parsed or phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) != record.number:
                raise ValidationError(
                    self.env._("%s: write the number in international form, such as +15550100001.", record.number)
                )

from odoo import api, fields, models

from ..mirrored import calls


class GhlContactMessage(models.Model):
    _inherit = "ghl.contact.message"

    is_call = fields.Boolean(compute="_compute_is_call", help="There may be a call made of it, with a recording.")

    @api.depends("message_type")
    def _compute_is_call(self):
        for message in self:
            message.is_call = message.message_type == calls.MESSAGE_TYPE

    def action_open_call(self):
        """Open the call made of this message."""
        self.ensure_one()
        call = self.env["ghl.call"].with_context(active_test=False)
        call = call.search([("provider", "=", calls.PROVIDER), ("provider_call_id", "=", self.external_id)], limit=1)
        return {"type": "ir.actions.act_window", "res_model": "ghl.call", "res_id": call.id, "views": [[False, "form"]]}

    @api.model
    def _follow(self, location, external_ids):
        if location.sync_calls:
            calls.refresh(self.env, location, external_ids)
        return super()._follow(location, external_ids)

    @api.model
    def _derive(self, location, external_ids=None):
        if external_ids is None and location.sync_calls:
            calls.refresh(self.env, location)
        return super()._derive(location, external_ids)

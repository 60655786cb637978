from odoo import api, models

from ..mirrored import calls


class GhlContactMessage(models.Model):
    _inherit = "ghl.contact.message"

    @api.model
    def _follow(self, location, external_ids):
        calls.refresh(self.env, location, external_ids)
        return super()._follow(location, external_ids)

    @api.model
    def _derive(self, location, external_ids=None):
        if external_ids is None:
            calls.refresh(self.env, location)
        return super()._derive(location, external_ids)

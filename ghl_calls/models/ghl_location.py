from odoo import models

from ..mirrored import calls


class GhlLocation(models.Model):
    _inherit = "ghl.location"

    def _count_calls(self):
        domain = [("location_id", "in", self.ids), ("provider", "=", calls.PROVIDER)]
        return self.env["ghl.call"].with_context(active_test=False).search_count(domain)

    def _start(self):
        """With what is there to call somebody: ``"calling": {"account", "agent"}``."""
        company = [("company_id", "=", self.company_id.id)]
        calling = {
            "account": bool(self.env["ghl.voip.account"].search([*company, ("state", "=", "connected")], limit=1)),
            "agent": bool(self.env["ghl.voice.agent"].search(company, limit=1)),
        }
        return {**super()._start(), "calling": calling}

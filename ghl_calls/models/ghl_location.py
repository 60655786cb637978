from odoo import models

from ..mirrored import calls


class GhlLocation(models.Model):
    _inherit = "ghl.location"

    def _count_calls(self):
        domain = [("location_id", "in", self.ids), ("provider", "=", calls.PROVIDER)]
        return self.env["ghl.call"].with_context(active_test=False).search_count(domain)

from odoo import api, models


class GhlBus(models.AbstractModel):
    """The way to the browsers: one channel per company, for the users of the application only."""

    _name = "ghl.bus"
    _description = "GoHighLevel Live Updates"

    @api.model
    def _send(self, company, notification_type, payload):
        """Push ``payload`` (JSON-able, no secrets: it is stored as clear text) to the viewers of ``company``.

        Sent when the current transaction commits. ``ir.websocket`` subscribes each viewer to their companies.
        """
        self.env["bus.bus"]._sendone((company, "ghl"), notification_type, payload)

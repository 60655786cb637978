from odoo import models


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        # Records, not strings: anybody may subscribe to a string, but only this method to a record.
        channels = super()._build_bus_channel_list(channels)
        if self.env.user.has_group("ghl.group_ghl_viewer"):
            channels.extend(self.env["ghl.bus"]._audible(self.env.user))
        return channels

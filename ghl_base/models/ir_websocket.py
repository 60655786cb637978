from odoo import models


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        # Records, not strings: anybody may subscribe to a string, but only this method to a record.
        channels = super()._build_bus_channel_list(channels)
        if self.env.user.has_group("ghl.group_ghl_viewer"):
            # sudo: the companies of the user themselves; only their ids are used.
            channels.extend((company, "ghl") for company in self.env.user.sudo().company_ids)
        return channels

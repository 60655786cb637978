from odoo import models

# What a client asks for -> what it is let in to: see `ghl.campaign`.
CAMPAIGN = "ghl.campaign_"
TOKEN = "ghl.live:"
MOST = 50  # campaigns one connection may listen to


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        # A text may be asked for by anybody; only this method lets in to a record.
        wanted = [channel for channel in channels if isinstance(channel, str)]
        ids = [channel.removeprefix(CAMPAIGN) for channel in wanted if channel.startswith(CAMPAIGN)]
        tokens = [channel.removeprefix(TOKEN) for channel in wanted if channel.startswith(TOKEN)]
        channels = super()._build_bus_channel_list(channels)
        campaigns = self.env["ghl.campaign"]
        if ids and self.env.user.has_group("ghl.group_ghl_viewer"):
            ids = [int(text) for text in ids[:MOST] if text.isascii() and text.isdigit() and len(text) < 10]
            mine = campaigns.with_context(allowed_company_ids=self.env.user._get_company_ids())
            campaigns |= mine.search([("id", "in", ids)])
        for token in tokens[:MOST]:
            campaigns |= campaigns._of_live_token(token)
        channels.extend((campaign, "live") for campaign in campaigns)
        return channels

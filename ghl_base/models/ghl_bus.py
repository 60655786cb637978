from odoo import api, models

COMMON, EVERYWHERE = "ghl", "ghl-everywhere"


class GhlBus(models.AbstractModel):
    """The way to the browsers: channels of a company, for the users of the application only.

    What belongs to a location reaches those who may see it: users without a limit, and those limited to it.
    """

    _name = "ghl.bus"
    _description = "GoHighLevel Live Updates"

    @api.model
    def _send(self, company, notification_type, payload, location_id=None):
        """Push ``payload`` (JSON-able, no secrets: it is stored as clear text) to the viewers of ``company``; what
        belongs to a location of it, to those who may see that.

        Sent when the current transaction commits. ``ir.websocket`` subscribes each viewer to what they may hear.
        """
        for channel in self._channels(location_id) if location_id else [COMMON]:
            self.env["bus.bus"]._sendone((company, channel), notification_type, payload)

    @api.model
    def _channels(self, *location_ids):
        """Names of the channels of what belongs to locations."""
        return [EVERYWHERE, *(f"ghl-location-{location_id}" for location_id in location_ids)]

    @api.model
    def _audible(self, user):
        """``(company, channel)`` of all that ``user`` may hear."""
        scope = user._ghl_location_scope()
        # Whoever is limited hears of their locations only, not of all.
        names = [COMMON, *(self._channels(*scope)[1:] if scope else [EVERYWHERE])]
        # sudo: the companies of the user themselves; only their ids are used.
        return [(company, name) for company in user.sudo().company_ids for name in names]

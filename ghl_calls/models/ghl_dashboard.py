from odoo import api, models
from odoo.exceptions import AccessError

from ...ghl_contacts.reading import freshness
from ..reading import dashboard


class GhlDashboard(models.AbstractModel):
    """The figures of the analytics page. Nothing is stored: they are read from the mirror and the calls, as the user
    who asks, so that record rules apply."""

    _name = "ghl.dashboard"
    _description = "GoHighLevel Analytics"

    @api.model
    def read_dashboard(self, location_id=None, user_id=None, period=dashboard.DEFAULT_PERIOD):
        """The page for a location and a GoHighLevel user (Odoo ids, or all) and a period ("7d", "30d", "90d", "365d").

        A dict: ``filters``, ``choices`` (locations, users), ``sync`` (see ``freshness.read``), ``bars`` (first days),
        ``cards``, ``charts`` (calls, contacts, engagement, pipeline) and ``domains`` (what opens behind a figure).
        """
        self._check_reader()
        period = period if period in dashboard.PERIODS else dashboard.DEFAULT_PERIOD
        return dashboard.read(self.env, dashboard.scope_of(self.env, location_id, user_id, period), period)

    @api.model
    def read_sync(self, location_id=None):
        """How fresh the data are: see ``freshness.read``."""
        self._check_reader()
        return freshness.read(self.env, location_id or None)

    def _check_reader(self):
        if not self.env.user.has_group("ghl.group_ghl_viewer"):
            raise AccessError(self.env._("Only users of GoHighLevel may see its analytics."))

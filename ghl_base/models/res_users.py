from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _ghl_location_scope(self):
        """Ids of the locations to which the user, and the API key in use, are limited. [] = no limit.

        A key can only narrow what its user may see. When nothing is left the list is [0], which matches no record.
        """
        self.ensure_one()
        own = set()
        if "ghl_location_ids" in self._fields:
            # sudo: asked while record rules are worked out. Archived locations count, else the limit would vanish.
            own = set(self.sudo().with_context(active_test=False).ghl_location_ids._ids)
        key = {i for i in self.env.context.get("ghl_location_ids") or () if isinstance(i, int)}
        if own and key:
            return sorted(own & key) or [0]
        return sorted(own or key)

    def _get_invalidation_fields(self):
        return super()._get_invalidation_fields() | {"ghl_location_ids"}

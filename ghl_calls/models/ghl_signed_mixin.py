from odoo import api, models
from odoo.tools.misc import hash_sign, verify_hash_signed


class GhlSignedMixin(models.AbstractModel):
    """Records that can be handed on to a program that sends no key: for one purpose, for some time.

    Whoever shows the text acts as the user who asked for it: rules, companies and limits hold as they stand then.
    """

    _name = "ghl.signed.mixin"
    _description = "Record Handed on by a Signed Text"

    def _sign(self, scope, lives):
        """The text that gives this record to whoever shows it, for ``scope`` only, until ``lives`` has passed."""
        self.ensure_one()
        values = [self.env.uid, self.id, self.env.context.get("ghl_location_ids") or []]
        return hash_sign(self.env(su=True), scope, values, expiration=lives)

    @api.model
    def _signed(self, scope, token):
        """The record of a text of `_sign`, as its user; empty when it is not ours, too old, or no longer allowed."""
        try:
            values = verify_hash_signed(self.env(su=True), scope, token)
        except (ValueError, IndexError, TypeError):
            values = None
        if not values:
            return self.browse()
        uid, record_id, location_ids = values
        # sudo: who shows the text is who asked for it
        user = self.env["res.users"].sudo().browse(uid).exists()
        if not user.active or not user.has_group("ghl.group_ghl_viewer"):
            return self.browse()
        context = {"allowed_company_ids": user._get_company_ids(), "ghl_location_ids": location_ids}
        return self.with_user(user).with_context(**context).search([("id", "=", record_id)]).sudo(False)

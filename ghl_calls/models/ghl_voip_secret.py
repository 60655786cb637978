import json

from odoo import fields, models


class GhlVoipSecret(models.Model):
    """The secrets of a telephone account.

    No user reads this table, administrators included: forms only ever write it, and only the telephone engine reads it
    (as superuser).
    """

    _name = "ghl.voip.secret"
    _description = "Telephone Account Secret"
    _rec_name = "name"

    account_id = fields.Many2one("ghl.voip.account", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True)
    name = fields.Char(required=True)
    value = fields.Char(copy=False, exportable=False, groups=fields.NO_ACCESS)

    _name_uniq = models.UniqueIndex("(account_id, name)")

    def _of(self, account):
        """``{name: value}``. Caller's duty: ``self`` is in superuser mode."""
        self.flush_model()
        self.env.cr.execute("SELECT name, value FROM ghl_voip_secret WHERE account_id = %s", [account.id])
        return {name: json.loads(value) for name, value in self.env.cr.fetchall()}

    def _put(self, account, name, value):
        """Store a secret (text, or a dict of texts), replacing the one of that name; an empty one removes it.

        Caller's duty: ``self`` is in superuser mode and the user's right to do this has been checked.
        """
        known = self.search([("account_id", "=", account.id), ("name", "=", name)])
        if not value:
            known.unlink()
        elif known:
            known.value = json.dumps(value)
        else:
            self.create({"account_id": account.id, "name": name, "value": json.dumps(value)})
        account._changed()

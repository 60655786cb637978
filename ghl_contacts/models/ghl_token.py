from odoo import fields, models


class GhlToken(models.Model):
    """The secrets of an account or of one of its locations.

    No user reads this table, administrators included: forms write it through the connect wizard, and only the
    connection service reads it (as superuser). A table of its own keeps the single-use refresh token out of
    rows that people edit, so that storing a new pair can never lose against a form being saved.
    """

    _name = "ghl.token"
    _description = "GoHighLevel Token"
    _rec_name = "kind"
    _log_access = True

    account_id = fields.Many2one("ghl.account", required=True, ondelete="cascade", index=True)
    location_id = fields.Many2one("ghl.location", ondelete="cascade", index="btree_not_null")
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True)
    kind = fields.Selection(
        [("private", "Private integration token"), ("oauth", "OAuth pair"), ("client", "OAuth client secret")],
        required=True,
    )
    access_token = fields.Char(copy=False, exportable=False, groups=fields.NO_ACCESS)
    refresh_token = fields.Char(copy=False, exportable=False, groups=fields.NO_ACCESS)
    expires_at = fields.Datetime()
    version = fields.Integer(default=1, help="Goes up with each stored pair: tells a waiting process that it changed.")
    claimed_until = fields.Datetime(help="One process is refreshing the pair until then.")

    _account_uniq = models.UniqueIndex("(account_id, kind) WHERE location_id IS NULL")
    _location_uniq = models.UniqueIndex("(location_id, kind) WHERE location_id IS NOT NULL")

    def _of(self, account, kind, location=None):
        """The secret of that kind of an account, or of one of its locations; empty when there is none."""
        return self.search(
            [
                ("account_id", "=", account.id),
                ("kind", "=", kind),
                ("location_id", "=", location.id if location else False),
            ]
        )

    def _put(self, account, kind, *, location=None, access, refresh=None, expires_at=None):
        """Store a secret, replacing the one of the same kind for the same account or location.

        Caller's duty: ``self`` is in superuser mode and the user's right to do this has been checked.
        """
        values = {
            "access_token": access,
            "refresh_token": refresh,
            "expires_at": expires_at,
            "claimed_until": False,
        }
        owner = location.id if location else False
        token = self._of(account, kind, location)
        if token:
            token.write({**values, "version": token.version + 1})
            return token
        return self.create({"account_id": account.id, "location_id": owner, "kind": kind, **values})

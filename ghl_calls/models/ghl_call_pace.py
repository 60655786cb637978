from odoo import api, fields, models


class GhlCallPace(models.Model):
    """The token bucket of a telephone account: how many calls may start now. Read and written by the dialler only.

    A table of its own, because it changes with each call and the account is what people edit.
    """

    _name = "ghl.call.pace"
    _description = "Pace of a Telephone Account"
    _log_access = False

    account_id = fields.Many2one("ghl.voip.account", required=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    level = fields.Float(required=True, default=1.0)
    at = fields.Float(required=True, digits=False, help="Second of the database's clock")
    refused_at = fields.Float(digits=False, help="When the provider last said that calls come too fast")

    _account_uniq = models.UniqueIndex("(account_id)")

    @api.model
    def _refused(self, account):
        """The provider said that calls of ``account`` come too fast: slower for some minutes."""
        self.env.cr.execute(
            """INSERT INTO ghl_call_pace (account_id, company_id, level, at, refused_at)
               SELECT %s, %s, 0, now.second, now.second
                 FROM (SELECT extract(epoch FROM clock_timestamp())::float8) AS now(second)
                   ON CONFLICT (account_id) DO UPDATE SET refused_at = EXCLUDED.refused_at, level = 0""",
            [account.id, account.company_id.id],
        )

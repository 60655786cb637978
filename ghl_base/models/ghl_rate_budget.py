from odoo import api, fields, models

from ..pg_rate_budget import DEFAULT_MARGIN, PgRateBudget


class GhlRateBudget(models.Model):
    """How many requests a remote service still allows: one row per scope, written by ``PgRateBudget`` only."""

    _name = "ghl.rate.budget"
    _description = "Request Budget"
    _order = "name, id"

    scope = fields.Char(required=True, readonly=True, help="Application and location the limit applies to.")
    name = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one("res.company", readonly=True, index=True, ondelete="set null")
    request_limit = fields.Integer(string="Limit", required=True, readonly=True, help="Requests allowed per interval.")
    interval_seconds = fields.Float(string="Interval (s)", required=True, readonly=True)
    margin = fields.Float(readonly=True, help="Share by which the interval is widened, for safety.")
    used = fields.Integer(string="Used Now", compute="_compute_used", help="Requests granted in the current interval.")
    granted = fields.Integer(string="Granted in Total", readonly=True)
    daily_limit = fields.Integer(readonly=True)
    daily_remaining = fields.Integer(string="Remaining Today", readonly=True)
    daily_reset_at = fields.Datetime(string="Day Ends", readonly=True)
    blocked_until = fields.Datetime(readonly=True, help="The service refused requests until then.")

    _scope = models.UniqueIndex("(scope)", "There is already a budget for this scope.")

    def init(self):
        # When the requests of the current window were granted (seconds since the epoch, oldest first). Not a field: the
        # ORM has no arrays.
        self.env.cr.execute("ALTER TABLE ghl_rate_budget ADD COLUMN IF NOT EXISTS stamps float8[]")

    @api.depends_context("uid")
    def _compute_used(self):
        self.env.cr.execute(
            """SELECT id, (SELECT count(*) FROM unnest(stamps) stamp WHERE stamp
                           > extract(epoch FROM clock_timestamp()) - interval_seconds * (1 + coalesce(margin, 0)))
               FROM ghl_rate_budget WHERE id = ANY(%s)""",
            [self.ids],
        )
        used = dict(self.env.cr.fetchall())
        for budget in self:
            budget.used = used.get(budget.id, 0)

    @api.model
    def _for_workers(self, company=None, name=None):
        """The budget object gateways share, safe for threads and for use outside this transaction."""
        # sudo: a system parameter, in per cent of the interval; no secret.
        margin = self.env["ir.config_parameter"].sudo().get_param("ghl.rate_margin_percent")
        try:
            # A missing parameter reads as False, which float() would take for 0.
            share = max(0.0, float(margin)) / 100 if margin else DEFAULT_MARGIN
        except (TypeError, ValueError):
            share = DEFAULT_MARGIN
        return PgRateBudget(self.env.cr.dbname, margin=share, company_id=company.id if company else None, name=name)

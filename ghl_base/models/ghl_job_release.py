from odoo import api, fields, models
from odoo.exceptions import UserError

from ..jobs.executors.engine import Engine


class GhlJobRelease(models.Model):
    """Jobs whose process is gone, before somebody takes them over by itself."""

    _inherit = "ghl.job"

    is_stuck = fields.Boolean("Stuck", compute="_compute_is_stuck", help="Its process has not been heard of in time.")

    @api.depends("state", "lease_until")
    def _compute_is_stuck(self):
        now = fields.Datetime.now()
        for job in self.sudo():  # the lease itself is for administrators
            job.is_stuck = job.state == "running" and (not job.lease_until or job.lease_until < now)

    def action_release(self):
        """Put stuck jobs back, so that the next free worker takes them over."""
        self._check_may_manage()
        Engine.of(self.env).store.adopt()
        self.invalidate_recordset()
        if any(job.is_stuck for job in self):
            raise UserError(self.env._("The job could not be released: its process is writing just now. Try again."))
        for job in self.filtered(lambda job: job.state == "pending"):
            self._wake_executor(job.id)
        return True

import json

from psycopg2.errors import ForeignKeyViolation

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..jobs.executors import cron, queue_job, thread
from ..jobs.executors.engine import Engine, percent, setting
from ..jobs.store import NOW
from ..jobs.worker import HANDLER_PREFIX

DEFAULT_PRIORITY = 10
DEFAULT_MAX_ATTEMPTS = 5
DEFAULT_THREADS = 2
KEEP_DAYS = 30

STATES = [
    ("pending", "Pending"),
    ("running", "Running"),
    ("done", "Done"),
    ("failed", "Failed"),
    ("parked", "Needs attention"),
    ("cancelled", "Cancelled"),
]


class GhlJob(models.Model):
    """A piece of background work that survives the loss of any process (see ``ghl_base/jobs``)."""

    _name = "ghl.job"
    _description = "Background Job"
    _order = "id desc"

    name = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", string="Requested by", readonly=True, ondelete="set null")
    model = fields.Char(required=True, readonly=True, groups="ghl.group_ghl_admin")
    method = fields.Char(required=True, readonly=True, groups="ghl.group_ghl_admin")
    payload = fields.Json(readonly=True, groups="ghl.group_ghl_admin")
    identity_key = fields.Char(
        readonly=True,
        groups="ghl.group_ghl_admin",
        help="At most one job with the same key is pending or running at any time.",
    )
    state = fields.Selection(STATES, required=True, readonly=True, default="pending", index=True)
    priority = fields.Integer(readonly=True, default=DEFAULT_PRIORITY, help="Lower runs first.")
    eta = fields.Datetime(string="Due", required=True, readonly=True, default=fields.Datetime.now)
    attempt = fields.Integer(readonly=True, default=0)
    max_attempts = fields.Integer(readonly=True, default=DEFAULT_MAX_ATTEMPTS)
    lost = fields.Integer(
        string="Lost Workers",
        readonly=True,
        default=0,
        groups="ghl.group_ghl_admin",
        help="How often the process running this job died; somebody else took the job over each time.",
    )

    progress_done = fields.Integer(string="Processed", readonly=True)
    progress_total = fields.Integer(string="Total", readonly=True)
    progress_message = fields.Char(string="Status", readonly=True)
    progress_percent = fields.Float(string="Progress", compute="_compute_progress_percent")
    result = fields.Json(readonly=True)
    result_text = fields.Text(string="Result Details", compute="_compute_result_text")
    error = fields.Text(readonly=True)
    error_detail = fields.Text(string="Technical Details", readonly=True, groups="ghl.group_ghl_admin")

    started_at = fields.Datetime(readonly=True)
    finished_at = fields.Datetime(readonly=True)
    duration = fields.Float(
        string="Duration (s)", compute="_compute_duration", help="Seconds the last attempt has taken so far."
    )
    stop_requested = fields.Boolean(readonly=True)
    lease_owner = fields.Char(readonly=True, groups="ghl.group_ghl_admin")
    lease_until = fields.Datetime(readonly=True, groups="ghl.group_ghl_admin")
    can_manage = fields.Boolean(compute="_compute_can_manage")

    _identity = models.UniqueIndex(
        "(identity_key) WHERE state IN ('pending', 'running')", "The same job is already pending or running."
    )
    _due = models.Index("(priority, eta, id) WHERE state = 'pending'")
    _running = models.Index("(lease_until) WHERE state = 'running'")
    _finished = models.Index("(finished_at) WHERE state IN ('done', 'failed', 'parked', 'cancelled')")

    def init(self):
        # Transaction ids (see jobs/store.py): no field type of the ORM can hold them, and nobody reads them through it.
        self.env.cr.execute("ALTER TABLE ghl_job ADD COLUMN IF NOT EXISTS awaits xid8[]")

    # -- computed ----------------------------------------------------------------------------------------------

    @api.depends("state", "progress_done", "progress_total")
    def _compute_progress_percent(self):
        for job in self:
            job.progress_percent = percent(job.state, job.progress_done, job.progress_total)

    @api.depends("state", "started_at", "finished_at")
    def _compute_duration(self):
        for job in self:
            end = fields.Datetime.now() if job.state == "running" else job.finished_at
            job.duration = max(0.0, (end - job.started_at).total_seconds()) if job.started_at and end else 0.0

    @api.depends("result")
    def _compute_result_text(self):
        for job in self:
            job.result_text = json.dumps(job.result, indent=2, ensure_ascii=False) if job.result else False

    @api.depends_context("uid")
    @api.depends("user_id")
    def _compute_can_manage(self):
        admin = self.env.user.has_group("ghl.group_ghl_admin")
        for job in self:
            job.can_manage = admin or job.user_id == self.env.user

    # -- enqueue -----------------------------------------------------------------------------------------------

    @api.model
    def enqueue(
        self,
        method,
        payload=None,
        *,
        model,
        name,
        company,
        location_id=None,
        identity_key=None,
        priority=DEFAULT_PRIORITY,
        eta=None,
        max_attempts=DEFAULT_MAX_ATTEMPTS,
        rerun=False,
    ):
        """Have ``env[model].<method>(run)`` run in the background after this transaction is committed.

        The handler is called at least once, as superuser for ``company`` (see ``jobs/run.py`` for ``run`` and for the
        ways it may end); it must be safe to repeat. When this transaction rolls back nothing is run.

        :param method: name of the handler, starts with ``_job_``
        :param payload: JSON-able dict the handler finds in ``run.payload``
        :param identity_key: if a job with this key is pending or running, that one is returned and no other created
        :param rerun: if that job is already running, run it once more after this commit. Needed whenever the handler
            works off rows this transaction writes: the running one may have looked already.
        :param eta: not before this time (naive UTC)
        :return: the job. A job with an identity key is written on a connection of its own: its fields may be read
            from the returned record, but other records of this transaction cannot refer to it yet.
        :raise ValueError: a method that is not a job handler of ``model``
        """
        if not method.startswith(HANDLER_PREFIX) or not callable(getattr(self.env.get(model), method, None)):
            raise ValueError(f"{model}.{method} is not a job handler: its name must start with {HANDLER_PREFIX!r}")
        values = {
            "name": name,
            "model": model,
            "method": method,
            "payload": payload or None,
            "company_id": company.id,
            "user_id": self.env.uid,
            "identity_key": identity_key,
            "priority": priority,
            "max_attempts": max_attempts,
        }
        if eta:
            values["eta"] = eta
        if location_id and "location_id" in self._fields:
            values["location_id"] = location_id
        # sudo: users may ask for a job through the business methods only, the table is closed to them.
        jobs = self.sudo()
        if identity_key:
            job, is_new = jobs._enqueue_unique(values, rerun)
        else:
            job, is_new = jobs.create(values), True
            Engine.of(self.env)
        if is_new:
            jobs._wake_executor(job)
        return job.with_env(self.env)

    def _enqueue_unique(self, values, rerun):
        return self, rerun

import json
import logging
from datetime import timedelta

from psycopg2.errors import ForeignKeyViolation

import odoo
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.constants import GC_UNLINK_LIMIT

from ..jobs.executors import cron, inline, queue_job, thread
from ..jobs.executors.engine import Engine, percent, setting
from ..jobs.executors.sessions import is_test_cursor
from ..jobs.worker import HANDLER_PREFIX

_logger = logging.getLogger(__name__)

DEFAULT_PRIORITY = 10
DEFAULT_MAX_ATTEMPTS = 5
DEFAULT_THREADS = 2
KEEP_DAYS = 30

# What a caller may read from the record enqueue() returns.
READABLE_AFTER_ENQUEUE = (
    "name", "state", "company_id", "user_id", "eta", "attempt", "progress_done", "progress_total", "progress_message",
    "error", "started_at", "finished_at",
)  # fmt: skip
STATES = [
    ("pending", "Pending"),
    ("running", "Running"),
    ("done", "Done"),
    ("failed", "Failed"),
    ("parked", "Needs attention"),
    ("cancelled", "Cancelled"),
]


def _told(value):
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


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
        string="Duration (s)", digits=(16, 1), compute="_compute_duration", help="Seconds of the last attempt so far."
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
            lines = [
                f"{key.replace('_', ' ').capitalize()}: {_told(value)}"
                for key, value in (job.result or {}).items()
                if value not in (None, "", [], {})
            ]
            job.result_text = "\n".join(lines)

    @api.depends_context("uid", "su")
    @api.depends("user_id")
    def _compute_can_manage(self):
        # Superuser mode: the caller has checked a right of another kind, such as to stop the sync of a location.
        admin = self.env.su or self.env.user.has_group("ghl.group_ghl_admin")
        for job in self:
            job.can_manage = admin or job.user_id == self.env.user

    # -- enqueue -----------------------------------------------------------------------------------------------

    @api.private
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
            "eta": eta,
        }
        if location_id and "location_id" in self._fields:
            values["location_id"] = location_id
        engine = Engine.of(self.env)
        if not identity_key:
            job = self.browse(engine.store.insert(self.env.cr, values)["id"])
            self._wake_executor(job.id, eta)
            return job
        if job := self._enqueued_here(identity_key):
            return job
        caller = None if engine.shared or self.env.cr.readonly else self._transaction_id()
        try:
            row, asked = engine.store.enqueue_unique(values, caller, rerun)
        except ForeignKeyViolation:
            # The company or location is itself new in this transaction, so nobody else can know this key yet.
            row, asked = engine.store.insert(self.env.cr, values), True
            self.env.cr.postcommit.data.setdefault("ghl.job", {})[identity_key] = row["id"]
        if asked:
            self._wake_executor(row["id"], eta)
        job = self.browse(row["id"])
        job._remember(row)
        return job

    def _enqueued_here(self, identity_key):
        """The job with this key this transaction has inserted itself: another connection would wait for us forever."""
        job_id = self.env.cr.postcommit.data.get("ghl.job", {}).get(identity_key)
        # Gone when it was inserted in a savepoint that was rolled back.
        return self.browse(job_id or ()).exists()

    def _transaction_id(self):
        self.env.cr.execute("SELECT pg_current_xact_id()::text")
        return self.env.cr.fetchone()[0]

    def _remember(self, row):
        """Put the row in the cache: this transaction's snapshot may be older than the row and not see it."""
        for name in READABLE_AFTER_ENQUEUE:
            field = self._fields[name]
            field._update_cache(self, field.convert_to_cache(row[name], self, validate=False))

    def _wake_executor(self, job_id, eta=None):
        """Have the job run soon after this transaction is committed, by whoever the settings say."""
        # sudo: system parameters are closed to everybody else, and this is no secret.
        chosen = self.env["ir.config_parameter"].sudo().get_param("ghl.job_executor") or "thread"
        if chosen == "queue_job" and queue_job.is_available(self.env):
            queue_job.delay(self.env, job_id, eta)
        elif chosen == "cron" or is_test_cursor(self.env.cr) or getattr(odoo, "evented", False):
            cron.trigger(self.env)
        else:
            dbname, threads = self.env.cr.dbname, setting(self.env, "ghl.job_threads", DEFAULT_THREADS)
            self.env.cr.postcommit.add(lambda: thread.executor.wake(dbname, threads))

    def _bus_location(self):
        """Id of the location the job belongs to: only those who may see it hear of the job."""
        return None

    # -- run ---------------------------------------------------------------------------------------------------

    @api.private
    @api.model
    def drain(self, limit=None, seconds=None, executor="cron"):
        """Run due jobs in this thread until none is due, ``limit`` were run or ``seconds`` are over; how many were run.

        Each job works on its own connection, except in tests, where all happens on the test's cursor.
        """
        _logger.debug("Draining jobs (%s)", executor)
        return Engine.of(self.env).worker.drain(limit=limit, seconds=seconds)

    def _finish(self, seconds):
        """Run this job now unless somebody does already, for at most ``seconds``.

        Commits, because a job runs in transactions of its own and this one must not be older than its outcome.

        :return: dict with ``state``, ``result`` and ``error``; a job that needs longer goes on in the background.
        """
        self.ensure_one()
        self.env.cr.commit()  # pylint: disable=invalid-commit
        outcome = inline.finish(self.env, self.id, seconds)
        if outcome["state"] == "pending":
            self._wake_executor(self.id)
        self.env.cr.commit()  # pylint: disable=invalid-commit
        self.env.invalidate_all()
        return outcome

    def _cron_run(self):
        cron.run(self.env)

    @api.model
    def _run_queued(self, job_id):
        """Entry point of OCA queue_job."""
        queue_job.run(self.env, job_id)

    @api.autovacuum
    def _gc_finished(self):
        jobs = self.search(
            [
                ("state", "not in", ("pending", "running")),
                ("finished_at", "<", fields.Datetime.now() - timedelta(days=KEEP_DAYS)),
            ],
            limit=GC_UNLINK_LIMIT,
        )
        jobs.unlink()
        return len(jobs), len(jobs) == GC_UNLINK_LIMIT

    # -- buttons -----------------------------------------------------------------------------------------------

    def action_retry(self):
        """Make failed, parked and cancelled jobs pending again."""
        self._check_may_manage()
        retried = Engine.of(self.env).store.retry(self.ids)
        self.invalidate_recordset()
        if not retried:
            raise UserError(self.env._("Only a job that has ended, and is not already queued again, can be retried."))
        for job_id in retried:
            self._wake_executor(job_id)
        return True

    def action_stop(self):
        """Cancel pending jobs; running ones end at their next check, within about a second."""
        self._check_may_manage()
        Engine.of(self.env).store.stop(self.ids)
        self.invalidate_recordset()
        return True

    def _check_may_manage(self):
        self.check_access("read")
        if not all(job.can_manage for job in self):
            raise AccessError(
                self.env._("Only an administrator or the user who requested a job can stop it or start it again.")
            )

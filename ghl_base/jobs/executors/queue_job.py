"""Hands jobs to OCA queue_job, when it is installed: its channels spread them over many machines.

A soft dependency: nothing is imported from it. The durable state stays in ``ghl.job``; a queue_job only runs one.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from odoo import api

from .engine import Engine

CHANNEL = "root.ghl"
AGAIN = timedelta(seconds=1)


def is_available(env: api.Environment) -> bool:
    return "queue.job" in env


def delay(env: api.Environment, job_id: int, eta: datetime | None = None) -> None:
    """Enqueue, in the current transaction, a queue_job that runs exactly this job."""
    env["ghl.job"].with_delay(channel=CHANNEL, eta=eta, description=f"GHL job {job_id}")._run_queued(job_id)


def run(env: api.Environment, job_id: int) -> None:
    """Run that job if it is due; a job that has to come back is delayed anew until its time."""
    engine = Engine.of(env)
    ran = engine.worker.drain(limit=1, job_id=job_id)
    if eta := engine.store.due_at(job_id):
        # Due, but not run: a transaction that asked for it is still open. Look again in a moment.
        delay(env, job_id, eta if ran else max(eta, datetime.now(timezone.utc).replace(tzinfo=None) + AGAIN))

"""Runs jobs in Odoo's scheduled action: always there, adopts what dead workers left, one time slice per run."""

from __future__ import annotations

from odoo import api

from .engine import Engine

CRON = "ghl.cron_run_jobs"
# Odoo kills a cron worker after limit_time_real (120 s by default): yield well before.
SLICE_SECONDS = 45


def run(env: api.Environment) -> None:
    """One time slice; comes back at once through a new trigger when jobs are still due."""
    engine = Engine.of(env)
    if not engine.shared:
        # Jobs run in transactions of their own: do not keep this one open meanwhile.
        env.cr.commit()
    engine.worker.drain(seconds=SLICE_SECONDS)
    seconds = engine.store.seconds_to_next()
    if seconds is not None and seconds <= 0:
        trigger(env)


def trigger(env: api.Environment) -> None:
    """Have the scheduled action run as soon as the current transaction is committed."""
    # sudo: scheduled actions are closed to ordinary users; this one only runs what is already queued.
    if cron := env.ref(CRON, raise_if_not_found=False):
        cron.sudo()._trigger()

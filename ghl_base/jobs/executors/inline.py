"""Runs one job in the thread of a caller who wants to see it finished, or waits while somebody else runs it."""

from __future__ import annotations

import time
from collections.abc import Callable

from odoo import api

from .engine import Engine

LOOK_EVERY = 0.2


def finish(
    env: api.Environment,
    job_id: int,
    seconds: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> dict:
    """The job's ``state``, ``result`` and ``error`` when it has ended, is to be retried later or ``seconds`` are over.

    The transaction that asked for the job must be committed, else nobody may run it yet.
    """
    engine = Engine.of(env)
    end = clock() + seconds
    while True:
        left = end - clock()
        if left > 0:
            engine.worker.drain(limit=1, seconds=left, job_id=job_id)
        row = engine.store.outcome(job_id)
        waits_for_retry = row["state"] == "pending" and row["error"]
        left = end - clock()
        if row["state"] not in ("pending", "running") or waits_for_retry or left <= 0:
            return row
        sleep(min(LOOK_EVERY, left))

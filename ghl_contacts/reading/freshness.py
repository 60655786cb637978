"""How fresh the mirror is, in one verdict for people."""

from datetime import timedelta

from odoo import fields
from odoo.tools import SQL

ACTIVE_JOB = ("pending", "running")
STALE_AFTER = timedelta(hours=3)
COLUMNS = "id name last_synced_at sync_enabled".split()


def read(env, location_id=None):
    """``{"state", "as_of", "percent", "reason", "fix", "location_id", "locations": [{"id", "name"}]}``. One query.

    ``state``: "none" (no location), "running", "error", "never", "stale" or "fresh". ``as_of``: the oldest of the last
    syncs (UTC text). ``reason`` and ``fix`` ("credentials" or "retry") belong to "error", which names the location.
    """
    query = env["ghl.location"]._search([], order="name, id")
    row_id, account_id = (SQL.identifier(query.table, name) for name in ("id", "account_id"))
    # Past the rules of jobs and accounts, for what a reader of the location may know: that and how it is synchronised.
    query.add_join("LEFT JOIN", "account", SQL.identifier("ghl_account"), SQL("account.id = %s", account_id))
    query.add_join(
        "LEFT JOIN",
        "job",
        SQL(
            """LATERAL (SELECT state, error, progress_done, progress_total FROM ghl_job
                         WHERE location_id = %s AND method = '_job_pull' ORDER BY id DESC LIMIT 1)""",
            row_id,
        ),
        SQL("TRUE"),
    )
    found = env.execute_query(
        query.select(
            *(SQL.identifier(query.table, name) for name in COLUMNS),
            *(SQL(part) for part in ("account.state", "account.last_error", "job.state", "job.error")),
            SQL("CASE WHEN job.progress_total > 0 THEN 100.0 * job.progress_done / job.progress_total END"),
        )
    )
    choices = [{"id": row[0], "name": row[1]} for row in found]
    verdict = _verdict([row for row in found if location_id in (None, row[0])])
    return {"percent": None, "reason": "", "fix": "", "location_id": 0, "as_of": "", **verdict, "locations": choices}


def _verdict(found):
    if not found:
        return {"state": "none"}
    stamps = [row[2] for row in found if row[3]] or [row[2] for row in found]
    oldest = None if None in stamps else min(stamps)
    as_of = fields.Datetime.to_string(oldest) if oldest else ""
    # A job that failed and waits for its next try does nothing now.
    running = [float(row[8] or 0) for row in found if row[6] in ACTIVE_JOB and not (row[6] == "pending" and row[7])]
    if running:
        return {"state": "running", "as_of": as_of, "percent": round(min(100.0, sum(running) / len(running)))}
    for row in found:
        refused, failed = row[4] == "error", row[6] in ("failed", "parked", "pending")
        if refused or failed:
            reason = (row[5] if refused else row[7]) or ""
            fix = "credentials" if refused else "retry"
            return {"state": "error", "as_of": as_of, "reason": reason, "fix": fix, "location_id": row[0]}
    if oldest is None:
        return {"state": "never"}
    stale = fields.Datetime.now() - oldest > STALE_AFTER
    return {"state": "stale" if stale else "fresh", "as_of": as_of}

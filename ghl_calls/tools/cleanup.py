"""Remove generated calls for good, with all that hangs on them. Calls of any other source are never removed."""

from collections import Counter
from dataclasses import dataclass

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .guards import check_admin, check_between, check_company
from .leftovers import unlink_leftovers

LARGEST_ID = 2**31 - 1
GENERATED = Domain("source", "=", "generator")


@dataclass(frozen=True)
class Preview:
    """What a clean-up would remove: `calls` with `logs` lines, ids `first_id` to `last_id`.

    `spared` calls are in the range of ids but were not generated. `sample`: (id, start, subject) of the newest.
    """

    calls: int
    logs: int
    first_id: int
    last_id: int
    spared: int
    sample: tuple = ()


class Cleanup:
    """The generated calls of one company: all, the last ``last`` ones, or those with ids ``first_id`` to ``last_id``.

    :raises UserError: no such company, a bad number, both a range and a number, or half a range
    :raises AccessError: not an administrator
    """

    def __init__(self, env, *, company, first_id=None, last_id=None, last=None):
        check_admin(env)
        check_company(env, company)
        ranged = first_id is not None or last_id is not None
        if ranged and last is not None:
            raise UserError(env._("Choose either a range of ids or the last calls."))
        if ranged:
            check_between(env, env._("The first id"), first_id, 1, LARGEST_ID)
            check_between(env, env._("The last id"), last_id, first_id, LARGEST_ID)
        if last is not None:
            check_between(env, env._("The number of calls"), last, 1, LARGEST_ID)
        self.env, self.company, self.last = env, company, last
        self._within = Domain("company_id", "=", company.id)
        if ranged:
            self._within &= Domain("id", ">=", first_id) & Domain("id", "<=", last_id)
        self._ranged = ranged

    def preview(self, sample=5):
        """``Preview``. Removes nothing."""
        self.env.flush_all()
        cr, ids = self.env.cr, self._ids()
        cr.execute(SQL("SELECT count(*), coalesce(min(id), 0), coalesce(max(id), 0) FROM (%s) AS doomed", ids))
        calls, first_id, last_id = cr.fetchone()
        cr.execute(
            SQL(
                "SELECT count(*) FROM ghl_activity_log WHERE entity_model = 'ghl.call' AND entity_id IN (%s)",
                ids,
            )
        )
        [logs] = cr.fetchone()
        spared = self._calls().search_count(self._within & ~GENERATED) if self._ranged else 0
        cr.execute(
            SQL("SELECT id, start_time, subject FROM ghl_call WHERE id IN (%s) ORDER BY id DESC LIMIT %s", ids, sample)
        )
        return Preview(calls, logs, first_id, last_id, spared, tuple(cr.fetchall()))

    def run(self):
        """Remove them, in this transaction. Gives (calls, log lines) removed."""
        env, cr = self.env, self.env.cr
        env.flush_all()
        cr.execute(SQL("CREATE TEMP TABLE ghl_call_doomed ON COMMIT DROP AS %s", self._ids()))
        cr.execute("ANALYZE ghl_call_doomed")  # PostgreSQL would take it for a small table
        doomed = SQL("SELECT id FROM ghl_call_doomed")
        unlink_leftovers(env, doomed)
        cr.execute(SQL("DELETE FROM ghl_activity_log WHERE entity_model = 'ghl.call' AND entity_id IN (%s)", doomed))
        logs = cr.rowcount
        cr.execute(SQL("DELETE FROM ghl_call WHERE source = 'generator' AND id IN (%s)", doomed))
        calls = cr.rowcount
        cr.execute("DROP TABLE ghl_call_doomed")
        env.invalidate_all()
        return calls, logs

    def _calls(self):
        return self.env["ghl.call"].with_context(active_test=False)

    def _ids(self):
        """The ids as a statement, built on the model's own search: record rules apply."""
        order = "id desc" if self.last else None
        return self._calls()._search(self._within & GENERATED, limit=self.last, order=order).select()


def statistics(env, company):
    """Calls of a company by source and by status, deleted ones and log lines.

    ``{"calls", "deleted", "logs", "by_source": {source: n}, "by_status": {name: n}, "generated": (n, first, last id)}``
    """
    check_admin(env)
    check_company(env, company)
    calls, within = env["ghl.call"].with_context(active_test=False), [("company_id", "=", company.id)]
    by_source = calls._read_group(within, ["source"], ["__count", "id:min", "id:max"])
    by_status = calls._read_group(within, ["status_id"], ["__count"])
    generated = {source: (count, first, last) for source, count, first, last in by_source}.get("generator", (0, 0, 0))
    counts = Counter({source: count for source, count, _first, _last in by_source})
    return {
        "calls": counts.total(),
        "deleted": calls.search_count([*within, ("active", "=", False)]),
        "logs": env["ghl.activity.log"].search_count([*within, ("entity_model", "=", "ghl.call")]),
        "by_source": dict(counts),
        "by_status": {status.name: count for status, count in by_status},
        "generated": generated,
    }

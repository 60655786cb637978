"""Demonstration calls: made by the ORM and by COPY, and removed, against SQL that writes the same rows.

Every call has its line in the activity log. What is measured keeps all foreign keys, indexes and triggers. Each variant
is rolled back, but for one long run that is kept, to see whether the rate stays, and then removed.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from bootstrap import addon_template

from .odoo_process import odoo_environment
from .runner import Context, Result, interleave

NAME = "generate"
DATABASE = "bench_generate"
FEW, MANY, MOST = 500, 100_000, 1_000_000
CALLS = """
    INSERT INTO ghl_call (company_id, status_id, number, subject, type, purpose, outgoing_status, source, agenda,
                          result, tag, closed, active, start_time, end_time, reminder, duration_seconds, owner_id,
                          user_id, from_number, to_number, state, answered_at, ended_at, max_duration, create_uid,
                          write_uid, create_date, write_date)
    SELECT 1, (%(statuses)s::int[])[1 + n %% 5], nextval('ghl_call_number_1'), 'Subject ' || n %% 20, 'outbound',
           'demo', 'completed', 'generator', 'Talk about prices and terms', 'Interested, wants an offer', 'demo',
           n %% 2 = 0, n %% 10 > 0, start, start + interval '5 minutes', '15', 300, 2, 2, '+12025550100',
           '+121255501' || lpad((n %% 100)::text, 2, '0'), 'completed', start, start + interval '5 minutes', 12, 2, 2,
           now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
      FROM generate_series(1, %(count)s) AS n,
           LATERAL (SELECT date_trunc('second', now() AT TIME ZONE 'UTC') - (n * 7919 %% 43200) * interval '1 minute')
                AS moment(start)
    RETURNING id
"""
LOGS = """
    INSERT INTO ghl_activity_log (activity_type, entity_model, entity_id, user_id, company_id, title, description,
                                  metadata, create_uid, write_uid, create_date, write_date)
    SELECT 'call_created', 'ghl.call', id, 2, 1, 'Created', 'Subject',
           jsonb_build_object('call_for', '', 'call_for_id', 0, 'type_id', 1, 'purpose_id', 4, 'start_time', '',
                              'related_to', '', 'related_to_id', 0),
           2, 2, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
      FROM made
"""
DELETES = (
    """DELETE FROM ghl_activity_log WHERE entity_model = 'ghl.call'
          AND entity_id IN (SELECT id FROM ghl_call WHERE company_id = 1 AND source = 'generator')""",
    "DELETE FROM ghl_call WHERE company_id = 1 AND source = 'generator'",
)


def run(context: Context) -> Iterator[Result]:
    few, many, most = (FEW, 10_000, 50_000) if context.quick else (FEW, MANY, MOST)
    with database(context.env), odoo_environment(context.env, DATABASE) as env:
        bench = _Generate(context, env)

        def result(case, value, unit, goal, reference=None, reference_name="", better="lower", quick=False):
            goal = None if context.quick and not quick else goal
            return Result(NAME, case, value, unit, goal, reference, reference_name, better)

        times = bench.compare(10, orm=lambda: bench.make(few, bulk=False), copy=lambda: bench.make(few, bulk=True))
        case = f"{few} calls with their log, by the ORM"
        yield result(case, times["orm"], "ms", 1000, quick=True)
        yield result(case, times["orm"], "ms", 4.5, times["copy"], "ms by COPY")
        times = bench.compare(3, copy=lambda: bench.make(many, bulk=True), sql=lambda: bench.make_by_sql(many))
        yield result(f"{many:,} calls by COPY", times["copy"], "ms", 1.4, times["sql"], "ms generate_series")
        first, last, seconds = bench.make_most(most)
        yield result(f"{most:,} calls by COPY in {seconds:.0f} s: the last tenth", last, "calls/s", 0.8, first,
                     "calls/s the first", "higher")  # fmt: skip
        times = bench.compare(2, cleanup=bench.clean_up, delete=bench.delete)
        yield result(f"removing {most:,} calls", times["cleanup"], "ms", 1.5, times["delete"], "ms two DELETEs")


@contextmanager
def database(env):
    env.drop_db(DATABASE)
    env.create_db(DATABASE, addon_template(env))
    try:
        yield
    finally:
        env.drop_db(DATABASE)


class _Generate:
    def __init__(self, context, env):
        from odoo.addons.ghl.ghl_calls.tools.cleanup import Cleanup
        from odoo.addons.ghl.ghl_calls.tools.generate import Generator

        self.context, self.env = context, env
        self._generator, self._cleanup = Generator, Cleanup
        self.company, self.user = env["res.company"].browse(1), env["res.users"].browse(2)
        self.statuses = env["ghl.call.status"].search([], order="id").ids[:5]
        self.make(1, bulk=False)  # the sequence of numbers, caches
        env.cr.commit()

    def compare(self, rounds, **variants):
        return interleave(self.context.rounds(rounds), prepare=self._forget, **variants)

    def _forget(self):
        self.env.cr.rollback()
        self.env.invalidate_all()

    def make(self, count, bulk, after_batch=None, batch=None):
        work = self._generator(
            self.env, count=count, company=self.company, user=self.user, seed=1, bulk=bulk, batch=batch
        )
        work.run(after_batch)

    def make_by_sql(self, count):
        self.env.cr.execute(f"WITH made AS ({CALLS}) {LOGS}", {"count": count, "statuses": self.statuses})

    def make_most(self, count):
        """(calls per second of the first tenth, of the last tenth, seconds in all), each batch committed."""
        self._forget()
        stamps = {0: time.perf_counter()}

        def after_batch(made):
            self.env.cr.commit()
            stamps[made.calls] = time.perf_counter()

        tenth = count // 10
        self.make(count, bulk=True, after_batch=after_batch, batch=min(tenth, 10_000))
        first, last = stamps[tenth] - stamps[0], stamps[count] - stamps[count - tenth]
        return tenth / first, tenth / last, stamps[count] - stamps[0]

    def clean_up(self):
        self._cleanup(self.env, company=self.company).run()

    def delete(self):
        for statement in DELETES:
            self.env.cr.execute(statement)

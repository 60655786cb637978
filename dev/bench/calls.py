"""Lists and figures of calls at volume: pages by how deep they are, figures against one plain statement for the same.

The database is that of the board. Deep means page 10,000 of 20 calls, or the last; the same code that answers HTTP is
measured, from the domain to the bytes.
"""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

from . import calls_data
from .database import connect
from .odoo_process import api_reader, odoo_environment
from .runner import Context, Result, interleave

NAME = "calls"
ROUNDS = 15
# What somebody would write by hand for the cards of a period, for the figures of a period, and for those of all calls.
CARDS = """
    SELECT start_time >= %(begin)s, date_trunc('day', start_time) >= %(chart)s, status_id, type, purpose, count(*),
           sum(duration_seconds), count(*) FILTER (WHERE duration_seconds BETWEEN 1 AND 119),
           count(*) FILTER (WHERE duration_seconds BETWEEN 120 AND 600), count(*) FILTER (WHERE duration_seconds > 600)
      FROM ghl_call
     WHERE company_id = 1 AND active IS TRUE AND start_time >= %(before)s AND start_time < %(end)s
     GROUP BY 1, 2, 3, 4, 5
"""
PERIOD = """
    SELECT start_time::date, state, outcome, count(*), count(*) FILTER (WHERE duration_seconds > 0),
           sum(duration_seconds), sum(cost)
      FROM ghl_call
     WHERE company_id = 1 AND active IS TRUE AND start_time >= %(begin)s AND start_time < %(end)s GROUP BY 1, 2, 3
"""
ALL = """
    SELECT CASE WHEN start_time >= %(begin)s THEN start_time::date END, state, count(*),
           count(*) FILTER (WHERE duration_seconds > 0), sum(duration_seconds), sum(cost)
      FROM ghl_call WHERE company_id = 1 AND active IS TRUE GROUP BY 1, 2
"""


def run(context: Context) -> Iterator[Result]:
    count = 10_000 if context.quick else 1_000_000
    deep = 100 if context.quick else 10_000
    name = calls_data.database(context.env, count)
    api_reader(context.env, name)
    with odoo_environment(context.env, name, "bench") as env, closing(connect(context.env, name)) as connection:
        connection.autocommit = True
        calls = env["ghl.call"].with_context(allowed_company_ids=[1])
        yield from pages(context, calls, count, deep)
        yield from figures(context, calls, connection, count)


def pages(context: Context, calls, count: int, deep: int) -> Iterator[Result]:
    from odoo.addons.ghl.ghl_base.http.responses import dumps
    from odoo.addons.ghl.ghl_calls.reading import call_log_lists, filters, listing
    from odoo.fields import Domain

    def result(case, value, goal, reference=None, reference_name=""):
        return Result(NAME, case, value, "ms", None if context.quick else goal, reference, reference_name)

    people = calls.env["res.users"].sudo().search([("login", "=like", "bench-%")]).ids
    both = calls.with_context(allowed_company_ids=calls.env.user.company_ids.ids)
    cases = {
        "all calls": (calls, Domain.TRUE),
        "all calls of two companies": (both, Domain.TRUE),
        "missed calls": (calls, filters.view(calls.env, "missed_calls")),
        "calls of 25 owners": (calls, Domain("owner_id", "in", people[: len(people) // 2])),
        "calls about a word": (calls, Domain("subject", "ilike", "call")),
        "completed calls": (calls, Domain("state", "=", "completed")),
    }
    for case, (model, where) in cases.items():
        total = listing.page(model, where, size=1).total
        number = min(deep, total // 20)
        times = interleave(
            context.rounds(ROUNDS),
            first=lambda model=model, where=where: dumps(listing.page(model, where).documents),
            deep=lambda model=model, where=where, number=number: dumps(
                listing.page(model, where, number=number).documents
            ),
        )
        yield result(f"{case} ({total:,}), page {number:,}", times["deep"], 1.5, times["first"], "ms the first page")
    log = interleave(
        context.rounds(ROUNDS),
        first=lambda: dumps(call_log_lists.page(calls)),
        deep=lambda: dumps(call_log_lists.page(calls, start=deep * 10)),
        longest=lambda: dumps(call_log_lists.page(calls, order=call_log_lists.LONGEST)),
    )
    yield result(f"call log, page {deep:,}", log["deep"], 1.5, log["first"], "ms the first page")
    yield result(f"the longest of {count:,} calls", log["longest"], None)


def figures(context: Context, calls, connection, count: int) -> Iterator[Result]:
    from odoo.addons.ghl.ghl_calls.reading import call_figures, statistics

    def result(case, value, reference):
        goal = None if context.quick else 1.5
        return Result(NAME, case, value, "ms", goal, reference, "ms one statement")

    def by_hand(statement, **values):
        with connection.cursor() as cursor:
            cursor.execute("SET jit = off")
            cursor.execute(statement, values)
            return cursor.fetchall()

    for what, begin, end in (
        ("a month", datetime(2025, 3, 1), datetime(2025, 4, 1)),
        ("two years", datetime(2024, 1, 1), datetime(2026, 1, 1)),
    ):
        period = statistics.Period(begin, end)
        values = {"begin": begin, "end": end, "before": period.before.begin, "chart": period.chart[0].begin}
        times = interleave(
            context.rounds(ROUNDS),
            hand=lambda values=values: by_hand(CARDS, **values),
            cards=lambda period=period: statistics.read(calls, period),
            hand_period=lambda values=values: by_hand(PERIOD, **values),
            period=lambda begin=begin, end=end: call_figures.analytics(calls, begin, end),
        )
        yield result(f"cards of {what}", times["cards"], times["hand"])
        yield result(f"analytics of {what}", times["period"], times["hand_period"])
    times = interleave(
        context.rounds(ROUNDS),
        hand=lambda: by_hand(ALL, begin=datetime(2025, 12, 1)),
        stats=lambda: call_figures.stats(calls),
    )
    yield result(f"figures of {count:,} calls", times["stats"], times["hand"])

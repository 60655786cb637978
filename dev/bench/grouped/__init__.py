"""The call board: against plain SQL that does the same, as it grows, against the ORM, and what its totals cost.

Sizes from 1,000 to 1,000,000 calls (5,000,000 with --huge), 5 and 20 statuses, skewed.
"""

from collections.abc import Iterator
from contextlib import ExitStack

from .. import calls_data
from ..http_client import get_client
from ..odoo_process import api_reader, odoo_environment
from ..runner import Context, Result, interleave
from . import writing
from .board import Board

NAME = "grouped"
SIZES, HUGE, QUICK_SIZES = (1_000, 10_000, 100_000, 1_000_000), 5_000_000, (1_000, 10_000)
ROUNDS, SLOW_ROUNDS = 25, 5
# What the replaced system claims for its best version: calls -> ms; and at 100,000 calls for three uses.
CLAIMED = {1_000: 30, 10_000: 80, 100_000: 350, 1_000_000: 2_000}
CLAIMED_USES = {"counts": ("dashboard: counts only", 50), "kanban": ("kanban: 20 a status", 200),
                "report": ("report: 100 a status", 500)}  # fmt: skip
PYTHON_UP_TO, ONE_BY_ONE_UP_TO = 100_000, 10_000  # beyond, the slow ways take minutes


def run(context: Context) -> Iterator[Result]:
    sizes = QUICK_SIZES if context.quick else (*SIZES, *([HUGE] if context.huge else []))
    for statuses in (5, 20):
        yield from _Grouped(context, sizes, statuses).run()
    database = calls_data.database(context.env, sizes[1])
    yield from _writing(context, database)


def _result(context, case, value, goal, reference=None, reference_name="", better="lower", unit="ms", quick=False):
    goal = None if context.quick and not quick else goal
    return Result(NAME, case, value, unit, goal, reference, reference_name, better)


class _Grouped:
    """All sizes with one number of statuses, measured in turns."""

    def __init__(self, context, sizes, statuses):
        self.context, self.sizes, self.statuses = context, sizes, statuses
        self.databases = {size: calls_data.database(context.env, size, statuses) for size in sizes}
        self.keys = {size: api_reader(context.env, name) for size, name in self.databases.items()}

    def result(self, case, *args, **kwargs):
        return _result(self.context, f"{case}, {self.statuses} statuses", *args, **kwargs)

    def run(self):
        with ExitStack() as stack:
            self.boards, env = {}, self.context.env
            for size, name in self.databases.items():
                odoo_env = stack.enter_context(odoo_environment(env, name, "bench"))
                self.boards[size] = board = Board(env, name, odoo_env)
                stack.callback(board.connection.close)
                board.check()
            yield from self.floors()
            yield from self.other_ways()
            yield from self.scoped_totals()
            yield from self.over_http()

    def floors(self):
        variants = {}
        for size, board in self.boards.items():
            variants |= {
                f"floor_{size}": board.floor,
                f"board_{size}": board.handler,
                f"both_{size}": board.of_both,
                f"json_{size}": board.by_standard_json,
                f"few_{size}": lambda board=board: board.handler(limit=20),
            }
        times = interleave(self.context.rounds(ROUNDS), **variants)
        # In turns of their own: behind boards of some megabytes the caches of the processor would be measured.
        counts = {f"counts_{size}": board.counts for size, board in self.boards.items()}
        self.times = times = times | interleave(self.context.rounds(ROUNDS), **counts)
        first, last = self.sizes[0], self.sizes[-1]
        goal = 1.5 if next(iter(self.boards.values())).responses.orjson else 2
        for size in self.sizes:
            ours, floor = times[f"board_{size}"], times[f"floor_{size}"]
            yield self.result(f"board, {size:,} calls", ours, goal, floor, "ms plain SQL")
            yield self.result(f"the same with standard json, {size:,} calls", times[f"json_{size}"], 2, floor,
                              "ms plain SQL")  # fmt: skip
            yield self.result(f"two companies, {size:,} calls", times[f"both_{size}"], 1.3, ours, "ms of one")
            yield self.result(f"counts only, {size:,} calls", times[f"counts_{size}"], 1)
        start = 10_000 if 10_000 in self.sizes else first
        for size in self.sizes[self.sizes.index(start) + 1 :]:
            yield self.result(f"growth to {size:,} calls", times[f"board_{size}"], 1.3, times[f"board_{start}"],
                              f"ms with {start:,}")  # fmt: skip
        queries = max(board.queries() for board in self.boards.values())
        yield self.result(f"queries, any limit, {first:,} to {last:,} calls", queries, 4, unit="queries", quick=True)
        if self.statuses == 5:
            yield from self.claims()

    def claims(self):
        for size, claimed in CLAIMED.items():
            if size in self.sizes:
                yield self.result(f"board, {size:,} calls, beside the replaced system", self.times[f"board_{size}"], 1,
                                  claimed, "ms claimed there")  # fmt: skip
        size = 100_000
        if size in self.sizes:
            ours = {"counts": f"counts_{size}", "kanban": f"few_{size}", "report": f"board_{size}"}
            for use, (title, claimed) in CLAIMED_USES.items():
                yield self.result(f"{title}, {size:,} calls", self.times[ours[use]], 1, claimed, "ms claimed there")

    def other_ways(self):
        """The ways not taken, each in turn with the board."""
        for size, board in self.boards.items():
            ways = {"read_group": board.by_read_group}
            if size <= PYTHON_UP_TO:
                ways["in_python"] = board.grouped_in_python
            if size <= ONE_BY_ONE_UP_TO and self.statuses == 5:
                ways["one_by_one"] = board.one_by_one
            rounds = self.context.rounds(SLOW_ROUNDS) if size < ONE_BY_ONE_UP_TO else 3
            for way, call in ways.items():
                slow = 1 if way == "one_by_one" and size >= ONE_BY_ONE_UP_TO else rounds
                times = interleave(slow, prepare=board.env.invalidate_all, way=call, board=board.handler)
                title = {"read_group": "_read_group and search_fetch", "in_python": "grouped in Python",
                         "one_by_one": "query by query"}[way]  # fmt: skip
                goal = 10 if way == "read_group" and size >= 1_000_000 else None
                yield self.result(f"{title}, {size:,} calls", times["way"], goal, times["board"], "ms of the board",
                                  "higher")  # fmt: skip

    def scoped_totals(self):
        """Totals of readers whom a rule shows their own calls only: no kept totals answer that."""
        size, board = self.sizes[-1], self.boards[self.sizes[-1]]
        env, reader = board.env, board.one.env.user
        board.connection.rollback()
        own = {
            "owner": "[('owner_id', '=', user.id)]",
            "owner, caller or assigned": "['|', '|', ('owner_id', '=', user.id), ('user_id', '=', user.id),"
            " ('assigned_to_id', '=', user.id)]",
        }
        someone = env["res.users"].sudo().search([("login", "like", "bench-")], limit=1)
        someone.group_ids = reader.group_ids  # undone at the end, as all that follows
        for title, domain in own.items():
            rule = env["ir.rule"].sudo().create(
                {"name": title, "model_id": env["ir.model"].sudo()._get_id("ghl.call"), "domain_force": domain}
            )  # fmt: skip
            calls = board.one.with_user(someone)
            if not sum(board.board.count(calls).values()):
                raise AssertionError(f"{someone.login} has no calls")
            times = interleave(self.context.rounds(10), counts=lambda calls=calls: board.board.count(calls))
            yield self.result(f"totals under a rule on {title}, {size:,} calls", times["counts"], 100)
            rule.unlink()
        env.cr.rollback()
        env.registry.clear_all_caches()

    def over_http(self):
        """Request time without that of a request that does nothing, so that Odoo's own HTTP work is left out."""
        for size in {10_000, self.sizes[-1]} & set(self.sizes):
            with self.context.env.start_server(self.databases[size]) as server:
                call = get_client(server.url, self.keys[size])
                times = interleave(
                    self.context.rounds(40),
                    ping=lambda call=call: call("GET", "/api/ping"),
                    board=lambda call=call: call("POST", "/crm/calls/get-grouped-by-status", {"limit": 100}),
                    floor=self.boards[size].floor,
                )
            yield self.result(f"over HTTP, less an empty request ({times['ping']:.1f} ms), {size:,} calls",
                              times["board"] - times["ping"], 2, times["floor"], "ms plain SQL")  # fmt: skip


def _writing(context, database):
    cost = writing.insert_cost(context, database, 10_000)
    yield _result(context, "inserting 10,000 calls in one statement", cost["with_totals"], 1.1, cost["without"],
                  "ms without totals")  # fmt: skip
    found = writing.writers(context, database)
    yield _result(context, f"{writing.WRITERS} writers at once", found["with_totals"], 0.8, found["without"],
                  "transactions/s without totals", "higher", "transactions/s")  # fmt: skip
    yield _result(context, "their serialization failures", found["failures"], 0, unit="failures", quick=True)
    yield _result(context, "totals that a recount does not give", found["wrong"], 0, unit="totals", quick=True)

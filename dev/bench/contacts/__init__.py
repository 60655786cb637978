"""The contact lists: one page, everything, a late page, a search; in process and over HTTP."""

import itertools
import json
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

from bootstrap.state import say

from ..database import connect, filled_database
from ..http_client import get_client
from ..odoo_process import api_reader, odoo_environment
from ..runner import Context, Result, interleave
from . import data, floor

LARGE, MIDDLE, SMALL = "BENCH-L", "BENCH-M", "BENCH-S"
LOGIN = "bench"
LIMIT = 100


def run(context: Context) -> Iterator[Result]:
    contacts = 10_000 if context.quick else 100_000
    name = "ghl_bench_quick" if context.quick else "ghl_bench"
    started = time.monotonic()
    filled_database(context.env, name, lambda cursor: data.fill(cursor, contacts), [Path(data.__file__)], contacts)
    say(f"{name} holds {contacts:,} contacts ({time.monotonic() - started:.1f} s)")
    key = api_reader(context.env, name)
    with odoo_environment(context.env, name, LOGIN) as env:
        connection = connect(context.env, name)
        connection.autocommit = True  # no transaction stays open between rounds
        bench = _Contacts(context, env, connection)
        yield from bench.page()
        yield from bench.over_http(name, key)
        yield from bench.everything()
        yield from bench.late_page()
        yield from bench.search()


class _Contacts:
    def __init__(self, context, env, connection):
        from odoo.addons.ghl.ghl_base.http.responses import dumps, json_pieces
        from odoo.addons.ghl.ghl_contacts.controllers import answers
        from odoo.addons.ghl.ghl_contacts.reading import contacts as reading

        from . import orm

        self.context, self.env, self.connection = context, env, connection
        self.dumps, self.json_pieces, self.answers, self.reading, self.orm = dumps, json_pieces, answers, reading, orm
        self.large, self.middle, self.small = (self._location(name) for name in (LARGE, MIDDLE, SMALL))

    def _location(self, name):
        return self.answers.find_location(self.env, name)

    # ---- one page --------------------------------------------------------------------------------------

    def page(self):
        """Everything the route does in process, against bare SQL and against the ORM."""
        self._same_documents()
        cursor = self.connection.cursor()
        times = interleave(
            self.context.rounds(40),
            prepare=self.env.invalidate_all,
            design=self._design_page,
            floor=lambda: floor.page(cursor, MIDDLE, LIMIT),
            orm=lambda: self._orm(self.orm.prefetched),
        )
        slow = interleave(
            self.context.rounds(6),
            prepare=self.env.invalidate_all,
            design=self._design_page,
            n1=lambda: self._orm(self.orm.one_by_one),
        )
        self.floor_ms = times["floor"]
        case = f"page of {LIMIT}, everything nested, in process"
        yield self._result(case, times["design"], "ms", 1.5, times["floor"], "ms bulk SQL")
        yield self._result(case, times["design"], "ms", 1 / 3, times["orm"], "ms prefetched ORM")
        yield self._result(case, slow["design"], "ms", 1 / 50, slow["n1"], "ms N+1 ORM")
        before = self.env.cr.sql_log_count
        self._design_page()
        yield self._result("queries of a page", self.env.cr.sql_log_count - before, "queries", 9)

    def _design_page(self, location=MIDDLE, **paging):
        state = self._location(location)
        head = {"success": True, "sync_summary": state.synced, "sync_job_id": state.job_id or 0}
        return self.dumps(self.answers.contact_list(self.env, state, head, **({"limit": LIMIT} | paging)))

    def _orm(self, read):
        state = self._location(MIDDLE)
        total = self.env["ghl.contact"].search_count([("location_id", "=", state.id)])
        return self.dumps({"contacts": read(self.env, state.id, LIMIT), "total_contacts": total})

    def _same_documents(self):
        """A comparison of different things would be worth nothing."""
        design = json.loads(self._design_page())["contacts"]
        bare = json.loads(floor.page(self.connection.cursor(), MIDDLE, LIMIT))["contacts"]
        self.env.invalidate_all()
        by_orm = json.loads(self.dumps(self.orm.prefetched(self.env, self.middle.id, LIMIT)))
        for other, name in ((bare, "the floor"), (by_orm, "the ORM")):
            if other != design:
                ours, theirs = next((a, b) for a, b in zip(design, other, strict=True) if a != b)
                differ = {key: (ours.get(key), theirs.get(key)) for key in ours if ours.get(key) != theirs.get(key)}
                raise AssertionError(f"{name} reads something else: {differ}")

    # ---- over HTTP -------------------------------------------------------------------------------------

    def over_http(self, database, key):
        """Request time without that of a request that does nothing, so that Odoo's own HTTP work is left out."""
        with self.context.env.start_server(database) as server:
            call = get_client(server.url, key)
            cursor = self.connection.cursor()
            times = interleave(
                self.context.rounds(60),
                ping=lambda: call("GET", "/api/ping"),
                page=lambda: call("GET", f"/api/location-contacts?location_id={MIDDLE}&limit={LIMIT}"),
                floor=lambda: floor.page(cursor, MIDDLE, LIMIT),
            )
        yield self._result(
            f"page of {LIMIT} over HTTP, less an empty request ({times['ping']:.1f} ms)",
            times["page"] - times["ping"],
            "ms",
            2,
            times["floor"],
            "ms bulk SQL",
        )

    # ---- everything ------------------------------------------------------------------------------------

    def everything(self):
        number = self.env["ghl.contact"]._count_for_api(self.small.id)
        times = interleave(
            self.context.rounds(3), prepare=self.env.invalidate_all, design=self._stream, orm=self._stream_by_orm
        )
        case = f"{number:,} contacts streamed"
        yield self._result(case, times["design"], "ms", 0.25, times["orm"], "ms ORM in chunks")
        self.env.invalidate_all()
        tracemalloc.start()
        try:
            self._stream()
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        yield self._result(f"{case}: peak of Python memory", peak / 1e6, "MB", 25)

    def _stream(self):
        rows = self.env["ghl.contact"]._stream_for_api(self.small.id)
        return sum(map(len, self.json_pieces({"success": True}, "contacts", rows)))

    def _stream_by_orm(self):
        size = 0
        for offset in itertools.count(0, 1000):
            self.env.invalidate_all()
            documents = self.orm.prefetched(self.env, self.small.id, 1000, offset)
            size += sum(len(self.dumps(document)) for document in documents)
            if len(documents) < 1000:
                return size

    # ---- a late page -----------------------------------------------------------------------------------

    def late_page(self):
        depth = 50_000 if not self.context.quick else 5_000
        before = self.env["ghl.contact"]._read_for_api(self.large.id, limit=1, offset=depth - 1)
        cursor = self.answers.encode_cursor(*before.next)
        times = interleave(
            self.context.rounds(30),
            prepare=self.env.invalidate_all,
            first=lambda: self._design_page(LARGE),
            late=lambda: self._design_page(LARGE, cursor=cursor),
        )
        yield self._result(
            f"page of {LIMIT} behind {depth:,} contacts, by cursor",
            times["late"],
            "ms",
            1.5,
            times["first"],
            "ms page 1",
        )

    # ---- search ----------------------------------------------------------------------------------------

    def search(self):
        if not self.env.registry.has_trigram:
            say("This PostgreSQL has no pg_trgm: searching is not measured")
            return
        text = self.env["ghl.contact"].search([("location_id", "=", self.large.id)], limit=1, offset=777).last_name
        chosen = self.reading.ContactFilter(text=text.lower())
        query = self.reading.page_query(self.env["ghl.contact"], self.large.id, chosen, LIMIT)

        def find():
            return self.env.execute_query(query.select())

        if not find():
            raise AssertionError(f"{text} is not found")

        def find_without_index():
            # A GIN index can be used by bitmap scans only.
            self.env.cr.execute("SET LOCAL enable_bitmapscan = off")
            find()
            self.env.cr.execute("SET LOCAL enable_bitmapscan = on")

        times = interleave(self.context.rounds(20), fast=find, slow=find_without_index)
        yield self._result(
            f"selective search among {60_000 if not self.context.quick else 6_000:,}",
            times["fast"],
            "ms",
            None if self.context.quick else 1 / 50,
            times["slow"],
            "ms without trigram index",
        )

    @staticmethod
    def _result(case, value, unit, goal, reference=None, reference_name=""):
        return Result("contacts", case, value, unit, goal, reference, reference_name)

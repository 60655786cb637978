"""One database's board: the handler, the floor that gives the same bytes by plain SQL, and other ways to read it.

The floor is shape e of the measurements the board was designed by: psycopg2 without Odoo, index heads by LATERAL,
totals from the counter table, one look-up of people and records, orjson.
"""

from ..database import connect

LIMIT = 100
ROWS = """
    SELECT c.* FROM unnest(%s) AS s(id) CROSS JOIN LATERAL (
        SELECT {columns} FROM ghl_call t
         WHERE t.company_id = %s AND t.status_id = s.id AND t.active IS TRUE
         ORDER BY t.start_time DESC, t.id DESC LIMIT %s) c
"""
TOTALS = """SELECT status_id, sum(calls) FROM ghl_call_total
             WHERE company_id = %s AND grain IN ('fresh', 'status') GROUP BY 1"""
NAMED = """
    SELECT 'users', u.id, p.name, NULL, NULL, p.email, p.phone
      FROM res_users u JOIN res_partner p ON p.id = u.partner_id WHERE u.id = ANY(%s)
    UNION ALL SELECT 'contacts', id, name, first_name, last_name, email, phone FROM ghl_contact WHERE id = ANY(%s)
    UNION ALL SELECT 'accounts', id, name, NULL, NULL, email, phone FROM res_partner WHERE id = ANY(%s)
"""
PEOPLE = ("owner_id", "user_id", "assigned_to_id")


class Board:
    def __init__(self, env, database, odoo_env):
        from odoo.addons.ghl.ghl_base.http import responses
        from odoo.addons.ghl.ghl_calls.reading import board

        self.responses, self.board, self.documents = responses, board, board.documents
        self.connection = connect(env, database)
        self.connection.autocommit = True
        self.env = odoo_env
        self.both = odoo_env["ghl.call"]
        self.one = self.both.with_context(allowed_company_ids=[1])
        self.statuses = odoo_env["ghl.call.status"].search([], order="id").ids

    def handler(self, calls=None, limit=LIMIT, dumps=None):
        """The answer as the route makes it."""
        columns = (self.one if calls is None else calls)._board_for_api(limit=limit)
        dumps = dumps or self.responses.dumps
        return dumps([{"id": c.id, "total_calls": c.total, "calls": c.calls} for c in columns])

    def of_both(self):
        return self.handler(self.both)

    def counts(self):
        return self.board.count(self.one)

    def by_standard_json(self):
        """The answer as the route makes it where orjson is not installed."""
        known, self.responses.orjson = self.responses.orjson, None
        try:
            return self.handler(dumps=self.responses._dumps_slow)
        finally:
            self.responses.orjson = known

    def floor(self, limit=LIMIT) -> bytes:
        """The bytes of the answer, by plain SQL and the board's own documents."""
        documents = self.documents
        columns = ", ".join(f"{name}::text" if name in documents.TIMES else name for name in documents.COLUMNS)
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT id FROM ghl_call_status ORDER BY id")
            statuses = [status for (status,) in cursor.fetchall()]
            cursor.execute(ROWS.format(columns=columns), [statuses, 1, limit])
            rows = cursor.fetchall()
            cursor.execute(TOTALS, [1])
            totals = dict(cursor.fetchall())
            at = {name: documents.COLUMNS.index(name) for name in (*PEOPLE, "contact_id", "partner_id", "status_id")}
            users = {row[at[name]] for row in rows for name in PEOPLE}
            contacts, partners = ({row[at[name]] for row in rows} for name in ("contact_id", "partner_id"))
            cursor.execute(NAMED, [list(ids - {None}) for ids in (users, contacts, partners)])
            found = {kind: {} for kind in ("users", "contacts", "accounts", "newest_deals", "")}
            for kind, row_id, name, first, last, email, phone in cursor.fetchall():
                if kind == "users":
                    found[kind][row_id] = documents.person(row_id, name, email, phone)
                else:
                    found[kind][row_id] = documents.record(row_id, name, first, last, email, phone)
        groups = {status: [] for status in statuses}
        for row in rows:
            groups[row[at["status_id"]]].append(self.responses.fragment(documents.call(row, found)))
        answer = [{"id": key, "total_calls": totals.get(key, 0), "calls": calls} for key, calls in groups.items()]
        return self.responses.dumps(answer)

    def check(self):
        """A comparison of different things would be worth nothing."""
        if self.handler() != self.floor():
            raise AssertionError("the board and plain SQL do not give the same answer")

    def queries(self) -> int:
        """The most queries that any limit and number of companies takes."""
        most = 0
        for calls in (self.one, self.both):
            for limit in (1, 20, 100, 1000):
                self.env["ghl.call.status"].invalidate_model()
                before = self.env.cr.sql_log_count
                self.handler(calls, limit)
                most = max(most, self.env.cr.sql_log_count - before)
        return most

    # ---- other ways --------------------------------------------------------------------------------------

    def by_read_group(self):
        """As good ORM code does it: counts of all, then the newest of each status."""
        counts = {status.id: number for status, number in self.one._read_group([], ["status_id"], ["__count"])}
        found = [
            self.one.search_fetch([("status_id", "=", status)], self.documents.COLUMNS, limit=LIMIT)
            for status in self.statuses
        ]
        return self.responses.dumps([counts, [calls.read(self.documents.COLUMNS) for calls in found]])

    def grouped_in_python(self):
        """All calls are read, then sorted into columns."""
        groups = {status: [] for status in self.statuses}
        for values in self.one.search([]).read(self.documents.COLUMNS):
            groups[values["status_id"][0]].append(values)
        return self.responses.dumps([[len(calls), calls[:LIMIT]] for calls in groups.values()])

    def one_by_one(self):
        """All calls, and a query for each person of each: what the replaced system started from."""
        users, groups = self.env["res.users"].sudo(), {status: [] for status in self.statuses}
        for call in self.one.search([]):
            [values] = call.read(self.documents.COLUMNS)
            for name in PEOPLE:
                values[name] = users.search_read([("id", "=", values[name] and values[name][0])], ["name", "email"])
            groups[values["status_id"][0]].append(values)
        return self.responses.dumps([[len(calls), calls[:LIMIT]] for calls in groups.values()])

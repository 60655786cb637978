"""One kind of record in the database: sort keys as columns, the record itself made on demand or kept as JSON."""

import json
import random

from ..clock import now_ms
from .kinds import Kind

ROW = "pk, loc, n, added, updated, data"  # what is needed to make a record


class Row(dict):
    """A record plus where it is stored: `pk`, `added` and `updated` (epoch ms)."""

    __slots__ = ("added", "loc", "pk", "rev", "updated")


class Table:
    def __init__(self, store, kind: Kind):
        self.store = store
        self.kind = kind
        self.db = store.db
        self._totals = {}
        self._lingering = False
        columns = "".join(f", {c}" for c in kind.columns)
        self._columns = f"id, added, updated{columns}"
        self.db.execute(
            f"CREATE TABLE {kind.name} "
            f"(pk INTEGER PRIMARY KEY, loc INT, n INT, {self._columns}, deleted INT, data TEXT)"
        )

    def seed(self, generators):
        marks = ",".join("?" * (2 + 3 + len(self.kind.columns)))
        sql = f"INSERT INTO {self.kind.name} (loc, n, {self._columns}) VALUES ({marks})"
        for generator in generators:
            loc, keys = generator.location.index, self.kind.keys
            self.db.executemany(sql, ((loc, n, *keys(generator, n)) for n in range(self.kind.count(generator))))
        self.db.execute(f"CREATE UNIQUE INDEX {self.kind.name}_id ON {self.kind.name} (id)")
        for i, columns in enumerate(self.kind.indexes):
            self.db.execute(f"CREATE INDEX {self.kind.name}_{i} ON {self.kind.name} ({columns})")

    # -- reading ---------------------------------------------------------------------------------------------------

    def _row(self, pk, loc, n, added, updated, data) -> Row:
        row = Row(json.loads(data) if data else self.kind.record(self.store.generators[loc], n))
        row.pk, row.loc, row.added, row.updated = pk, loc, added, updated
        return row

    def get(self, record_id, loc=None):
        """The living record, or None."""
        found = self.db.execute(
            f"SELECT {ROW} FROM {self.kind.name} WHERE id = ? AND deleted IS NULL",
            (record_id,),
        ).fetchone()
        if not found or (loc is not None and found[1] != loc):
            return None
        return self._row(*found)

    def where(self, clause, params=(), limit=-1):
        sql = f"SELECT {ROW} FROM {self.kind.name} WHERE deleted IS NULL AND {clause} LIMIT {limit}"
        return [self._row(*r) for r in self.db.execute(sql, params).fetchall()]

    def keys(self, loc, clause, params, order, limit, offset=0, extra=""):
        """Search index rows (deleted ones linger): (pk, loc, n, added, updated, data, *extra columns)."""
        self._purge()
        where = f"loc = ? AND {clause} ORDER BY {order} LIMIT ? OFFSET ?"
        sql = f"SELECT {ROW}{extra} FROM {self.kind.name} WHERE {where}"
        return self.db.execute(sql, (loc, *params, limit, offset)).fetchall()

    def load(self, key) -> Row:
        return self._row(*key[:6])

    def total(self, loc, clause="1", params=()):
        """How many rows a search matches."""
        self._purge()
        memo = (loc, clause, tuple(params))
        if memo not in self._totals:
            if len(self._totals) > 500:
                self._totals.clear()
            sql = f"SELECT count(*) FROM {self.kind.name} WHERE loc = ? AND {clause}"
            self._totals[memo] = self.db.execute(sql, (loc, *params)).fetchone()[0]
        return self._totals[memo]

    def live(self, loc):
        return self.db.execute(
            f"SELECT count(*) FROM {self.kind.name} WHERE loc = ? AND deleted IS NULL", (loc,)
        ).fetchone()[0]

    def dump(self, loc):
        return self.db.execute(
            f"SELECT id, added, updated FROM {self.kind.name} WHERE loc = ? AND deleted IS NULL ORDER BY id", (loc,)
        ).fetchall()

    def sample(self, loc, count, rng: random.Random):
        """`count` living records chosen by `rng`."""
        pks = [
            r[0]
            for r in self.db.execute(
                f"SELECT pk FROM {self.kind.name} WHERE loc = ? AND deleted IS NULL ORDER BY pk", (loc,)
            )
        ]
        chosen = sorted(rng.sample(pks, min(count, len(pks))))
        return [self.where("pk = ?", (pk,))[0] for pk in chosen]

    # -- writing ---------------------------------------------------------------------------------------------------

    def insert(self, loc, record) -> Row:
        values = self.kind.index(record)
        marks = ",".join("?" * (len(values) + 3))
        sql = f"INSERT INTO {self.kind.name} (loc, n, {self._columns}, data) VALUES ({marks})"
        pk = self.db.execute(sql, (loc, -1, *values, json.dumps(record, ensure_ascii=False))).lastrowid
        self._totals.clear()
        row = Row(record)
        row.pk, row.loc, row.added, row.updated = pk, loc, values[1], values[2]
        self.store.changed(self.kind.name, loc, None, row)
        return row

    def save(self, row: Row) -> Row:
        old = self.where("pk = ?", (row.pk,), 1) if self.store.listener else None
        values = self.kind.index(row)
        sets = ", ".join(f"{c} = ?" for c in self._columns.split(", "))
        sql = f"UPDATE {self.kind.name} SET {sets}, data = ? WHERE pk = ?"
        self.db.execute(sql, (*values, json.dumps(row, ensure_ascii=False), row.pk))
        self._totals.clear()
        row.added, row.updated = values[1], values[2]
        if old:
            self.store.changed(self.kind.name, row.loc, old[0], row)
        return row

    def delete(self, row: Row):
        self.db.execute(f"UPDATE {self.kind.name} SET deleted = ? WHERE pk = ?", (now_ms(), row.pk))
        self._lingering = True
        self._totals.clear()
        self.store.changed(self.kind.name, row.loc, row, None)

    def forget(self):
        """Totals are counted anew: rows were changed by other means."""
        self._totals.clear()

    def _purge(self):
        if self._lingering:
            self.db.execute(f"DELETE FROM {self.kind.name} WHERE deleted <= ?", (now_ms() - self.store.linger_ms,))
            left = self.db.execute(f"SELECT 1 FROM {self.kind.name} WHERE deleted IS NOT NULL LIMIT 1").fetchone()
            self._lingering = bool(left)
            self._totals.clear()

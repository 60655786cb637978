"""What exists in the simulated GoHighLevel: sort keys in an in-memory SQLite database, whole records made on demand.

A generated row keeps only its ordinal number; a written row keeps its record as JSON. A deleted row stays findable by
searches until the linger time is over, as the real search index does, while reads by id do not see it.
"""

import json
import random
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from ..clock import now_ms, parse_ms
from .generator import Generator
from .plan import Plan, make_location, make_users


@dataclass(frozen=True)
class Kind:
    """One kind of record: its table, its columns after (id, added, updated), and how to read them off a record."""

    name: str
    columns: tuple
    indexes: tuple
    count: Callable  # generator -> how many
    keys: Callable  # generator, n -> (id, added, updated, *columns)
    record: Callable  # generator, n -> record
    index: Callable  # record -> (id, added, updated, *columns)


def _contact_index(r):
    name = f"{r.get('firstName') or ''} {r.get('lastName') or ''} {r.get('companyName') or ''}".lower()
    return (
        r["id"],
        parse_ms(r["dateAdded"]),
        parse_ms(r["dateUpdated"]),
        r.get("email"),
        r.get("phone"),
        name,
        r.get("assignedTo"),
    )


def _task_index(r):
    return (
        r["id"],
        parse_ms(r["dateAdded"]),
        parse_ms(r["dateUpdated"]),
        r.get("contactId"),
        r.get("assignedTo"),
        int(bool(r.get("completed"))),
        parse_ms(r["dueDate"]) if r.get("dueDate") else None,
    )


def _conversation_index(r):
    return (
        r["id"],
        r["dateAdded"],
        r["lastMessageDate"],
        r["contactId"],
        r.get("assignedTo"),
        r["unreadCount"],
        int(bool(r.get("starred"))),
        r.get("lastMessageType"),
    )


def _opportunity_index(r):
    return (
        r["id"],
        parse_ms(r["createdAt"]),
        parse_ms(r["updatedAt"]),
        r.get("contactId"),
        r.get("pipelineId"),
        r.get("pipelineStageId"),
        r.get("status"),
        r.get("assignedTo"),
        r.get("monetaryValue"),
    )


KINDS = (
    Kind(
        "contact",
        ("email", "phone", "name", "assigned"),
        ("loc, updated, id", "loc, added, id"),
        lambda g: g.contacts,
        Generator.contact_keys,
        Generator.contact,
        _contact_index,
    ),
    Kind(
        "task",
        ("contact", "assigned", "completed", "due"),
        ("loc, added, id", "contact"),
        lambda g: g.tasks,
        Generator.task_keys,
        Generator.task,
        _task_index,
    ),
    Kind(
        "conversation",
        ("contact", "assigned", "unread", "starred", "last_type"),
        ("loc, updated, id", "loc, added, id", "contact"),
        lambda g: g.conversations,
        Generator.conversation_keys,
        Generator.conversation,
        _conversation_index,
    ),
    Kind(
        "opportunity",
        ("contact", "pipeline", "stage", "status", "assigned", "value"),
        ("loc, added, id", "contact"),
        lambda g: g.opportunities,
        Generator.opportunity_keys,
        Generator.opportunity,
        _opportunity_index,
    ),
)

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

    def _purge(self):
        if self._lingering:
            self.db.execute(f"DELETE FROM {self.kind.name} WHERE deleted <= ?", (now_ms() - self.store.linger_ms,))
            left = self.db.execute(f"SELECT 1 FROM {self.kind.name} WHERE deleted IS NOT NULL LIMIT 1").fetchone()
            self._lingering = bool(left)
            self._totals.clear()


class Store:
    def __init__(self, plan: Plan, linger_ms: int = 2000):
        self.plan = plan
        self.linger_ms = linger_ms
        self.listener = None  # called as (kind, location index, old record, new record) on every change
        self.reset()

    def reset(self):
        """Everything as seeded."""
        self.db = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self.db.execute("PRAGMA synchronous=OFF")
        self.db.execute("PRAGMA journal_mode=OFF")
        self.users = make_users(self.plan)
        self.locations = {}
        for index in range(self.plan.locations):
            location = make_location(self.plan, index, self.users)
            self.locations[location.id] = location
        self.generators = [Generator(self.plan, location) for location in self.locations.values()]
        self.db.execute("BEGIN")
        for kind in KINDS:
            table = Table(self, kind)
            table.seed(self.generators)
            setattr(self, kind.name, table)
        self.db.execute("COMMIT")
        self.notes = {}  # contact id -> list of notes
        self._last_stamp = 0
        self._serial = 0

    def stamp(self) -> int:
        """A moment for a write: now, and never before the previous write."""
        self._last_stamp = max(now_ms(), self._last_stamp)
        return self._last_stamp

    def serial(self) -> int:
        self._serial += 1
        return self._serial

    def counts(self, location) -> dict:
        found = {
            f"{kind.name}s" if kind.name != "opportunity" else "opportunities": self.table(kind.name).live(
                location.index
            )
            for kind in KINDS
        }
        found.update(
            users=len(location.users),
            tags=len(location.tags),
            custom_fields=len(location.custom_fields),
            pipelines=len(location.pipelines),
            pipeline_stages=sum(len(p["stages"]) for p in location.pipelines),
        )
        return found

    def changed(self, kind, loc, old, new):
        if self.listener:
            self.listener(kind, loc, old, new)

    def table(self, name) -> Table:
        return getattr(self, name)

    def contact_names(self, ids) -> dict:
        """First and last names by contact id; every fourth contact is left out, as the real task search often does."""
        found, ids = {}, [i for i in ids if i]
        for start in range(0, len(ids), 500):
            part = ids[start : start + 500]
            marks = ",".join("?" * len(part))
            sql = f"SELECT id, pk, loc, n, data FROM contact WHERE deleted IS NULL AND id IN ({marks})"
            for contact_id, pk, loc, n, data in self.db.execute(sql, part):
                if pk % 4:
                    found[contact_id] = _names(json.loads(data)) if data else self.generators[loc].contact_names(n)
        return found

    def remove_contact(self, row):
        """Delete a contact: its conversation and opportunities go with it, its tasks stay without a contact."""
        self.contact.delete(row)
        for name in ("conversation", "opportunity"):
            for other in self.table(name).where("contact = ?", (row["id"],)):
                self.table(name).delete(other)
        for task in self.task.where("contact = ?", (row["id"],)):
            task["contactId"] = None
            self.task.save(task)


def _names(record):
    return {"firstName": record.get("firstName"), "lastName": record.get("lastName")}

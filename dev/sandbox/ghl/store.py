"""What exists in the simulated GoHighLevel: sort keys in an in-memory SQLite database, whole records made on demand.

A generated row keeps only its ordinal number; a written row keeps its record as JSON. A deleted row stays findable by
searches until the linger time is over, as the real search index does, while reads by id do not see it.
"""

import json
import sqlite3

from ..clock import now_ms
from .generator import Generator
from .kinds import KINDS, MESSAGE
from .plan import Plan, make_location, make_users
from .table import Table


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
        self.message = Table(self, MESSAGE)
        self._messages_seeded = False
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

    def messages(self) -> Table:
        """The messages. They are many, so they are made when somebody first asks for them."""
        if not self._messages_seeded:
            self._messages_seeded = True
            self.db.execute("BEGIN")
            self.message.seed(self.generators)
            self.db.execute(
                "DELETE FROM message WHERE conversation NOT IN (SELECT id FROM conversation WHERE deleted IS NULL)"
            )
            self.db.execute("COMMIT")
        return self.message

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

    def remove_conversation(self, row):
        """Delete a conversation with its messages."""
        self.conversation.delete(row)
        self.db.execute("DELETE FROM message WHERE conversation = ?", (row["id"],))
        self.message.forget()

    def remove_contact(self, row):
        """Delete a contact: its conversation and opportunities go with it, its tasks stay without a contact."""
        self.contact.delete(row)
        for conversation in self.conversation.where("contact = ?", (row["id"],)):
            self.remove_conversation(conversation)
        for opportunity in self.opportunity.where("contact = ?", (row["id"],)):
            self.opportunity.delete(opportunity)
        for task in self.task.where("contact = ?", (row["id"],)):
            task["contactId"] = None
            self.task.save(task)


def _names(record):
    return {"firstName": record.get("firstName"), "lastName": record.get("lastName")}

"""Walking through GoHighLevel's lists page by page: nothing skipped, nothing repeated, no endless loop.

The walks of contacts, tasks and opportunities follow the cursor that sits in each row. A page is the last one when it
is short; the total, where the answer has one, saves the empty page behind a last full one and keeps the walk going when
the service hands out smaller pages than it was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from ...ghl_base.net.errors import MalformedResponse, RemoteError
from .answers import SERVICE, trace_id
from .endpoints import ENDPOINTS

CONTACTS, TASKS, OPPORTUNITIES, USERS = 500, 500, 100, 100
# Search engines stop counting at 10,000 unless told otherwise: a total of that size may mean "or more".
COUNTING_STOPS_AT = 10_000


class PagingLoop(RemoteError):
    """The service repeats pages, or a list cannot be walked without losing rows."""

    _sentence = "A list of {service} cannot be read to its end: {message}"


@dataclass(frozen=True)
class Page:
    """Rows as they came (dicts, or whatever junk came).

    ``cursor`` is JSON-able; given back as ``after=`` it continues exactly behind this page (None: no way to continue).
    ``total`` is the number of rows in the whole list if the service tells, ``server_time`` naive UTC. ``until`` is set
    by a walk in another order than that of the updates: only updates up to then are sure to have been read.
    """

    rows: list
    cursor: dict | None
    total: int | None
    server_time: datetime | None
    last: bool
    until: datetime | None = None


@dataclass(frozen=True)
class Place:
    """Where a walk stands: what a cursor holds.

    ``after`` is sent to the service; rows of the same ``stamp`` whose id is in ``ids`` were handed out already.
    ``seen`` counts the rows handed out since the start of the list (None when the walk did not start there), ``total``
    is the largest one heard.
    """

    after: Any = None
    stamp: Any = None
    ids: tuple[str, ...] = ()
    seen: int | None = 0
    total: int | None = None

    @classmethod
    def load(cls, cursor: dict) -> Place:
        try:
            return cls(**{**cursor, "ids": tuple(cursor.get("ids") or ())})
        except (AttributeError, TypeError, ValueError) as error:
            raise ValueError("not a cursor of this client") from error

    def dump(self) -> dict:
        return {
            "after": self.after,
            "stamp": self.stamp,
            "ids": list(self.ids),
            "seen": self.seen,
            "total": self.total,
        }

    def fresh(self, raw: list, stamp_of: Callable) -> list:
        """The rows that were not handed out before, each once."""
        known: set[tuple] = {(one, self.stamp) for one in self.ids}
        rows = []
        for row in raw:
            key = row_id(row), stamp_of(row)
            if key not in known:
                rows.append(row)
            if key[0]:
                known.add(key)
        return rows

    def is_last(self, raw: list, fresh: list, size: int, total: int | None) -> bool:
        """Whether nothing can follow the page ``raw``, of which ``fresh`` is new."""
        if not raw:
            return True
        seen = self._seen_with(fresh)
        if len(raw) < size:
            return not fresh or seen is None or total is None or seen >= total
        # Totals of earlier pages count too: rows may have been deleted behind us while others were added ahead.
        largest = _largest(self.total, total)
        return seen is not None and largest is not None and largest % COUNTING_STOPS_AT != 0 and seen >= largest

    def moved(self, after, stamp, raw: list, fresh: list, total: int | None, stamp_of: Callable) -> Place:
        """The place behind the page, with the ids that a repetition at its edge would show again."""
        return Place(
            after=after,
            stamp=stamp,
            ids=tuple(one for row in raw if (one := row_id(row)) and stamp_of(row) == stamp),
            seen=self._seen_with(fresh),
            total=_largest(self.total, total),
        )

    def _seen_with(self, fresh: list) -> int | None:
        # Junk does not count: better one request more than a list that ends too early.
        return None if self.seen is None else self.seen + sum(1 for row in fresh if row_id(row))


def contact_pages(client, location_id: str, since: datetime | None, after: dict | None) -> Iterator[Page]:
    body = {"locationId": location_id, "sort": [{"field": "dateUpdated", "direction": "asc"}]}
    if since is not None:
        body["filters"] = [{"field": "dateUpdated", "operator": "range", "value": {"gte": iso(since)}}]
    return _walk(client, "contacts_search", "contacts", CONTACTS, {}, body, after)


def task_pages(client, location_id: str, after: dict | None, completed: bool | None) -> Iterator[Page]:
    body = {} if completed is None else {"completed": completed}
    return _walk(client, "tasks_search", "tasks", TASKS, {"locationId": location_id}, body, after)


def opportunity_pages(client, location_id: str, after: dict | None) -> Iterator[Page]:
    details = dict.fromkeys(("notes", "tasks", "calendarEvents", "unReadConversations"), False)
    body = {"locationId": location_id, "query": "", "additionalDetails": details}
    return _walk(client, "opportunities_search", "opportunities", OPPORTUNITIES, {}, body, after)


def user_pages(client, company_id: str, location_id: str) -> Iterator[Page]:
    known: set[str] = set()
    skip = 0
    while True:
        query = {"companyId": company_id, "locationId": location_id, "skip": skip, "limit": USERS}
        answer = client.request("users_search", query=query)
        raw = rows_of(answer.data, "users")
        rows = [row for row in raw if row_id(row) not in known]
        last = len(raw) < USERS
        if not rows and not last:
            raise PagingLoop("users: the same page came again", service=SERVICE)
        known.update(filter(None, map(row_id, raw)))
        skip += len(raw)
        yield Page(rows, None, None, answer.server_time, last)
        if last:
            return


def _walk(client, name: str, key: str, size: int, path: dict, body: dict, after: dict | None) -> Iterator[Page]:
    """Follow the cursors in the rows: contacts and tasks call them ``searchAfter``, opportunities ``sort``."""
    place = Place.load(after) if after else Place()
    visited = {str(place.after)}
    while True:
        cursor = {"searchAfter": place.after} if place.after else {}
        answer = client.request(name, path, body={**body, ENDPOINTS[name].page_key: size, **cursor})
        raw, total = rows_of(answer.data, key), total_of(answer.data)
        fresh = place.fresh(raw, _stamp)
        last = place.is_last(raw, fresh, size, total)
        position = next(filter(None, map(_position, reversed(raw))), None)
        if not last:
            if position is None:
                raise MalformedResponse(
                    f"{key}: rows without a cursor", trace_id=trace_id(answer.data), service=SERVICE
                )
            if not fresh or str(position) in visited:
                raise PagingLoop(f"{key}: the same page came again", service=SERVICE)
            visited.add(str(position))
        if position is None:
            place = replace(place, total=_largest(place.total, total))
        else:
            place = place.moved(position, _stamp({"sort": position}), raw, fresh, total, _stamp)
        yield Page(fresh, place.dump() if place.after else None, total, answer.server_time, last)
        if last:
            return


def rows_of(data: dict, key: str) -> list:
    """The list under ``key``; MalformedResponse when there is none: no answer must not look like an empty list."""
    rows = data.get(key)
    if not isinstance(rows, list):
        raise MalformedResponse(f"the answer has no list of {key}", trace_id=trace_id(data), service=SERVICE)
    return rows


def total_of(data: dict) -> int | None:
    """The number of matches, which stands at ``total`` or ``meta.total``."""
    meta = data.get("meta")
    for value in (data.get("total"), meta.get("total") if isinstance(meta, dict) else None):
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
    return None


def row_id(row) -> str | None:
    """The id of a row; task search calls it ``_id``."""
    value = (row.get("id") or row.get("_id")) if isinstance(row, dict) else None
    return value if isinstance(value, str) else None


def iso(moment: datetime) -> str:
    """Naive UTC as GoHighLevel writes it: 2026-09-01T00:00:00.000Z."""
    return moment.isoformat(timespec="milliseconds") + "Z"


def epoch_ms(moment: datetime) -> int:
    """Naive UTC as epoch milliseconds."""
    delta = moment.replace(tzinfo=timezone.utc) - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000


def _position(row) -> list | None:
    value = (row.get("searchAfter") or row.get("sort")) if isinstance(row, dict) else None
    return value if isinstance(value, list) and value else None


def _stamp(row):
    stamp = (_position(row) or [None])[0]
    return stamp if isinstance(stamp, (int, float, str)) else None


def _largest(*totals: int | None) -> int | None:
    return max((total for total in totals if total is not None), default=None)

"""Walking through the export of messages, whose cursor dies two minutes after the last request.

A walk ascends by date, so it can be taken up at any date: a position holds the date of the last row and the ids of that
date. The service's own cursor only leads from one page to the next; when it is dead, the walk asks again from that date
on and drops what was handed out. So each page is a slice of its own, and taking a walk up repeats no more than one.

Without ``since`` the order is that of creation, where a date means the creation whatever the service filters by.
Changes made meanwhile to what was read already are not met: pages say until when all updates are known, that is the
creation of the last row, and at most the server's clock of when the walk began. With ``since`` the order is that of the
updates, in which what changes meanwhile moves ahead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone

from ...ghl_base.net.errors import MalformedResponse, NotFoundError, RejectedRequest
from .answers import SERVICE, trace_id
from .endpoints import ENDPOINTS
from .paging import Page, PagingLoop, Place, iso, row_id, rows_of, total_of

MESSAGES = 500
EMAIL = "Email"
STEP = timedelta(milliseconds=1)


@dataclass(frozen=True)
class ExportPlace(Place):
    """A place whose ``stamp`` is ISO text. ``began``: the server's clock at the first page, ISO text."""

    began: str | None = None

    def dump(self) -> dict:
        return {**super().dump(), "began": self.began}

    @property
    def until(self) -> datetime | None:
        """Until when all updates are known to a walk by creation."""
        return min(filter(None, map(_moment, (self.stamp, self.began))), default=None)

    def behind(self, raw: list, fresh: list, total: int | None, stamp_of) -> ExportPlace:
        """The place behind a page. Ids of one date are gathered over all the pages that hold it."""
        stamp = max((one for one in map(stamp_of, raw) if one), default=self.stamp)
        ids = [one for row in raw if (one := row_id(row)) and stamp_of(row) == stamp]
        kept = self.ids if stamp == self.stamp else ()
        totals = [one for one in (self.total, total) if one is not None]
        return replace(
            self,
            stamp=stamp,
            ids=tuple(dict.fromkeys((*kept, *ids))),
            seen=(self.seen or 0) + len(fresh),
            total=max(totals, default=None),
        )


def message_pages(
    client, location_id: str, channel: str | None, since: datetime | None, after: dict | None
) -> Iterator[Page]:
    name, (order, key) = "messages_export", ("updatedAt", "dateUpdated") if since else ("createdAt", "dateAdded")
    query = {"locationId": location_id, "sortBy": order, "sortOrder": "asc", ENDPOINTS[name].page_key: MESSAGES}
    if channel:
        query["channel"] = channel

    def stamp_of(row) -> str | None:
        value = (row.get(key) or row.get("dateAdded")) if isinstance(row, dict) else None
        moment = _moment(value)
        return iso(moment) if moment else None

    place = ExportPlace.load(after) if after else ExportPlace()
    cursor, idle, visited = None, 0, set()
    while True:
        try:
            answer = client.request(name, query={**query, **_start(cursor, place, since)})
        except (RejectedRequest, NotFoundError):
            if not cursor:
                raise
            cursor, visited = None, set()
            continue
        raw, total = rows_of(answer.data, "messages"), total_of(answer.data)
        rows = place.fresh(raw, stamp_of)
        if not cursor and place.stamp:
            rows = [row for row in rows if (stamp_of(row) or place.stamp) >= place.stamp]
        cursor = answer.data.get("nextCursor") or None
        last = not raw or not cursor
        # Pages of one date may be known as a whole; more than those without a step ahead are no walk any more.
        idle = 0 if any((stamp_of(row) or "") >= (place.stamp or "") for row in rows) else idle + 1
        if not last and (str(cursor) in visited or idle > len(place.ids) // MESSAGES + 1):
            raise PagingLoop("messages: the same page came again", service=SERVICE)
        visited.add(str(cursor))
        if not place.began and answer.server_time:
            place = replace(place, began=iso(answer.server_time))
        place = place.behind(raw, rows, total, stamp_of)
        if not last and not place.stamp:
            raise MalformedResponse("messages without a date", trace_id=trace_id(answer.data), service=SERVICE)
        until = None if since else place.until
        yield Page(rows, place.dump() if place.stamp else None, place.total, answer.server_time, last, until)
        if last:
            return


def _start(cursor, place: ExportPlace, since: datetime | None) -> dict:
    """Where the next page starts. A millisecond is stepped back: whether the date itself belongs to it is not told."""
    if cursor:
        return {"cursor": cursor}
    start = _moment(place.stamp) - STEP if place.stamp else since
    return {"startDate": iso(start)} if start else {}


def _moment(value) -> datetime | None:
    """Naive UTC of ISO text."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value[:-1] + "+00:00" if value.endswith(("Z", "z")) else value)
        return moment.astimezone(timezone.utc).replace(tzinfo=None) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return None

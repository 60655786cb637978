"""Walking through conversations, whose cursor is a bare millisecond.

``startAfterDate`` continues behind a stamp, so rows that share a millisecond across a page edge would be lost: every
page asks again from one millisecond before the last stamp and drops what was handed out. That costs one row per page.
When a whole page is one single stamp there may be more rows of it than the cursor can reach: those are enumerated by
cutting the dates of creation into disjoint windows until each fits a page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from ...ghl_base.net.errors import MalformedResponse
from .answers import SERVICE, trace_id
from .endpoints import ENDPOINTS
from .paging import Page, PagingLoop, Place, epoch_ms, row_id, rows_of, total_of

CONVERSATIONS = 100
DAY_MS = 86_400_000


def conversation_pages(client, location_id: str, since: datetime | None, after: dict | None) -> Iterator[Page]:
    name = "conversations_search"
    order = {"locationId": location_id, "sort": "asc", "sortBy": "last_message_date"}

    def fetch(start_after: int | None, **window: int):
        start: dict = {} if start_after is None else {"startAfterDate": start_after}
        return client.request(name, query={**order, ENDPOINTS[name].page_key: CONVERSATIONS, **start, **window})

    # A walk from a date on hands out a part of the list, so the total says nothing about its end: no counting.
    start = Place() if since is None else Place(after=epoch_ms(since) - 1, seen=None)
    place = Place.load(after) if after else start
    while True:
        answer = fetch(place.after)
        raw, total = rows_of(answer.data, "conversations"), total_of(answer.data)
        fresh = place.fresh(raw, stamp_of)
        last = place.is_last(raw, fresh, CONVERSATIONS, total)
        stamps = [stamp for stamp in map(stamp_of, raw) if stamp is not None]
        if not last and not stamps:
            raise MalformedResponse("conversations without a date", trace_id=trace_id(answer.data), service=SERVICE)
        if not last and len(set(stamps)) == 1:
            fresh = place.fresh(_rows_at(fetch, stamps[-1], raw, answer.server_time), stamp_of)
            behind = place.moved(stamps[-1], None, [], fresh, total, stamp_of)
        elif stamps:
            behind = place.moved(stamps[-1] - 1, stamps[-1], raw, fresh, total, stamp_of)
        else:
            behind = place
        if not last and place.after is not None and behind.after <= place.after:
            raise PagingLoop("conversations: the same page came again", service=SERVICE)
        place = behind
        yield Page(fresh, place.dump() if place.after is not None else None, total, answer.server_time, last)
        if last:
            return


def stamp_of(row) -> int | None:
    """The time of the last message in epoch milliseconds, by which the list is sorted."""
    if not isinstance(row, dict):
        return None
    sort = row.get("sort")
    value = sort[0] if isinstance(sort, list) and sort else row.get("lastMessageDate")
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _rows_at(fetch: Callable, stamp: int, page: list, server_time: datetime | None) -> list:
    """Every row of exactly this stamp. ``page`` is a page full of them."""
    full = min(len(page), CONVERSATIONS)
    added = [row["dateAdded"] for row in page if isinstance(row, dict) and isinstance(row.get("dateAdded"), int)]
    newest = max([stamp, *added, epoch_ms(server_time) if server_time else 0])
    found = {row_id(row): row for row in page}
    windows = [(0, newest + DAY_MS)]
    while windows:
        start, end = windows.pop()
        raw = rows_of(fetch(stamp - 1, startDate=start, endDate=end).data, "conversations")
        found.update({row_id(row): row for row in raw if stamp_of(row) == stamp})
        # A later stamp in the page proves that all rows of this one came before it.
        if len(raw) < full or any((stamp_of(row) or 0) > stamp for row in raw):
            continue
        if end - start <= 1:
            raise PagingLoop(
                f"more than {full} conversations share one millisecond of creation and of last message",
                service=SERVICE,
            )
        middle = _median_added(raw, start, end)
        windows += [(start, middle), (middle, end)]
    return list(found.values())


def _median_added(rows: list, start: int, end: int) -> int:
    """A date that cuts the window in two, near the middle of what was seen in it."""
    added = sorted(row["dateAdded"] for row in rows if isinstance(row, dict) and isinstance(row.get("dateAdded"), int))
    inside = [date for date in added if start <= date < end]
    middle = inside[len(inside) // 2] if inside else (start + end) // 2
    return max(middle, start + 1)

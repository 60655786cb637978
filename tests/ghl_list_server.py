"""The paging rules of GoHighLevel's lists, small enough to be read: a cursor per row, conversations by millisecond."""

from .scripted_http import Reply, ScriptedServer

LISTS = {
    "/contacts/search": ("contacts", "pageLimit", "searchAfter"),
    "/locations/LOC1/tasks/search": ("tasks", "limit", "searchAfter"),
    "/opportunities/search": ("opportunities", "limit", "sort"),
}


class ListServer(ScriptedServer):
    """Serves ``rows`` under every list path: dicts with ``id`` and ``stamp`` (ms), conversations also ``dateAdded``.

    ``largest_page`` caps the page size whatever is asked, ``counts`` False leaves the total out, ``change(n)`` is
    called before the n-th answer (from 1) and may change ``rows``.
    """

    def __init__(self, rows, largest_page=10_000, counts=True, change=lambda n: None):
        super().__init__(self._reply)
        self.rows, self.largest_page, self.counts, self.change = rows, largest_page, counts, change

    def _reply(self, asked):
        self.change(len(self.asked))
        if asked.path == "/conversations/search":
            return self._conversations(asked)
        if asked.path == "/users/search":
            skip, limit = int(asked.query["skip"]), int(asked.query["limit"])
            return Reply(body={"users": self.rows[skip : skip + limit], "count": len(self.rows)})
        key, page_key, cursor_key = LISTS[asked.path]
        rows = sorted(self.rows, key=lambda row: (row["stamp"], row["id"]))
        total = len(rows)
        after = asked.json.get("searchAfter")
        if after:
            rows = [row for row in rows if [row["stamp"], row["id"]] > after]
        rows = rows[: min(asked.json[page_key], self.largest_page)]
        body = {key: [{**row, cursor_key: [row["stamp"], row["id"]]} for row in rows], "traceId": "t"}
        return Reply(201, {**body, "total": total} if self.counts else body)

    def _conversations(self, asked):
        query = {key: int(value) for key, value in asked.query.items() if value.isdigit()}
        assert (asked.query["sort"], asked.query["sortBy"]) == ("asc", "last_message_date")
        start, end = query.get("startDate", 0), query.get("endDate", 1 << 62)
        rows = [row for row in self.rows if start <= row["dateAdded"] < end]
        total = len(rows)
        after = int(asked.query.get("startAfterDate", -1))
        rows = sorted((row for row in rows if row["stamp"] > after), key=lambda row: row["stamp"])
        rows = rows[: min(query["limit"], self.largest_page)]
        return Reply(body={"conversations": [{**row, "sort": [row["stamp"]]} for row in rows], "total": total})


def make_rows(count, stamp=lambda n: 1_000_000 + n):
    return [{"id": f"R{n:05}", "stamp": stamp(n), "dateAdded": 500_000 + n} for n in range(count)]

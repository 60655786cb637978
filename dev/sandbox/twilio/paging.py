"""A list, newest first, in pages with a token."""

from urllib.parse import urlencode

from ..http import Response
from .errors import error


def page(ask, name, rows, show, key) -> Response:
    """`rows` newest first; `show(row)` its resource, `key(row)` its sid."""
    query = dict(ask.request.query)
    size, number = _whole(query, "PageSize", 50), _whole(query, "Page", 0)
    size = max(1, min(1000, size))
    begin = number * size
    if query.get("PageToken"):
        after = query["PageToken"].removeprefix("PA")
        places = {key(row): place for place, row in enumerate(rows)}
        if after not in places:
            raise error(20001, "PageToken")
        begin = places[after] + 1
    shown = rows[begin : begin + size]
    path = ask.request.path
    rest = {k: v for k, v in query.items() if k not in ("Page", "PageToken", "PageSize")}
    link = lambda **more: f"{path}?{urlencode({**rest, 'PageSize': size, **more})}"  # noqa: E731
    left = begin + size < len(rows)
    return Response.of_json(
        {
            name: [show(row) for row in shown],
            "page": number,
            "page_size": size,
            "start": begin,
            "end": begin + len(shown) - 1 if shown else begin,
            "uri": ask.request.raw_path,
            "first_page_uri": link(Page=0),
            "previous_page_uri": link(Page=number - 1) if number else None,
            "next_page_uri": link(Page=number + 1, PageToken=f"PA{key(shown[-1])}") if left and shown else None,
        }
    )


def _whole(query, name, default) -> int:
    text = query.get(name) or str(default)
    if not text.isdigit():
        raise error(20001, name)
    return int(text)

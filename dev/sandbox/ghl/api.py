"""What the endpoint modules share: the route table, the call they get, and answers made of ready JSON rows."""

import json

from .errors import ApiError

dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


class Routes(list):
    """Collects the endpoints of one module.

    `scope`: needed on the token (None: no token at all, "": any token). Options: `only` = "v3" or "dated",
    `any_version` (the Version header may be missing), `agency_oauth` (an agency OAuth token is needed).
    """

    def __call__(self, method, template, scope, **options):
        def mark(handler):
            self.append((method, template, handler, {"scope": scope, **options}))
            return handler

        return mark


class Page:
    """An answer whose rows are JSON texts already: `{key: [rows...], **rest}`."""

    __slots__ = ("key", "rest", "rows")

    def __init__(self, key, rows, **rest):
        self.key = key
        self.rows = rows
        self.rest = rest

    def text(self) -> str:
        rest = dumps(self.rest)
        return f'{{"{self.key}":[{",".join(self.rows)}]' + ("," + rest[1:] if len(rest) > 2 else "}")


class Call:
    """What a handler gets: the request, the token, and short cuts."""

    __slots__ = ("app", "args", "query", "request", "token", "v3")

    def __init__(self, app, request, args, token, v3):
        self.app = app
        self.request = request
        self.query = request.query
        self.args = args
        self.token = token
        self.v3 = v3

    @property
    def store(self):
        return self.app.store

    def location(self, location_id):
        """The location, when the token may see it; 403 otherwise."""
        location = self.store.locations.get(location_id or "")
        if not location or (self.token.location_id and self.token.location_id != location_id):
            raise ApiError(403, "The token does not have access to this location.")
        return location

    def own(self, table, record_id, missing: str, status=400):
        """A living record of the token's location; `status` and `missing` otherwise."""
        location = self.store.locations.get(self.token.location_id or "")
        row = self.store.table(table).get(record_id, location.index if location else None)
        if row is None:
            raise ApiError(status, missing)
        return row

    def location_of(self, row):
        return self.store.generators[row.loc].location

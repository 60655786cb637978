"""Users of the company. There are no stamps, so no delta."""

from .api import Routes
from .errors import ApiError
from .validate import integer, required

routes = Routes()
LIMIT_MAX = 100


@routes("GET", "/users/search", "users.readonly")
def search(call):
    query = call.query
    required(query, "companyId")
    if query["companyId"] != call.app.tokens.company_id:
        raise ApiError(403, "The token does not have access to this company.")
    location_id = query.get("locationId") or call.token.location_id
    found = call.location(location_id).users if location_id else call.store.users
    if query.get("ids"):
        wanted = query["ids"].split(",")
        found = [u for u in found if u["id"] in wanted]
    for name in ("type", "role"):
        if query.get(name):
            found = [u for u in found if u["roles"][name] == query[name]]
    if query.get("query"):
        text = query["query"].lower()
        found = [u for u in found if text in f"{u['name']} {u['email']} {u.get('phone', '')}".lower()]
    skip, limit = integer(query, "skip", 0), integer(query, "limit", 25, 1, LIMIT_MAX)
    return 200, {"users": found[skip : skip + limit], "count": len(found)}


@routes("GET", "/users", "users.readonly", only="dated")
def list_deprecated(call):
    required(call.query, "locationId")
    return 200, {"users": call.location(call.query["locationId"]).users}


@routes("GET", "/users/{userId}", "users.readonly")
def get(call):
    """An unknown user answers 401, which must not be taken for a dead token."""
    found = next((u for u in call.store.users if u["id"] == call.args["userId"]), None)
    if not found or (call.token.location_id and call.token.location_id not in found["roles"]["locationIds"]):
        raise ApiError(401, "The user does not exist.")
    return 200, found

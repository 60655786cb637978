"""Pipelines with their stages, and lost reasons."""

from .api import Routes
from .validate import integer, required

routes = Routes()


@routes("GET", "/opportunities/pipelines", "opportunities.readonly")
def pipelines(call):
    required(call.query, "locationId")
    return 200, {"pipelines": call.location(call.query["locationId"]).pipelines}


@routes("GET", "/opportunities/lost-reason", "opportunities.readonly")
def lost_reasons(call):
    required(call.query, "locationId")
    location = call.location(call.query["locationId"])
    wanted = (call.query.get("name") or call.query.get("query") or "").lower()
    rows = [r for r in location.lost_reasons if wanted in r["name"].lower()]
    skip, limit = integer(call.query, "skip", 0), integer(call.query, "limit", 100, 1)
    return 200, {"lostReasons": rows[skip : skip + limit], "total": len(rows)}

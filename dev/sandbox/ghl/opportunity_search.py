"""Opportunity search: POST (201, row key `sort`) and GET (snake_case in date versions, camelCase in v3)."""

from datetime import datetime, timezone

from .api import Page, Routes, dumps
from .errors import ApiError
from .keyset import behind, order_by, with_id
from .opportunities import view
from .validate import body_of, check, integer, known, required

routes = Routes()
LIMIT_MAX = 100
FILTERS = {
    "pipeline_id": "pipeline",
    "pipeline_stage_id": "stage",
    "status": "status",
    "id": "id",
    "contact_id": "contact",
    "assigned_to": "assigned",
}
ORDERS = {"added_desc": with_id([("added", "DESC")]), "added_asc": with_id([("added", "ASC")])}


@routes("POST", "/opportunities/search", "opportunities.readonly")
def search(call):
    body = check(
        body_of(call.request),
        {
            "locationId": "string*",
            "query": "string",
            "limit": "number",
            "page": "number",
            "searchAfter": "array",
            "additionalDetails": "object",
            "filters": "array",
        },
    )
    location = call.location(body["locationId"])
    limit, page, after = int(body.get("limit", 20)), int(body.get("page", 1)), body.get("searchAfter") or []
    if not 1 <= limit <= LIMIT_MAX:
        raise ApiError(422, [f"limit must not be {'less than 1' if limit < 1 else f'greater than {LIMIT_MAX}'}"])
    clause, params = _filters(call.store, body)
    total = call.store.opportunity.total(location.index, clause, params)
    offset = 0 if after else max(0, page - 1) * limit
    if after:
        if len(after) != 2:
            raise ApiError(422, ["searchAfter must contain 2 elements"])
        more, values = behind(ORDERS["added_desc"], after)
        clause, params = f"({clause}) AND {more}", [*params, *values]
    keys = call.store.opportunity.keys(location.index, clause, params, order_by(ORDERS["added_desc"]), limit, offset)
    extra = {"stageAggregations": []} if call.v3 else {}
    return 201, Page(
        "opportunities",
        _rows(call, location, keys, body.get("additionalDetails") or {}),
        total=total,
        aggregations={},
        **extra,
    )


def _filters(store, body):
    parts, params = ["1"], []
    for item in body.get("filters") or []:
        column = FILTERS.get(item.get("field")) if isinstance(item, dict) else None
        if not column or item.get("operator") not in ("eq", "contains_set"):
            raise ApiError(422, ["filters holds an unknown field or operator"])
        many = item["value"] if isinstance(item.get("value"), list) else [item.get("value")]
        parts.append(f"{column} IN ({','.join('?' * len(many))})")
        params += many
    if body.get("query"):
        parts.append(_named(store, body["query"]))
    return " AND ".join(parts), params


def _named(store, text):
    wanted, function = text.lower(), f"named_{store.serial()}"
    store.db.create_function(
        function, 4, lambda pk, loc, n, data: wanted in store.opportunity.load((pk, loc, n, 0, 0, data))["name"].lower()
    )
    return f"{function}(pk, loc, n, data)"


@routes("GET", "/opportunities/search", "opportunities.readonly")
def search_get(call):
    """Query names are snake_case in date versions, camelCase in v3."""
    spelled = {
        "location": "locationId",
        "pipeline": "pipelineId",
        "stage": "pipelineStageId",
        "contact": "contactId",
        "assigned": "assignedTo",
    }
    if not call.v3:
        spelled = {
            "location": "location_id",
            "pipeline": "pipeline_id",
            "stage": "pipeline_stage_id",
            "contact": "contact_id",
            "assigned": "assigned_to",
        }
    plain = (
        "q",
        "status",
        "id",
        "campaignId",
        "country",
        "order",
        "date",
        "endDate",
        "page",
        "limit",
        "startAfter",
        "startAfterId",
        "getTasks",
        "getNotes",
        "getCalendarEvents",
    )
    known(call.query, *plain, *spelled.values())
    required(call.query, spelled["location"])
    location = call.location(call.query[spelled["location"]])
    limit, page = integer(call.query, "limit", 20, 1, LIMIT_MAX), integer(call.query, "page", 1, 0)
    order = call.query.get("order") or "added_desc"
    if order not in ORDERS:
        raise ApiError(422, [f"order must be one of the following values: {', '.join(ORDERS)}"])
    parts, params = ["1"], []
    for column in ("pipeline", "stage", "contact", "assigned"):
        if call.query.get(spelled[column]):
            parts.append(f"{column} = ?")
            params.append(call.query[spelled[column]])
    for column in ("status", "id"):
        if call.query.get(column) and call.query[column] != "all":
            parts.append(f"{column} = ?")
            params.append(call.query[column])
    for name, test, days in (("date", "added >= ?", 0), ("endDate", "added < ?", 1)):
        if call.query.get(name):
            parts.append(test)
            params.append(_us_date(call.query[name], name) + days * 86_400_000)
    if call.query.get("q"):
        parts.append(_named(call.store, call.query["q"]))
    clause = " AND ".join(parts)
    total = call.store.opportunity.total(location.index, clause, params)
    start, start_id = integer(call.query, "startAfter", 0), call.query.get("startAfterId")
    if start and start_id:
        more, values = behind(ORDERS[order], [start, start_id])
        clause, params = f"({clause}) AND {more}", [*params, *values]
    offset = 0 if start_id else max(0, page - 1) * limit
    keys = call.store.opportunity.keys(location.index, clause, params, order_by(ORDERS[order]), limit, offset)
    wanted = {"tasks": call.query.get("getTasks") == "true", "notes": call.query.get("getNotes") == "true"}
    last = call.store.opportunity.load(keys[-1]) if keys else None
    more = len(keys) == limit
    meta = {
        "total": total,
        "currentPage": page,
        "nextPage": page + 1 if more else None,
        "prevPage": page - 1 if page > 1 else None,
        "startAfter": last.added if last else None,
        "startAfterId": last["id"] if last else None,
        "nextPageUrl": f"http://localhost/opportunities/search?startAfter={last.added}&startAfterId={last['id']}"
        if more
        else None,
    }
    return 200, Page(
        "opportunities",
        _rows(call, location, keys, wanted),
        meta={k: v for k, v in meta.items() if v is not None},
        aggregations={},
    )


def _us_date(text, name):
    try:
        return int(datetime.strptime(text, "%m-%d-%Y").replace(tzinfo=timezone.utc).timestamp() * 1000)
    except ValueError:
        raise ApiError(422, [f"{name} must be in mm-dd-yyyy format"]) from None


# -- rows --------------------------------------------------------------------------------------------------------------


def _rows(call, location, keys, wanted):
    loaded = [call.store.opportunity.load(k) for k in keys]
    ids = list({r["contactId"] for r in loaded})
    contacts = {c["id"]: c for c in call.store.contact.where(f"id IN ({','.join('?' * len(ids))})", ids)} if ids else {}
    rows = []
    for record in loaded:
        shown = view(record, contacts.get(record["contactId"]), call.v3)
        shown.update(
            sort=[record.added, record["id"]], relations=[], attributions=[], pipelineStageUId=record["pipelineStageId"]
        )
        for name in ("notes", "tasks", "calendarEvents"):
            shown[name] = []
        if wanted.get("tasks"):
            shown["tasks"] = [dict(t) for t in call.store.task.where("contact = ?", (record["contactId"],))]
        if wanted.get("notes"):
            shown["notes"] = list(call.store.notes.get(record["contactId"], []))
        rows.append(dumps(shown))
    return rows

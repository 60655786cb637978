"""Opportunities, pipelines and lost reasons."""

from datetime import datetime, timezone

from ..clock import iso
from ..draw import token
from .api import Page, Routes, dumps
from .contacts import merge_custom_fields
from .errors import ApiError
from .keyset import behind, order_by, with_id
from .validate import body_of, check, integer, known, required

routes = Routes()
LIMIT_MAX = 100
STATUS = "open|won|lost|abandoned"
WRITE = {
    "pipelineId": "string",
    "name": "string",
    "pipelineStageId": "string",
    "status": STATUS,
    "monetaryValue": "number",
    "assignedTo": "string?",
    "customFields": "array",
}
FORECAST = {"forecastExpectedCloseDate": "date", "forecastProbability": "number"}
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
        shown = _view(record, contacts.get(record["contactId"]), call.v3)
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


def _view(record, contact, v3):
    shown = {k: v for k, v in record.items() if v3 or not k.startswith("forecast")}
    if contact:
        name = f"{contact.get('firstName') or ''} {contact.get('lastName') or ''}".strip()
        shown["contact"] = {
            "id": contact["id"],
            "name": name,
            "companyName": contact.get("companyName"),
            "email": contact.get("email"),
            "phone": contact.get("phone"),
            "tags": contact.get("tags") or [],
            "score": [],
        }
    if v3:
        shown.setdefault("effectiveProbability", 50)
    return shown


def _answer(call, record):
    contact = call.store.contact.get(record["contactId"])
    shown = _view(record, contact, call.v3)
    if "contact" in shown:
        shown["contact"] = _filled(shown["contact"])
    return {"opportunity": _filled(shown)}


def _filled(record):
    """Read by id, a record has no nulls."""
    return {k: v for k, v in record.items() if v is not None}


def _opportunity_of(call):
    return call.own("opportunity", call.args["id"], "Opportunity not found", 404 if call.v3 else 400)


# -- by id -------------------------------------------------------------------------------------------------------------


@routes("GET", "/opportunities/{id}", "opportunities.readonly")
def get(call):
    return 200, _answer(call, _opportunity_of(call))


@routes("POST", "/opportunities", "opportunities.write")
def create(call):
    schema = {
        **WRITE,
        "pipelineId": "string*",
        "locationId": "string*",
        "name": "string*",
        "status": f"{STATUS}*",
        "contactId": "string*",
    }
    body = check(body_of(call.request), {**schema, **(FORECAST if call.v3 else {})})
    location = call.location(body["locationId"])
    contact = call.own("contact", body["contactId"], f"Contact not found for id:{body['contactId']}")
    stamp = iso(call.store.stamp())
    record = {
        "id": token(f"{call.store.plan.seed}/new/opportunity/{call.store.serial()}"),
        "name": body["name"],
        "monetaryValue": body.get("monetaryValue", 0),
        "pipelineId": body["pipelineId"],
        "pipelineStageId": None,
        "assignedTo": body.get("assignedTo"),
        "status": body["status"],
        "source": "public api",
        "lastStatusChangeAt": stamp,
        "lastStageChangeAt": stamp,
        "lastActionDate": None,
        "createdAt": stamp,
        "updatedAt": stamp,
        "contactId": contact["id"],
        "locationId": location.id,
        "customFields": [],
        "followers": [],
        "lostReasonId": None,
    }
    _move(location, record, body)
    return 201, _answer(call, call.store.opportunity.insert(location.index, record))


def _move(location, record, body):
    """Apply a checked body, keeping pipeline and stage consistent."""
    pipeline = next((p for p in location.pipelines if p["id"] == body.get("pipelineId", record["pipelineId"])), None)
    if not pipeline:
        raise ApiError(400, "The pipeline id is invalid.")
    stages = [s["id"] for s in pipeline["stages"]]
    stage = body.get("pipelineStageId", record["pipelineStageId"] if record["pipelineStageId"] in stages else stages[0])
    if stage not in stages:
        raise ApiError(400, "The pipeline stage id is invalid.")
    record.update(pipelineId=pipeline["id"], pipelineStageId=stage)
    if body.get("customFields"):
        merge_custom_fields(location.opportunity_fields, record["customFields"], body["customFields"], "fieldValue")
    record.update({k: body[k] for k in ("name", "status", "monetaryValue", "assignedTo", *FORECAST) if k in body})


@routes("PUT", "/opportunities/{id}", "opportunities.write")
def update(call):
    record = _opportunity_of(call)
    body = check(body_of(call.request), {**WRITE, **(FORECAST if call.v3 else {})})
    stamp = iso(call.store.stamp())
    before = (record["status"], record["pipelineStageId"])
    _move(call.location_of(record), record, body)
    record["updatedAt"] = stamp
    if record["status"] != before[0]:
        record["lastStatusChangeAt"] = stamp
    if record["pipelineStageId"] != before[1]:
        record["lastStageChangeAt"] = stamp
    return 200, _answer(call, call.store.opportunity.save(record))


@routes("PUT", "/opportunities/{id}/status", "opportunities.write")
def set_status(call):
    record = _opportunity_of(call)
    body = check(body_of(call.request), {"status": f"{STATUS}*", "lostReasonId": "string"})
    stamp = iso(call.store.stamp())
    record.update(status=body["status"], lastStatusChangeAt=stamp, updatedAt=stamp)
    if body["status"] == "lost":
        record["lostReasonId"] = body.get("lostReasonId")
    call.store.opportunity.save(record)
    return 200, {"success": True, "succeded": True} if call.v3 else {"succeded": True}


@routes("DELETE", "/opportunities/{id}", "opportunities.write")
def delete(call):
    call.store.opportunity.delete(_opportunity_of(call))
    return 200, {"success": True, "succeded": True} if call.v3 else {"succeded": True}

"""Opportunities by id: read, create, update, status, delete."""

from ..clock import iso
from ..draw import token
from .api import Routes
from .contacts import merge_custom_fields
from .errors import ApiError
from .validate import body_of, check

routes = Routes()
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


def view(record, contact, v3):
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
    shown = view(record, contact, call.v3)
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

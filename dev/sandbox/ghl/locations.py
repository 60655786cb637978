"""Locations and their master data: tags, custom fields, custom values."""

from ..clock import iso
from ..draw import token
from .api import Routes
from .errors import ApiError
from .validate import body_of, check, integer

routes = Routes()
TYPES = (
    "TEXT|LARGE_TEXT|NUMERICAL|PHONE|MONETORY|CHECKBOX|SINGLE_OPTIONS|MULTIPLE_OPTIONS|DATE|TEXTBOX_LIST|FILE_UPLOAD"
    "|RADIO|SIGNATURE"
)


def _location(call):
    return call.location(call.args["locationId"])


@routes("GET", "/locations/search", "locations.readonly")
def search(call):
    """No total: page until a short page."""
    found = [place for place in call.store.locations.values() if call.token.location_id in (None, place.id)]
    if call.query.get("companyId") and call.query["companyId"] != call.app.tokens.company_id:
        raise ApiError(403, "The token does not have access to this company.")
    if call.query.get("email"):
        found = [place for place in found if place.record["email"] == call.query["email"]]
    found.sort(key=lambda place: place.record["name"], reverse=call.query.get("order") == "desc")
    skip, limit = integer(call.query, "skip", 0), integer(call.query, "limit", 10, 1)
    return 200, {"locations": [place.record for place in found[skip : skip + limit]]}


@routes("GET", "/locations/{locationId}", "locations.readonly")
def get(call):
    return 200, {"location": _location(call).record}


def _one(rows, record_id, what, key="id"):
    found = next((r for r in rows if record_id in (r["id"], r.get(key))), None)
    if not found:
        raise ApiError(400, f"{what} not found")
    return found


@routes("GET", "/locations/{locationId}/tags", "locations/tags.readonly")
def tags(call):
    return 200, {"tags": _location(call).tags}


@routes("POST", "/locations/{locationId}/tags", "locations/tags.write")
def create_tag(call):
    location = _location(call)
    name = check(body_of(call.request), {"name": "string*"})["name"].strip().lower()
    if any(t["name"] == name for t in location.tags):
        raise ApiError(400, "The tag name is already exist.")
    tag = {"id": token(f"{location.id}/tag/{name}/{call.store.serial()}"), "name": name, "locationId": location.id}
    location.tags.append(tag)
    return 200, {"tag": tag}


@routes("GET", "/locations/{locationId}/tags/{tagId}", "locations/tags.readonly")
def get_tag(call):
    return 200, {"tag": _one(_location(call).tags, call.args["tagId"], "Tag")}


@routes("PUT", "/locations/{locationId}/tags/{tagId}", "locations/tags.write")
def update_tag(call):
    tag = _one(_location(call).tags, call.args["tagId"], "Tag")
    tag["name"] = check(body_of(call.request), {"name": "string*"})["name"].strip().lower()
    return 200, {"tag": tag}


@routes("DELETE", "/locations/{locationId}/tags/{tagId}", "locations/tags.write")
def delete_tag(call):
    location = _location(call)
    location.tags.remove(_one(location.tags, call.args["tagId"], "Tag"))
    return 200, {"succeded": True, "succeeded": True}


@routes("GET", "/locations/{locationId}/customFields", "locations/customFields.readonly")
def custom_fields(call):
    location = _location(call)
    model = call.query.get("model") or "contact"
    if model not in ("contact", "opportunity", "all"):
        raise ApiError(422, ["model must be one of the following values: contact, opportunity, all"])
    rows = {"contact": location.contact_fields, "opportunity": location.opportunity_fields}.get(
        model, location.custom_fields
    )
    return 200, {"customFields": rows}


@routes("GET", "/locations/{locationId}/customFields/{id}", "locations/customFields.readonly")
def custom_field(call):
    return 200, {"customField": _one(_location(call).custom_fields, call.args["id"], "Custom field", "fieldKey")}


@routes("POST", "/locations/{locationId}/customFields", "locations/customFields.write")
def create_custom_field(call):
    location = _location(call)
    body = check(
        body_of(call.request),
        {
            "name": "string*",
            "dataType": f"{TYPES}*",
            "placeholder": "string",
            "acceptedFormat": "array",
            "isMultipleFile": "boolean",
            "maxNumberOfFiles": "number",
            "textBoxListOptions": "array",
            "options": "array",
            "position": "number",
            "model": "contact|opportunity",
        },
    )
    model = body.get("model", "contact")
    field = {
        "id": token(f"{location.id}/field/new/{call.store.serial()}"),
        "name": body["name"],
        "fieldKey": f"{model}.{body['name'].lower().replace(' ', '_')}",
        "placeholder": body.get("placeholder", ""),
        "dataType": body["dataType"],
        "position": body.get("position", 0),
        "locationId": location.id,
        "model": model,
        "dateAdded": iso(call.store.stamp()),
        "standard": False,
    }
    if body.get("options"):
        field["picklistOptions"] = body["options"]
    (location.contact_fields if model == "contact" else location.opportunity_fields).append(field)
    return 201, {"customField": field}


@routes("GET", "/locations/{locationId}/customValues", "locations/customValues.readonly")
def custom_values(call):
    return 200, {"customValues": _location(call).custom_values}


@routes("GET", "/locations/{locationId}/customValues/{id}", "locations/customValues.readonly")
def custom_value(call):
    return 200, {"customValue": _one(_location(call).custom_values, call.args["id"], "Custom value")}


@routes("GET", "/locations/{locationId}/timezones", "locations.readonly")
def timezones(call):
    _location(call)
    return 200, {"timeZones": ["America/Chicago", "America/New_York", "Europe/Berlin", "Europe/London", "UTC"]}

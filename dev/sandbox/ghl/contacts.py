"""Contacts by id: read, create, update, upsert, delete, tags, followers."""

from ..clock import iso
from ..draw import token
from .api import Routes
from .contact_search import find_duplicate, normal_phone
from .contact_view import created, detail
from .errors import ApiError
from .validate import body_of, check

routes = Routes()
UPDATE = {
    "firstName": "string?",
    "lastName": "string?",
    "name": "string?",
    "email": "string?",
    "phone": "string?",
    "address1": "string?",
    "city": "string?",
    "state": "string?",
    "postalCode": "string",
    "website": "string?",
    "timezone": "string?",
    "dnd": "boolean",
    "dndSettings": "object",
    "inboundDndSettings": "object",
    "tags": "array",
    "customFields": "array",
    "source": "string?",
    "dateOfBirth": "any",
    "country": "string",
    "assignedTo": "string?",
}
CREATE = {**UPDATE, "locationId": "string*", "gender": "string", "companyName": "string?"}
UPSERT = {**CREATE, "createNewIfDuplicateAllowed": "boolean"}


def missing(contact_id):
    return f"Contact not found for id:{contact_id}"


def contact_of(call):
    return call.own("contact", call.args["contactId"], missing(call.args["contactId"]))


@routes("GET", "/contacts/{contactId}", "contacts.readonly")
def get(call):
    return 200, {"contact": detail(contact_of(call), call.v3)}


@routes("POST", "/contacts", "contacts.write")
def create(call):
    body = check(body_of(call.request), CREATE)
    location = call.location(body["locationId"])
    row, matched = find_duplicate(call.store, location, body.get("email"), body.get("phone"))
    if row and not location.record["settings"]["allowDuplicateContact"]:
        raise ApiError(
            400,
            None,
            {
                "statusCode": 400,
                "message": "This location does not allow duplicated contacts.",
                "meta": {"contactId": row["id"], "contactName": row.get("contactName"), "matchingField": matched},
            },
        )
    return 201, {"contact": created(new_contact(call.store, location, body), call.v3)}


@routes("POST", "/contacts/upsert", "contacts.write")
def upsert(call):
    body = check(body_of(call.request), UPSERT)
    location = call.location(body["locationId"])
    row, _ = find_duplicate(call.store, location, body.get("email"), body.get("phone"))
    if body.pop("createNewIfDuplicateAllowed", False) and location.record["settings"]["allowDuplicateContact"]:
        row = None
    new = row is None
    row = new_contact(call.store, location, body) if new else apply(call.store, location, row, body)
    return 201 if new else 200, {"new": new, "contact": detail(row, call.v3), **_done(call)}


@routes("PUT", "/contacts/{contactId}", "contacts.write")
def update(call):
    row = contact_of(call)
    body = check(body_of(call.request), UPDATE)
    row = apply(call.store, call.location_of(row), row, body)
    return 200, {"contact": detail(row, call.v3), **_done(call)}


@routes("DELETE", "/contacts/{contactId}", "contacts.write")
def delete(call):
    call.store.remove_contact(contact_of(call))
    return 200, {"succeded": True, "succeeded": True}


def _done(call):
    return {"succeeded": True} if call.v3 else {"succeded": True}


def new_contact(store, location, body) -> dict:
    """Insert a contact from a checked body."""
    stamp = iso(store.stamp())
    row = {
        "id": token(f"{store.plan.seed}/new/contact/{store.serial()}"),
        "locationId": location.id,
        "type": "lead",
        "firstName": None,
        "lastName": None,
        "email": None,
        "additionalEmails": [],
        "phone": None,
        "additionalPhones": [],
        "companyName": None,
        "businessName": None,
        "businessId": None,
        "address": None,
        "city": None,
        "state": None,
        "country": location.record["country"],
        "postalCode": None,
        "website": None,
        "timezone": None,
        "dateOfBirth": None,
        "source": None,
        "dnd": False,
        "dndSettings": {},
        "inboundDndSettings": {},
        "tags": [],
        "customFields": [],
        "assignedTo": None,
        "followers": [],
        "dateAdded": stamp,
        "dateUpdated": stamp,
        "createdBy": {"source": "INTEGRATION", "channel": "OAUTH", "sourceId": location.id, "timestamp": stamp},
    }
    _merge(location, row, body)
    return store.contact.insert(location.index, row)


def apply(store, location, row, body):
    _merge(location, row, body)
    return touch(store, row)


def touch(store, row):
    row["dateUpdated"] = iso(store.stamp())
    return store.contact.save(row)


def _merge(location, row, body):
    body = dict(body)
    for ignored in ("locationId", "createNewIfDuplicateAllowed"):
        body.pop(ignored, None)
    if "name" in body:
        first, _, last = (body.pop("name") or "").partition(" ")
        body.setdefault("firstName", first or None)
        body.setdefault("lastName", last or None)
    if "address1" in body:
        row["address"] = body.pop("address1")
    if "phone" in body:
        body["phone"] = normal_phone(body["phone"])
    if body.get("email"):
        body["email"] = body["email"].lower()
    if "tags" in body:  # overwrites them all, as the real service does
        body["tags"] = clean_tags(location, body["tags"])
    if "customFields" in body:
        merge_custom_fields(location.contact_fields, row["customFields"], body.pop("customFields"), "value")
    if "dndSettings" in body:
        names = {n.lower(): n for n in ("Call", "Email", "SMS", "WhatsApp", "GMB", "FB")}
        row["dndSettings"] = {
            **row["dndSettings"],
            **{names.get(k.lower(), k): v for k, v in body.pop("dndSettings").items()},
        }
    row.update(body)
    row["firstNameLowerCase"] = (row.get("firstName") or "").lower() or None
    row["lastNameLowerCase"] = (row.get("lastName") or "").lower() or None
    row["contactName"] = f"{row.get('firstName') or ''} {row.get('lastName') or ''}".strip().lower() or None


def merge_custom_fields(definitions, held, given, key):
    """Write values addressed by field id or key; unknown fields are ignored by the service."""
    ids = {f["id"] for f in definitions}
    by_key = {f["fieldKey"]: f["id"] for f in definitions} | {
        f["fieldKey"].partition(".")[2]: f["id"] for f in definitions
    }
    faults = []
    for item in given:
        if not isinstance(item, dict) or not (item.get("id") or item.get("key")):
            faults.append("each value in customFields must hold an id or a key")
            continue
        faults += [
            f"customFields.property {k} should not exist"
            for k in item
            if k not in ("id", "key", "field_value", "fieldValue", "value")
        ]
        field_id = item.get("id") if item.get("id") in ids else by_key.get(item.get("key"))
        value = item.get("fieldValue", item.get("field_value", item.get("value")))
        if field_id:
            held[:] = [v for v in held if v["id"] != field_id]
            if value not in (None, "", []):
                held.append({"id": field_id, key: value})
    if faults:
        raise ApiError(422, faults)


def clean_tags(location, names):
    """Lower-cased, once each; a new name becomes a tag of the location."""
    if not all(isinstance(n, str) for n in names):
        raise ApiError(422, ["each value in tags must be a string"])
    clean = list(dict.fromkeys(n.strip().lower() for n in names if n.strip()))
    known = {t["name"] for t in location.tags}
    for name in clean:
        if name not in known:
            location.tags.append({"id": token(f"{location.id}/tag/{name}"), "name": name, "locationId": location.id})
    return clean


@routes("POST", "/contacts/{contactId}/tags", "contacts.write")
def add_tags(call):
    row = contact_of(call)
    names = clean_tags(call.location_of(row), check(body_of(call.request), {"tags": "array*"})["tags"])
    added = [n for n in names if n not in row["tags"]]
    row["tags"] = row["tags"] + added
    touch(call.store, row)
    return 201, {"tags": row["tags"], "tagsAdded": added}


@routes("DELETE", "/contacts/{contactId}/tags", "contacts.write")
def remove_tags(call):
    row = contact_of(call)
    names = {str(n).strip().lower() for n in check(body_of(call.request), {"tags": "array*"})["tags"]}
    removed = [n for n in row["tags"] if n in names]
    row["tags"] = [n for n in row["tags"] if n not in names]
    touch(call.store, row)
    return 200, {"tags": row["tags"], "tagsRemoved": removed}


@routes("POST", "/contacts/{contactId}/followers", "contacts.write")
def add_followers(call):
    row = contact_of(call)
    names = check(body_of(call.request), {"followers": "array*"})["followers"]
    added = [n for n in names if n not in row["followers"]]
    row["followers"] = row["followers"] + added
    touch(call.store, row)
    return 201, {"followers": row["followers"], "followersAdded": added}


@routes("DELETE", "/contacts/{contactId}/followers", "contacts.write")
def remove_followers(call):
    row = contact_of(call)
    names = check(body_of(call.request), {"followers": "array*"})["followers"]
    removed = [n for n in row["followers"] if n in names]
    row["followers"] = [n for n in row["followers"] if n not in names]
    touch(call.store, row)
    return 200, {"followers": row["followers"], "followersRemoved": removed}

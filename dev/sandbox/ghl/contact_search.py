"""`POST /contacts/search`, the deprecated `GET /contacts/` and the duplicate lookup."""

from .api import Page, Routes, dumps
from .contact_filters import contact_where
from .contact_view import detail, search_fragment
from .errors import ApiError
from .keyset import behind, order_by, with_id
from .validate import body_of, check, integer, required

routes = Routes()
PAGE_MAX = 500
REACH = 10_000
SORTS = {
    "dateAdded": "added",
    "dateUpdated": "updated",
    "id": "id",
    "email": "coalesce(email, '')",
    "firstNameLowerCase": "name",
    "lastNameLowerCase": "name",
    "assignedTo": "coalesce(assigned, '')",
}


@routes("POST", "/contacts/search", "contacts.readonly")
def search(call):
    body = check(
        body_of(call.request),
        {
            "locationId": "string*",
            "pageLimit": "number*",
            "page": "number",
            "searchAfter": "array",
            "sort": "array",
            "filters": "array",
            "query": "string",
        },
    )
    location = call.location(body["locationId"])
    limit, page = body["pageLimit"], body.get("page", 1)
    after = body.get("searchAfter") or []
    faults = []
    if not 1 <= limit <= PAGE_MAX:
        faults.append(f"pageLimit must not be {'less than 1' if limit < 1 else f'greater than {PAGE_MAX}'}")
    if page < 1:
        faults.append("page must not be less than 1")
    if len(body.get("query") or "") > 75:
        faults.append("query must be shorter than or equal to 75 characters")
    if faults:
        raise ApiError(422, faults)
    if after and "page" in body:
        raise ApiError(400, "page and searchAfter can not be used together")
    if page * limit > REACH:
        raise ApiError(400, f"Only the first {REACH} records can be reached by page, use searchAfter")
    clause, params = contact_where(call.store, body)
    total = call.store.contact.total(location.index, clause, params)
    sorts = _sorts(body.get("sort"))
    extra = "".join(f", {column}" for column, _ in sorts[:-1])
    if after:
        if len(after) != len(sorts):
            raise ApiError(400, "searchAfter has the wrong number of values for this sort")
        more, values = behind(sorts, after)
        clause, params = f"({clause}) AND {more}", [*params, *values]
    keys = call.store.contact.keys(
        location.index, clause, params, order_by(sorts), int(limit), int((page - 1) * limit), f"{extra}, id"
    )
    return 200, Page("contacts", _rows(call, keys), total=total)


def _rows(call, keys):
    """JSON texts of search rows. The part that only depends on the record is kept for the next reading."""
    opportunities = _opportunities(call.store, [k[-1] for k in keys])
    fragments = call.app.fragments
    if len(fragments) > 40_000:
        fragments.clear()
    rows = []
    for key in keys:
        memo = (key[0], call.v3, key[5])
        text = fragments.get(memo)
        if text is None:
            text = fragments[memo] = search_fragment(call.store.contact.load(key), call.v3)
        after = dumps(list(key[6:]))
        rows.append(f'{text},"opportunities":{opportunities.get(key[-1], "[]")},"searchAfter":{after}}}')
    return rows


def _opportunities(store, ids):
    found = {}
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        marks = ",".join("?" * len(part))
        sql = f"SELECT contact, id, pipeline, stage, status, value FROM opportunity WHERE contact IN ({marks})"
        for contact, oid, pipeline, stage, status, value in store.db.execute(f"{sql} AND deleted IS NULL", part):
            found.setdefault(contact, []).append(
                {"id": oid, "pipelineId": pipeline, "pipelineStageId": stage, "status": status, "monetaryValue": value}
            )
    return {contact: dumps(rows) for contact, rows in found.items()}


def _sorts(sort):
    chosen = []
    for item in sort or [{"field": "dateAdded", "direction": "desc"}]:
        name, direction = (item.get("field"), item.get("direction", "asc")) if isinstance(item, dict) else (None, None)
        if name not in SORTS or direction not in ("asc", "desc"):
            raise ApiError(400, f"Invalid sort {name}")
        chosen.append((SORTS[name], direction.upper()))
    if len(chosen) > 2:
        raise ApiError(400, "At most 2 sort fields are allowed")
    return with_id(chosen)


# -- other lookups -----------------------------------------------------------------------------------------------------


@routes("GET", "/contacts", "contacts.readonly", only="dated")
def list_deprecated(call):
    required(call.query, "locationId")
    location = call.location(call.query["locationId"])
    limit = integer(call.query, "limit", 20, 1, 100)
    clause, params = contact_where(call.store, {"query": call.query.get("query")})
    total = call.store.contact.total(location.index, clause, params)
    start, start_id = call.query.get("startAfter"), call.query.get("startAfterId")
    if start and start_id:
        moment = integer(call.query, "startAfter", 0)
        clause, params = f"({clause}) AND (added, id) < (?, ?)", [*params, moment, start_id]
    keys = call.store.contact.keys(location.index, clause, params, "added DESC, id DESC", limit)
    rows = []
    for key in keys:
        row = call.store.contact.load(key)
        shown = detail(row, call.v3)
        shown["attributions"] = [shown[k] for k in ("attributionSource", "lastAttributionSource") if k in shown]
        shown["contactName"] = row.get("contactName")
        rows.append(dumps(shown))
    meta = {
        "total": total,
        "currentPage": 1,
        "nextPage": None,
        "prevPage": None,
        "nextPageUrl": None,
        "startAfter": None,
        "startAfterId": None,
    }
    if len(keys) == limit:
        last = call.store.contact.load(keys[-1])
        query = f"locationId={location.id}&limit={limit}&startAfter={last.added}&startAfterId={last['id']}"
        meta.update(
            startAfter=last.added,
            startAfterId=last["id"],
            nextPage=2,
            nextPageUrl=f"http://services.leadconnectorhq.com/contacts/?{query}",
        )
    return 200, Page("contacts", rows, count=total, meta=meta)


@routes("GET", "/contacts/search/duplicate", "contacts.readonly")
def duplicate(call):
    required(call.query, "locationId")
    location = call.location(call.query["locationId"])
    row, matched = find_duplicate(call.store, location, call.query.get("email"), call.query.get("number"))
    return 200, {"contact": detail(row, call.v3) if row else None, "matchingField": matched}


def find_duplicate(store, location, email, phone):
    """(row, name of the matching field) following the location's order of unique identifiers."""
    given = {"email": (email or "").lower(), "phone": normal_phone(phone)}
    for name in location.record["settings"]["contactUniqueIdentifiers"]:
        if given.get(name):
            rows = store.contact.where(f"loc = ? AND lower({name}) = ?", (location.index, given[name]), 1)
            if rows:
                return rows[0], name
    return None, None


def normal_phone(text):
    digits = "".join(c for c in text or "" if c.isdigit())
    if not digits:
        return None
    return f"+{digits}" if text.strip().startswith("+") else f"+1{digits}" if len(digits) == 10 else f"+{digits}"

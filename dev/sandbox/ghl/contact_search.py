"""`POST /contacts/search`, the deprecated `GET /contacts/` and the duplicate lookup."""

from ..clock import parse_ms
from .api import Page, Routes, dumps
from .contact_view import detail, search_fragment
from .errors import ApiError
from .validate import body_of, check, integer, required

routes = Routes()
PAGE_MAX = 500
REACH = 10_000
SORTS = {
    "dateAdded": "added", "dateUpdated": "updated", "id": "id", "email": "coalesce(email, '')", "firstNameLowerCase": "name",
    "lastNameLowerCase": "name", "assignedTo": "coalesce(assigned, '')",
}  # fmt: skip
COLUMNS = {"id": "id", "email": "email", "phone": "phone", "assignedTo": "assigned", "dateAdded": "added", "dateUpdated": "updated"}
FIELDS = {
    *COLUMNS, "firstNameLowerCase", "lastNameLowerCase", "companyName", "businessName", "type", "source", "tags", "dnd", "followers",
    "city", "state", "country", "postalCode", "website", "dateOfBirth", "validEmail", "timezone", "address", "businessId", "firstName", "lastName",
}  # fmt: skip
OPERATORS = ("eq", "not_eq", "contains", "not_contains", "exists", "not_exists", "range")
RANGES = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


@routes("POST", "/contacts/search", "contacts.readonly")
def search(call):
    body = check(
        body_of(call.request),
        {
            "locationId": "string*", "pageLimit": "number*", "page": "number", "searchAfter": "array", "sort": "array",
            "filters": "array", "query": "string",
        },
    )  # fmt: skip
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
    clause, params = _where(call.store, body)
    total = call.store.contact.total(location.index, clause, params)
    sorts = _sorts(body.get("sort"))
    order = ", ".join(f"{column} {direction}" for column, direction in sorts)
    extra = "".join(f", {column}" for column, _ in sorts[:-1])
    if after:
        more, values = _after(sorts, after)
        clause, params = f"({clause}) AND {more}", [*params, *values]
    keys = call.store.contact.keys(location.index, clause, params, order, int(limit), int((page - 1) * limit), f"{extra}, id")
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
        sql = f"SELECT contact, id, pipeline, stage, status, value FROM opportunity WHERE deleted IS NULL AND contact IN ({','.join('?' * len(part))})"
        for contact, oid, pipeline, stage, status, value in store.db.execute(sql, part):
            found.setdefault(contact, []).append(
                {"id": oid, "pipelineId": pipeline, "pipelineStageId": stage, "status": status, "monetaryValue": value}
            )
    return {contact: dumps(rows) for contact, rows in found.items()}


def _sorts(sort):
    """[(column, ASC or DESC)...], always ending with the id so that ties have one order."""
    chosen = []
    for item in sort or [{"field": "dateAdded", "direction": "desc"}]:
        name, direction = (item.get("field"), item.get("direction", "asc")) if isinstance(item, dict) else (None, None)
        if name not in SORTS or direction not in ("asc", "desc"):
            raise ApiError(400, f"Invalid sort {name}")
        chosen.append((SORTS[name], direction.upper()))
    if len(chosen) > 2:
        raise ApiError(400, "At most 2 sort fields are allowed")
    return [*[c for c in chosen if c[0] != "id"], ("id", chosen[-1][1] if chosen[-1][0] == "id" else "ASC")]


def _after(sorts, after):
    """Keyset condition: strictly behind the row whose `searchAfter` is given."""
    if len(after) != len(sorts):
        raise ApiError(400, "searchAfter has the wrong number of values for this sort")
    parts, values = [], []
    for depth, (column, direction) in enumerate(sorts):
        same = "".join(f"{c} = ? AND " for c, _ in sorts[:depth])
        parts.append(f"({same}{column} {'>' if direction == 'ASC' else '<'} ?)")
        values += after[: depth + 1]
    first, direction = sorts[0]
    return f"({first} {'>=' if direction == 'ASC' else '<='} ? AND ({' OR '.join(parts)}))", [after[0], *values]


# -- filters -----------------------------------------------------------------------------------------------------------


def _where(store, body):
    parts, params = [], []
    for item in body.get("filters") or []:
        text, values = _filter(store, item)
        parts.append(text)
        params += values
    if body.get("query"):
        like = f"%{body['query'].lower().replace('%', '').replace('_', '')}%"
        parts.append("(name LIKE ? OR email LIKE ? OR phone LIKE ?)")
        params += [like] * 3
    return " AND ".join(parts) or "1", params


def _filter(store, item):
    if not isinstance(item, dict):
        raise ApiError(422, ["each value in filters must be an object"])
    if "group" in item:
        if item["group"] not in ("AND", "OR"):
            raise ApiError(422, ["group must be one of the following values: AND, OR"])
        inner = [_filter(store, sub) for sub in item.get("filters") or []]
        joined = f" {item['group']} ".join(text for text, _ in inner) or "1"
        return f"({joined})", [v for _, values in inner for v in values]
    name, operator, value = item.get("field"), item.get("operator"), item.get("value")
    if operator not in OPERATORS:
        raise ApiError(422, [f"operator must be one of the following values: {', '.join(OPERATORS)}"])
    if name not in FIELDS and not str(name).startswith("customFields."):
        raise ApiError(400, f"Invalid field {name}")
    if isinstance(value, str) and len(value) > 75:
        raise ApiError(422, ["value must be shorter than or equal to 75 characters"])
    if name in COLUMNS:
        return _column_filter(COLUMNS[name], operator, value, name.startswith("date"))
    return _record_filter(store, name, operator, value)


def _column_filter(column, operator, value, is_date):
    def moment(v):
        try:
            return parse_ms(v) if is_date else v
        except (ValueError, TypeError):
            raise ApiError(422, [f"{v} is not a valid date"]) from None

    if operator == "exists":
        return f"{column} IS NOT NULL", []
    if operator == "not_exists":
        return f"{column} IS NULL", []
    if operator == "range":
        if not isinstance(value, dict) or not value or set(value) - set(RANGES):
            raise ApiError(422, ["value of range must hold gt, gte, lt or lte"])
        return " AND ".join(f"{column} {RANGES[k]} ?" for k in value), [moment(v) for v in value.values()]
    if operator in ("contains", "not_contains"):
        return f"coalesce({column}, '') {'NOT ' if operator[0] == 'n' else ''}LIKE ?", [f"%{value}%"]
    many = value if isinstance(value, list) else [value]
    marks = ",".join("?" * len(many))
    test = f"coalesce({column}, '') {'NOT ' if operator == 'not_eq' else ''}IN ({marks})"
    if operator == "eq" and len(many) == 1:
        test = f"{column} = ?"
    return test, [moment(v) for v in many]


def _record_filter(store, name, operator, value):
    """Fields without a column: the record itself is asked, row by row."""

    def matches(pk, loc, n, data):
        row = store.contact.load((pk, loc, n, 0, 0, data))
        return int(_holds(_value(row, name), operator, value))

    function = f"holds_{store.serial()}"
    store.db.create_function(function, 4, matches)
    return f"{function}(pk, loc, n, data)", []


def _value(row, name):
    if name.startswith("customFields."):
        wanted = name.partition(".")[2]
        return next((v["value"] for v in row["customFields"] if v["id"] == wanted), None)
    return row.get(name)


def _holds(found, operator, value):
    many = found if isinstance(found, list) else [] if found is None else [found]
    texts = [str(v).lower() for v in many]
    wanted = [str(v).lower() for v in (value if isinstance(value, list) else [value])]
    if operator == "exists":
        return bool(many)
    if operator == "not_exists":
        return not many
    if operator == "range":
        tests = {"gt": lambda a, b: a > b, "gte": lambda a, b: a >= b, "lt": lambda a, b: a < b, "lte": lambda a, b: a <= b}
        try:
            return bool(many) and all(tests[k](many[0], v) for k, v in (value or {}).items())
        except (KeyError, TypeError):
            raise ApiError(422, ["value of range must hold gt, gte, lt or lte"]) from None
    if operator in ("contains", "not_contains"):
        return any(w in t for w in wanted for t in texts) == (operator == "contains")
    return any(w in texts for w in wanted) == (operator == "eq")


# -- other lookups -----------------------------------------------------------------------------------------------------


@routes("GET", "/contacts", "contacts.readonly", only="dated")
def list_deprecated(call):
    required(call.query, "locationId")
    location = call.location(call.query["locationId"])
    limit = integer(call.query, "limit", 20, 1, 100)
    clause, params = _where(call.store, {"query": call.query.get("query")})
    total = call.store.contact.total(location.index, clause, params)
    start, start_id = call.query.get("startAfter"), call.query.get("startAfterId")
    if start and start_id:
        moment = integer(call.query, "startAfter", 0)
        clause, params = f"({clause}) AND (added < ? OR (added = ? AND id > ?))", [*params, moment, moment, start_id]
    keys = call.store.contact.keys(location.index, clause, params, "added DESC, id ASC", limit)
    rows = []
    for key in keys:
        row = call.store.contact.load(key)
        shown = detail(row, call.v3)
        shown["attributions"] = [shown[k] for k in ("attributionSource", "lastAttributionSource") if k in shown]
        shown["contactName"] = row.get("contactName")
        rows.append(dumps(shown))
    meta = {"total": total, "currentPage": 1, "nextPage": None, "prevPage": None, "nextPageUrl": None, "startAfter": None, "startAfterId": None}
    if len(keys) == limit:
        last = call.store.contact.load(keys[-1])
        query = f"locationId={location.id}&limit={limit}&startAfter={last.added}&startAfterId={last['id']}"
        meta.update(startAfter=last.added, startAfterId=last["id"], nextPage=2, nextPageUrl=f"http://services.leadconnectorhq.com/contacts/?{query}")
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



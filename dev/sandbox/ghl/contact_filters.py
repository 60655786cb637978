"""The filters of contact search as SQL; fields without a column are read off the record itself."""

from ..clock import parse_ms
from .errors import ApiError

COLUMNS = {
    "id": "id",
    "email": "email",
    "phone": "phone",
    "assignedTo": "assigned",
    "dateAdded": "added",
    "dateUpdated": "updated",
}
FIELDS = {
    *COLUMNS,
    "firstNameLowerCase",
    "lastNameLowerCase",
    "companyName",
    "businessName",
    "type",
    "source",
    "tags",
    "dnd",
    "followers",
    "city",
    "state",
    "country",
    "postalCode",
    "website",
    "dateOfBirth",
    "validEmail",
    "timezone",
    "address",
    "businessId",
    "firstName",
    "lastName",
}
OPERATORS = ("eq", "not_eq", "contains", "not_contains", "exists", "not_exists", "range")
RANGES = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def contact_where(store, body):
    """(condition, parameters) for the `filters` and `query` of a contact search."""
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
        tests = {
            "gt": lambda a, b: a > b,
            "gte": lambda a, b: a >= b,
            "lt": lambda a, b: a < b,
            "lte": lambda a, b: a <= b,
        }
        try:
            return bool(many) and all(tests[k](many[0], v) for k, v in (value or {}).items())
        except (KeyError, TypeError):
            raise ApiError(422, ["value of range must hold gt, gte, lt or lte"]) from None
    if operator in ("contains", "not_contains"):
        return any(w in t for w in wanted for t in texts) == (operator == "contains")
    return any(w in texts for w in wanted) == (operator == "eq")

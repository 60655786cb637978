"""Bodies and queries are checked as by the real service: unknown properties are refused, all faults in one 422."""

from ..clock import parse_ms
from .errors import ApiError

_TYPES = {
    "string": (str, "must be a string"),
    "number": ((int, float), "must be a number conforming to the specified constraints"),
    "boolean": (bool, "must be a boolean value"),
    "array": (list, "must be an array"),
    "object": (dict, "must be an object"),
}


def body_of(request) -> dict:
    """The JSON object of a request; 400 when it is none."""
    try:
        body = request.json() if request.body else {}
    except ValueError:
        raise ApiError(400, "Unexpected token in JSON at position 0") from None
    if not isinstance(body, dict):
        raise ApiError(400, "Bad Request")
    return body


def check(body: dict, schema: dict) -> dict:
    """Refuse what `schema` does not allow. `schema`: name -> type, `*` after it: required, `?`: null allowed.

    Types: string, number, boolean, array, object, any, date, `a|b|c` (one of).
    """
    faults = [f"property {name} should not exist" for name in body if name not in schema]
    for name, spec in schema.items():
        required, nullable = "*" in spec, "?" in spec
        spec = spec.rstrip("*?")
        if name not in body:
            if required:
                faults.append(f"{name} should not be empty")
                faults += _type_fault(name, None, spec)
            continue
        value = body[name]
        if value is None and nullable:
            continue
        if required and value == "":
            faults.append(f"{name} should not be empty")
            continue
        faults += _type_fault(name, value, spec)
    if faults:
        raise ApiError(422, faults)
    return body


def _type_fault(name, value, spec):
    if spec == "any":
        return []
    if spec == "date":
        try:
            parse_ms(value)
        except (ValueError, TypeError):
            return [f"{name} must be a valid ISO 8601 date string"]
        return []
    if "|" in spec:
        choices = spec.split("|")
        return [] if value in choices else [f"{name} must be one of the following values: {', '.join(choices)}"]
    kind, message = _TYPES[spec]
    if isinstance(value, kind) and not (spec == "number" and isinstance(value, bool)):
        return []
    return [f"{name} {message}"]


def integer(query: dict, name: str, default: int, least: int = 0, most: int | None = None) -> int:
    """A whole number of the query string, within bounds; 422 otherwise."""
    text = query.get(name)
    if text in (None, ""):
        return default
    faults = []
    try:
        value = int(text)
    except (TypeError, ValueError):
        raise ApiError(422, [f"{name} must be a number conforming to the specified constraints"]) from None
    if value < least:
        faults.append(f"{name} must not be less than {least}")
    if most is not None and value > most:
        faults.append(f"{name} must not be greater than {most}")
    if faults:
        raise ApiError(422, faults)
    return value


def required(query: dict, *names):
    faults = []
    for name in names:
        if not query.get(name):
            faults += [f"{name} should not be empty", f"{name} must be a string"]
    if faults:
        raise ApiError(422, faults)


def known(query: dict, *names):
    """Refuse query parameters the endpoint does not know."""
    faults = [f"property {name} should not exist" for name in query if name not in names]
    if faults:
        raise ApiError(422, faults)

"""Declared request parameters: reading, checking and describing them. Plain Python.

A parameter comes from the path, the query string, a form body or a JSON body; whatever the way in, the handler gets the
declared Python type or the caller gets a 400 that names every bad parameter at once.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import Any

from .errors import ApiError, invalid_parameters

INT4_MAX = 2**31 - 1  # the largest id PostgreSQL's integer columns hold
MAX_DEPTH = 32  # of nested JSON values

_INT = re.compile(r"-?[0-9]{1,19}\Z")
_FLOAT = re.compile(r"-?[0-9]{1,19}(\.[0-9]{1,19})?([eE][+-]?[0-9]{1,3})?\Z")
_BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_PATH_PARAM = re.compile(r"<(?:(?P<converter>\w+)(?:\([^)]*\))?:)?(?P<name>\w+)>")


@dataclass(frozen=True)
class Param:
    """One named parameter of a route.

    `type` is int, float, bool, str, date, datetime (given back as naive UTC), list (comma separated text, a repeated
    parameter or a JSON array, with items of type `item`) or dict (a JSON object).
    `location` is "query", "body", "path", "whole" (the complete JSON body) or "" = query for reading methods, body with
    the query string as fallback for the others. `aliases` are older names of the same parameter.
    With `clamp` a number out of its bounds counts as the nearest bound.
    Empty text counts as "not given" except for a `str` that is not required and may be any text.
    """

    name: str
    type: type = str
    default: Any = None
    required: bool = False
    choices: Sequence[Any] = ()
    minimum: float | None = None
    maximum: float | None = None
    max_length: int = 255
    item: type = str
    max_items: int = 1000
    aliases: Sequence[str] = ()
    clamp: bool = False
    location: str = ""
    doc: str = ""
    example: Any = None

    @property
    def low(self) -> float | None:
        return -INT4_MAX - 1 if self.minimum is None and self.type is int else self.minimum

    @property
    def high(self) -> float | None:
        return INT4_MAX if self.maximum is None and self.type is int else self.maximum

    def parse(self, raw: Any) -> Any:
        """The declared Python value of `raw` (text, or a decoded JSON value); ValueError says what is wrong with it."""
        if self.type is list:
            return self._parse_list(raw)
        value = _PARSERS[self.type](raw)
        return self._check(value)

    def _check(self, value: Any) -> Any:
        if isinstance(value, str) and len(value) > self.max_length:
            raise ValueError(f"must not be longer than {self.max_length} characters")
        if self.choices and value not in self.choices:
            raise ValueError("must be one of " + ", ".join(map(str, self.choices)))
        if self.clamp:
            return min(max(value, self.low), self.high)
        if self.type in (int, float):
            if self.low is not None and value < self.low:
                raise ValueError(f"must be at least {self.low}")
            if self.high is not None and value > self.high:
                raise ValueError(f"must be at most {self.high}")
        return value

    def _parse_list(self, raw: Any) -> list:
        if isinstance(raw, str) and raw.lstrip().startswith("["):
            try:
                raw = json.loads(raw)
            except (ValueError, RecursionError):
                raw = None
        if isinstance(raw, str):
            raw = [part for part in raw.split(",") if part.strip()]
        if not isinstance(raw, (list, tuple)):
            raise ValueError("must be a list")
        if len(raw) > self.max_items:
            raise ValueError(f"must not have more than {self.max_items} items")
        one = Param(
            self.name,
            self.item,
            choices=self.choices,
            minimum=self.minimum,
            maximum=self.maximum,
            max_length=self.max_length,
        )
        return [one.parse(part.strip() if isinstance(part, str) else part) for part in raw]


def _to_int(raw: Any) -> int:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and _INT.match(raw.strip()):
        return int(raw)
    raise ValueError("must be a whole number")


def _to_float(raw: Any) -> float:
    if isinstance(raw, str) and _FLOAT.match(raw.strip()):
        raw = float(raw)
    if isinstance(raw, (int, float)) and not isinstance(raw, bool) and abs(raw) < 1e300:
        return float(raw)
    raise ValueError("must be a number")


def _to_bool(raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    value = _BOOLEANS.get(str(raw).strip().lower()) if isinstance(raw, (str, int)) else None
    if value is None:
        raise ValueError("must be true or false")
    return value


def clean_text(raw: str) -> str:
    """`raw` when PostgreSQL can store it, else ValueError."""
    if "\x00" in raw:
        raise ValueError("must not contain a NUL character")
    try:
        raw.encode()
    except UnicodeEncodeError:
        raise ValueError("must be valid Unicode text") from None
    return raw


def storable(raw: Any) -> str:
    """`raw` as text for a search; "" when there is none, or none that PostgreSQL could hold."""
    try:
        return clean_text(str(raw or ""))
    except ValueError:
        return ""


def _to_str(raw: Any) -> str:
    if isinstance(raw, int) and not isinstance(raw, bool):
        raw = str(raw) if abs(raw) < 10**30 else None
    if not isinstance(raw, str):
        raise ValueError("must be text")
    return clean_text(raw)


def _to_date(raw: Any) -> date:
    try:
        return date.fromisoformat(raw.strip()[:10]) if len(raw.strip()) == 10 else parse_datetime(raw).date()
    except (AttributeError, ValueError, TypeError):
        raise ValueError("must be a date like 2025-07-31") from None


def parse_datetime(raw: Any) -> datetime:
    """Naive UTC of ISO 8601 text; ValueError for anything else."""
    try:
        value = datetime.fromisoformat(re.sub(r"[zZ]\Z", "+00:00", raw.strip()))
        if value.tzinfo:
            value = value.astimezone(timezone.utc).replace(tzinfo=None)
        return value
    except (AttributeError, ValueError, TypeError, OverflowError):
        raise ValueError("must be a date and time like 2025-07-31T09:30:00Z") from None


def check_tree(value: Any, depth: int = 0) -> Any:
    """`value`, a decoded JSON value, when every text and number in it can be stored; else ValueError."""
    if depth > MAX_DEPTH:
        raise ValueError("is nested too deeply")
    if isinstance(value, str):
        clean_text(value)
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("must not contain infinite numbers")
    elif isinstance(value, Mapping):
        for key, child in value.items():
            clean_text(key)
            check_tree(child, depth + 1)
    elif isinstance(value, (list, tuple)):
        for child in value:
            check_tree(child, depth + 1)
    return value


def _to_dict(raw: Any) -> dict:
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except (ValueError, RecursionError):
            raw = None
    if not isinstance(raw, dict):
        raise ValueError("must be a JSON object")
    return check_tree(raw)


_PARSERS = {
    int: _to_int,
    float: _to_float,
    bool: _to_bool,
    str: _to_str,
    date: _to_date,
    datetime: parse_datetime,
    dict: _to_dict,
}


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def parse_json_object(raw: bytes) -> dict[str, Any]:
    """The JSON object in `raw` (empty = {}); ApiError 400 `invalid_json` or `invalid_body`."""
    if not raw.strip():
        return {}
    try:
        data = json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise ApiError(400, "invalid_json", "The request body is not valid JSON.") from None
    if not isinstance(data, dict):
        raise ApiError(400, "invalid_body", "The request body must be a JSON object.")
    return data


def path_params(path: str) -> list[Param]:
    """The parameters in a route's address, e.g. ``/api/contacts/<int:contact_id>``. Whole numbers there are ids."""
    return [
        Param(m["name"], int, required=True, minimum=1, location="path")
        if m["converter"] == "int"
        else Param(m["name"], str, required=True, location="path")
        for m in _PATH_PARAM.finditer(path)
    ]


def openapi_path(path: str) -> str:
    """``/api/x/<int:id>`` as OpenAPI writes it: ``/api/x/{id}``."""
    return _PATH_PARAM.sub(lambda m: f"{{{m['name']}}}", path)


def _given(param: Param, query: Mapping[str, Sequence[str]], body: Mapping[str, Any], reads: bool) -> tuple[bool, Any]:
    """Whether the caller gave `param`, and the raw value."""
    names = (param.name, *param.aliases)
    if param.location == "body" or (param.location == "" and not reads):
        for name in names:
            value = body.get(name)
            if value is not None and (value != "" or param.type is str):
                return True, value
        if param.location == "body":
            return False, None
    for name in names:
        values = query.get(name)
        if not values:
            continue
        if param.type is list:
            return True, ",".join(values)
        if len(values) > 1:
            raise ValueError("must not be given more than once")
        if values[0] != "" or param.type is str:
            return True, values[0]
    return False, None


def read_params(
    params: Iterable[Param],
    *,
    path: Mapping[str, Any],
    query: Mapping[str, Sequence[str]],
    body: Mapping[str, Any],
    reads: bool,
) -> dict[str, Any]:
    """Keyword arguments for a handler; ApiError 400 `invalid_parameter` naming all bad ones.

    `query` maps a name to all values given; `reads` is true for GET and DELETE, which have no body.
    """
    values: dict[str, Any] = {}
    reasons: dict[str, str] = {}
    for param in params:
        try:
            if param.name in path:
                values[param.name] = param.parse(path[param.name])
                continue
            if param.location == "path":  # of another address of the same route
                continue
            if param.location == "whole":
                values[param.name] = check_tree(dict(body))
                continue
            given, raw = _given(param, query, body, reads)
            if not given or (raw == "" and (param.required or (param.choices and "" not in param.choices))):
                if param.required:
                    raise ValueError("is required")
                values[param.name] = param.default
            else:
                values[param.name] = param.parse(raw)
        except ValueError as error:
            reasons[param.name] = str(error)
    if reasons:
        raise invalid_parameters(reasons)
    return values

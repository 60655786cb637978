"""The OpenAPI 3.1 document of the registered routes, and their table for the manual. Plain Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from .envelope import PLAIN, Envelope
from .params import Param, openapi_path, path_params
from .spec import READING, RouteSpec

ERROR_SCHEMA = {
    "type": "object",
    "required": ["success", "error", "code"],
    "properties": {
        "success": {"type": "boolean", "const": False},
        "error": {"type": "string", "description": "A sentence for a human."},
        "code": {"type": "string", "description": "Stable, for programs."},
        "details": {"type": "object", "description": "For invalid_parameter: what is wrong with each parameter."},
        "request_id": {"type": "string", "description": "Also in the log and in the header X-Request-Id."},
    },
}
_ERRORS = {
    "BadRequest": "A parameter, the cursor or the body is wrong.",
    "Unauthorized": "No key, or one that is unknown, expired or revoked.",
    "Forbidden": "The user of the key may not do this.",
    "NotFound": "There is no such record, or the user of the key may not see it.",
    "Conflict": "The record exists already or is locked.",
    "TooLarge": "The body is too large.",
    "Unprocessable": "The data breaks a rule of the application.",
    "ServerError": "Our fault. Quote the request id.",
    "Busy": "Too busy; try again after Retry-After seconds.",
}
_STATUS_ERRORS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    413: "TooLarge",
    422: "Unprocessable",
    500: "ServerError",
    503: "Busy",
}
_TYPES = {
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    str: {"type": "string"},
    dict: {"type": "object"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
}
_schemas: dict[str, Mapping[str, Any]] = {}

VERSION = "1.0.0"


def define_schema(name: str, schema: Mapping[str, Any]) -> dict[str, str]:
    """Name a JSON schema for the document; gives the `$ref` to use in `responses` and in other schemas."""
    _schemas[name] = schema
    return {"$ref": f"#/components/schemas/{name}"}


def param_schema(param: Param) -> dict[str, Any]:
    """JSON schema of the values `param` takes."""
    if param.type is list:
        items = Param(param.name, param.item, choices=param.choices, minimum=param.minimum, maximum=param.maximum)
        return {"type": "array", "maxItems": param.max_items, "items": param_schema(items)}
    schema = dict(_TYPES[param.type])
    if param.type in (int, float) and not param.clamp:
        schema.update({k: v for k, v in (("minimum", param.low), ("maximum", param.high)) if v is not None})
    if param.type is str and not param.choices:
        schema["maxLength"] = param.max_length
        if param.required:
            schema["minLength"] = 1
    if param.choices:
        schema["enum"] = list(param.choices)
    if param.default is not None:
        default = param.default
        schema["default"] = default.isoformat() if isinstance(default, date) else default
    return schema


def _parameter(param: Param, where: str) -> dict[str, Any]:
    result = {"name": param.name, "in": where, "schema": param_schema(param)}
    if where == "path" or param.required:
        result["required"] = True
    if param.type is list:
        result |= {"style": "form", "explode": False}
    if param.doc:
        result["description"] = param.doc
    if param.example is not None:
        result["example"] = param.example
    return result


def _request_body(params: Iterable[Param], raw: bool) -> dict[str, Any]:
    if raw:
        return {"required": True, "content": {"application/json": {}, "application/x-www-form-urlencoded": {}}}
    params = list(params)
    properties = {}
    for param in params:
        if param.location != "whole":
            properties[param.name] = param_schema(param) | ({"description": param.doc} if param.doc else {})
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    required = [p.name for p in params if p.required and p.location != "whole"]
    if required:
        schema["required"] = required
    content = {"application/json": {"schema": schema}}
    if all(p.type is not dict for p in params):
        content["application/x-www-form-urlencoded"] = {"schema": schema}
    return {"required": bool(required), "content": content}


def _responses(spec: RouteSpec, method: str, has_input: bool) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, schema in (spec.responses or {200: {"type": "object"}}).items():
        if schema is None:
            responses[str(status)] = {"description": "Done"}
        elif "description" in schema and "content" in schema:
            responses[str(status)] = dict(schema)
        else:
            responses[str(status)] = {"description": "Done", "content": {"application/json": {"schema": schema}}}
    if method == "GET" and spec.auth != "none":
        responses["304"] = {"description": "Not changed since the ETag sent in If-None-Match."}
    statuses = [500, 503]
    if has_input:
        statuses.append(400)
    if spec.auth != "none" or spec.raw_body:
        statuses += [401, 403]
    if any("<" in path for path in spec.paths) or has_input:
        statuses.append(404)
    if method not in READING:
        statuses += [409, 413, 422]
    for form in spec.envelope.forms:
        for status in sorted(statuses):
            responses.setdefault(str(form.http_status(status)), _refusal(form, status))
    if any("<" in path for path in spec.paths):
        # Text where a number belongs: no route at all, which is told by the status, too.
        responses.setdefault("404", _refusal(spec.envelope, 404))
    return responses


def _refusal(envelope: Envelope, status: int) -> dict[str, Any]:
    name = _STATUS_ERRORS[status]
    if envelope is PLAIN:
        return {"$ref": f"#/components/responses/{name}"}
    return {"description": _ERRORS[name], "content": {"application/json": {"schema": envelope.schema}}}


def operation(spec: RouteSpec, path: str, method: str) -> dict[str, Any]:
    """The OpenAPI operation object of `spec` at one of its addresses."""
    in_path = {p.name for p in path_params(path)}
    params = [p for p in spec.all_params if p.name in in_path or p.location != "path"]
    parameters, in_body = [], []
    for param in params:
        if param.name in in_path:
            parameters.append(_parameter(param, "path"))
        elif param.location in ("body", "whole") or (param.location == "" and method not in READING):
            in_body.append(param)
        else:
            parameters.append(_parameter(param, "query"))
    result: dict[str, Any] = {
        "operationId": f"{method.lower()}_{_identifier(path)}",
        "summary": spec.summary,
        "responses": _responses(spec, method, bool(params) or spec.raw_body),
    }
    if spec.description and spec.description != spec.summary:
        result["description"] = spec.description
    if spec.tag:
        result["tags"] = [spec.tag]
    if parameters:
        result["parameters"] = parameters
    if spec.raw_body or in_body:
        result["requestBody"] = _request_body(in_body, spec.raw_body)
    if spec.auth == "none":
        result["security"] = []
    return result


def _identifier(path: str) -> str:
    return "_".join(filter(None, "".join(c if c.isalnum() else " " for c in openapi_path(path)).split()))


def build(specs: Iterable[RouteSpec], server_url: str = "/", version: str = VERSION) -> dict[str, Any]:
    """The whole document for `specs`."""
    paths: dict[str, dict[str, Any]] = {}
    specs = list(specs)
    for spec in specs:
        for path in spec.paths:
            for method in spec.methods:
                paths.setdefault(openapi_path(path), {})[method.lower()] = operation(spec, path, method)
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "GoHighLevel for Odoo",
            "version": version,
            "description": "Contacts, tasks, conversations, opportunities and calls mirrored from GoHighLevel.",
            "license": {"name": "LGPL-3.0", "identifier": "LGPL-3.0-only"},
        },
        "servers": [{"url": server_url}],
        "security": [{"key": []}],
        "tags": [{"name": tag} for tag in sorted({s.tag for s in specs if s.tag})],
        "paths": dict(sorted(paths.items())),
        "components": {
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key made under GoHighLevel / Configuration / API Keys, or an Odoo API key.",
                }
            },
            "schemas": {"Error": ERROR_SCHEMA, **_schemas},
            "responses": {name: {"description": text, "content": error} for name, text in _ERRORS.items()},
        },
    }


def markdown_table(specs: Iterable[RouteSpec]) -> str:
    """The routes as the Markdown table kept in docs/api.md."""
    lines = ["| Method | Address | Who | What |", "|---|---|---|---|"]
    for spec in specs:
        who = "anybody" if not spec.group else spec.group.rpartition("group_ghl_")[2].replace("_", " ")
        for method, path in spec.operations:
            lines.append(f"| {method} | `{path}` | {who} | {spec.summary} |")
    return "\n".join(lines)

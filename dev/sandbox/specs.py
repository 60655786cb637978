"""Checks answers against the official OpenAPI files, where a copy of them is at hand (needs `jsonschema`)."""

import json
import re
from pathlib import Path

ERROR_SCHEMAS = {
    400: "BadRequestDTO",
    401: "UnauthorizedDTO",
    403: "ForbiddenDTO",
    404: "NotFoundDTO",
    422: "UnprocessableDTO",
}
RESOURCES = ("contacts", "conversations", "locations", "oauth", "opportunities", "users")


def shape(template: str) -> str:
    """A path template without parameter names and trailing slash, so that two spellings compare equal."""
    return re.sub(r"{[^}]*}", "{}", template).rstrip("/")


class Specs:
    """`folder` holds `apps/*.json`, `apps/v3/*-v3.json` and the common schemas of each."""

    def __init__(self, folder):
        folder = Path(folder)
        self.operations = {"dated": {}, "v3": {}}
        for version, apps, ending, common in (
            ("dated", folder / "apps", "", folder / "common"),
            ("v3", folder / "apps" / "v3", "-v3", folder / "apps" / "v3" / "common"),
        ):
            for name in RESOURCES:
                self._load(version, apps / f"{name}{ending}.json", common / "common-schemas.json")

    def _load(self, version, path, common):
        document = json.loads(path.read_text())
        schemas = {**json.loads(common.read_text())["components"]["schemas"], **document["components"]["schemas"]}
        for template, operations in document["paths"].items():
            for method, operation in operations.items():
                if "responses" in operation:
                    self.operations[version][f"{method.upper()} {shape(template)}"] = (operation, schemas)

    def knows(self, version: str, endpoint: str) -> bool:
        return shape(endpoint) in self.operations[version]

    def problems(self, version: str, endpoint: str, status: int, body):
        """[(kind, field, message)] where kind is `status`, `null` or `schema`; fields use `*` for list positions.

        Raises KeyError for an endpoint the specs do not know.
        """
        import jsonschema

        operation, schemas = self.operations[version][shape(endpoint)]
        found = []
        declared = operation["responses"].get(str(status))
        if declared is None:
            found.append(("status", "", f"{status} is not declared"))
            success = [r for code, r in operation["responses"].items() if code.startswith("2")]
            declared = success[0] if status < 300 and success else None
        schema = _json_schema(declared) if declared else None
        if schema is None and status >= 400 and ERROR_SCHEMAS.get(status) in schemas:
            schema = {"$ref": f"#/components/schemas/{ERROR_SCHEMAS[status]}"}
        if schema is None:
            return found
        root = {"components": {"schemas": {k: _plain(v) for k, v in schemas.items()}}, **_plain(schema)}
        for error in jsonschema.Draft202012Validator(root).iter_errors(body):
            found += _flatten(error)
        return found


def _json_schema(response):
    content = response.get("content", {})
    return content.get("application/json", {}).get("schema")


def _plain(schema):
    """OpenAPI 3.0 as JSON Schema: `nullable`, references to the common file, and words JSON Schema does not know."""
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    out = {k: _plain(v) for k, v in schema.items() if k not in ("nullable", "example", "discriminator", "xml")}
    if "$ref" in out:
        out = {"$ref": "#/components/schemas/" + str(out["$ref"]).rsplit("/", 1)[-1]}
    if isinstance(out.get("required"), bool):
        del out["required"]
    if schema.get("nullable") is True:
        return {"anyOf": [out, {"type": "null"}]}
    return out


def _flatten(error):
    field = ".".join("*" if isinstance(part, int) else str(part) for part in error.absolute_path)
    kind = "null" if error.instance is None else "schema"
    return [(kind, field, error.message[:160])]

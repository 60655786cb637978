"""What is wrong with an answer. Plain Python."""

from __future__ import annotations

import json
from functools import cache
from urllib.parse import quote

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

HOME = "urn:api"
BODY_LIMIT = 1024 * 1024
# Of the inside of the server; nothing that is sent holds one of these.
INSIDE = ("Traceback", 'File "', "psycopg2", "SELECT ", "odoo.", "<html", "<!doctype", "ghl_api_key", "InFailedSql")


class Judge:
    """:param foreign: the word that all texts of the other company hold"""

    def __init__(self, document: dict, foreign: str):
        self.document, self.foreign = document, foreign
        self.registry = Registry().with_resource(HOME, Resource(contents=document, specification=DRAFT202012))

    def problems(self, request, status: int, headers: dict[str, str], body: bytes) -> list[str]:
        """Sentences; none when all is well. `headers` have lower-case names."""
        text = body.decode("utf-8", "replace")
        found = [f"tells of the inside: {word}" for word in INSIDE if word in text]
        if self.foreign in text:
            found.append("tells of another company")
        if status >= 500:
            found.append(f"status {status}")
        if "set-cookie" in headers:
            found.append("sets a cookie")
        if request.refused_key and status not in (401, 403):
            found.append(f"status {status} for a refused key")
        if request.operation is None:
            if status not in (404, 405, 400, 414, 308, 301) and "json" in headers.get("content-type", ""):
                found += self._undocumented(status, body)
            return found
        return found + self._against_document(request, status, headers, body)

    def _undocumented(self, status, body):
        # A spoiled address can be one of another operation.
        return [] if status in (200, 401, 403, 413, 422) else [f"status {status} where nothing is"]

    def _against_document(self, request, status, headers, body):
        path, method = request.operation
        responses = self.document["paths"][path][method]["responses"]
        if status == 413 and len(request.body) > BODY_LIMIT:
            return []  # of any route, also of those that take no body
        if str(status) not in responses:
            return [f"status {status} is not documented: {body[:300]!r}"]
        described, place = responses[str(status)], f"{HOME}#/paths/{pointer(path)}/{method}/responses/{status}"
        if "$ref" in described:
            place = HOME + described["$ref"]
            described = self._follow(described["$ref"])
        content = described.get("content")
        if not content:
            return [f"a body where none is documented: {body[:100]!r}"] if body and status != 200 else []
        kind = headers.get("content-type", "").partition(";")[0]
        if kind not in content:
            return [f"content type {kind!r} is not documented"]
        if kind != "application/json" or "schema" not in content[kind]:
            return []
        try:
            data = json.loads(body)
        except ValueError as error:
            return [f"no JSON: {error}"]
        validator = self._validator(f"{place}/content/{pointer(kind)}/schema")
        return [self._explain(error) for error in list(validator.iter_errors(data))[:3]]

    def _explain(self, error):
        deepest = error
        while deepest.context:  # of alternatives, the one that came furthest
            deepest = max(deepest.context, key=lambda one: len(one.absolute_path))
        where = "/".join(map(str, deepest.absolute_path))
        return f"not as documented at /{where}: {deepest.message[:300]}"

    def _follow(self, reference):
        found = self.document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        return found

    @cache  # noqa: B019  # lives as long as the judge
    def _validator(self, place):
        return Draft202012Validator({"$ref": place}, registry=self.registry, format_checker=FormatChecker())


def pointer(part: str) -> str:
    """A part of a JSON pointer in an address."""
    return quote(part.replace("~", "~0").replace("/", "~1"), safe="~")


def is_refusal(status: int, body: bytes) -> bool:
    """Whether the answer says no, in any of the shapes clients know."""
    if status >= 400:
        return True
    try:
        data = json.loads(body)
    except ValueError:
        return False
    if not isinstance(data, dict):
        return False
    return data.get("success") is False or (isinstance(data.get("status"), int) and data["status"] >= 400)

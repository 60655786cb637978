"""The OpenAPI document and the manual say what the routes are, and nothing else."""

import os
import re
from pathlib import Path

from openapi_spec_validator import OpenAPIV31SpecValidator

from odoo.tests import BaseCase, tagged

from ..ghl_base.http import openapi
from ..ghl_base.http.params import Param
from ..ghl_base.http.spec import RouteSpec, register, routes
from .common_http import ApiCase

MANUAL = Path(__file__).parents[1] / "docs" / "api.md"
TABLE = re.compile(r"(?<=<!-- routes -->\n).*?(?=<!-- /routes -->)", re.DOTALL)


@tagged("post_install", "-at_install", "ghl")
class TestDocument(BaseCase):
    def test_the_document_is_valid(self):
        OpenAPIV31SpecValidator(openapi.build(routes())).validate()

    def test_every_route_is_in_the_document_with_its_parameters_and_refusals(self):
        paths = openapi.build(routes())["paths"]
        self.assertEqual(
            {(method.upper(), path) for path, operations in paths.items() for method in operations},
            {operation for spec in routes() for operation in spec.operations},
        )
        for spec in routes():
            for method, path in spec.operations:
                entry = paths[path][method.lower()]
                body = entry.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
                documented = {p["name"] for p in entry.get("parameters", ())} | set(body.get("properties", ()))
                expected = {p.name for p in spec.all_params if p.location != "whole"}
                self.assertEqual(documented, expected, f"{method} {path}")
                self.assertIn("500", entry["responses"])
                if spec.auth != "none":
                    refusals = {str(spec.envelope.http_status(status)) for status in (401, 403)}
                    self.assertLessEqual(refusals, set(entry["responses"]), f"{method} {path}")
                self.assertTrue(entry["summary"], f"{method} {path} has no summary")
                self.assertTrue(entry["tags"], f"{method} {path} has no tag")

    def test_operation_ids_are_unique(self):
        paths = openapi.build(routes())["paths"]
        ids = [operation["operationId"] for operations in paths.values() for operation in operations.values()]
        self.assertEqual(len(ids), len(set(ids)))

    def test_bounds_of_parameters_are_told(self):
        schema = openapi.param_schema(Param("limit", int, default=100, minimum=1, maximum=1000))
        self.assertEqual(schema, {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100})
        self.assertEqual(openapi.param_schema(Param("x", choices=("a",))), {"type": "string", "enum": ["a"]})
        ids = openapi.param_schema(Param("ids", list, item=int, max_items=5))
        self.assertEqual((ids["type"], ids["maxItems"], ids["items"]["type"]), ("array", 5, "integer"))

    def test_two_handlers_cannot_serve_one_address(self):
        [spec] = [s for s in routes() if s.paths == ("/api/ping",)]
        with self.assertRaises(ValueError):
            register(RouteSpec(paths=("/api/ping",), methods=("GET",), handler="somebody.else"))
        self.assertIs(register(spec), spec)

    def test_the_table_in_the_manual_is_current(self):
        """Run with GHL_WRITE_DOCS=1 to bring docs/api.md up to date."""
        table = openapi.markdown_table(routes())
        manual = MANUAL.read_text()
        if os.environ.get("GHL_WRITE_DOCS"):
            manual = TABLE.sub(lambda _: table + "\n", manual)
            MANUAL.write_text(manual)
        written = TABLE.search(manual)[0].splitlines()
        self.assertEqual(
            written,
            table.splitlines(),
            "Run GHL_WRITE_DOCS=1 bin/test tests/test_http_openapi.py to bring it up to date",
        )


class TestServedDocument(ApiCase):
    def test_it_is_served_to_key_holders(self):
        self.assert_refused(self.call("/api/openapi.json", key=None), 401, "missing_key")
        document = self.call("/api/openapi.json").json()
        self.assertEqual(document["servers"], [{"url": self.base_url() + "/"}])
        self.assertIn("/api/ping", document["paths"])
        self.assertNotIn("/api/test/echo", document["paths"])

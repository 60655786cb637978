"""Every registered API route against every kind of caller: new routes are checked without being listed here."""

from datetime import date, datetime, timedelta

from odoo import fields
from odoo.tests import mute_logger, new_test_user

from ..ghl_base.http import PLAIN, openapi
from ..ghl_base.http.params import path_params
from ..ghl_base.http.spec import READING, routes
from .common_http import ORIGIN, ApiCase

# Values for parameters that have no example of their own, by name, then by type. They name nothing that exists, so that
# no route starts work that leaves the machine.
EXAMPLES = {"location_id": "no-such-location", "page": 1, "limit": 5}
BY_TYPE = {
    int: 2_000_000_000,
    float: 1.5,
    bool: False,
    str: "none",
    date: "2025-07-31",
    datetime: "2025-07-31T00:00:00",
}
# What a viewer may get for values that name nothing: never a refusal of the person, never a fault of ours.
FINE = {200, 201, 202, 204, 304, 400, 404, 409, 422}


def example(param):
    """A value of `param` that passes its checks."""
    if param.example is not None:
        return param.example
    if param.choices:
        return param.choices[0]
    if param.name in EXAMPLES and type(EXAMPLES[param.name]) is param.type:
        return EXAMPLES[param.name]
    if param.type is list:
        return []
    if param.type is dict:
        return {}
    value = BY_TYPE[param.type]
    if param.type in (int, float) and param.high is not None:
        value = min(value, param.high)
    return value


def as_text(value):
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


class TestEveryRoute(ApiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plain = new_test_user(cls.env, "matrix_plain", groups="base.group_user")
        cls.key_without_group = cls.env["ghl.api.key"].sudo()._generate("plain", cls.plain)[1]
        cls.expired_key = cls.make_key(cls.viewer, expires_at=fields.Datetime.now() - timedelta(days=1))

    def each(self, open_too=False):
        """(spec, method, address with example values, keyword arguments for the call) of every data route."""
        for spec in routes():
            if spec.auth == "none" and not open_too:
                continue
            for path in spec.paths:
                for method in spec.methods:
                    with self.subTest(route=f"{method} {path}"):
                        yield spec, method, *self.request_for(spec, method, path)

    def request_for(self, spec, method, path):
        values = {p.name: example(p) for p in spec.all_params if p.location != "whole"}
        url = openapi.openapi_path(path)
        for param in path_params(path):
            url = url.replace("{%s}" % param.name, as_text(values.pop(param.name)))  # noqa: UP031
        if method in READING:
            return url, {"params": {k: as_text(v) for k, v in values.items()}}
        return url, {"json": values}

    def refused(self, spec, response, status, code, details=()):
        if spec.envelope is PLAIN:
            body = self.assert_refused(response, status, code)
            self.assertEqual(set(body.get("details", ())), set(details))
        else:
            self.assert_refused_as(spec.envelope, response, status, code, details)

    def refuse_everywhere(self, key, status, code):
        count = 0
        for spec, method, url, kwargs in self.each():
            response = self.call(url, method, key=key, headers={"Origin": ORIGIN}, **kwargs)
            self.refused(spec, response, status, code)
            self.assert_cors(response)
            count += 1
        self.assertTrue(count)

    def test_without_a_key(self):
        self.refuse_everywhere(None, 401, "missing_key")

    def test_with_a_wrong_key(self):
        self.refuse_everywhere("ghl_00000000_" + "A" * 43, 401, "invalid_key")

    def test_with_an_expired_key(self):
        self.refuse_everywhere(self.expired_key, 401, "expired_key")

    def test_as_a_user_without_our_groups(self):
        self.refuse_everywhere(self.key_without_group, 403, "missing_group")

    def test_as_a_viewer(self):
        for spec, method, url, kwargs in self.each(open_too=True):
            if spec.raw_body:
                continue  # proves itself by a signature: its own tests know how
            with mute_logger("odoo.http"):
                response = self.call(url, method, headers={"Origin": ORIGIN}, **kwargs)
            if spec.group and not self.viewer.has_group(spec.group):
                self.refused(spec, response, 403, "missing_group")
            else:
                self.assertIn(response.status_code, FINE, response.text[:500])
            self.assert_cors(response)
            self.assert_no_cookie(response)
            if response.status_code >= 400 and spec.envelope is PLAIN:
                self.assert_refused(response, response.status_code, response.json()["code"])
            elif response.status_code in (200, 201, 202) and "json" in response.headers["Content-Type"]:
                response.json()

    def test_every_parameter_refuses_nonsense(self):
        nonsense = {int: "1e3", float: "nan", bool: "perhaps", str: "a\x00b", date: "x", datetime: "x"}
        admin = self.make_key(self.env.ref("base.user_admin"))
        for spec, method, url, kwargs in self.each():
            given = kwargs.get("params") or kwargs.get("json") or {}
            bad = {p.name: nonsense[p.type] for p in spec.all_params if p.name in given and p.type in nonsense}
            if not bad:
                continue
            [(kind, _values)] = kwargs.items()
            response = self.call(url, method, key=admin, **{kind: {**given, **bad}})
            self.refused(spec, response, 400, "invalid_parameter", bad)

    def test_preflight_and_wrong_methods(self):
        for spec, method, url, _kwargs in self.each(open_too=True):
            preflight = self.call(
                url, "OPTIONS", key=None, headers={"Origin": ORIGIN, "Access-Control-Request-Method": method}
            )
            self.assertEqual((preflight.status_code, preflight.content), (204, b""))
            self.assertIn(method, preflight.headers["Access-Control-Allow-Methods"])
            allowed = preflight.headers["Allow"].split(", ")
            for other in {"GET", "POST", "PUT", "PATCH", "DELETE"} - set(allowed):
                response = self.call(url, other, headers={"Origin": ORIGIN})
                self.refused(spec, response, 405, "method_not_allowed")
                self.assertEqual(response.headers["Allow"], preflight.headers["Allow"])
            self.assertIn(spec.auth, ("ghl_key", "none"))

    def test_nothing_is_open_but_health_and_signed_webhooks(self):
        open_routes = {path for spec in routes() if spec.auth == "none" and not spec.raw_body for path in spec.paths}
        self.assertEqual(open_routes, {"/api/health", "/health", "/api/v1/webhook/health"})

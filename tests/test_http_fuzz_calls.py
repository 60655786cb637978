"""Made-up requests to all routes: no fault of ours, answers as documented, refusals that change nothing.

`bin/faults fuzz` sends thousands of them to a real server.
"""

from odoo.tests import BaseCase, mute_logger, tagged

from ..dev.faults.fuzz import world as worlds
from ..dev.faults.fuzz.judge import Judge, is_refusal
from ..dev.faults.fuzz.maker import Maker, Request
from ..ghl_base.http import openapi
from ..ghl_base.http.spec import routes
from .common_http import ApiCase

REQUESTS = 300
PREFIXES = ("/crm", "/custom", "/listings", "/calls", "/api/")


class TestMadeUpRequestsToCalls(ApiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("ghl.job_executor", "cron")  # nothing runs but the requests
        cls.world = worlds.build(cls.env(context={}))
        document = openapi.build(routes(), cls.base_url())
        cls.maker = Maker(document, cls.world, seed=7, prefixes=PREFIXES)
        cls.judge = Judge(document, worlds.FOREIGN)
        cls.foreign = cls.env["res.company"].search([("name", "=", worlds.FOREIGN)])
        cls.tables = worlds.tables(cls.env.cr)

    def send(self, request):
        response = self.opener.request(
            request.method,
            self.base_url() + request.path,
            headers=request.headers,
            data=request.body or None,
            timeout=30,
            allow_redirects=False,
        )
        headers = {name.lower(): value for name, value in response.headers.items()}
        return response.status_code, headers, response.content

    def fingerprint(self, company_id=None):
        self.env.flush_all()
        return worlds.fingerprint(self.env.cr, self.tables, company_id)

    def test_made_up_requests(self):
        foreign, before = self.fingerprint(self.foreign.id), self.fingerprint()
        for _number in range(REQUESTS):
            request = self.maker.make()
            if len(request.body) > 100_000:
                continue  # a server may hang up on these, see bin/faults
            with self.subTest(str(request)), mute_logger("odoo.http"):
                status, headers, body = self.send(request)
                self.assertEqual(self.judge.problems(request, status, headers, body), [])
                after = self.fingerprint()
                if is_refusal(status, body):
                    self.assertEqual(after, before, "refused, but something changed")
                before = after
        self.assertEqual(self.fingerprint(self.foreign.id), foreign)


@tagged("post_install", "-at_install", "ghl")
class TestJudge(BaseCase):
    """A judge who finds nothing wrong is worth nothing."""

    DOCUMENT = {
        "paths": {
            "/crm/x": {
                "get": {
                    "responses": {
                        "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Call"}}}}
                    }
                }
            }
        },
        "components": {
            "schemas": {"Call": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}}
        },
    }
    JSON = {"content-type": "application/json; charset=utf-8"}

    def problems(self, status=200, body=b'{"id": 1}', headers=None, **request):
        request = Request("GET", "/crm/x", **{"operation": ("/crm/x", "get"), **request})
        return Judge(self.DOCUMENT, "foreign").problems(request, status, headers or self.JSON, body)

    def test_finds_nothing_wrong_with_what_is_documented(self):
        self.assertEqual(self.problems(), [])

    def test_finds_what_is_wrong(self):
        for wrong in (
            {"body": b'{"id": "1"}'},
            {"body": b"{}"},
            {"body": b"{"},
            {"body": b'{"id": 1, "note": "Traceback"}'},
            {"body": b'{"id": 1, "note": "the foreign one"}'},
            {"status": 500},
            {"status": 404},
            {"headers": {"content-type": "text/html"}},
            {"headers": {**self.JSON, "set-cookie": "a=b"}},
            {"refused_key": True},
            {"operation": None, "status": 500},
        ):
            with self.subTest(wrong=wrong):
                self.assertTrue(self.problems(**wrong))

    def test_knows_refusals_in_all_shapes(self):
        for status, body in ((404, b""), (200, b'{"status": 409}'), (200, b'{"success": false}')):
            self.assertTrue(is_refusal(status, body))
        self.assertFalse(is_refusal(200, b'{"status": 200, "data": {"success": false}}'))

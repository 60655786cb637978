"""What the tests of the JSON API share."""

from odoo.tests import HttpCase, new_test_user, tagged

from ..ghl_base.http.cors import EXPOSED
from ..ghl_base.http.errors import ApiError

ORIGIN = "https://app.example.com"


def skeleton(value):
    """A JSON value with every sentence left out: what programs go by."""
    if isinstance(value, dict):
        return {key: skeleton(child) for key, child in value.items()}
    if isinstance(value, list):
        return [skeleton(child) for child in value]
    return "" if isinstance(value, str) and (" " in value or value == "?") else value


@tagged("post_install", "-at_install", "ghl")
class ApiCase(HttpCase):
    """Calls the API over real HTTP, with a viewer's key unless another is given."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.registry.clear_cache("routing")  # the map may be older than the test controllers
        cls.env["ir.config_parameter"].set_param("ghl.cors_origins", ORIGIN)
        cls.viewer = new_test_user(cls.env, "api_viewer", groups="ghl.group_ghl_viewer")
        cls.key = cls.make_key(cls.viewer)

    @classmethod
    def make_key(cls, user, **values):
        """The text of a new key of `user`."""
        return cls.env["ghl.api.key"]._generate("Test", user, **values)[1]

    def call(self, path, method="GET", key=..., headers=None, **kwargs):
        """The response of `path`; `key=None` sends none."""
        key = self.key if key is ... else key
        headers = {"Authorization": f"Bearer {key}", **(headers or {})} if key else dict(headers or {})
        return self.url_open(path, method=method, headers=headers, allow_redirects=False, **kwargs)

    def assert_refused(self, response, status, code, msg=None):
        """The answer is an error of ours: right status and code, one shape, nothing of the inside; gives the body."""
        where = msg or response.url
        self.assertEqual(response.status_code, status, f"{where}: {response.text[:300]}")
        self.assertTrue(response.headers["Content-Type"].startswith("application/json"), where)
        body = response.json()
        self.assertEqual(body["code"], code, where)
        self.assertIs(body["success"], False, where)
        self.assertLessEqual(set(body), {"success", "error", "code", "details", "request_id"}, where)
        self.assertEqual(body["request_id"], response.headers["X-Request-Id"], where)
        self.assert_says_nothing_of_the_inside(response, where)
        self.assert_no_cookie(response, where)
        return body

    def assert_refused_as(self, envelope, response, status, code, details=()):
        """The answer is the error `status` `code`, about the parameters `details`, in the shape of `envelope`."""
        request_id = response.headers["X-Request-Id"]
        error = ApiError(status, code, "?", dict.fromkeys(details, "?"))
        expected, body = envelope.body(error, request_id), response.json()
        self.assertEqual(response.status_code, envelope.http_status(status), f"{response.url}: {response.text[:300]}")
        self.assertEqual(skeleton(body), skeleton(expected), response.url)
        self.assert_says_nothing_of_the_inside(response, response.url)
        self.assert_no_cookie(response, response.url)

    def assert_says_nothing_of_the_inside(self, response, where):
        for word in ("Traceback", 'File "', "psycopg2", "SELECT ", "odoo.", "<html", "<!doctype", "ghl_api_key"):
            self.assertNotIn(word.lower(), response.text.lower(), where)

    def assert_no_cookie(self, response, where=None):
        self.assertNotIn("Set-Cookie", response.headers, where)

    def assert_cors(self, response, where=None):
        self.assertEqual(response.headers.get("Access-Control-Allow-Origin"), ORIGIN, where)
        self.assertIn("Origin", response.headers["Vary"], where)
        self.assertEqual(response.headers["Access-Control-Expose-Headers"], EXPOSED, where)

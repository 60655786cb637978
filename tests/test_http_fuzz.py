"""Requests made up from the OpenAPI document, right and wrong ones: no fault of ours, and answers as documented."""

from contextlib import suppress

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from odoo.tests import mute_logger

from ..ghl_base.http import openapi
from ..ghl_base.http.spec import routes
from .common_http import ApiCase

EXAMPLES = 12  # for each operation and mode; the same ones in every run


class TestMadeUpRequests(ApiCase):
    def check(self, mode):
        document = openapi.build((spec for spec in routes() if not spec.raw_body), self.base_url())
        key = self.make_key(self.env.ref("base.user_admin"))
        for result in schemathesis.openapi.from_dict(document).get_all_operations():
            operation = result.ok()
            with self.subTest(operation.label), suppress(Unsatisfiable):  # nothing to be wrong without parameters
                self.call_often(operation, mode, key)

    def call_often(self, operation, mode, key):
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def run(case):
            case.headers["Authorization"] = f"Bearer {key}"
            request = case.as_transport_kwargs(base_url=self.base_url())
            with mute_logger("odoo.http"):
                response = self.opener.request(**{"timeout": 30, **request, "allow_redirects": False})
            checks = (not_a_server_error, content_type_conformance, response_schema_conformance)
            case.validate_response(response, checks=checks)
            self.assert_says_nothing_of_the_inside(response, operation.label)
            self.assert_no_cookie(response, operation.label)

        run()

    def test_right_ones(self):
        self.check(GenerationMode.POSITIVE)

    def test_wrong_ones(self):
        self.check(GenerationMode.NEGATIVE)

"""Values at the edge of what there is, from clients of the CRM."""

from odoo.tests import tagged

from .calls_data import make_calls
from .common import make_user
from .common_http import ApiCase


@tagged("post_install", "-at_install", "ghl")
class TestEdges(ApiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent_key = cls.make_key(make_user(cls.env, "edges", "agent"))
        cls.calls = make_calls(cls.env, 2)

    def ask(self, path, status=200, **form):
        """The body, whose own `status` is this."""
        body = self.call(path, "POST", key=self.agent_key, data=form).json()
        self.assertEqual(body["status"], status, body)
        return body

    def test_the_last_day_there_is_can_be_asked_for(self):
        for form in ({"start_time": "9999-12-31"}, {"view": "calls_today", "today_date": "9999-12-31"}):
            self.assertEqual(self.ask("/crm/calls/get", **form)["data"], [])
            self.assertEqual(self.ask("/crm/calls/get-grouped-by-status", **form)["summary"]["total_calls"], 0)

    def test_a_digit_that_is_no_number_is_refused_in_our_words(self):
        for name in ("status_id", "type_id", "purpose_id", "reminder_id", "outgoing_status_id"):
            body = self.ask("/crm/calls/save", 400, subject="x", **{name: "²"})
            self.assertNotIn("int()", body["message"], name)

    def test_a_view_keeps_active_in_any_of_the_ways_clients_write_it(self):
        for sent, read in (("true", 1), ("1", 1), ("false", 0), ("0", 0), ("", 0), ("perhaps", 1)):
            body = self.ask("/custom/views/save", name="Mine", active=sent)
            self.assertEqual(body["data"]["active"], read, sent)

    def test_filters_of_a_view_that_cannot_be_kept_are_refused(self):
        deep = '{"a":' * 40 + "1" + "}" * 40
        for filters in ('{"x": NaN}', '{"x": "\\u0000"}', '{"x": "\\ud800"}', "[" * 100_000, deep, "[1]"):
            with self.subTest(filters=filters[:30]):
                self.ask("/custom/views/save", 400, name="Mine", filters=filters)
        self.assertFalse(self.env["ghl.call.view"].search([("name", "=", "Mine")]))

"""What tests of the call board share."""

from .common import make_user
from .common_http import ApiCase

GROUPED = "/crm/calls/get-grouped-by-status"
UPDATE = "/crm/calls/update-status"


class BoardCase(ApiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.statuses = cls.env["ghl.call.status"].search([], order="id")
        cls.other = cls.env["res.company"].create({"name": "Other"})
        cls.agent = make_user(cls.env, "board_agent", "agent")
        cls.agent_key = cls.make_key(cls.agent)
        cls.stranger_key = cls.make_key(make_user(cls.env, "board_stranger", "agent", companies=cls.other))

    def board(self, key=..., **values):
        """The body of a success, asked for with JSON."""
        return self.answer(self.call(GROUPED, "POST", key=key, json=values), 200)

    def answer(self, response, status):
        self.assertEqual(response.status_code, 200, response.text[:300])
        body = response.json()
        self.assertEqual(body["status"], status, body)
        self.assertNotIn("detail", body)
        return body

    def shown(self, body):
        return [call["id"] for group in body["data"] for call in group["calls"]]

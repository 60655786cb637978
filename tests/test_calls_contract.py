"""The checks that clients can rely on, one test each. More of each is in the test file of its room:

1 to 5  test_calls_board, test_calls_board_queries, test_calls_routes_list, test_calls_routes_save
6, 7    test_webhook_door, test_webhook_storm, test_voip_reports, test_providers_bland_reports
8       test_calls_lifecycle
14      test_calls_tools_generate, test_calls_tools_cleanup
"""

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from ..ghl_calls.tools.cleanup import Cleanup
from ..ghl_calls.tools.generate import Generator
from .calls_data import BASE, insert_calls, make_calls
from .common import make_user
from .common_http import ApiCase
from .test_webhook_door import DOOR_LOG, DoorCase
from .voip_data import bland_call

GROUPED, LIST, SAVE = "/crm/calls/get-grouped-by-status", "/crm/calls/get", "/crm/calls/save"
PERSON = {"id", "first_name", "last_name", "name", "email", "phone", "mobile", "image"}


class TestChecks(ApiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.statuses = cls.env["ghl.call.status"].search([], order="id")
        cls.agent = make_user(cls.env, "checks_agent", "agent")
        cls.key = cls.make_key(cls.agent)
        other = cls.env["res.company"].create({"name": "Other"})
        cls.stranger_key = cls.make_key(make_user(cls.env, "checks_stranger", "agent", companies=other))

    def post(self, path, key=..., kind="json", **values):
        response = self.call(path, "POST", key=key, **{kind: values})
        self.assertEqual(response.status_code, 200, response.text[:300])
        return response.json()

    def test_check_1_grouped(self):
        """5 groups without calls; the sum of the groups is the summary; no id twice; newest first with equal times."""
        self.assertEqual([group["total_calls"] for group in self.post(GROUPED)["data"]], [0] * 5)
        for status, count in zip(self.statuses, (7, 0, 3, 1, 12), strict=True):
            make_calls(self.env, count, status_id=status.id, start_time=BASE)
        body = self.post(GROUPED)
        totals = [group["total_calls"] for group in body["data"]]
        self.assertEqual((totals, body["summary"]["total_calls"]), ([7, 0, 3, 1, 12], 23))
        shown = [call["id"] for group in body["data"] for call in group["calls"]]
        self.assertEqual(len(set(shown)), 23)
        for group in body["data"]:
            ids = [call["id"] for call in group["calls"]]
            self.assertEqual(ids, sorted(ids, reverse=True))

    def test_check_2_the_same_queries_at_10_000_and_100_000_calls(self):
        """Whatever the limit; times and memory are what the bench tells."""
        calls, taken = self.env["ghl.call"].with_user(self.agent), set()
        calls._board_for_api(limit=1)
        for more in (10_000, 90_000):
            insert_calls(self.env.cr, self.env.company, self.statuses, more)
            self.env.cr.execute("ANALYZE ghl_call")
            for limit in (1, 20, 100):
                before = self.env.cr.sql_log_count
                calls._board_for_api(limit=limit)
                taken.add(self.env.cr.sql_log_count - before)
        self.assertEqual(taken, {4})

    def test_check_3_nothing_leaks_to_another_tenant(self):
        make_calls(self.env, 3, owner_id=self.agent.id, user_id=self.agent.id)
        body = self.post(GROUPED, key=self.stranger_key)
        self.assertEqual((body["summary"]["total_calls"], [group["calls"] for group in body["data"]]), (0, [[]] * 5))
        body = self.post(LIST, key=self.stranger_key)
        self.assertEqual((body["data"], body["pagination"]["total_count"]), ([], 0))
        for call in self.post(LIST)["data"]:
            self.assertEqual(set(call["owner_details"]), PERSON)

    def test_check_4_update_status(self):
        """By JSON number, JSON text and form; unknown ids; other fields unchanged; one line in the log."""
        for kind, id_of in (("json", int), ("json", str), ("data", str)):
            [call] = make_calls(self.env, 1, agenda="Keep", favorite=True)
            body = self.post("/crm/calls/update-status", kind=kind, id=id_of(call.id), status_id=id_of(2))
            self.assertEqual((body["status"], body["data"]), (200, {"id": call.id, "status_id": 2}))
            self.env.invalidate_all()
            self.assertEqual((call.status_id.id, call.agenda, call.favorite, call.active), (2, "Keep", True, True))
            self.assertEqual(len(call.activity_log_ids), 2)
        self.assertEqual(self.post("/crm/calls/update-status", id=987654, status_id=2)["status"], 404)

    def test_check_5_saving_the_same_twice_is_409_in_the_body_under_http_200(self):
        form = {"subject": "Twice", "start_time": "2025-10-13T10:00:00.000Z"}
        first = self.post(SAVE, kind="data", **form)
        again = self.post(SAVE, kind="data", **form)
        self.assertEqual((first["status"], again["status"]), (200, 409))
        self.assertEqual(again["data"]["duplicate_call_id"], first["data"]["id"])
        self.assertEqual(self.env["ghl.call"].search_count([("subject", "=", "Twice")]), 1)


class TestDeliveredChecks(DoorCase):
    def test_check_6_a_report_three_times_and_out_of_order(self):
        """One call, one cost, and the final state stays."""
        call = self.sent()
        over = bland_call(reference="ref-1")
        under_way = {"call_id": "bl-1", "status": "in-progress", "completed": False, "metadata": {"reference": "ref-1"}}
        for payload in (over, under_way, over, over):
            self.assertEqual(self.deliver(payload).status_code, 204)
            self.drain()
            self.assertEqual((call.state, round(call.cost, 4)), ("completed", over["price"]))
        self.assertEqual(self.env["ghl.call"].search_count([("provider_call_id", "=", "bl-1")]), 1)
        self.assertEqual(
            call.event_ids.filtered(lambda event: event.verdict == "applied").mapped("state"), ["completed"]
        )

    def test_check_7_a_forged_signature_is_refused_and_stored_nowhere(self):
        calls = self.env["ghl.call"].search_count([])
        with self.leaves_nothing(), self.assertLogs(DOOR_LOG, "WARNING"):
            self.assertEqual(self.deliver(bland_call("bl-9", "ref-9"), secret="guessed").status_code, 403)
        self.assertEqual(self.env["ghl.call"].search_count([]), calls)


@tagged("post_install", "-at_install", "ghl")
class TestToolChecks(TransactionCase):
    MOVES = {
        "pending": "initiated in_progress failed cancelled",
        "initiated": "connecting in_progress completed failed no_answer busy cancelled",
        "connecting": "in_progress completed failed no_answer busy cancelled",
        "in_progress": "completed failed cancelled",
        "failed": "retrying",
        "no_answer": "retrying",
        "busy": "retrying",
        "retrying": "initiated failed cancelled",
        "completed": "",
        "cancelled": "",
    }

    def test_check_8_every_pair_of_states_is_accepted_or_refused_as_listed(self):
        [call] = make_calls(self.env, 1)
        for state, allowed in self.MOVES.items():
            for wanted in self.MOVES:
                self.env.flush_all()
                self.env.cr.execute("UPDATE ghl_call SET state = %s WHERE id = %s", [state, call.id])
                call.invalidate_recordset()
                with self.subTest(f"{state} -> {wanted}"):
                    if wanted in (*allowed.split(), state):
                        call.write({"state": wanted})
                        self.assertEqual(call.state, wanted)
                    else:
                        with self.assertRaises(UserError):
                            call.write({"state": wanted})

    def test_check_14_500_calls_with_their_log_are_made_and_nothing_else_is_removed(self):
        company, user = self.env.company, make_user(self.env, "checks_admin", "admin")
        by_hand = make_calls(self.env, 3)
        lines = self.env["ghl.activity.log"].search_count([])
        made = Generator(self.env, count=500, company=company, user=user).run()
        self.assertEqual(made.calls, 500)
        self.assertEqual(self.env["ghl.activity.log"].search_count([]), lines + 500)
        self.assertEqual(Cleanup(self.env, company=company).run(), (500, 500))
        self.assertEqual(by_hand.exists(), by_hand)
        self.assertEqual(self.env["ghl.activity.log"].search_count([]), lines)

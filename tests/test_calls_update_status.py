"""Moving a call to another column over real HTTP."""

from .board_case import UPDATE, BoardCase
from .calls_data import make_calls
from .common import make_location, make_user

# What moving a call changes, the note in the chatter included.
WRITTEN = {"status_id", "write_date", "write_uid", "message_ids", "has_message"}


class TestUpdateStatus(BoardCase):
    def move(self, key=..., **kwargs):
        return self.call(UPDATE, "POST", key=self.agent_key if key is ... else key, **kwargs)

    def log_of(self, call):
        return self.env["ghl.activity.log"].search([("entity_model", "=", "ghl.call"), ("entity_id", "=", call.id)])

    def test_numbers_texts_and_forms_move_a_call_and_leave_one_line(self):
        for kind, number in (("json", 2), ("json", "2"), ("data", "2")):
            [call] = make_calls(self.env, 1, agenda="keep", favorite=True)
            self.env.flush_all()
            before = call.read(load=False)[0]
            response = self.move(**{kind: {"id": type(number)(call.id), "status_id": number}})
            body = self.answer(response, 200)
            self.assertEqual(
                (body["message"], body["data"]), ("Call updated successfully", {"id": call.id, "status_id": 2})
            )
            self.env.invalidate_all()
            after = call.read(load=False)[0]
            changed = {key for key in before if before[key] != after[key]}
            self.assertLessEqual(changed - {"activity_log_ids"}, WRITTEN)
            self.assertEqual(call.status_id, self.statuses[1])
            self.assertEqual(self.log_of(call).mapped("activity_type"), ["call_status_changed", "call_created"])

    def test_the_same_status_again_is_fine_and_leaves_no_line(self):
        [call] = make_calls(self.env, 1)
        self.answer(self.move(json={"id": call.id, "status_id": call.status_id.id}), 200)
        self.assertEqual(len(self.log_of(call)), 1)

    def test_what_is_missing_or_wrong_is_said_as_clients_know_it(self):
        [call] = make_calls(self.env, 1)
        for values in (
            {},
            {"id": call.id},
            {"status_id": 2},
            {"id": 0, "status_id": 2},
            {"id": call.id, "status_id": "0"},
            {"id": "x", "status_id": 2},
            {"id": True, "status_id": 2},
            {"id": call.id, "status_id": 2.5},
            {"id": 10**12, "status_id": 2},
            {"id": call.id, "status_id": 987654},
        ):
            body = self.answer(self.move(json=values), 400)
            self.assertEqual(body["message"], "Valid id and status_id are required", values)
        self.assertEqual((call.status_id, len(self.log_of(call))), (self.statuses[0], 1))

    def test_unknown_deleted_and_foreign_calls_are_not_found(self):
        [foreign] = make_calls(self.env, 1, self.other)
        [deleted] = make_calls(self.env, 1)
        deleted.active = False
        there = make_location(self.env, "L2")
        [elsewhere] = make_calls(self.env, 1, location_id=there.id)
        limited = make_user(self.env, "board_limited", "agent", locations=make_location(self.env, "L1"))
        for call_id, key in (
            (987654, ...),
            (foreign.id, ...),
            (deleted.id, ...),
            (elsewhere.id, self.make_key(limited)),
        ):
            body = self.answer(self.move(key=key, json={"id": call_id, "status_id": 2}), 404)
            self.assertEqual((body["message"], body["data"]), ("Call not found", None))
        self.assertEqual((foreign | deleted | elsewhere).status_id, self.statuses[0])

    def test_another_companys_status_is_none(self):
        [call] = make_calls(self.env, 1)
        theirs = self.env["ghl.call.status"].create({"name": "Theirs", "company_id": self.other.id})
        self.answer(self.move(json={"id": call.id, "status_id": theirs.id}), 400)
        self.assertEqual(call.status_id, self.statuses[0])

"""The call log as methods of ``ghl.call``, for programs inside Odoo."""

from datetime import datetime, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import TransactionCase, tagged

from ..ghl_calls import lifecycle
from .calls_data import BASE, insert_calls, make_calls
from .common import make_location, make_user, mirror

PHONE = "+15550100001"


@tagged("post_install", "-at_install", "ghl")
class TestCallLogMethods(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.location = make_location(cls.env)
        mirror(cls.env, cls.location, "ghl.contact", [{"id": "hs-9"}, {"id": "hs-10"}])
        cls.contact = cls.env["ghl.contact"].search([("external_id", "=", "hs-9")])
        cls.agent = make_user(cls.env, "methods_agent", "agent")
        cls.other = cls.env["res.company"].create({"name": "Other"})
        cls.stranger = make_user(cls.env, "methods_stranger", "agent", companies=cls.other)
        cls.calls = cls.env["ghl.call"].with_user(cls.agent)

    def test_a_document_makes_a_call_and_comes_back(self):
        call_id = self.calls.create_call(
            {"phone_number": PHONE, "contact_id": "hs-9", "task": "Ask", "voice_id": "june", "request_data_variables":
             {"city": "X"}, "started_at": "2025-07-09T10:00:00", "notes": "A note", "call_type": "outbound"}
        )  # fmt: skip
        self.assertIsInstance(call_id, int)
        document = self.calls.get_call(call_id)
        self.assertEqual(
            [
                document[key]
                for key in ("phone_number", "contact_id", "task", "voice_id", "status", "notes", "started_at")
            ],
            [PHONE, "hs-9", "Ask", "june", "pending", "A note", "2025-07-09T10:00:00"],
        )
        self.assertEqual(document, self.calls.get_call_by_id(str(call_id)))
        self.assertEqual(document, self.calls.get_call_by_contact("hs-9"))
        self.assertEqual(document, self.calls.get_call_by_contact(self.contact.id))
        self.assertIsNone(self.calls.get_call("none"))
        self.assertIsNone(self.calls.get_call_by_contact("hs-10"))
        self.assertIsNone(self.calls.with_user(self.stranger).get_call(call_id))

    def test_what_no_call_can_have_is_named(self):
        for values, key in (
            ({}, "phone number"), ({"phone_number": ""}, "phone number"), ({"colour": "red"}, "colour"),
            ({"contact_id": "no"}, "contact_id"), ({"status": "done"}, "status"), ({"cost": "dear"}, "cost"),
            ({"started_at": "soon"}, "started_at"), ({"company_id": 1}, "company_id"), ({"task": {"a": 1}}, "task"),
            ({"notes": "a\0b"}, "notes"), ({"max_duration": 10**12}, "max_duration"), ({"lead_id": "x"}, "lead_id"),
        ):  # fmt: skip
            values = {"phone_number": PHONE, **values} if key != "phone number" else values
            with self.subTest(values):
                with self.assertRaises(ValidationError) as caught:
                    self.calls.create_call(values)
                self.assertIn(key, str(caught.exception))

    def test_changing_writes_what_is_named_and_keeps_to_the_lifecycle(self):
        call_id = self.calls.create_call({"phone_number": PHONE, "task": "Ask", "notes": "Keep"})
        self.assertIs(self.calls.update_call(call_id, {"task": "Tell", "status": "initiated"}), True)
        document = self.calls.get_call(call_id)
        self.assertEqual([document[key] for key in ("task", "notes", "status")], ["Tell", "Keep", "initiated"])
        with self.assertRaises(UserError) as caught:
            self.calls.update_call(call_id, {"status": "pending"})
        self.assertIsInstance(caught.exception, lifecycle.StatusTransitionError)
        self.assertIs(self.calls.update_call(987654, {"task": "x"}), False)
        self.assertIs(self.calls.with_user(self.stranger).update_call(call_id, {"task": "x"}), False)

    def test_deleting_softly_and_for_good(self):
        first, second = (self.calls.create_call({"phone_number": PHONE}) for _each in range(2))
        self.assertIs(self.calls.delete_call(first), True)
        self.assertIs(self.calls.delete_call(first), False)
        self.assertFalse(self.env["ghl.call"].browse(first).active)
        with self.assertRaises(AccessError):
            self.calls.delete_call(second, soft=False)
        admin = make_user(self.env, "methods_admin", "admin")
        self.assertIs(self.calls.with_user(admin).delete_call(second, soft=False), True)
        self.assertFalse(self.env["ghl.call"].browse(second).exists())
        lines = self.env["ghl.activity.log"].search([("entity_id", "=", second), ("entity_model", "=", "ghl.call")])
        self.assertEqual((lines[0].activity_type, lines[0].user_id), ("call_deleted", admin))
        self.assertIs(lines[0].metadata["permanently"], True)

    def test_lists_are_ten_documents_from_an_offset(self):
        ids = make_calls(self.env, 25, contact_id=self.contact.id, duration_seconds=400).ids[::-1]

        def shown(documents):
            return [int(document["id"]) for document in documents]

        self.assertEqual(shown(self.calls.get_recent_calls()), ids[:10])
        self.assertEqual(shown(self.calls.get_recent_calls(offset=20)), ids[20:])
        self.assertEqual(shown(self.calls.get_oldest_calls(offset=5)), ids[::-1][5:15])
        self.assertEqual(shown(self.calls.get_pending_calls()), ids[:10])
        self.assertEqual(shown(self.calls.get_long_calls(offset=1)), ids[1:11])
        self.assertEqual(shown(self.calls.get_calls_by_duration(400)), ids[:10])
        self.assertEqual(shown(self.calls.get_calls_by_contact("hs-9")), ids[:10])
        self.assertEqual(shown(self.calls.get_calls_by_contact(self.contact.id, limit=3, offset=2)), ids[2:5])
        nothing = self.calls.get_calls_by_contact("nobody"), self.calls.get_calls_by_duration(401)
        for documents in (self.calls.get_successful_calls(), self.calls.get_failed_calls(), *nothing):
            self.assertEqual(documents, [])
        with self.assertRaises(ValidationError):
            self.calls.get_calls_by_status("done")

    def test_counts_agree_with_the_records(self):
        statuses = self.env["ghl.call.status"].search([], order="id")
        insert_calls(self.env.cr, self.env.company, statuses, 300)
        make_calls(self.env, 4, contact_id=self.contact.id, outcome="voicemail", state="completed")
        make_calls(self.env, 2, self.other)
        living = self.env["ghl.call"].search([("company_id", "=", self.env.company.id)])
        self.assertEqual(self.calls.count_all_calls(), len(living))
        self.assertEqual(self.calls.count_calls(), len(living))
        self.assertEqual(self.calls.count_calls(status="completed", contact_id="hs-9"), 4)
        self.assertEqual(self.calls.count_calls(contact_id="nobody"), 0)
        begin, end = datetime(2025, 1, 1, 1), datetime(2025, 1, 1, 5)
        self.assertEqual(
            self.calls.count_calls(start=begin, end=end),
            len(living.filtered(lambda call: begin <= call.start_time < end)),
        )
        by_status = self.calls.count_calls_by_status()
        self.assertEqual(set(by_status), set(dict(lifecycle.STATES)))
        self.assertEqual((sum(by_status.values()), by_status["completed"]), (len(living), 4))
        self.assertEqual(self.calls.count_calls_by_status("completed"), 4)
        self.assertEqual(
            self.calls.count_calls_by_duration(100), len(living.filtered(lambda call: call.duration_seconds >= 100))
        )
        self.assertEqual(self.calls.count_calls_by_outcome(), {"voicemail": 4})
        self.assertEqual(self.calls.count_calls_by_outcome("voicemail"), 4)
        self.assertEqual(self.calls.get_call_stats()["total_calls"], len(living))

    def test_analytics_of_a_period(self):
        make_calls(self.env, 2, state="completed", duration_seconds=60, cost=0.5, outcome="voicemail")
        make_calls(self.env, 1, state="failed", start_time=BASE + timedelta(days=1))
        make_calls(self.env, 1, start_time=BASE + timedelta(days=2))
        found = self.calls.get_call_analytics(BASE, BASE + timedelta(days=2))
        expected = {
            "total_calls": 3, "by_status": {"completed": 2, "failed": 1}, "by_outcome": {"voicemail": 2},
            "total_duration_seconds": 120, "average_duration_seconds": 60.0, "total_cost": 1.0, "success_rate": 0.667,
            "failure_rate": 0.333,
            "by_day": [
                {"day": "2025-10-01", "total": 2, "completed": 2},
                {"day": "2025-10-02", "total": 1, "completed": 0},
            ],
        }  # fmt: skip
        self.assertEqual({key: found[key] for key in expected}, expected)
        with self.assertRaises(ValidationError):
            self.calls.get_call_analytics(BASE, BASE - timedelta(days=1))

    def test_who_completes_most(self):
        second = make_user(self.env, "methods_second", "agent")
        make_calls(self.env, 3, owner_id=self.agent.id, state="completed", duration_seconds=30)
        make_calls(self.env, 5, owner_id=second.id, state="failed")
        make_calls(self.env, 1, owner_id=second.id, state="completed", start_time=BASE + timedelta(days=9))
        best = self.calls.get_top_performers()
        self.assertEqual([row["owner_id"] for row in best], [self.agent.id, second.id])
        self.assertEqual(
            best[0],
            {"owner_id": self.agent.id, "name": self.agent.name, "total_calls": 3, "completed_calls": 3,
             "success_rate": 1.0, "total_duration_seconds": 90, "average_duration_seconds": 30.0},
        )  # fmt: skip
        self.assertEqual(len(self.calls.get_top_performers(limit=1)), 1)
        late = self.calls.get_top_performers(start=BASE + timedelta(days=9))
        self.assertEqual([row["total_calls"] for row in late], [1])
        self.assertEqual(self.calls.with_user(self.stranger).get_top_performers(), [])

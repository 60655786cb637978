"""The call log over real HTTP: what clients of the AI SDR read, and how they are refused."""

from datetime import datetime, timedelta

from odoo import fields

from ..ghl_calls import lifecycle
from ..ghl_calls.reading import call_log_lists
from .calls_data import BASE, make_calls
from .common import make_location, make_user, mirror
from .common_http import ApiCase

CALLS = "/api/v1/mongo/calls"
LISTS = (
    "recent", "oldest", "successful", "failed", "pending", "by-duration", "longest", "shortest", "by-status/completed",
    "by-source/api",
)  # fmt: skip
STATES = [state for state, _label in lifecycle.STATES]
# Every key of the older and of the newer document.
KEYS = set(
    """id contact_id lead_id phone_number call_id_bland call_id_external task pathway_id_used voice_id webhook_url
    max_duration transfer_phone_number request_data_variables status duration_seconds cost answered_by ended_reason
    summary transcript transcript_payload recording_url recordings analysis classification_payload error_message
    retry_count retry_of_call_id retry_reason last_retry_attempt_at full_webhook_payload processing_result_payload
    processing_status_message background_task_id call_initiated_at call_completed_at created_at updated_at
    call_id duration started_at ended_at call_type outcome notes""".split()
)


class LogCase(ApiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.company"].create({"name": "Other"})
        cls.stranger_key = cls.make_key(make_user(cls.env, "log_stranger", companies=cls.other))

    def data(self, path, **options):
        response = self.call(f"{CALLS}/{path}", **options)
        body = response.json()
        self.assertEqual((response.status_code, body["success"]), (200, True), response.text[:300])
        self.assertEqual(set(body), {"success", "data", "error_message", "error_details", "status_code"})
        self.assertEqual((body["error_message"], body["error_details"], body["status_code"]), (None, None, 200))
        return body["data"]

    def ids(self, path, **options):
        return [int(item["id"]) for item in self.data(path, **options)["items"]]

    def refused(self, path, status, name, http=200, **options):
        response = self.call(path if path.startswith("/") else f"{CALLS}/{path}", **options)
        body = response.json()
        self.assertEqual(
            (response.status_code, body["success"], body["data"]), (http, False, None), response.text[:300]
        )
        self.assertEqual((body["status_code"], body["error_details"]["error"]), (status, name))
        self.assert_says_nothing_of_the_inside(response, path)
        return body


class TestLists(LogCase):
    def test_pages_of_ten(self):
        ids = make_calls(self.env, 23).ids[::-1]
        page = self.data("recent")
        self.assertEqual([int(item["id"]) for item in page.pop("items")], ids[:10])
        self.assertEqual(page, {"page": 1, "limit": 10, "total": 23, "has_more": True})
        page = self.data("recent", params={"page": 3, "limit": 500})
        self.assertEqual([int(item["id"]) for item in page.pop("items")], ids[20:])
        self.assertEqual(page, {"page": 3, "limit": 10, "total": 23, "has_more": False})
        self.assertEqual(self.ids("oldest", params={"page": 2}), ids[::-1][10:20])
        for number in (4, 2**31 - 1):
            page = self.data("recent", params={"page": number})
            self.assertEqual((page["items"], page["total"], page["has_more"]), ([], 23, False))

    def test_every_list_has_what_it_says_in_order(self):
        calls = make_calls(self.env, len(STATES) * 2)
        for number, call in enumerate(calls):
            call._write({"state": STATES[number % len(STATES)], "duration_seconds": (number * 37) % 150})
        make_calls(self.env, 3, source="bland")
        self.env.invalidate_all()
        newest = calls.sorted("id", reverse=True)
        for state in STATES:
            here = self.env["ghl.call"].search([("state", "=", state)], order="id desc")
            self.assertEqual(self.ids(f"by-status/{state}"), here.ids[:10])
        self.assertEqual(self.ids("successful"), newest.filtered(lambda call: call.state == "completed").ids)
        self.assertEqual(self.ids("failed"), newest.filtered(lambda call: call.state == "failed").ids)
        self.assertEqual(self.ids("pending"), self.ids("by-status/pending"))
        long = newest.filtered(lambda call: call.duration_seconds >= 60)
        self.assertEqual(self.ids("by-duration"), long.ids[:10])
        self.assertEqual(self.data("by-duration", params={"min_duration": 140})["total"],
                         len(newest.filtered(lambda call: call.duration_seconds >= 140)))  # fmt: skip
        lasted = newest.filtered("duration_seconds")
        by_length = lasted.sorted(lambda call: (call.duration_seconds, call.id))
        self.assertEqual(self.ids("longest"), by_length.ids[::-1][:10])
        self.assertEqual(self.ids("shortest"), by_length.ids[:10])
        self.assertEqual(self.data("shortest")["total"], len(lasted))
        self.assertEqual(self.data("by-source/bland")["total"], 3)
        self.assertEqual(self.data("by-source/web_form_incomplete")["total"], 0)

    def test_the_neutral_addresses_give_the_same(self):
        make_calls(self.env, 3, duration_seconds=70)
        for path in (*LISTS, "stats"):
            response = self.call(f"/api/v1/calls-log/{path}")
            self.assertEqual(response.json(), self.call(f"{CALLS}/{path}").json(), path)

    def test_nothing_of_other_companies_locations_and_deleted_calls(self):
        here, there = make_location(self.env, "L1"), make_location(self.env, "L2")
        [mine] = make_calls(self.env, 1, location_id=here.id, state="completed", duration_seconds=90, source="api")
        make_calls(self.env, 1, location_id=there.id, state="completed", duration_seconds=90, source="api")
        make_calls(self.env, 1, self.other, state="completed", duration_seconds=90, source="api")
        make_calls(self.env, 1, active=False)
        limited = self.make_key(make_user(self.env, "log_limited", locations=here))
        for path in LISTS:
            if path not in ("failed", "pending"):
                self.assertEqual(self.ids(path, key=limited), [mine.id], path)
                self.assertEqual(self.data(path, key=self.stranger_key)["total"], 1, path)
        self.assertEqual(self.data("stats", key=limited)["total_calls"], 1)
        self.refused(str(mine.id), 404, "CallNotFound", key=self.stranger_key)

    def test_a_page_takes_the_same_queries_however_many_calls(self):
        location = make_location(self.env)
        mirror(self.env, location, "ghl.contact", [{"id": f"C{n}"} for n in range(30)])
        contacts = self.env["ghl.contact"].search([("location_id", "=", location.id)])
        model = self.env["ghl.call"].with_user(self.viewer)
        make_calls(self.env, 1, contact_id=contacts[0].id)
        call_log_lists.page(model)
        for count in (1, 29):
            for number in range(count):
                make_calls(self.env, 1, contact_id=contacts[number].id, duration_seconds=5)
            self.env.flush_all()
            for order in (call_log_lists.NEWEST, call_log_lists.OLDEST, call_log_lists.LONGEST):
                before = self.env.cr.sql_log_count
                call_log_lists.page(model, order=order, size=30)
                # counted calls need one more, to switch compiling off
                self.assertLessEqual(self.env.cr.sql_log_count - before, 3 + (order == call_log_lists.LONGEST))


class TestRecordings(LogCase):
    """Where the provider keeps a recording is nobody's business; where it is heard is an address of ours."""

    KEPT = "https://recordings.example/secret/r.mp3"

    def heard(self, address, call):
        """The call that an address is for, as whom it was given to."""
        base, _, token = address.rpartition("/ghl/calls/listen/")
        self.assertEqual(base, self.base_url())
        self.assertEqual(self.env["ghl.call"]._of_listen_token(token), call)
        self.assertEqual(self.env["ghl.call"]._of_listen_token(token).env.user, self.viewer)

    def test_every_answer_gives_our_own_address_and_never_the_providers(self):
        payload = {"recording_url": self.KEPT, "deep": [{"recordingUrl": self.KEPT, "link": self.KEPT}],
                   "RecordingUrl": self.KEPT + "?x", "recording_expiration": 5}  # fmt: skip
        [call] = make_calls(self.env, 1, provider="bland", provider_call_id="bl-9", state="completed", source="api",
                            duration_seconds=90, recording_url=self.KEPT, webhook_payload=payload)  # fmt: skip
        for path in LISTS:
            if path not in ("failed", "pending"):
                self.assertNotIn("recordings.example", self.call(f"{CALLS}/{path}").text, path)
        for path in ("", "/completed"):
            answer = self.call(f"/api/v1/bland/logs{path}")
            self.assertEqual(len(answer.json()["data"]["items"]), 1)
            self.assertNotIn("recordings.example", answer.text, path)
        document = self.data("bl-9")
        address = document["recording_url"]
        self.heard(address, call)
        self.assertEqual(document["recordings"], [address])
        self.assertEqual(
            document["full_webhook_payload"],
            {"recording_url": address, "deep": [{"recordingUrl": address, "link": address}], "RecordingUrl": address,
             "recording_expiration": 5},
        )  # fmt: skip
        self.assertEqual(call.webhook_payload, payload, "what is kept stays")

    def test_a_call_of_gohighlevel_is_heard_by_the_same_kind_of_address(self):
        calls = make_calls(self.env, 3, provider="ghl", state="completed", provider_call_id=False)
        calls[1].recording_state = "none"
        calls[2]._write({"state": "no_answer"})
        self.env.flush_all()
        self.heard(self.data(str(calls[0].id))["recording_url"], calls[0])
        for call in calls[1:]:
            document = self.data(str(call.id))
            self.assertEqual((document["recording_url"], document["recordings"]), (None, []))

    def test_a_program_inside_odoo_gets_the_address_that_is_set_for_all(self):
        self.env["ir.config_parameter"].set_param("web.base.url", "https://odoo.example")
        [call] = make_calls(self.env, 1, recording_url=self.KEPT)
        calls = self.env["ghl.call"].with_user(self.viewer)
        for document in (calls.get_call(call.id), calls.get_recent_calls()[0]):
            self.assertRegex(document["recording_url"], r"^https://odoo\.example/ghl/calls/listen/\S+$")

    def test_many_recordings_take_no_more_queries(self):
        model = self.env["ghl.call"].with_user(self.viewer)
        make_calls(self.env, 30, recording_url=self.KEPT)
        call_log_lists.page(model)
        with self.assertQueryCount(2):
            call_log_lists.page(model, size=30)


class TestDocument(LogCase):
    def test_a_call_with_nothing_has_all_keys(self):
        [call] = make_calls(self.env, 1, type=False)
        self.env.flush_all()
        document = self.data(str(call.id))
        self.assertLessEqual(KEYS, set(document))
        self.assertEqual(document["id"], str(call.id))
        for key in ("cost", "contact_id", "lead_id", "phone_number", "call_id", "transcript", "recording_url",
                    "call_type", "outcome", "ended_at", "call_initiated_at"):  # fmt: skip
            self.assertIsNone(document[key], key)
        self.assertEqual((document["retry_count"], document["recordings"], document["status"]), (0, [], "pending"))
        self.assertEqual(document["started_at"], "2025-10-01T09:00:00")

    def test_a_call_with_everything_under_both_sets_of_names(self):
        location = make_location(self.env)
        mirror(self.env, location, "ghl.contact", [{"id": "C1"}])
        contact = self.env["ghl.contact"].search([("location_id", "=", location.id)])
        [first] = make_calls(self.env, 1)
        moment = datetime(2025, 7, 9, 10, 0, 0)
        [call] = make_calls(
            self.env, 1, contact_id=contact.id, to_number="+15550100001", provider="bland", provider_call_id="bl-77",
            task="Confirm", pathway_id="pw-1", voice="voice-1", webhook_url="https://crm.example/x", max_duration=12,
            request_data={"city": "X"}, state="completed", initiated_at=moment,
            answered_at=moment, ended_at=moment + timedelta(seconds=183), cost=0.27, answered_by="human",
            end_reason="ASSISTANT", summary="Fine", transcript="Hi",
            transcript_turns=[{"role": "user", "content": "Hi", "timestamp": "t"}], recording_url="https://x/r.mp3",
            classification={"lead_type": "Leads"}, webhook_payload={"a": 1}, outcome="meeting_booked",
            description="A note", retry_of_id=first.id, retry_count=1, retry_reason="busy", metadata={"k": "v"},
        )  # fmt: skip
        self.env.flush_all()
        document = self.data("bl-77")
        created = fields.Datetime.to_string(call.create_date).replace(" ", "T")
        expected = {
            "id": str(call.id), "contact_id": "C1", "phone_number": "+15550100001", "call_id_bland": "bl-77",
            "call_id": "bl-77", "call_id_external": None, "task": "Confirm", "pathway_id_used": "pw-1",
            "voice_id": "voice-1", "max_duration": 12, "request_data_variables": {"city": "X"}, "status": "completed",
            "duration_seconds": 183, "duration": 183, "cost": 0.27, "answered_by": "human",
            "ended_reason": "ASSISTANT", "summary": "Fine", "transcript": "Hi",
            "classification_payload": {"lead_type": "Leads"},
            "full_webhook_payload": {"a": 1}, "outcome": "meeting_booked", "notes": "A note",
            "retry_of_call_id": str(first.id), "retry_count": 1, "retry_reason": "busy", "call_type": "outbound",
            "call_initiated_at": "2025-07-09T10:00:00", "started_at": "2025-07-09T10:00:00",
            "call_completed_at": "2025-07-09T10:03:03", "ended_at": "2025-07-09T10:03:03", "created_at": created,
            "transcript_payload": [{"id": 1, "user": "user", "text": "Hi", "created_at": "t"}],
        }  # fmt: skip
        self.assertEqual({key: document[key] for key in expected}, expected)
        again = self.data(str(call.id))
        for key in ("recording_url", "recordings"):  # signed anew each time
            self.assertTrue(again.pop(key) and document.pop(key))
        self.assertEqual(again, document)

    def test_inbound_calls_show_the_callers_number(self):
        [call] = make_calls(self.env, 1, type="inbound", from_number="+1", to_number="+2", provider="twilio",
                            provider_call_id="CA1")  # fmt: skip
        document = self.data(str(call.id))
        self.assertEqual(
            (document["phone_number"], document["call_id_external"], document["call_id_bland"]), ("+1", "CA1", None)
        )


class TestStats(LogCase):
    def test_every_figure(self):
        today = fields.Datetime.now()
        make_calls(self.env, 3, state="completed", duration_seconds=100, start_time=today)
        make_calls(self.env, 1, state="completed", duration_seconds=50, start_time=BASE)
        make_calls(self.env, 1, state="failed", start_time=today - timedelta(days=1))
        make_calls(self.env, 2, state="no_answer", start_time=today - timedelta(days=45))
        stats = self.data("stats")
        days = [
            {"day": (today - timedelta(days=1)).date().isoformat(), "total": 1, "completed": 0},
            {"day": today.date().isoformat(), "total": 3, "completed": 3},
        ]
        self.assertEqual(
            stats,
            {
                "total_calls": 7,
                **{f"{state}_calls": 0 for state in STATES},
                **{"completed_calls": 4, "failed_calls": 1, "no_answer_calls": 2},
                **{"average_duration_seconds": 87.5, "success_rate": 0.571, "failure_rate": 0.143, "by_day": days},
            },
        )

    def test_without_calls_there_is_no_average(self):
        stats = self.data("stats")
        self.assertEqual((stats["total_calls"], stats["average_duration_seconds"], stats["by_day"]), (0, None, []))


class TestRefusals(LogCase):
    def test_without_a_good_key_clients_are_logged_out(self):
        for path in (*LISTS, "stats", "1"):
            for key in (None, "x", "ghl_00000000_" + "A" * 43):
                body = self.call(f"{CALLS}/{path}", key=key).json()
                self.assertEqual((body["success"], body["status_code"]), (False, 401))
                self.assertEqual(body["detail"], "Could not validate credentials")

    def test_the_key_may_come_in_the_older_header(self):
        headers = {"X-Access-Token": self.key}
        self.assertEqual(self.call(f"{CALLS}/recent", key=None, headers=headers).json()["status_code"], 200)
        headers["Authorization"] = "Bearer nonsense"
        self.assertEqual(self.call(f"{CALLS}/recent", key=None, headers=headers).status_code, 401)

    def test_wrong_parameters(self):
        for path, values in (
            ("recent", {"page": 0}), ("recent", {"page": "x"}), ("recent", {"page": 10**12}),
            ("oldest", {"page": "1; DROP TABLE ghl_call"}), ("by-duration", {"min_duration": -1}),
            ("by-duration", {"min_duration": "long"}), ("longest", {"page": -5}),
        ):  # fmt: skip
            body = self.refused(path, 422, "ValidationError", params=values)
            self.assertEqual(set(body["error_details"]["parameters"]), set(values))
        self.refused("by-status/COMPLETED'--", 422, "ValidationError")
        self.refused("by-status/done", 422, "ValidationError")

    def test_what_is_not_there(self):
        for key in ("987654", "bl-none", "%00", "%25", "' OR 1=1", "x" * 200, "99999999999999999999"):
            body = self.call(f"{CALLS}/{key}").json()
            self.assertIn(body["status_code"], (404, 422), key)
            self.assertIs(body["success"], False)
        self.assertEqual(self.refused("987654", 404, "CallNotFound")["error_message"], "Call not found")
        self.refused("/api/v1/mongo/nothing/here", 404, "UnknownAddress")
        self.refused("recent", 405, "MethodNotAllowed", http=405, method="POST", json={})

    def test_the_plain_form_has_the_true_status(self):
        headers = {"X-Error-Format": "plain"}
        response = self.call(f"{CALLS}/987654", headers=headers)
        body = response.json()
        self.assertEqual(response.status_code, 404)
        self.assertEqual((body["error"], body["code"]), ("CallNotFound", "CALL_NOT_FOUND"))
        self.assertEqual(self.call(f"{CALLS}/recent", headers=headers, params={"page": 0}).status_code, 422)
        self.assertEqual(self.call(f"{CALLS}/recent", key=None, headers=headers).status_code, 401)

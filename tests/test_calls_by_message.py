"""Calls of contacts over HTTP, by message: lists, details, transcripts and recordings."""

from odoo.tests import mute_logger, new_test_user

from ..dev.sandbox.client import running_sandbox
from ..dev.sandbox.telephony.sound import wav
from ..ghl_base.net.budget import MemoryRateBudget
from ..ghl_contacts.mirror import connection
from .common import make_location, mirror
from .common_http import ApiCase

CONTACTS = [
    {"id": "C1", "firstName": "Grace", "lastName": "Hopper", "phone": "+15550002222", "assignedTo": "U1"},
    {"id": "C2", "firstName": "Alan", "lastName": "Turing", "email": "alan@example.com"},
]


def remote_call(number, contact="C1", **values):
    return {
        "id": f"CALL{number}",
        "messageType": "TYPE_CALL",
        "direction": "outbound",
        "status": "completed",
        "contactId": contact,
        "conversationId": "V1",
        "dateAdded": f"2025-11-20T10:0{number}:00.000Z",
        "from": "+15550001111",
        "to": "+15550002222",
        "meta": {"call": {"status": "completed", "duration": 60 + number}},
        **values,
    }


class MessageCallsCase(ApiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.location = make_location(cls.env, "LOC1", token=None)
        cls.env["ghl.user"].create(
            {
                "external_id": "U1",
                "name": "Agent One",
                "location_id": cls.location.id,
                "company_id": cls.location.company_id.id,
            }
        )
        mirror(cls.env, cls.location, "ghl.contact", CONTACTS)
        rows = [
            remote_call(1, userId="U1"),
            remote_call(2, direction="inbound"),
            remote_call(3, contact="C2", meta={"call": {"status": "no-answer", "duration": None}}, status="failed"),
            remote_call(4, messageType="TYPE_SMS", body="no call"),
        ]
        mirror(cls.env, cls.location, "ghl.contact.message", rows)
        cls.env["ghl.contact.message"]._derive(cls.location)
        cls.messages = {
            message.external_id: message
            for message in cls.env["ghl.contact.message"].search([("location_id", "=", cls.location.id)])
        }
        cls.calls = {
            call.provider_call_id: call for call in cls.env["ghl.call"].search([("location_id", "=", cls.location.id)])
        }

    def get(self, path, **options):
        response = self.call(path, **options)
        self.assertEqual(response.status_code, 200, response.text[:300])
        return response.json()


class TestListsOfCalls(MessageCallsCase):
    def test_a_location_s_calls_come_in_pages_the_latest_first(self):
        first = self.get("/api/location-calls/LOC1?limit=2")
        self.assertEqual([row["ghl_id"] for row in first["calls"]], ["CALL3", "CALL2"])
        self.assertEqual((first["total_calls"], first["total_pages"], first["page"]), (3, 2, 1))
        second = self.get("/api/location-calls/LOC1?limit=2&page=2")
        self.assertEqual([row["ghl_id"] for row in second["calls"]], ["CALL1"])

    def test_a_row_says_what_is_known(self):
        row = self.get("/api/location-calls/LOC1")["calls"][2]
        self.assertEqual(row["id"], self.messages["CALL1"].id)
        self.assertEqual(row["call_id"], self.calls["CALL1"].id)
        self.assertEqual(row["user_id"], "Agent One")
        self.assertEqual(row["meta"], {"call_duration": 61, "call_status": "completed"})
        self.assertEqual(row["contact"]["name"], "Grace Hopper")
        self.assertEqual(row["date_added"], "2025-11-20T10:01:00")
        self.assertEqual(row["recording_url"], f"/api/ghl-message/{row['id']}/recording")
        self.assertEqual((row["transcript_state"], row["transcript_ids"]), ("unknown", []))

    def test_a_call_nobody_answered_has_no_duration_and_no_recording(self):
        row = self.get("/api/location-calls/LOC1")["calls"][0]
        self.assertEqual((row["meta"]["call_duration"], row["recording_url"]), (None, ""))

    def test_users_and_words_narrow_the_list(self):
        for query, expected in (
            ("selected_user=U1", ["CALL2", "CALL1"]),
            ("search=turing", ["CALL3"]),
            ("search=%2B15550001111", ["CALL3", "CALL2", "CALL1"]),
            ("search=grace%20hopper", ["CALL2", "CALL1"]),
            ("search=50%25_", []),
            ("selected_user=NOBODY", []),
        ):
            found = self.get(f"/api/location-calls/LOC1?{query}")
            self.assertEqual([row["ghl_id"] for row in found["calls"]], expected, query)

    def test_a_contact_s_calls_are_found_by_both_ids(self):
        contact = self.messages["CALL1"].contact_id
        for name in (contact.id, "C1"):
            found = self.get(f"/api/contact-call-messages/{name}")
            self.assertEqual([row["ghl_id"] for row in found["call_messages"]], ["CALL2", "CALL1"])
            self.assertEqual((found["contact"]["external_id"], found["total_messages"]), ("C1", 2))

    def test_the_number_of_queries_does_not_grow_with_the_calls(self):
        many = [remote_call(1, contact="C2") | {"id": f"MANY{n}"} for n in range(60)]
        counts = []
        for rows in (many[:5], many):
            mirror(self.env, self.location, "ghl.contact.message", rows)
            self.env["ghl.contact.message"]._derive(self.location)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.get("/api/location-calls/LOC1?limit=100")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1)

    def test_strangers_see_nothing(self):
        other = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env, "calls_stranger", "ghl.group_ghl_viewer", company_id=other.id, company_ids=[(6, 0, other.ids)]
        )
        key = self.make_key(stranger)
        message = self.messages["CALL1"]
        for path in (
            "/api/location-calls/LOC1",
            f"/api/contact-call-messages/{message.contact_id.id}",
            "/api/contact-call-messages/C1",
            f"/api/call-details/{message.id}",
            "/api/call-details/CALL1",
            f"/api/get-transcript/{message.id}",
            f"/api/ghl-message/{message.id}/recording",
        ):
            self.assertEqual(self.call(path, key=key).status_code, 404, path)
        for path in ("fetch-transcript", "fetch-recording"):
            self.assertEqual(self.call(f"/api/{path}/{message.id}", "POST", key=key).status_code, 404, path)

    def test_refusals(self):
        for path, status, code in (
            ("/api/location-calls/NOWHERE", 404, "location_not_found"),
            ("/api/location-calls/LOC1?limit=0", 400, "invalid_parameter"),
            ("/api/location-calls/LOC1?limit=501", 400, "invalid_parameter"),
            ("/api/location-calls/LOC1?page=x", 400, "invalid_parameter"),
            ("/api/contact-call-messages/99999999", 404, "not_found"),
            ("/api/contact-call-messages/99999999999999999999", 404, "not_found"),
            ("/api/call-details/0", 404, "not_found"),
            ("/api/call-details/nobody", 404, "not_found"),
            (f"/api/call-details/{self.messages['CALL4'].id}", 404, "not_found"),
            ("/api/get-transcript/CALL4", 404, "not_found"),
            ("/api/ghl-message/CALL3/recording", 404, "no_recording"),
        ):
            self.assert_refused(self.call(path), status, code)


class TestOneCall(MessageCallsCase):
    turns = [
        {
            "role": "agent",
            "content": "Hello",
            "timestamp": 1.5,
            "end": 2.5,
            "confidence": 0.9,
            "channel": 1,
            "index": 0,
        },
        {
            "role": "user",
            "content": "Who is it?",
            "timestamp": 63,
            "end": 65,
            "confidence": None,
            "channel": 2,
            "index": 1,
        },
    ]

    def test_details_tell_what_was_said_and_invent_nothing(self):
        self.calls["CALL1"].write({"transcript_turns": self.turns, "transcript_state": "stored"})
        found = self.get("/api/call-details/CALL1")["call_details"]
        self.assertEqual((found["duration"], found["duration_seconds"]), ("1:01", 61))
        self.assertEqual(
            (found["callDate"], found["callTime"], found["agent"]), ("2025-11-20", "10:01:00", "Agent One")
        )
        self.assertEqual([line["speaker"] for line in found["transcript"]], ["agent", "contact"])
        self.assertEqual(found["transcript"][1]["speakerName"], "Grace Hopper")
        self.assertEqual((found["transcript"][1]["timestamp"], found["transcript"][1]["duration"]), ("1:03", 2))
        self.assertEqual(found["summary"], {"outcome": "", "keyPoints": [], "nextSteps": [], "sentiment": ""})
        self.assertIsNone(found["aiAnalysis"]["overallScore"])
        self.assertEqual(found["callGrade"], "")
        stored = self.get("/api/get-transcript/CALL1")
        self.assertEqual((stored["total_sentences"], stored["transcript"]), (2, found["transcript"]))
        self.assertEqual(found["transcript_ids"], [0, 1])

    def test_fetching_needs_credentials(self):
        for what in ("transcript", "recording"):
            self.assert_refused(self.call(f"/api/fetch-{what}/CALL1", "POST"), 409, "not_connected")

    def test_what_cannot_be_there_is_not_asked_for(self):
        for what in ("transcript", "recording"):
            response = self.call(f"/api/fetch-{what}/CALL3", "POST")
            self.assertEqual(response.status_code, 200, response.text)
            body = response.json()
            self.assertEqual((body["status"], body[f"no_{what}"], body["count"]), (f"no_{what}", True, 0))

    @mute_logger("odoo.http")
    def test_the_player_of_the_form_needs_a_session_and_the_right_to_see_the_call(self):
        path = f"/ghl/calls/{self.calls['CALL3'].id}/recording"
        self.assertNotEqual(self.url_open(path, allow_redirects=False).status_code, 200)
        new_test_user(self.env, "no_ghl_at_all", "base.group_user")
        self.authenticate("no_ghl_at_all", "no_ghl_at_all")
        self.assertIn(self.url_open(path, allow_redirects=False).status_code, (403, 404))
        self.authenticate("api_viewer", "api_viewer")
        self.assertEqual(self.url_open(path, allow_redirects=False).status_code, 404)
        self.assertEqual(self.url_open("/ghl/calls/99999999/recording", allow_redirects=False).status_code, 404)


class TestRecordingOverHttp(MessageCallsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sandbox = cls.enterClassContext(running_sandbox(contacts=60, locations=1, rate_limit=False))
        budget = MemoryRateBudget(limit=10_000)
        cls.classPatch(connection, "budget_for", lambda location: budget)
        place = make_location(
            cls.env, cls.sandbox.location_id, base_url=cls.sandbox.base_url, token=cls.sandbox.private_token
        )
        path = f"/conversations/messages/export?locationId={cls.sandbox.location_id}&limit=500&channel=Call"
        rows = [row for row in cls.sandbox.call("GET", path)[1]["messages"] if row["messageType"] == "TYPE_CALL"]
        cls.row = next(row for row in rows if row["meta"]["call"]["duration"])
        mirror(cls.env, place, "ghl.contact.message", [cls.row])
        cls.env["ghl.contact.message"]._derive(place)

    def test_sound_is_streamed_in_parts_to_those_who_may_hear_it(self):
        sound = wav(self.row["meta"]["call"]["duration"])
        path = f"/api/ghl-message/{self.row['id']}/recording"
        whole = self.call(path)
        self.assertEqual((whole.status_code, whole.content), (200, sound))
        self.assertTrue(whole.headers["Content-Disposition"].startswith("attachment"))
        self.assert_no_cookie(whole)
        part = self.call(f"{path}?play=1", headers={"Range": "bytes=100-199"})
        self.assertEqual((part.status_code, part.content), (206, sound[100:200]))
        self.assertEqual(part.headers["Content-Range"], f"bytes 100-199/{len(sound)}")
        self.assertTrue(part.headers["Content-Disposition"].startswith("inline"))
        self.assert_refused(self.call(path, headers={"Range": "bytes=99999999-"}), 416, "range_not_satisfiable")
        call = self.env["ghl.call"].search([("provider_call_id", "=", self.row["id"])])
        self.authenticate("api_viewer", "api_viewer")
        played = self.url_open(f"/ghl/calls/{call.id}/recording", headers={"Range": "bytes=0-43"})
        self.assertEqual((played.status_code, played.content), (206, sound[:44]))

    def test_a_kept_recording_is_served_in_parts_without_asking_anybody(self):
        call = self.env["ghl.call"].search([("provider_call_id", "=", self.row["id"])])
        values = {"name": "a.wav", "raw": wav(1), "mimetype": "audio/x-wav", "res_model": "ghl.call", "res_id": call.id}
        call.recording_attachment_id = self.env["ir.attachment"].create(values)
        self.sandbox.reset_ledger()
        part = self.call(f"/api/ghl-message/{self.row['id']}/recording?play=1", headers={"Range": "bytes=4-11"})
        self.assertEqual((part.status_code, part.content), (206, wav(1)[4:12]))
        self.assertFalse(self.sandbox.ledger()["requests"])

    def test_trouble_at_gohighlevel_is_told_as_such(self):
        self.sandbox.set_faults({"403": {"rate": 1, "path": "/recording"}})
        self.addCleanup(self.sandbox.clear_faults)
        body = self.assert_refused(self.call(f"/api/ghl-message/{self.row['id']}/recording"), 502, "remote_error")
        self.assertIn("GoHighLevel", body["error"])

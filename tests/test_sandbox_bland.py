"""The simulated Bland AI: its doors, quirks, limits and webhooks over real HTTP."""

import hashlib
import hmac
import http.client
import json
from datetime import datetime

from odoo.tests.common import tagged

from .telephony_case import TelephonyCase


def number(ending):
    """A number whose last five digits choose the scenario."""
    return f"+121255990{ending}"


@tagged("post_install", "-at_install")
class TestSandboxBland(TelephonyCase):
    def ask(self, method, path, body=None, key=None):
        """(status, decoded body)"""
        key = self.sandbox.bland["api_key"] if key is None else key
        headers = {"Authorization": key, "Content-Type": "application/json"}
        body = json.dumps(body).encode() if isinstance(body, dict) else body
        status, answer, _ = self.http(method, self.sandbox.bland["base_url"] + path, body, headers)
        return status, json.loads(answer)

    def place(self, ending="01", **more):
        body = {
            "phone_number": number(ending),
            "task": "Talk about the roof. Be kind.",
            "webhook": self.door.url + "/b",
        }
        return self.ask("POST", "/v1/calls", {**body, **more})

    def placed(self, ending="01", **more):
        status, answer = self.place(ending, **more)
        self.assertEqual((status, answer["status"], answer["batch_id"]), (200, "success", None), answer)
        return answer["call_id"]

    def finished(self, ending="01", **more):
        """(call as read at the end, webhooks told)"""
        call_id = self.placed(ending, **more)
        self.settled()
        return self.ask("GET", f"/v1/calls/{call_id}")[1], [t.json for t in self.door.told]

    def set(self, **settings):
        self.sandbox.telephony("settings", {f"bland.{name}": value for name, value in settings.items()})

    # -- who may ask, and what -------------------------------------------------------------------------------------

    def test_both_spellings_of_the_key_are_accepted_and_nothing_else(self):
        key = self.sandbox.bland["api_key"]
        for spelled in (key, f"Bearer {key}"):
            self.assertEqual(self.ask("GET", "/v1/me", key=spelled)[0], 200)
        for spelled in ("", "Bearer", "Basic x", key[:-1]):
            status, answer = self.ask("GET", "/v1/me", key=spelled)
            self.assertEqual((status, answer["status"]), (401, "error"))

    def test_wrong_orders_are_refused_with_the_names_of_the_fields_and_nothing_rings(self):
        wrong = {
            "phone_number": {"phone_number": "12"},
            "task": {"task": None},
            "from": {"from": "+19998887777"},
            "request_data": {"request_data": "x"},
            "max_duration": {"max_duration": "long"},
            "start_time": {"start_time": "tomorrow"},
            "webhook": {"webhook": "ftp://x"},
            "model": {"model": "gpt"},
        }
        for field, values in wrong.items():
            status, answer = self.place(**values)
            self.assertEqual((status, answer["status"]), (400, "error"), field)
            self.assertIn(field, " ".join(answer["errors"]))
        self.assertEqual(self.ask("POST", "/v1/calls", b"{")[0], 400)
        self.assertEqual(self.settled()["rung"], [])

    def test_a_number_without_plus_is_one_of_the_united_states(self):
        call_id = self.placed(phone_number="2125599003")
        self.assertEqual(self.ask("GET", f"/v1/calls/{call_id}")[1]["to"], number("03"))

    # -- what a call looks like ------------------------------------------------------------------------------------

    def test_a_talk_ends_with_a_transcript_a_price_and_two_spellings_of_its_length(self):
        self.sandbox.telephony("scenario", {"number": number("01"), "outcomes": ["human"], "talk": 40})
        data = {"first_name": "Ann", "city": "Graz"}
        call, told = self.finished(
            "01", request_data=data, metadata={"ref": "r1"}, first_sentence="Hello {{first_name}}?", record=True
        )
        seconds = int(call["corrected_duration"])
        self.assertEqual((call["status"], call["completed"], call["error_message"]), ("completed", True, None))
        self.assertAlmostEqual(call["call_length"] * 60, seconds, delta=0.01)
        self.assertEqual(call["metadata"], {"ref": "r1"})
        self.assertEqual(call["variables"]["metadata"], {"ref": "r1"})
        self.assertEqual(call["transcripts"][0]["text"], "Hello Ann?")
        self.assertEqual({row["user"] for row in call["transcripts"]}, {"assistant", "user"})
        self.assertIn("Graz", call["concatenated_transcript"])
        self.assertAlmostEqual(call["price"], max(0.015, 0.09 * seconds / 60), delta=0.001)
        self.assertEqual(len(told), 1)
        self.assertEqual({k: v for k, v in told[0].items() if "transfer_duration" not in k}, call)

    def test_created_is_said_to_be_started_so_that_only_the_corrected_duration_is_the_talk(self):
        call, _ = self.finished("01")
        self.assertEqual(call["created_at"], call["started_at"])
        stamps = [datetime.fromisoformat(call[name].replace("Z", "+00:00")) for name in ("started_at", "end_at")]
        self.assertGreater((stamps[1] - stamps[0]).total_seconds(), int(call["corrected_duration"]) + 3)
        truth = self.sandbox.telephony_ledger("calls")["calls"][0]
        self.assertEqual(truth["talk_seconds"], int(call["corrected_duration"]))

    def test_every_outcome_has_its_words(self):
        flags = {"answered_by_enabled": True}
        self.assertEqual(self.finished("01", **flags)[0]["answered_by"], "human")
        self.assertEqual(self.finished("02", **flags)[0]["answered_by"], "voicemail")
        self.assertIsNone(self.finished("02")[0]["answered_by"], "not asked for")
        self.assertEqual(self.finished("03")[0]["status"], "busy")
        call = self.finished("05", **flags)[0]
        self.assertEqual((call["status"], call["completed"], call["answered_by"]), ("failed", True, None))
        self.assertIn("not in service", call["error_message"])
        nobody = [self.finished("04", **flags)[0] for _ in range(8)]
        self.assertTrue(all(c["corrected_duration"] == "0" and not c["transcripts"] for c in nobody))
        self.assertLessEqual({c["status"] for c in nobody}, {"completed", "no-answer"})
        self.assertLessEqual({c["answered_by"] for c in nobody}, {None, "no-answer"})

    def test_a_message_is_left_on_a_machine_even_when_the_action_says_hang_up(self):
        silent = self.finished("02", voicemail={"action": "hangup"})[0]
        left = self.finished("02", voicemail={"action": "hangup", "message": "Please call back"})[0]
        self.assertNotIn("assistant", {row["user"] for row in silent["transcripts"]})
        self.assertEqual(left["transcripts"][-1]["text"], "Please call back")
        self.assertGreater(int(left["corrected_duration"]), int(silent["corrected_duration"]))

    def test_a_call_lasts_no_longer_than_allowed(self):
        self.assertEqual(self.finished("10", max_duration=2)[0]["corrected_duration"], "120")

    def test_a_recording_is_there_when_asked_for_and_can_be_had_in_parts(self):
        self.assertIsNone(self.finished("01")[0]["recording_url"])
        call = self.finished("01", record=True)[0]
        self.assertIsNone(self.finished("04", record=True)[0]["recording_url"])
        status, whole, _ = self.http("GET", call["recording_url"])
        self.assertEqual((status, whole[:4], whole[8:12]), (200, b"RIFF", b"WAVE"))
        status, part, headers = self.http("GET", call["recording_url"], headers={"Range": "bytes=4-11"})
        self.assertEqual((status, part), (206, whole[4:12]))
        self.assertEqual(headers["Content-Range"], f"bytes 4-11/{len(whole)}")
        self.assertEqual(self.http("GET", call["recording_url"], headers={"Range": "bytes=99999999-"})[0], 416)

    def test_completed_comes_later_than_the_status(self):
        self.sandbox.telephony("clock", {"scale": 5})
        call_id = self.placed("08")
        read = lambda: self.ask("GET", f"/v1/calls/{call_id}")[1]  # noqa: E731
        self.assertIn(read()["status"], ("queued", "in-progress"))
        call = self.eventually(lambda: (c := read())["status"] == "completed" and c)
        self.assertEqual((call["completed"], call["transcripts"], call["price"]), (False, [], None))
        self.sandbox.telephony("clock", {"scale": 500})
        self.assertEqual(self.eventually(lambda: (c := read())["completed"] and c)["corrected_duration"], "0")

    # -- webhooks --------------------------------------------------------------------------------------------------

    def signature(self, body):
        return hmac.new(self.sandbox.bland["webhook_secret"].encode(), body, hashlib.sha256).hexdigest()

    def test_webhooks_are_signed_over_the_bytes_sent(self):
        self.finished("01", metadata={"name": "José"})
        told = self.door.told[0]
        self.assertIn("José".encode(), told.body)
        self.assertEqual(told.headers["x-webhook-signature"], self.signature(told.body))

    def test_other_signatures(self):
        for mode, ending, raw, again in (
            ("reserialised", "01", False, True),
            ("raw", "26", False, False),
            ("raw", "27", False, False),
        ):
            self.door.reset()
            self.set(webhook_mode=mode)
            self.finished(ending)
            told = self.door.told[0]
            compact = json.dumps(told.json, ensure_ascii=False, separators=(",", ":")).encode()
            given = told.headers["x-webhook-signature"]
            self.assertEqual((given == self.signature(told.body), given == self.signature(compact)), (raw, again))
        self.door.reset()
        self.set(webhook_mode="unsigned")
        self.finished("01")
        self.assertNotIn("x-webhook-signature", self.door.told[0].headers)

    def test_a_second_webhook_brings_the_corrected_transcript_when_switched_on(self):
        self.set(second_webhook=True)
        call, told = self.finished("01")
        self.assertEqual([t["call_id"] for t in told], [call["call_id"]] * 2)
        self.assertEqual([bool(t["corrected_transcript"]) for t in told], [False, True])

    def test_interim_events_are_small_and_only_on_demand(self):
        _, told = self.finished("01", webhook_events=["queue", "call"])
        self.assertEqual([t["level"] for t in told if "level" in t], ["queue", "queue", "call", "call"])
        self.assertTrue(all(set(t) < {"call_id", "category", "level", "message", "timestamp", "x"} for t in told[:-1]))
        self.assertTrue(told[-1]["completed"])

    def test_a_failed_webhook_is_not_sent_again_but_can_be_asked_for(self):
        self.door.answers["/b"] = (500, "text/plain", b"")
        call, told = self.finished("01")
        self.assertEqual(len(told), 1)
        history = self.ask("GET", f"/v1/postcall/webhooks/{call['call_id']}")[1]["data"]
        self.assertEqual([h["response_code"] for h in history], [500])
        answer = self.ask("POST", "/v1/postcall/webhooks/resend", {"call_ids": [call["call_id"], "unknown"]})[1]
        self.assertEqual((len(answer["data"]["resent"]), len(answer["errors"])), (1, 1))
        self.settled()
        self.assertEqual(self.door.told[1].body, self.door.told[0].body)

    def test_callbacks_go_wrong_as_the_number_says(self):
        for ending, expected in (("20", 0), ("21", 2), ("22", 3), ("30", 0)):
            self.door.reset()
            self.placed(ending)
            told = [e["status"] for e in self.settled()["callbacks"] if e["to"] == number(ending)]
            self.assertEqual((len(self.door.told), set(told)), (expected, {204} if expected else {"lost"}))
        self.door.reset()
        call, told = self.finished("28")
        self.assertEqual([t["call_id"] == call["call_id"] for t in told], [False, True])
        self.door.reset()
        call_id = self.placed("24")
        self.assertEqual([t.json["call_id"] for t in self.door.told], [call_id], "told before the answer")

    # -- stop, list, batches ---------------------------------------------------------------------------------------

    def test_stop_ends_a_call_and_says_error_in_the_body_when_there_is_nothing_to_stop(self):
        self.sandbox.telephony("clock", {"scale": 20})
        call_id = self.placed("10")
        self.eventually(lambda: self.sandbox.telephony_ledger("calls")["calls"][0]["answered_at"])
        self.assertEqual(self.ask("POST", f"/v1/calls/{call_id}/stop")[1]["status"], "success")
        self.settled()
        self.assertEqual(self.ask("GET", f"/v1/calls/{call_id}")[1]["status"], "completed")
        for unknown in (call_id, "unknown"):
            status, answer = self.ask("POST", f"/v1/calls/{unknown}/stop")
            self.assertEqual((status, answer["status"]), (200, "error"))
        waiting = self.placed("01", start_time="2099-01-01 10:00:00 -05:00")
        self.ask("POST", f"/v1/calls/{waiting}/stop")
        self.settled()
        call = self.ask("GET", f"/v1/calls/{waiting}")[1]
        self.assertEqual((call["status"], call["completed"], call["started_at"]), ("canceled", True, None))

    def test_everything_can_be_stopped_at_once(self):
        self.sandbox.telephony("clock", {"scale": 1})
        for ending in ("01", "10", "04"):
            self.placed(ending)
        self.assertEqual(self.ask("POST", "/v1/calls/active/stop")[1]["num_calls"], 3)
        self.sandbox.telephony("clock", {"scale": 500})
        self.assertTrue(all(c["end"] in ("canceled", "completed") for c in self.settled()["calls"]))

    def test_the_list_finds_a_call_whose_answer_was_lost(self):
        for _ in range(2):
            self.assertEqual(self.place("41", metadata={"ref": "lost"})[0], 500)
        with self.assertRaises(ConnectionResetError):
            self.place("45")
        with self.assertRaises(http.client.IncompleteRead):
            self.place("48")
        with self.assertRaises(ConnectionResetError):
            self.place("44")
        self.assertEqual(self.place("40")[0], 500)
        found = self.ask("GET", f"/v1/calls?to_number={number('41').lstrip('+')}&ascending=true")[1]
        self.assertEqual((found["count"], found["total_count"]), (2, 2))
        self.assertEqual([c["metadata"] for c in found["calls"]], [{"ref": "lost"}] * 2)
        self.assertNotIn("transcripts", found["calls"][0])
        first, second = found["calls"]
        self.assertLess(first["created_at"], second["created_at"])
        newest = self.ask("GET", "/v1/calls?limit=1&from=0&to=1")[1]
        self.assertEqual((newest["count"], newest["total_count"]), (1, 4))
        self.assertEqual(self.ask("GET", "/v1/calls?start_date=2099-01-01")[1]["calls"], [])
        self.assertEqual(self.ask("GET", "/v1/calls/unknown")[0], 404)
        ledger = self.settled()
        self.assertEqual(sorted(e["to"][-2:] for e in ledger["rung"]), ["41", "41", "45", "48"])
        self.assertEqual(len(ledger["requests"]), 6)

    def test_batches_in_both_shapes(self):
        rows = [{"phone_number": number("08"), "name": "Ann"}, {"phone_number": "1"}]
        old = {"base_prompt": "Greet {{name}}.", "call_data": rows, "webhook": self.door.url}
        batch = self.ask("POST", "/v1/batches", old)[1]["batch_id"]
        new = {"global": {"task": "Greet"}, "call_objects": rows[:1], "status_webhook": self.door.url + "/s"}
        other = self.ask("POST", "/v2/batches/create", new)[1]["data"]["batch_id"]
        self.settled()
        statuses = [self.ask("GET", f"/v1/batches/{b}")[1]["status"] for b in (batch, other)]
        self.assertEqual(statuses, ["completed_partial", "completed"])
        calls = self.ask("GET", f"/v1/calls?batch_id={batch}")[1]["calls"]
        self.assertEqual([c["request_data"]["name"] for c in calls], ["Ann"])
        told = [t.json["status"] for t in self.door.told if t.url.endswith("/s")]
        self.assertEqual(told, ["dispatching", "completed"])

    # -- limits ----------------------------------------------------------------------------------------------------

    def test_limits_of_the_plan_refuse_with_their_codes(self):
        self.sandbox.telephony("clock", {"scale": 1})
        self.set(concurrent=2)
        self.placed()
        self.placed()
        status, answer = self.place()
        self.assertEqual((status, answer["code"]), (429, "CALL_RL_PLAN_CONCURRENCY"))
        self.set(concurrent=None, per_hour=2)
        self.assertEqual(self.place()[1]["code"], "CALL_RL_PLAN_HOURLY")
        self.set(per_hour=None, per_day=2)
        self.assertEqual(self.place()[1]["code"], "CALL_RL_PLAN_DAILY")

    def test_calls_over_the_limit_wait_when_the_plan_queues_them(self):
        self.set(concurrent=2, over_concurrent="queue", calls_per_second=None)
        for _ in range(6):
            self.placed("09")
        ledger = self.settled()
        self.assertEqual(ledger["counts"]["bland"]["ended"], {"completed": 6})
        self.assertEqual(ledger["counts"]["bland"]["peak_concurrency"], 2)

    def test_refusals_by_number(self):
        expected = {"50": 400, "51": 200, "52": 403, "53": 403, "54": 400, "56": 402, "57": 401, "58": 403, "47": 429}
        for ending, status in expected.items():
            given, answer = self.place(ending)
            self.assertEqual((given, answer["status"]), (status, "error"), answer)
        self.assertEqual([self.place("55")[0], self.place("55")[0]], [429, 200])
        self.assertEqual([self.place("46")[0], self.place("46")[0]], [429, 200])
        self.assertEqual([e["to"][-2:] for e in self.settled()["rung"]], ["55", "46"])

    def test_the_client_chooses_the_id_only_where_that_is_enabled(self):
        own = "01890000-0000-7000-8000-000000000001"
        self.assertNotEqual(self.placed("08", b_cid=own), own)
        self.set(b_cid=True)
        self.assertEqual(self.placed("08", b_cid=own), own)
        self.assertEqual(self.place("08", b_cid=own)[0], 409)

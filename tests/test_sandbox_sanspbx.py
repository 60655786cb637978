"""The simulated SansPBX: token, dial door, and the one callback after the end."""

import base64
import json
from datetime import datetime, timedelta, timezone

from odoo.tests.common import tagged

from .telephony_case import TelephonyCase


def number(ending):
    """A number as SansPBX wants it, whose last five digits choose the scenario."""
    return f"098765990{ending}"


@tagged("post_install", "-at_install")
class TestSandboxSansPbx(TelephonyCase):
    def setUp(self):
        super().setUp()
        self.box = self.sandbox.sanspbx
        self.set(token_life_s=1_000_000)
        self.apitoken = self.gentoken()[1]["Apitoken"]

    def ask(self, path, body, headers):
        """(status, decoded body)"""
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **headers}
        status, answer, self.headers = self.http("POST", f"{self.box['base_url']}/{path}", sent, headers)
        return status, json.loads(answer)

    def gentoken(self, key=None, token=None, header="Accesstoken", **headers):
        body = {"access_key": key or self.box["access_key"]}
        return self.ask("gentoken", body, {header: token or self.box["access_token"], **headers})

    def dial(self, ending="01", header="Apitoken", **more):
        own = {"appid": self.box["appid"], "call_to": number(ending), "caller_id": "1145550000"}
        body = {**own, "status_callback": f"{self.door.url}/end/r7", "custom_field": {"reference": "r7"}, **more}
        return self.ask("dialcall", body, {header: self.apitoken})

    def dialed(self, ending="01", **more):
        """The id, from whichever place it stands in."""
        status, answer = self.dial(ending, **more)
        self.assertEqual((status, answer["status"]), (200, "success"), answer)
        data = answer.get("data") or {}
        msg = data.get("msg") if isinstance(data.get("msg"), dict) else {}
        return answer.get("callid") or data.get("callid") or msg["callid"]

    def told(self, ending="01", **more):
        self.door.told.clear()
        call_id = self.dialed(ending, **more)
        self.settled()
        return call_id, [t.json for t in self.door.told]

    def set(self, **settings):
        self.sandbox.telephony("settings", {f"sanspbx.{name}": value for name, value in settings.items()})

    def assertFailed(self, answer, status, text):
        self.assertEqual((answer[0], answer[1]["status"]), (status, "error"))
        self.assertIn(text, answer[1]["msg"])

    # -- token -----------------------------------------------------------------------------------------------------

    def test_a_token_needs_both_keys_and_the_right_header(self):
        status, answer = self.gentoken()
        self.assertEqual((status, answer["status"], answer["Apitoken"].count(".")), (200, "success", 2))
        self.assertFailed(self.gentoken(key="wrong"), 401, "access_key")
        self.assertFailed(self.gentoken(token="wrong"), 401, "Accesstoken")
        self.assertFailed(self.gentoken(header="Authorization"), 401, "Accesstoken")
        self.set(nested_token=True)
        self.assertIn("Apitoken", self.gentoken()[1]["data"])
        self.set(basic=True)
        self.assertFailed(self.gentoken(), 401, "Authorization")
        user = base64.b64encode(f"{self.box['basic_user']}:{self.box['basic_password']}".encode()).decode()
        self.assertEqual(self.gentoken(Authorization=f"Basic {user}")[0], 200)

    def test_a_token_ends_at_its_time_which_is_one_of_india_without_a_zone(self):
        self.sandbox.telephony("clock", {"scale": 1})
        self.set(token_life_s=600)
        answer = self.gentoken()[1]
        ends = datetime.strptime(answer["expiry_time"], "%Y-%m-%d %H:%M:%S")
        now = datetime.fromtimestamp(self.sandbox.telephony("clock")["now_ms"] / 1000, timezone.utc)
        life = ends - timedelta(minutes=330) - now.replace(tzinfo=None)
        self.assertTrue(500 < life.total_seconds() <= 600, life)
        self.apitoken = answer["Apitoken"]
        self.dialed()
        self.set(token_life_s=0)
        self.apitoken = self.gentoken()[1]["Apitoken"]
        self.assertFailed(self.dial(), 401, "expired")
        self.assertFailed(self.dial(header="Authorization"), 401, "Token")

    # -- dialling --------------------------------------------------------------------------------------------------

    def test_the_id_stands_in_one_of_three_places(self):
        answers = [self.dial()[1] for _ in range(3)]
        places = {("callid" in a, isinstance(a.get("data", {}).get("msg"), dict)) for a in answers}
        self.assertEqual(places, {(True, False), (False, False), (False, True)})
        self.set(callid_place="top")
        self.assertRegex(self.dial()[1]["callid"], rf"^api-{self.box['appid']}-{number('01')}-\d{{13}}")

    def test_200_without_an_id_is_no_call(self):
        self.set(without_callid=True)
        status, answer = self.dial()
        self.assertEqual((status, answer["status"]), (200, "success"))
        self.assertNotIn("callid", json.dumps(answer))
        self.assertEqual(self.settled()["rung"], [])

    def test_wrong_orders_fail_mostly_with_status_200(self):
        for wrong, text in (
            ({"appid": 1}, "appid"),
            ({"appid": str(self.box["appid"])}, "appid"),
            ({"call_to": "+919876599001"}, "call_to"),
            ({"call_to": "919876599001"}, "call_to"),
            ({"call_to": ""}, "call_to"),
            ({"caller_id": "12"}, "caller_id"),
            ({"caller_id": None}, "caller_id"),
        ):
            self.assertFailed(self.dial(**wrong), 200, text)
        self.assertFailed(self.ask("dialcall", b"[]", {"Apitoken": self.apitoken}), 400, "JSON")
        self.assertFailed(self.ask("calllist", {}, {"Apitoken": self.apitoken}), 404, "Not Found")
        self.set(number_format="91+10")
        self.dialed("03", call_to="919876599003")
        self.assertEqual([e["to"] for e in self.settled()["rung"]], ["+919876599003"])

    def test_refusals_by_number(self):
        for ending, status in (("50", 200), ("52", 200), ("53", 200), ("54", 200), ("56", 200), ("57", 401)):
            self.assertFailed(self.dial(ending), status, "")
        self.assertFailed(self.dial("55"), 429, "limit")
        self.dialed("55")
        self.assertFailed(self.dial("46"), 429, "many")
        self.assertEqual(self.headers["Retry-After"], "2")
        self.assertEqual(self.dial("40")[0], 500)
        self.assertEqual(self.dial("41")[0], 500)
        self.assertEqual(sorted(e["to"][-2:] for e in self.settled()["rung"]), ["41", "55"])

    def test_channels_are_limited(self):
        self.sandbox.telephony("clock", {"scale": 1})
        self.set(concurrency=1)
        self.dialed()
        self.assertFailed(self.dial(), 429, "Channel limit")

    # -- the callback ----------------------------------------------------------------------------------------------

    def test_one_report_after_the_end_with_ringing_apart_from_talk(self):
        call_id, told = self.told("01")
        self.assertEqual(len(told), 1)
        report, headers = told[0], self.door.told[0].headers
        self.assertFalse([name for name in headers if "signature" in name])
        truth = self.sandbox.telephony_ledger("calls")["calls"][0]
        self.assertEqual((report["Linkedid"], report["reference"]), (call_id, "r7"))
        self.assertEqual(report["billsec"], truth["talk_seconds"])
        self.assertGreater(report["duration"], report["billsec"] + 3)
        self.assertIn(report["disposition"], ("ANSWER", "ANSWERED"))
        ended = datetime.fromtimestamp(truth["ended_at"] // 1000, timezone.utc).replace(tzinfo=None)
        stamp = datetime.strptime(report["end_time"], "%Y-%m-%d %H:%M:%S")
        self.assertEqual(stamp - ended, timedelta(minutes=330))
        sent = self.sandbox.telephony_ledger("callbacks")["callbacks"][0]["simulated_at"]
        late = datetime.fromisoformat(sent.replace("Z", "+00:00")).timestamp() - truth["ended_at"] / 1000
        self.assertGreaterEqual(late, 14)

    def test_the_ways_not_to_be_answered(self):
        words = {}
        for ending in ("03", "04", "05", "06"):
            for _ in range(5):
                report = self.told(ending)[1][0]
                words.setdefault(ending, set()).add((report["disposition"].upper(), report["cause"]))
                self.assertEqual(report["billsec"], 0)
        self.assertEqual(words["03"], {("BUSY", 17)})
        self.assertEqual({w.replace(" ", "") for w, _ in words["04"]}, {"NOANSWER"})
        self.assertEqual({c for _, c in words["05"]}, {1})
        self.assertLessEqual({w for w, _ in words["06"]}, {"FAILED", "CONGESTION"})

    def test_an_address_that_is_not_at_the_root_is_not_called(self):
        nested = {"status_callback": f"{self.door.url}/nested"}
        self.assertEqual(self.told("08", status_callback=None, custom_field=nested)[1], [])

    def test_callbacks_go_wrong_as_the_number_says(self):
        for ending, times in (("20", 0), ("21", 2), ("28", 2)):
            self.assertEqual(len(self.told(ending)[1]), times)
        self.door.told.clear()
        call_id = self.dialed("24")
        self.assertEqual(self.door.told[0].json["Linkedid"], call_id, "told before the answer")

    def test_hanging_up(self):
        self.sandbox.telephony("clock", {"scale": 20})
        call_id = self.dialed("10")
        hang_up = lambda which: self.ask("calldisconnect", {"callid": which}, {"Apitoken": self.apitoken})  # noqa: E731
        self.eventually(lambda: self.sandbox.telephony_ledger("calls")["calls"][0]["answered_at"])
        self.assertEqual(hang_up(call_id)[1]["status"], "success")
        self.sandbox.telephony("clock", {"scale": 300})
        ledger = self.settled()
        self.assertEqual([(c["end"], c["stopped_by"]) for c in ledger["calls"]], [("completed", "request")])
        self.assertFailed(hang_up(call_id), 200, "not active")
        self.assertFailed(hang_up("unknown"), 200, "No such")

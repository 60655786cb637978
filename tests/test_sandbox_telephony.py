"""What all simulated telephone providers share: chance, faults by rate, the clock, the ledger."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException

from odoo.tests.common import BaseCase, tagged

from ..dev.sandbox.client import ROOT, SandboxError, running_sandbox
from ..dev.sandbox.telephony.faults import AFTER, BEFORE, NAMES
from ..dev.sandbox.telephony.scenarios import OUTCOMES, REFUSALS, TABLE, WEIGHTS, Scenarios
from .telephony_case import TelephonyCase


@tagged("post_install", "-at_install")
class TestSandboxTelephony(TelephonyCase):
    options = {"settings": {"bland.calls_per_second": 1000}}

    def place(self, to="+12125550123", **more):
        """The status of one order at Bland, 0 when the connection broke."""
        body = {"phone_number": to, "task": "Talk", "webhook": f"{self.door.url}/b", **more}
        headers = {"Authorization": self.sandbox.bland["api_key"]}
        try:
            return self.http("POST", self.sandbox.bland["base_url"] + "/v1/calls", json.dumps(body).encode(), headers)[
                0
            ]
        except (OSError, HTTPException):
            return 0

    def set(self, what, values):
        return self.sandbox.telephony(what, values)

    def test_faults_by_rate_refuse_before_and_lose_after(self):
        for name, status in (("429", 429), ("500_before", 500), ("503", 503), ("reset_before", 0)):
            self.set("faults", {name: {"rate": 1, "count": 1}})
            self.assertEqual([self.place(), self.place()], [status, 200], name)
        self.assertEqual(len(self.settled()["rung"]), 4)
        for name, status in (("500_after", 500), ("reset_after", 0)):
            self.set("faults", {name: {"rate": 1, "count": 1}})
            self.assertEqual(self.place(), status, name)
        self.assertEqual(len(self.settled()["rung"]), 6)
        faults = [e["fault"] for e in self.sandbox.telephony_ledger("requests")["requests"] if e["fault"]]
        self.assertEqual(faults, ["429", "500_before", "503", "reset_before", "500_after", "reset_after"])

    def test_faults_strike_only_where_their_path_says(self):
        self.set("faults", {"lost": {"rate": 1, "path": "twilio"}, "doubled": {"rate": 1, "path": "bland webhook"}})
        self.place()
        self.settled()
        self.assertEqual(len(self.door.told), 2)
        self.assertRaises(SandboxError, self.set, "faults", {"nonsense": 1})
        self.assertRaises(SandboxError, self.set, "faults", {"lost": 2})

    def test_under_every_fault_no_call_is_stuck_and_none_rings_unasked(self):
        self.set("faults", {name: 0.1 for name in NAMES if name not in ("timeout_after", "slow")})
        with ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(lambda n: self.place(f"+121255511{n:02d}"), range(80)))
        ledger = self.settled()
        self.assertTrue(all(call["end"] and call["ended_at"] for call in ledger["calls"]))
        before = [e for e in ledger["requests"] if e["fault"] in BEFORE]
        after = [e for e in ledger["requests"] if e["fault"] in AFTER]
        self.assertTrue(before and after)
        self.assertFalse([e for e in before if e["call_id"]])
        self.assertEqual(len(ledger["rung"]), 80 - len(before))
        self.assertEqual(
            sum(s == 200 for s in statuses), sum(e["status"] == 200 for e in ledger["requests"] if e["fault"] != "cut")
        )
        ids = [e["call_id"] for e in ledger["rung"]]
        self.assertEqual(len(ids), len(set(ids)))

    def test_the_ledger_can_be_asked_about_one_number(self):
        self.place("+12125550101")
        self.place("+12125550102")
        self.settled()
        found = self.sandbox.telephony_ledger("rung,requests", to="+12125550102")
        self.assertEqual([len(found["rung"]), len(found["requests"])], [1, 1])
        self.assertEqual(found["requests"][0]["body"]["task"], "Talk")
        self.assertNotIn("calls", found)
        self.assertNotIn(self.sandbox.bland["api_key"], json.dumps(self.sandbox.telephony_ledger()))

    def test_numbers_play_the_part_they_are_given(self):
        self.set("scenario", {"number": "0123", "outcomes": ["busy", "human"], "talk": 7})
        for _ in range(2):
            self.place()
            self.settled()
        calls = self.sandbox.telephony_ledger("calls")["calls"]
        self.assertEqual([(c["end"], c["talk_seconds"]) for c in calls], [("busy", 0), ("completed", 7)])
        for wrong in (
            {"number": "x"},
            {"number": "1", "outcomes": ["x"]},
            {"weights": {"x": 1}},
            {"number": "1", "y": 1},
        ):
            self.assertRaises(SandboxError, self.set, "scenario", wrong)
        self.set("scenario", {"weights": {"rejected": 1}})
        self.place("+12125550777")
        self.settled()
        self.assertEqual(self.sandbox.telephony_ledger("calls")["calls"][2]["sip"], 603)

    def test_the_clock_can_be_made_faster_for_calls_under_way(self):
        self.set("clock", {"scale": 1})
        self.place("+12125599010")
        self.assertFalse(self.sandbox.telephony("counts")["settled"])
        begun = time.time() * 1000
        self.set("clock", {"scale": 1000})
        call = self.settled()["calls"][0]
        self.assertEqual((call["end"], call["talk_seconds"]), ("completed", 600))
        self.assertGreater(call["ended_at"], begun + 600_000, "stamps are those of the simulated clock")
        self.assertRaises(SandboxError, self.set, "clock", {"scale": 0})

    def test_a_reset_forgets_calls_in_silence(self):
        self.set("clock", {"scale": 1})
        self.set("settings", {"bland.plan": "start"})
        self.place()
        self.set("reset", {})
        self.assertTrue(self.sandbox.telephony("counts")["settled"])
        self.assertEqual(self.sandbox.telephony("clock")["scale"], 400)
        self.assertEqual(self.sandbox.telephony("settings")["bland.plan"], "enterprise")
        self.assertEqual(self.door.told, [])
        self.assertRaises(SandboxError, self.set, "settings", {"bland.nonsense": 1})
        self.assertRaises(SandboxError, self.set, "down", {"provider": "nobody"})

    def test_the_same_seed_gives_the_same_fates_and_other_ids(self):
        def lived(**options):
            with running_sandbox(contacts=5, time_scale=1, **options) as box:
                headers = {"Authorization": box.bland["api_key"]}
                for n in range(5):
                    body = json.dumps({"phone_number": f"+1212555010{n}", "task": "Talk"}).encode()
                    self.http("POST", box.bland["base_url"] + "/v1/calls", body, headers)
                calls = box.telephony_ledger("calls")["calls"]
                return [c["outcome"] for c in calls], {c["call_id"] for c in calls}

        (fates, ids), (again, others) = lived(), lived()
        self.assertEqual(fates, again)
        self.assertFalse(ids & others)
        self.assertEqual(lived(weights={"busy": 1})[0], ["busy"] * 5)


@tagged("post_install", "-at_install")
class TestScenarios(BaseCase):
    readme = (ROOT / "dev/sandbox/README.md").read_text()

    def test_ordinary_numbers_follow_the_weights_and_talk_is_lognormal(self):
        scenarios = Scenarios(1)
        fates = [scenarios.fate("twilio", f"+1212{n:07d}", 1)[0] for n in range(1_000_000, 1_004_000)]
        humans = sorted(fate.talk for fate in fates if fate.outcome == "human")
        self.assertAlmostEqual(len(humans) / len(fates), 0.6, delta=0.03)
        self.assertAlmostEqual(humans[len(humans) // 2], 35, delta=3)
        failed = sum(fate.outcome in ("failed", "invalid") for fate in fates)
        self.assertAlmostEqual(failed / len(fates), 0.03, delta=0.01)

    def test_fates_differ_by_attempt_and_provider(self):
        scenarios = Scenarios(1)
        talks = {scenarios.fate(p, "+12125550100", n)[0].talk for p in ("twilio", "bland") for n in (1, 2)}
        self.assertEqual(len(talks), 4)

    def test_the_readme_shows_every_scenario_outcome_fault_and_setting(self):
        for ending, scenario in TABLE.items():
            self.assertIn(f"| {ending} | {scenario.what} |", self.readme)
            self.assertLessEqual(set(scenario.outcomes), set(OUTCOMES))
            self.assertIn(scenario.refuse, ("", *REFUSALS))
        for name in (*NAMES, *OUTCOMES, *WEIGHTS):
            self.assertIn(f"`{name}`", self.readme)
        with running_sandbox(contacts=5) as box:
            for name in box.telephony("settings"):
                self.assertIn(f"`{name}`", self.readme)

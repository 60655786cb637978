"""A real server calls through the simulated Bland AI; what rang, and for how long, the sandbox's own books tell."""

import signal
import subprocess
import sys
import time
from datetime import timezone
from pathlib import Path

import requests

from odoo.tests import tagged

from ..dev.sandbox.client import running_sandbox
from .real_server import RealServerCase

PLACER = Path(__file__).with_name("place_process.py")
PREPARE = """
env["ir.config_parameter"].set_param("ghl.public_base_url", {url!r})
account = env["ghl.voip.account"].create(
    {{"name": "Sandbox", "provider": "bland", "base_url": {base_url!r}, "api_key": {api_key!r},
      "webhook_secret": {webhook_secret!r}}})
account.action_test_connection()
result = [account.id, account.state]
"""
PLACE = """
from odoo.addons.ghl.ghl_calls.dialer import place
result = [outcome.kind for outcome in place.place(env.cr.dbname, [{call_id}])]
"""
MAKE = """
result = env["ghl.call"].create(
    {{"subject": "Talk", "to_number": {number!r}, "voip_account_id": {account}, "task": "Say hello."}}).id
"""
FINAL = ("completed", "failed", "no_answer", "busy", "cancelled")


@tagged("post_install", "-at_install", "ghl")
class TestSandboxCalls(RealServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        options = {"contacts": 10, "time_scale": 50, "weights": {"human": 1}}
        cls.sandbox = cls.enterClassContext(running_sandbox(**options))
        bland = {name: cls.sandbox.ready["bland"][name] for name in ("base_url", "api_key", "webhook_secret")}
        cls.account, state = cls.shell(PREPARE.format(url=cls.server.url, **bland))
        assert state == "connected", state

    def initiate(self, number):
        answer = requests.post(
            f"{self.server.url}/api/v1/bland/initiate",
            params={"contact_id": "hs-1"},
            json={"phone_number": number, "task": "Say hello.", "record": True},
            headers={"Authorization": f"Bearer {self.key}"},
            timeout=60,
        ).json()
        return answer, (answer["data"] or {}).get("details", {}).get("id")

    def row(self, call_id, *names):
        [found] = self.sql(f"SELECT {', '.join(names)} FROM ghl_call WHERE id = {call_id}")
        return found

    def wait_for_end(self, call_id, asked=False):
        deadline = time.monotonic() + 60
        while (state := self.row(call_id, "state")[0]) not in FINAL and time.monotonic() < deadline:
            if asked:
                self.look(call_id)
            time.sleep(0.1)
        self.assertIn(state, FINAL, self.server.log_file.read_text()[-3000:])
        return state

    def look(self, call_id, times=1):
        """What the scheduled action does about a call that nothing was heard of for long."""
        for _time in range(times):
            self.sql(
                f"""UPDATE ghl_call SET next_check_at = now() AT TIME ZONE 'UTC' - interval '1 second',
                           lease_until = lease_until - interval '10 minutes',
                           submitted_at = submitted_at - interval '10 minutes' WHERE id = {call_id}"""
            )
            self.shell('env["ghl.call"]._cron_telephony()')

    def truth(self, number):
        """(how often it rang, the true end of the last call) of a number."""
        books = self.sandbox.telephony_ledger(to=number)
        return len(books["rung"]), books["calls"][-1] if books["calls"] else None

    def make(self, number):
        return self.shell(MAKE.format(number=number, account=self.account))

    def place(self, call_id):
        return self.shell(PLACE.format(call_id=call_id))

    def place_and_die(self, call_id, point):
        return subprocess.run(
            [sys.executable, str(PLACER), point, str(call_id), "-d", self.db, "--no-http"],
            env=self.odoo.environ(self.db),
            capture_output=True,
            check=False,
        ).returncode

    def test_a_call_ends_with_the_seconds_that_were_talked(self):
        ends = {
            "01": "completed",
            "02": "completed",
            "03": "busy",
            "04": "no_answer",
            "05": "failed",
            "09": "completed",
        }
        for part, state in ends.items():
            number = f"+121255990{part}"
            with self.subTest(number=number):
                answer, call_id = self.initiate(number)
                self.assertTrue(answer["success"], answer)
                self.assertEqual(self.wait_for_end(call_id), state)
                rung, call = self.truth(number)
                seconds, answered, ended = self.row(call_id, "duration_seconds", "answered_at", "ended_at")
                self.assertEqual(rung, 1)
                if state == "completed":
                    self.assertLessEqual(abs(seconds - call["talk_seconds"]), 1)
                    self.assertLessEqual(abs((ended - answered).total_seconds() - seconds), 2)
                    ended = ended.replace(tzinfo=timezone.utc).timestamp()
                    self.assertLessEqual(abs(ended - call["ended_at"] / 1000), 2)
                else:
                    self.assertEqual((seconds, answered), (0, None))

    def test_lost_doubled_and_late_reports_end_alike(self):
        for part in (20, 22, 23, 24, 26, 29):
            number = f"+121255990{part}"
            with self.subTest(number=number):
                _answer, call_id = self.initiate(number)
                # Nothing believable comes of two: the provider is asked, which knows the end a moment after the line.
                asked = part in (20, 26)
                self.assertEqual(self.wait_for_end(call_id, asked), "completed")
                rung, call = self.truth(number)
                self.assertEqual(rung, 1)
                self.assertLessEqual(abs(self.row(call_id, "duration_seconds")[0] - call["talk_seconds"]), 1)

    def test_a_lost_answer_never_rings_twice(self):
        for number, rings in (
            ("+12125599041", 1),
            ("+12125599045", 1),
            ("+12125599048", 1),
            ("+12125599040", 0),
            ("+12125599044", 0),
        ):
            with self.subTest(number=number):
                _answer, call_id = self.initiate(number)
                if not rings:
                    self.look(call_id, times=2)
                self.assertEqual(self.wait_for_end(call_id), "completed" if rings else "failed")
                self.assertEqual(self.truth(number)[0], rings)

    def test_a_process_killed_at_any_point_never_rings_twice(self):
        for n, (point, rings) in enumerate((("before_commit", 0), ("before_send", 0), ("after_send", 1))):
            number = f"+1212555{n}001"
            with self.subTest(point=point):
                call_id = self.make(number)
                self.assertEqual(self.place_and_die(call_id, point), -signal.SIGKILL)
                if point == "before_commit":
                    self.assertEqual(self.row(call_id, "state", "submission"), ("pending", None))
                    self.assertEqual(self.place(call_id), ["accepted"])
                    rings = 1
                else:
                    self.assertEqual(self.place(call_id), ["gone"])
                    self.look(call_id, times=2)
                state = self.wait_for_end(call_id)
                self.assertEqual(state, "completed" if rings else "failed")
                self.assertEqual(self.truth(number)[0], rings)

"""A real server under a storm of deliveries: each has one effect, nobody waits for Odoo's sleeping retry."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import requests

from odoo.tests import tagged

from .real_server import RealServerCase
from .voip_data import SECRET, bland_call, signed

PREPARE = """
account = env["ghl.voip.account"].create(
    {"name": "Storm", "provider": "bland", "base_url": "http://127.0.0.1:9", "api_key": "sk-storm",
     "webhook_secret": %r})
calls = env["ghl.call"].create(
    [{"subject": f"Call {n}", "voip_account_id": account.id, "provider": "bland", "provider_call_id": f"bl-{n}",
      "reference": f"ref-{n}", "submission": "accepted", "to_number": "+15005550006"} for n in range(20)])
result = [account.door_token, calls.ids]
"""


@tagged("post_install", "-at_install", "ghl")
class TestStorm(RealServerCase):
    @classmethod
    def prepare(cls):
        cls.token, cls.calls = cls.shell(PREPARE % SECRET)

    def deliver(self, payload, reference):
        body, headers = signed(payload)
        url = f"{self.server.url}/ghl/voip/{self.token}/status/{reference}"
        return requests.post(url, data=body, headers=headers, timeout=30).status_code

    def wait(self, statement, expected):
        """Poll until the database says so."""
        deadline = time.monotonic() + 30
        while (found := self.sql(statement)) != expected and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual(found, expected, self.server.log_file.read_text()[-3000:])

    def test_one_delivery_hundred_times_from_eight_threads_has_one_effect(self):
        payload = bland_call("bl-0", "ref-0")
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _n: self.deliver(payload, "ref-0"), range(100)))
        self.assertEqual(set(answers), {204})
        self.wait("SELECT state FROM ghl_call WHERE reference = 'ref-0'", [("completed",)])
        self.assertEqual(self.sql("SELECT count(*) FROM ghl_webhook_event WHERE reference = 'ref-0'"), [(1,)])
        self.assertEqual(
            self.sql(f"SELECT event, count(*) FROM ghl_call_event WHERE call_id = {self.calls[0]} GROUP BY 1"),
            [("COMPLETED", 1)],
        )
        log = self.server.log_file.read_text()
        for line in ("could not serialize", "SerializationFailure", "ERROR", "Traceback"):
            self.assertNotIn(line, log)
        self.assertIn("/ghl/voip/***/status/ref-0", log)
        for secret in (self.token, SECRET, "sk-storm"):
            self.assertNotIn(secret, log)

    def test_many_calls_reported_at_once_in_any_order_all_end(self):
        told = []
        for n in range(1, 20):
            for word in ("queued", "in-progress"):
                running = dict.fromkeys(("end_at", "corrected_duration", "call_length", "answered_by"))
                running |= {"completed": False, "status": word, "queue_status": word, "transcripts": []}
                told.append((bland_call(f"bl-{n}", f"ref-{n}", **running), f"ref-{n}"))
            told += [(bland_call(f"bl-{n}", f"ref-{n}", seconds=n), f"ref-{n}")] * 2
        told = told[::3] + told[1::3] + told[2::3]
        with ThreadPoolExecutor(8) as pool:
            self.assertEqual(set(pool.map(lambda one: self.deliver(*one), told)), {204})
        ids = ",".join(str(call) for call in self.calls[1:])
        self.wait(f"SELECT DISTINCT state FROM ghl_call WHERE id IN ({ids})", [("completed",)])
        self.wait("SELECT count(*) FROM ghl_webhook_event WHERE state = 'pending'", [(0,)])
        seconds = self.sql(f"SELECT duration_seconds FROM ghl_call WHERE id IN ({ids}) ORDER BY id")
        self.assertEqual([one for (one,) in seconds], list(range(1, 20)))

    def test_the_scheduled_action_works_off_what_a_dead_process_left(self):
        body = json.dumps(bland_call("bl-0", "ref-0", price=9)).encode().hex()
        self.sql(
            f"""INSERT INTO ghl_webhook_event (company_id, source, res_id, kind, delivery_key, trusted, method, url,
                       body, reference, received_at, state, attempts)
                SELECT company_id, 'voip', id, 'status', 'left behind', TRUE, 'POST', '/x',
                       encode(decode('{body}', 'hex'), 'base64')::bytea, 'ref-0', now() AT TIME ZONE 'UTC', 'pending', 0
                  FROM ghl_voip_account WHERE name = 'Storm'"""
        )
        self.shell('env["ghl.call"]._cron_telephony()')
        self.assertEqual(
            self.sql("SELECT state FROM ghl_webhook_event WHERE delivery_key = 'left behind'"), [("done",)]
        )
        self.assertEqual(self.sql("SELECT cost::text FROM ghl_call WHERE reference = 'ref-0'"), [("9.0000",)])

"""Changes are told to a URL with real signatures, and as unreliably as by the real service."""

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from odoo.tests.common import tagged

from .sandbox_case import SandboxCase


class Receiver(ThreadingHTTPServer):
    """Keeps what it is sent; answers the statuses in `answers` first, then 200."""

    daemon_threads = True

    def __init__(self):
        self.received = []
        self.answers = []
        super().__init__(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server_address[1]}/ghl/webhook"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.headers.get("X-GHL-Signature"), body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.end_headers()

    def log_message(self, *args):
        pass


@tagged("post_install", "-at_install")
class TestSandboxWebhooks(SandboxCase):
    options = {"contacts": 20, "rate_limit": False}

    def setUp(self):
        super().setUp()
        self.receiver = Receiver()
        self.addCleanup(self.receiver.server_close)
        self.addCleanup(self.receiver.shutdown)
        self.sandbox.set_webhooks(self.receiver.url, retry_ms=20)

    def settled(self):
        """The log once nothing is under way any more (bounded waiting: deliveries run in another process)."""
        deadline = time.monotonic() + 10
        while (log := self.sandbox.webhooks())["pending"]:
            self.assertLess(time.monotonic(), deadline, log)
            threading.Event().wait(0.01)
        return log["deliveries"]

    def events(self):
        self.settled()
        return [json.loads(body) for _, body in self.receiver.received]

    def is_genuine(self, signature, body):
        key = load_pem_public_key(self.sandbox.webhook_public_key.encode())
        try:
            key.verify(base64.b64decode(signature), body)
        except InvalidSignature:
            return False
        return True

    def test_a_new_contact_is_told_with_a_genuine_signature(self):
        contact = self.ask("POST", "/contacts/", {"locationId": self.loc, "email": "w@example.com"})[1]["contact"]
        (event,) = self.events()
        self.assertEqual((event["type"], event["id"], event["locationId"]), ("ContactCreate", contact["id"], self.loc))
        self.assertTrue(event["webhookId"] and event["timestamp"])
        self.assertNotIn("dateUpdated", event)
        signature, body = self.receiver.received[0]
        self.assertTrue(self.is_genuine(signature, body))
        self.assertFalse(self.is_genuine(signature, body + b" "))

    def test_every_kind_of_change_has_its_event_and_the_gaps_of_the_real_ones(self):
        contact = self.ids("contacts")[0]
        self.ask("POST", f"/contacts/{contact}/tags", {"tags": ["brand new"]})
        body = {"title": "T", "body": "B", "dueDate": "2026-12-01T10:00:00Z", "completed": False}
        task = self.ask("POST", f"/contacts/{contact}/tasks", body)[1]["task"]["id"]
        self.ask("PUT", f"/contacts/{contact}/tasks/{task}", {"title": "Edited"})
        self.ask("PUT", f"/contacts/{contact}/tasks/{task}/completed", {"completed": True})
        self.ask("DELETE", f"/contacts/{contact}/tasks/{task}")
        self.ask("POST", f"/contacts/{contact}/notes", {"body": "N"})
        deal = self.ids("opportunities")[0]
        self.ask("PUT", f"/opportunities/{deal}", {"monetaryValue": 123456})
        self.sandbox.mutate(conversations=1)
        events = {event["type"]: event for event in self.events()}
        self.assertEqual(
            set(events),
            {
                "ContactUpdate",
                "ContactTagUpdate",
                "TaskCreate",
                "TaskComplete",
                "TaskDelete",
                "NoteCreate",
                "OpportunityUpdate",
                "OpportunityMonetaryValueUpdate",
                "InboundMessage",
                "ConversationUnreadUpdate",
            },
        )
        self.assertFalse({"contactId", "body"} & set(events["TaskCreate"]))
        self.assertEqual(events["TaskDelete"]["contactId"], contact)
        self.assertNotIn("customFields", events["OpportunityUpdate"])

    def test_only_a_429_is_sent_again(self):
        self.receiver.answers = [429, 429]
        self.sandbox.fire_webhook({"type": "ContactUpdate", "id": "C1"})
        self.assertEqual(self.settled()[-1]["statuses"], [429, 429, 200])
        self.receiver.answers = [500]
        self.sandbox.fire_webhook({"type": "ContactUpdate", "id": "C1"})
        self.assertEqual(self.settled()[-1], {**self.settled()[-1], "statuses": [500], "state": "lost"})

    def test_after_six_retries_it_gives_up(self):
        self.receiver.answers = [429] * 20
        self.sandbox.fire_webhook({"type": "ContactUpdate", "id": "C1"})
        last = self.settled()[-1]
        self.assertEqual((last["statuses"], last["state"]), ([429] * 7, "lost"))

    def test_forged_missing_and_void_signatures_can_be_sent(self):
        for kind in ("bad", "none", "N/A"):
            self.sandbox.fire_webhook({"type": "ContactUpdate", "id": "C1"}, signature=kind)
        self.settled()
        signatures = [signature for signature, _ in self.receiver.received]
        self.assertEqual({None, "N/A"} - set(signatures), set())
        forged = next((s, b) for s, b in self.receiver.received if s not in (None, "N/A"))
        self.assertFalse(self.is_genuine(*forged))

    def test_events_get_lost_and_come_twice_when_asked(self):
        self.sandbox.set_webhooks(duplicate=1)
        self.sandbox.fire_webhook({"type": "ContactUpdate", "id": "C1"})
        events = self.events()
        self.assertEqual(len(events), 2)
        self.assertEqual(events[0]["webhookId"], events[1]["webhookId"])
        self.sandbox.set_webhooks(duplicate=0, lose=1)
        self.sandbox.fire_webhook({"type": "ContactUpdate", "id": "C1"})
        self.assertEqual(self.settled()[-1]["state"], "lost")
        self.assertEqual(len(self.receiver.received), 2)

    def test_delays_put_events_out_of_order(self):
        self.sandbox.set_webhooks(delay_ms=200)
        sent = self.sandbox.fire_webhook({"type": "ContactUpdate", "id": "C1"}, times=20)
        came = [event["webhookId"] for event in self.events()]
        self.assertEqual(sorted(came), sorted(sent))
        self.assertNotEqual(came, sent)

    def test_nothing_is_told_without_a_url_and_unknown_settings_are_refused(self):
        self.sandbox.set_webhooks(None)
        self.sandbox.mutate(contacts=3)
        self.assertEqual(self.events(), [])
        for body in ({"nonsense": 1}, {"payload": {}}):
            with self.assertRaises(RuntimeError):
                self.sandbox.control("/webhook/fire" if "payload" in body else "/webhooks", body)

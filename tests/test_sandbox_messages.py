"""Messages and calls of the simulated service, with the nesting and the gaps of the real one."""

import urllib.request

from odoo.tests.common import tagged

from .sandbox_case import SandboxCase


@tagged("post_install", "-at_install")
class TestSandboxMessages(SandboxCase):
    options = {"contacts": 120, "locations": 2, "rate_limit": False}

    def export(self, query="", limit=10):
        """All messages of the export, following its cursor."""
        rows, cursor = [], ""
        for _ in range(100):
            path = f"/conversations/messages/export?locationId={self.loc}&limit={limit}{query}{cursor}"
            status, answer = self.ask("GET", path)
            self.assertEqual(status, 200, answer)
            rows += answer["messages"]
            if not answer.get("nextCursor"):
                self.assertEqual(len(rows), answer["total"])
                return rows
            cursor = f"&cursor={answer['nextCursor']}"
        self.fail("paging did not end")

    def of_conversation(self, conversation, limit=3):
        rows, last = [], ""
        for _ in range(20):
            page = self.ask("GET", f"/conversations/{conversation}/messages?limit={limit}{last}")[1]["messages"]
            rows += page["messages"]
            if not page["nextPage"]:
                return rows
            last = f"&lastMessageId={page['lastMessageId']}"
        self.fail("paging did not end")

    def test_two_passes_of_the_export_give_every_message_but_activities_once(self):
        expected = {
            m["id"]
            for conversation in self.ids("conversations")
            for m in self.of_conversation(conversation)
            if not m["messageType"].startswith("TYPE_ACTIVITY")
        }
        rows = self.export() + self.export("&channel=Email")
        self.assertEqual(len(rows), len({m["id"] for m in rows}))
        self.assertEqual({m["id"] for m in rows}, expected)

    def test_the_export_is_ordered_and_bounded_as_asked(self):
        stamps = [m["dateUpdated"] for m in self.export("&sortBy=updatedAt&sortOrder=asc")]
        self.assertEqual(stamps, sorted(stamps))
        middle = stamps[len(stamps) // 2]
        late = self.export(f"&sortBy=updatedAt&sortOrder=asc&startDate={middle}")
        self.assertEqual([m["dateUpdated"] for m in late], [s for s in stamps if s >= middle])

    def test_messages_of_a_conversation_come_newest_first_and_the_last_is_the_conversations_own(self):
        conversation = self.ask("GET", f"/conversations/search?locationId={self.loc}&limit=1")[1]["conversations"][0]
        rows = self.of_conversation(conversation["id"])
        stamps = [m["dateAdded"] for m in rows]
        self.assertEqual((len(rows), stamps), (4, sorted(stamps, reverse=True)))
        self.assertEqual(rows[0]["messageType"], conversation["lastMessageType"])

    def test_calls_have_duration_only_when_answered_and_only_those_a_recording(self):
        calls = self.export("&channel=Call")
        self.assertIn("TYPE_CAMPAIGN_VOICEMAIL", {m["messageType"] for m in calls})
        for status, has in (("completed", True), ("no-answer", False)):
            message = next(m for m in calls if m["meta"]["call"]["status"] == status)
            self.assertEqual(message["meta"]["call"]["duration"] is not None, has)
            path = f"/conversations/messages/{message['id']}/locations/{self.loc}/recording"
            if has:
                headers = {"Authorization": f"Bearer {self.sandbox.private_token}", "Version": "v3"}
                request = urllib.request.Request(self.sandbox.base_url + path, headers=headers)
                with urllib.request.urlopen(request, timeout=10) as answer:
                    self.assertEqual((answer.headers["Content-Type"], answer.read(4)), ("audio/x-wav", b"RIFF"))
            else:
                self.assertRefused(self.ask("GET", path), 400, "No recording")

    def test_emails_carry_no_body(self):
        emails = self.export("&channel=Email")
        self.assertTrue(emails)
        self.assertFalse([m for m in emails if "body" in m or not m["meta"]["email"]["messageIds"]])

    def test_a_sent_message_becomes_the_last_one_of_its_conversation(self):
        contact = self.sandbox.create(contacts=1)["contacts"][0]
        body = {"type": "SMS", "contactId": contact, "message": "Hi"}
        sent = [self.ask("POST", "/conversations/messages", body)[1] for _ in range(12)]
        self.assertEqual(len({m["conversationId"] for m in sent}), 1)
        self.assertEqual(len({m["messageId"] for m in sent}), 12, "there is no idempotency key")
        rows = self.of_conversation(sent[0]["conversationId"])
        self.assertEqual([m["id"] for m in rows], [m["messageId"] for m in reversed(sent)])

    def test_wrong_questions_are_refused(self):
        path = f"/conversations/messages/export?locationId={self.loc}"
        self.assertRefused(self.ask("GET", f"{path}&limit=501"), 422, "limit must not be greater than 500")
        self.assertRefused(self.ask("GET", f"{path}&sortBy=body"), 422, "sortBy must be one of")
        self.assertRefused(self.ask("GET", f"{path}&channel=Fax"), 422, "channel must be one of")
        self.assertRefused(self.ask("GET", f"{path}&cursor=zzz"), 400, "Invalid cursor")
        self.assertRefused(self.ask("GET", "/conversations/messages/unknown"), 400, "Message not found")
        contact = self.ids("contacts")[0]
        self.assertRefused(
            self.ask("POST", "/conversations/messages", {"type": "SMS", "contactId": contact}), 400, "no message"
        )

    def test_a_deleted_conversation_takes_its_messages(self):
        message = self.export()[0]
        self.ask("DELETE", f"/conversations/{message['conversationId']}")
        self.assertNotIn(message["conversationId"], {m["conversationId"] for m in self.export()})

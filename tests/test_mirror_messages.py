"""Messages: both exports, what is read again, the figures of contacts - against a recount in plain Python."""

from collections import Counter
from unittest.mock import patch

from odoo.tests.common import tagged

from ..ghl_base.jobs.run import JobYield
from ..ghl_contacts.mapping import message as message_mapping
from ..ghl_contacts.mapping.values import stamp
from ..ghl_contacts.mirror import figures
from ..ghl_contacts.mirror.entities import YOUNG_MS
from ..ghl_contacts.mirror.merge import merge_page
from ..ghl_contacts.mirror.pull import Pull
from .common import SandboxCase, make_user, remote_messages

EXPORT = "/conversations/messages/export"
ENTITIES = ("messages", "e-mails")


class MessagesCase(SandboxCase):
    sandbox_options = {"contacts": 400, "conversations": 400, "locations": 1}

    def messages(self, **values):
        domain = [("location_id", "=", self.location.id), *((name, "=", value) for name, value in values.items())]
        return self.env["ghl.contact.message"].search(domain)

    def entities(self, job):
        return [job.result["entities"][name] for name in ENTITIES]

    def send(self, contact, **values):
        """Send a message by the API. Returns its id."""
        body = {"type": "SMS", "contactId": contact.external_id, "message": "Hello there", **values}
        status, answer, _headers = self.sandbox.call("POST", "/conversations/messages", body)
        self.assertEqual(status, 200, answer)
        return answer["messageId"]

    def assert_messages_equal_remote(self):
        for entity, rows in remote_messages(self.sandbox).items():
            mirrored = self.messages(is_email=entity == "e-mails")
            self.assertEqual(sorted(mirrored.mapped("external_id")), sorted(row["id"] for row in rows), entity)

    def recount(self):
        """``{contact's GHL id: the figures}`` by plain Python out of the remote rows."""
        rows = [row for rows in remote_messages(self.sandbox).values() for row in rows]
        found = {}
        for row in sorted(
            rows, key=lambda row: (stamp(row["dateAdded"]), row["messageType"] != "TYPE_EMAIL", row["dateAdded"])
        ):
            figure = found.setdefault(
                row["contactId"], {"sent": Counter(), "received": Counter(), "first": False, "latest": False}
            )
            if row["direction"] == "outbound":
                figure["sent"][row["messageType"]] += 1
                figure["first"] = figure["first"] or stamp(row["dateAdded"])
                figure["latest"] = stamp(row["dateAdded"])
            else:
                figure["received"][row["messageType"]] += 1
            figure["last"] = (row["id"], row["messageType"], row["direction"], row["source"], stamp(row["dateAdded"]))
            figure["text"] = row.get("body") or False
        return found

    def assert_figures_equal_a_recount(self):
        expected = self.recount()
        contacts = self.env["ghl.contact"].search([("location_id", "=", self.location.id)])
        told = {
            contact.external_id: {
                "sent": contact.touches or {},
                "received": contact.engagements or {},
                "first": contact.first_touch_date,
                "latest": contact.last_touch_date,
                "last": (
                    contact.last_message_external_id,
                    contact.last_message_type,
                    contact.last_message_direction,
                    contact.last_message_source,
                    contact.last_message_date,
                ),
                "text": contact.last_message_body,
            }
            for contact in contacts
            if contact.last_message_date
        }
        self.assertGreater(len(told), 100)
        expected = {name: expected[name] for name in expected.keys() & set(contacts.mapped("external_id"))}
        self.assertEqual(told.keys(), expected.keys())
        for name, figure in expected.items():
            self.assertEqual(told[name], figure, name)


@tagged("post_install", "-at_install")
class TestMessages(MessagesCase):
    def test_a_first_pull_brings_every_message_and_every_email_in_as_few_requests_as_pages(self):
        self.sandbox.reset_ledger()
        job = self.pull()
        self.assertEqual(job.state, "done", job.error)
        asked = self.sandbox.ledger()["requests"][f"GET {EXPORT}"]
        remote = remote_messages(self.sandbox)
        self.assertGreater(len(remote["messages"]), 500)
        self.assertTrue(remote["e-mails"])
        self.assertEqual(asked, sum(-(-len(rows) // 500) for rows in remote.values()))
        self.assert_messages_equal_remote()

    def test_messages_say_what_was_sent(self):
        self.pull()
        rows = {row["id"]: row for rows in remote_messages(self.sandbox).values() for row in rows}
        for message in self.messages()[:300]:
            row = rows[message.external_id]
            self.assertEqual(
                (message.message_type, message.direction, message.status, message.body or None, message.source),
                (row["messageType"], row["direction"], row["status"], row.get("body"), row["source"]),
            )
            self.assertEqual(message.remote_created_at, stamp(row["dateAdded"]))
            self.assertEqual(message.contact_id.external_id, row["contactId"])
            self.assertEqual(message.conversation_id.external_id, row["conversationId"])
            self.assertEqual(message.ghl_user_id.external_id or None, row.get("userId"))

    def test_a_call_without_an_answer_has_no_duration_at_all(self):
        self.pull()
        self.env.cr.execute(
            "SELECT call_status, call_duration FROM ghl_contact_message WHERE message_type = 'TYPE_CALL'"
        )
        durations = {}
        for status, duration in self.env.cr.fetchall():
            durations.setdefault(status, set()).add(duration)
        self.assertEqual(durations["no-answer"], {None})
        self.assertNotIn(None, durations["completed"])

    def test_a_second_pull_with_nothing_changed_writes_nothing(self):
        self.pull("full")
        before = self.written()
        for mode in ("incremental", "full"):
            for counts in self.entities(self.pull(mode)):
                self.assertEqual((counts["created"], counts["updated"], counts["archived"]), (0, 0, 0), mode)
        self.assertEqual(self.written(), before, "no row has a new version")

    def written(self):
        self.env.flush_all()
        self.env.cr.execute("SELECT 'm', id, ctid FROM ghl_contact_message UNION SELECT 'c', id, ctid FROM ghl_contact")
        return sorted(self.env.cr.fetchall())

    def test_an_incremental_pull_brings_new_messages_and_their_figures(self):
        self.pull()
        self.sandbox.mutate(conversations=5)
        contact = self.messages(message_type="TYPE_SMS")[:1].contact_id
        sent, mail = self.send(contact), self.send(contact, type="Email", html="<p>Hi</p>", subject="Hi")
        job = self.pull()
        self.assertEqual([counts["created"] for counts in self.entities(job)], [6, 1])
        self.assertLess(self.entities(job)[0]["seen"], 500, "only changes are asked for")
        self.assertTrue(self.messages(external_id=mail).is_email)
        self.assertEqual(self.messages(external_id=sent).contact_id, contact)
        self.assert_messages_equal_remote()
        self.assert_figures_equal_a_recount()

    def test_figures_of_contacts_equal_a_recount(self):
        self.pull()
        self.assert_figures_equal_a_recount()

    def test_figures_once_counted_are_not_written_again(self):
        self.pull()
        self.assertEqual(figures.refresh(self.env, self.location), 0)
        self.env.cr.execute("UPDATE ghl_contact SET touches = NULL WHERE touches IS NOT NULL")
        wrong = self.env.cr.rowcount
        self.assertEqual(figures.refresh(self.env, self.location), wrong)
        self.assert_figures_equal_a_recount()

    def test_messages_that_vanished_are_archived_and_count_no_more(self):
        self.pull()
        contact = self.messages()[:1].contact_id
        self.sandbox.call("DELETE", f"/contacts/{contact.external_id}")
        gone = contact.message_history_ids
        job = self.pull("full")
        self.assertEqual(sum(counts["archived"] for counts in self.entities(job)), len(gone))
        self.assertFalse(any(gone.mapped("active")))
        self.assertFalse(contact.last_message_date or contact.touches or contact.engagements)
        self.assert_messages_equal_remote()

    def test_an_email_that_strayed_into_the_other_export_is_one_again_after_a_full_pull(self):
        self.pull()
        emails = remote_messages(self.sandbox)["e-mails"][:3]
        merge_page(self.env, self.location, emails, model_name="ghl.contact.message", mapper=message_mapping)
        self.assertEqual(len(self.messages(is_email=False, external_id=emails[0]["id"])), 1)
        self.pull("full")
        self.assert_messages_equal_remote()

    def test_young_rows_are_read_again_though_their_date_did_not_change(self):
        """A call is listed before its duration is known, and is filled in without a new date."""
        self.pull()
        contact = self.messages(message_type="TYPE_SMS")[:1].contact_id
        young = self.messages(external_id=self.send_and_pull(contact))
        old = self.messages(is_email=False)[-1:]
        self.assertGreater((young.remote_updated_at - old.remote_updated_at).total_seconds() * 1000, YOUNG_MS)
        self.env.cr.execute(
            "UPDATE ghl_contact_message SET status = 'stale', content_hash = 'x' WHERE id IN %s", [(young.id, old.id)]
        )
        self.env.invalidate_all()
        self.pull()
        self.assertEqual((young.status, old.status), ("pending", "stale"))

    def send_and_pull(self, contact):
        sent = self.send(contact)
        self.pull()
        return sent

    def test_changes_during_a_first_pull_are_not_behind_its_watermark(self):
        """The first walk ascends by creation: what changed behind it must be asked for by the next."""
        self.pull()
        watermark = self.location.cursor_ids.filtered(lambda cursor: cursor.entity == "messages").watermark
        newest = max(stamp(row["dateUpdated"]) for row in remote_messages(self.sandbox)["messages"])
        self.assertLessEqual(watermark, newest.timestamp() * 1000 + 1000)
        self.assertGreater(watermark, 0)

    def test_an_interrupted_walk_goes_on_behind_the_last_page_written(self):
        written, original = [], Pull._write

        def interrupted(pull, name, page):
            original(pull, name, page)
            written.append(name)
            if name == "messages" and written.count("messages") == 2:
                raise JobYield

        job = self.location._enqueue_pull("full")
        with patch.object(Pull, "_write", interrupted):
            self.env["ghl.job"].drain(limit=1)
        self.assertEqual(job.state, "pending")
        self.env["ghl.job"].drain(limit=1)
        self.env.invalidate_all()
        self.assertEqual(job.state, "done", job.error)
        seen = [counts["seen"] for counts in self.entities(job)]
        self.assertEqual(seen, [len(rows) for rows in remote_messages(self.sandbox).values()], "none is read twice")
        self.assert_messages_equal_remote()
        self.assert_figures_equal_a_recount()

    def test_a_dead_cursor_costs_one_page_and_loses_nothing(self):
        original = self.env.registry["ghl.location"]._client

        def client(location, **options):
            made, dying = original(location, **options), []
            request = made.request

            def asked(name, path=None, query=None, body=None):
                if name == "messages_export" and query.get("cursor") and len(dying) < 2:
                    dying.append(name)
                    query = {**query, "cursor": "WzAsMCwwXQ=="}  # one of long ago: the sandbox calls it expired
                return request(name, path, query, body)

            made.request, self.dying = asked, dying
            return made

        self.sandbox.reset_ledger()
        with patch.object(self.env.registry["ghl.location"], "_client", client):
            job = self.pull("full")
        self.assertEqual(job.state, "done", job.error)
        refused = self.sandbox.ledger()["by_request_and_status"].get(f"GET {EXPORT} 400")
        self.assertEqual((refused, len(self.dying)), (2, 2))
        self.assertEqual(
            [c["seen"] for c in self.entities(job)], [len(r) for r in remote_messages(self.sandbox).values()]
        )
        self.assert_messages_equal_remote()

    def test_a_location_may_leave_messages_out(self):
        self.location.sync_messages = False
        self.sandbox.reset_ledger()
        job = self.pull("full")
        self.assertEqual(job.state, "done", job.error)
        self.assertNotIn(f"GET {EXPORT}", self.sandbox.ledger()["requests"])
        self.assertFalse(self.messages())
        self.location.sync_messages = True
        self.pull()
        self.assert_messages_equal_remote()

    def test_a_missing_scope_names_both_exports_and_the_rest_is_mirrored(self):
        self.sandbox.set_faults({"403": {"rate": 1, "path": EXPORT}})
        job = self.pull()
        self.assertEqual(job.state, "parked")
        self.assertRegex(job.error, r"^(Messages, e-mails|E-mails, messages): GoHighLevel ")
        self.assert_mirror_equals_remote()

    def test_bad_rows_are_listed_with_their_reason_and_the_rest_arrives(self):
        self.sandbox.set_faults({"bad_record": {"rate": 1, "path": EXPORT}})
        job = self.pull("full")
        self.assertEqual(job.state, "done", job.error)
        issues = self.env["ghl.sync.issue"].search([("entity", "in", ENTITIES)])
        self.assertEqual(set(issues.mapped("entity")), set(ENTITIES))
        self.assertTrue(all(issues.mapped("reason")))
        self.assertGreater(len(self.messages()), 1000)
        self.sandbox.clear_faults()
        self.pull("full")
        self.assertFalse(issues.exists())
        self.assert_messages_equal_remote()
        self.assert_figures_equal_a_recount()

    def test_messages_that_were_here_before_their_contact_count_when_it_arrives(self):
        self.pull()
        contact = self.messages()[:1].contact_id
        name, orphans = contact.external_id, contact.message_history_ids
        contact.unlink()
        self.assertFalse(orphans.contact_id)
        self.pull("full")
        self.assertEqual(orphans.contact_id.external_id, name)
        self.assert_figures_equal_a_recount()

    def test_limited_users_see_the_messages_of_their_locations_only(self):
        self.pull()
        elsewhere = self.location.copy({"name": "Elsewhere", "external_id": "ELSE"})
        limited = make_user(self.env, "messages_limited", locations=elsewhere)
        everywhere = make_user(self.env, "messages_everywhere")
        self.assertFalse(self.env["ghl.contact.message"].with_user(limited).search_count([]))
        self.assertEqual(self.env["ghl.contact.message"].with_user(everywhere).search_count([]), len(self.messages()))

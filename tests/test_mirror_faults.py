"""Pulls from a service that misbehaves: they end, say why in a sentence, and leave the mirror as a clean pull does."""

from functools import partial
from unittest.mock import patch

from odoo.tests.common import tagged

from ..dev.faults.dump import differences, dump
from ..ghl_base.jobs.run import JobYield
from ..ghl_contacts.gateway.client import GhlClient
from ..ghl_contacts.mapping import contact
from ..ghl_contacts.mapping.values import MappingError
from ..ghl_contacts.mirror import connection, masterdata
from ..ghl_contacts.mirror.pull import Pull
from .common import SandboxCase

SEARCHES = {
    "contacts": "/contacts/search",
    "tasks": "/tasks/search",
    "conversations": "/conversations/search",
    "opportunities": "/opportunities/search",
}


@tagged("post_install", "-at_install")
class TestFaults(SandboxCase):
    # A refused request is tried again after one interval of the rate limit: a short one, so that no test waits.
    sandbox_options = {"contacts": 620, "locations": 1, "interval_ms": 50}

    def finish(self, mode="full"):
        """Pull, with the job's retries but without their waiting. Returns the job."""
        job = self.location._enqueue_pull(mode)
        for _attempt in range(5):
            self.env["ghl.job"].drain(limit=1)
            self.env.invalidate_all()
            if job.state != "pending":
                break
            self.env.cr.execute("UPDATE ghl_job SET eta = now() AT TIME ZONE 'UTC' WHERE id = %s", [job.id])
        return job

    def mirror(self):
        self.env.flush_all()
        return dump(self.env.cr)

    def assert_clean_afterwards(self):
        """The mirror is what a pull into an empty one gives."""
        found = self.mirror()
        self.sandbox.clear_faults()
        # What was mirrored under faults goes away with its cursors, so that the reference is made from nothing.
        self.env["ghl.sync.cursor"].search([]).unlink()
        tables = "ghl_contact, ghl_contact_task, ghl_contact_conversation, ghl_contact_opportunity, ghl_tag, ghl_user"
        self.env.cr.execute(f"TRUNCATE {tables}, ghl_custom_field, ghl_pipeline, ghl_sync_issue CASCADE")
        self.env.invalidate_all()
        self.assertEqual(self.finish().state, "done")
        self.assertEqual(differences(self.mirror(), found), [])

    def test_passing_faults_of_every_kind_leave_no_trace(self):
        self.sandbox.set_faults(
            {
                **{name: {"rate": 0.1, "seed": "mix"} for name in ("429", "500", "502html", "reset", "cut", "html")},
                "401once": {"rate": 0.5, "path": "/conversations/search", "seed": "mix"},
            }
        )
        self.sandbox.reset_ledger()
        job = self.finish()
        self.assertEqual(job.state, "done", job.error)
        self.assertGreater(len(self.sandbox.ledger()["faults"]), 3)
        self.assert_clean_afterwards()

    def test_damaged_rows_do_not_stop_a_pull_and_the_next_one_mends_them(self):
        for fault in ("null", "unknown_enum", "duplicate", "longnames", "bad_record"):
            with self.subTest(fault):
                self.sandbox.set_faults({fault: 1})
                job = self.finish()
                self.assertEqual(job.state, "done", job.error)
                self.sandbox.clear_faults()
                self.assertEqual(self.finish().state, "done")
                self.assert_clean_afterwards()

    def test_an_entity_that_is_refused_parks_the_job_and_the_others_are_complete(self):
        for entity, fault in (
            ("contacts", "403"),
            ("tasks", "422"),
            ("conversations", "403"),
            ("opportunities", "422"),
        ):
            with self.subTest(entity):
                self.sandbox.set_faults({fault: {"rate": 1, "path": SEARCHES[entity]}})
                job = self.finish()
                self.assertEqual(job.state, "parked")
                self.assertRegex(job.error, rf"^{entity.capitalize()}: GoHighLevel .*\.$")
                states = {cursor.entity: cursor.state for cursor in self.location.cursor_ids}
                self.assertEqual({name for name, state in states.items() if state != "complete"}, {entity})
                self.sandbox.clear_faults()
                self.assertEqual(self.finish().state, "done")
        self.assert_clean_afterwards()

    def test_a_page_of_html_for_ever_fails_the_job_and_the_next_one_mends_it(self):
        self.sandbox.set_faults({"html": {"rate": 1, "path": SEARCHES["opportunities"]}})
        self.patch(connection, "GhlClient", partial(GhlClient, sleep=lambda seconds: None))
        job = self.finish()
        self.assertEqual(job.state, "failed")
        self.assertIn("cannot be read", job.error)
        self.sandbox.clear_faults()
        self.assertEqual(self.finish().state, "done")
        self.assert_clean_afterwards()

    def test_a_revoked_token_is_one_sentence_whatever_it_stops(self):
        self.env["ghl.token"]._put(self.location.account_id, "private", location=self.location, access="pit-wrong")
        job = self.finish()
        self.assertEqual(job.state, "parked")
        self.assertEqual(job.error.count("does not accept the credentials"), 1)
        self.assertTrue(job.error.startswith("GoHighLevel"), "nothing can be read: no need to list what")
        self.assertIn("create a new private integration token in GoHighLevel", job.error)
        self.assertNotIn("***", job.error)

    def test_a_page_that_breaks_while_it_is_written_is_read_once_more_and_no_other(self):
        written, original = [], Pull._report

        def breaking(pull, name):
            written.append(name)
            if len(written) == 9:
                raise ConnectionError("the database went away")
            original(pull, name)

        with patch.object(Pull, "_report", breaking):
            job = self.finish()
        self.assertEqual(job.state, "done", job.error)
        counts, seen = self.sandbox.counts(), job.result["entities"]
        self.assertEqual({name: seen[name]["seen"] for name in SEARCHES}, {name: counts[name] for name in SEARCHES})
        self.assert_clean_afterwards()

    def test_a_list_without_cursor_is_complete_with_its_page_and_not_read_again(self):
        original = Pull._end

        def dying(pull, name, error):
            if name == "users":
                raise JobYield  # as a process that died right after the page was committed
            original(pull, name, error)

        job = self.location._enqueue_pull("full")
        with patch.object(Pull, "_end", dying):
            self.env["ghl.job"].drain(limit=1)
        self.assertEqual(job.state, "pending")
        self.assertEqual(self.location.cursor_ids.filtered(lambda cursor: cursor.entity == "users").state, "complete")

    def test_a_walk_that_met_one_record_twice_and_missed_another_archives_nothing(self):
        self.finish()
        dropped = self.sandbox.dump()["contacts"][0][0]
        original = Pull._write

        def skewed(pull, name, page):
            if name == "contacts" and any(row["id"] == dropped for row in page.rows):
                twin = next(row for row in page.rows if row["id"] != dropped)
                page.rows[:] = [row for row in page.rows if row["id"] != dropped]
                original(pull, name, type(page)([twin], None, page.total, page.server_time, False))
            original(pull, name, page)

        with patch.object(Pull, "_write", skewed):
            self.assertEqual(self.finish().state, "done")
        self.assertTrue(self.env["ghl.contact"].search([("external_id", "=", dropped)]).active)

    def test_a_refused_record_does_not_stand_in_for_one_the_walk_missed(self):
        self.finish()
        ids = [row[0] for row in self.sandbox.dump()["contacts"]]
        dropped, refused = ids[0], ids[1]
        original = Pull._write

        def skewed(pull, name, page):
            if name == "contacts":
                page.rows[:] = [
                    {"id": refused, "changed": "so that it is read again"} if row["id"] == refused else row
                    for row in page.rows
                    if row["id"] != dropped
                ]
            original(pull, name, page)

        def refusing(remote, original=contact.to_row):
            if remote.get("id") == refused:
                raise MappingError("cannot be read")
            return original(remote)

        with patch.object(Pull, "_write", skewed), patch.object(contact, "to_row", refusing):
            job = self.finish()
        self.assertEqual((job.state, job.result["entities"]["contacts"]["failed"]), ("done", 1))
        for external_id in (dropped, refused):
            self.assertTrue(self.env["ghl.contact"].search([("external_id", "=", external_id)]).active)

    def test_records_without_an_id_do_not_keep_the_gone_ones_alive(self):
        self.finish()
        gone = self.sandbox.dump()["contacts"][0][0]
        original = Pull._write

        def nameless(pull, name, page):
            if name == "contacts":
                page.rows[:] = [{"id": None} if row["id"] == gone else row for row in page.rows]
            original(pull, name, page)

        with patch.object(Pull, "_write", nameless):
            self.assertEqual(self.finish().state, "done")
        self.assertFalse(self.env["ghl.contact"].search([("external_id", "=", gone)]))

    def test_a_renamed_tag_leaves_no_second_one(self):
        masterdata.merge_tags(self.env, self.location, [{"id": "T1", "name": "old"}, {"id": "T2", "name": "kept"}])
        masterdata.merge_tags(self.env, self.location, [{"id": "T1", "name": "new"}, {"id": "T2", "name": "kept"}])
        tags = self.env["ghl.tag"].search([("external_id", "in", ("T1", "T2"))])
        self.assertEqual({tag.external_id: tag.name for tag in tags}, {"T1": "new", "T2": "kept"})
        self.finish()
        self.assertFalse(self.env["ghl.tag"].search([("name", "in", ("old", "new", "kept"))]))

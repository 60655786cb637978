"""What a sync would do, told before it does it, against a real sandbox: true figures, or none."""

from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..ghl_contacts.gateway import paging
from ..ghl_contacts.mirror import forecast, survey
from ..ghl_contacts.mirror.entities import ENTITIES
from .common import SandboxCase

EXACT, LEAST, ABOUT = "exact", "least", "about"
WRITTEN = [
    "ghl_contact", "ghl_contact_task", "ghl_contact_conversation", "ghl_contact_message", "ghl_contact_opportunity",
    "ghl_user", "ghl_tag", "ghl_custom_field", "ghl_pipeline", "ghl_pipeline_stage", "ghl_call", "ghl_sync_cursor",
    "ghl_sync_issue", "ghl_contact_custom_value",
]  # fmt: skip


class ForecastCase(SandboxCase):
    def preview(self):
        self.location._enqueue_survey()
        self.env["ghl.job"].drain(limit=1)
        self.env.invalidate_all()
        self.found = self.location.read_survey()
        return {row["name"]: row for kind in self.found["kinds"] for row in kind["rows"]}

    def figures(self, row):
        return tuple((row[name] or {}).get("n") for name in ("create", "update", "skip", "gone"))

    def ways(self, row):
        return {(row[name] or {}).get("how") for name in ("create", "update", "skip")}

    def outcome(self, mode="full"):
        """What a sync then really does, by entity."""
        return self.pull(mode).result["entities"]

    def mirror(self):
        """Every row and its transaction: a change of any shows."""
        self.env.flush_all()
        found = {}
        for table in WRITTEN:
            self.env.cr.execute(f"SELECT id, xmin::text, write_date FROM {table} ORDER BY id")
            found[table] = self.env.cr.fetchall()
        return found


@tagged("post_install", "-at_install", "ghl")
class TestForecast(ForecastCase):
    sandbox_options = {"contacts": 120, "locations": 1}

    def test_at_first_everything_is_to_be_created_and_that_is_what_a_sync_does(self):
        rows = self.preview()
        told = {name: row["create"] for name, row in rows.items() if name != "calls"}
        self.assertEqual({one["how"] for one in told.values()}, {EXACT})
        self.assertTrue(all(self.figures(row)[1:3] == (0, 0) for row in rows.values()))
        done = self.outcome()
        self.assertEqual({name: one["n"] for name, one in told.items()}, {n: done[n]["created"] for n in told})
        self.assertEqual(rows["calls"]["create"]["how"], ABOUT, "the total counts voicemail drops")
        self.assertFalse(self.found["mirrored"])

    def test_it_writes_nothing(self):
        for _before_and_after_a_sync in range(2):
            before = self.mirror()
            self.preview()
            self.assertEqual(self.mirror(), before)
            self.assertFalse(
                self.sandbox.ledger()["requests"].keys() & {"POST /contacts/", "PUT /contacts/{contactId}"}
            )
            self.pull("full")
            self.sandbox.mutate(contacts=3, tasks=3)

    def test_with_nothing_changed_everything_is_skipped(self):
        self.pull("full")
        rows = self.preview()
        for name in set(rows) - {"calls"}:
            self.assertEqual(self.figures(rows[name]), (0, 0, rows[name]["remote"]["n"], 0), name)
        self.assertEqual(self.figures(rows["calls"])[:2], (0, 0))
        self.assertTrue(self.found["mirrored"])

    def test_changes_are_foretold_as_a_sync_then_makes_them(self):
        self.pull("full")
        self.sandbox.mutate(contacts=7, tasks=5, conversations=4, opportunities=3)
        self.sandbox.create(contacts=6)
        rows = self.preview()
        done = self.outcome("full")
        for name in ("contacts", "tasks", "conversations", "opportunities", "users", "tags", "pipelines", "stages"):
            told = tuple((done[name][key]) for key in ("created", "updated", "unchanged"))
            self.assertEqual(self.figures(rows[name])[:3], told, name)
        for name in ("contacts", "tasks", "opportunities", "custom fields", "users"):
            self.assertEqual(self.ways(rows[name]), {EXACT}, name)

    def test_where_not_every_change_is_told_the_figure_says_so(self):
        self.pull("full")
        rows = self.preview()
        for name in ("conversations", "messages", "e-mails"):
            self.assertEqual(rows[name]["update"]["how"], LEAST, name)
            self.assertEqual(rows[name]["skip"]["how"], ABOUT, name)

    def test_what_is_gone_there_is_told_and_not_taken_for_new(self):
        self.pull("full")
        self.sandbox.delete(contacts=4, tasks=2, opportunities=3)
        rows = self.preview()
        self.assertEqual([self.figures(rows[n])[0] for n in ("contacts", "tasks", "opportunities")], [0, 0, 0])
        left = self.sandbox.counts()
        for name in ("contacts", "tasks", "opportunities"):
            self.assertEqual(self.figures(rows[name])[3], rows[name]["held"] - left[name], name)
        self.assertEqual(self.figures(rows["contacts"])[3], 4)

    def test_what_is_missing_here_without_a_change_there_is_created_by_a_full_sync(self):
        self.pull("full")
        self.env["ghl.contact"].search([("location_id", "=", self.location.id)], limit=3, order="id").unlink()
        row = self.preview()["contacts"]
        self.assertEqual((row["create"], row["skip"]["how"]), ({"n": 3, "how": ABOUT}, ABOUT))

    def test_lists_too_long_to_be_compared_are_not_guessed_at(self):
        self.pull("full")
        self.sandbox.mutate(contacts=9, tasks=4)
        with (
            patch.object(survey, "PAGES", 1),
            patch.object(paging, "TASKS", 20),
            patch.object(paging, "OPPORTUNITIES", 10),
        ):
            rows = self.preview()
        self.assertIsNone(rows["tasks"]["skip"], "unknown until read")
        self.assertEqual(rows["tasks"]["create"]["how"], LEAST)
        self.assertEqual((rows["tasks"]["remote"]["how"], rows["tasks"]["requests"]["how"]), (LEAST, LEAST))
        self.assertIsNone(rows["opportunities"]["update"])
        self.assertEqual(rows["opportunities"]["create"], {"n": 0, "how": ABOUT})
        self.assertEqual(self.found["full"]["requests"]["how"], LEAST, "a sum is no surer than its parts")

    def test_many_changed_contacts_are_told_by_the_count_of_the_matches(self):
        self.pull("full")
        changed = self.sandbox.mutate(contacts=40)["contacts"]
        with patch.object(survey, "PAGES", 1), patch.object(paging, "CONTACTS", 10):
            row = self.preview()["contacts"]
        self.assertEqual((row["update"]["how"], row["skip"]["how"]), (ABOUT, ABOUT))
        self.assertGreaterEqual(row["update"]["n"], len(set(changed)))

    def test_a_total_at_which_counting_stops_is_not_taken_at_its_word(self):
        plan = survey.Plan(ENTITIES["contacts"], 0)
        look = survey.Look(rows=[{}] * 500, total=10_000, requests=20, refresh=20, pages=1)
        row = forecast.rows(self.env, self.location, [plan], {"contacts": look})["contacts"]
        self.assertEqual((row["remote"], row["create"]["how"]), ({"n": 10_000, "how": LEAST}, LEAST))

    def test_a_list_that_tells_no_total_is_read_no_further_than_a_few_pages(self):
        self.sandbox.reset_ledger()
        with patch.object(paging, "TASKS", 10):
            row = self.preview()["tasks"]
        self.assertEqual(self.sandbox.ledger()["requests"]["POST /locations/{locationId}/tasks/search"], survey.PAGES)
        self.assertEqual((row["create"], row["requests"]["how"]), ({"n": 31, "how": LEAST}, LEAST))

    def test_the_requests_foretold_are_those_a_sync_sends(self):
        self.preview()
        self.assertEqual(self.found["full"]["requests"], {"n": self.pull("full").result["requests"], "how": EXACT})
        self.preview()
        foretold = self.found["refresh"]["requests"]["n"]
        self.assertEqual(foretold, self.pull("incremental").result["requests"])

    def test_kinds_not_chosen_cost_nothing(self):
        self.preview()
        everything = self.found["full"]["requests"]["n"]
        self.location.action_choose("messages", False)
        self.assertLess(self.location.read_survey()["full"]["requests"]["n"], everything)
        for name in ("users", "pipelines", "contacts"):
            self.location.action_choose(name, False)
        self.assertEqual(self.location.read_survey()["full"]["requests"], {"n": 1, "how": EXACT})

    def test_the_time_follows_the_budget_that_all_share(self):
        self.preview()
        self.location.survey = {**self.location.survey, "ms": 1}
        self.assertEqual(self.location.read_survey()["full"]["seconds"], 1)
        rows = {**self.location.survey["rows"]}
        rows["contacts"] = {**rows["contacts"], "requests": {"n": 1000, "how": EXACT}}
        self.location.survey = {**self.location.survey, "rows": rows}
        self.assertEqual(self.location.read_survey()["full"]["seconds"], 100)
        self.env["ghl.rate.budget"].create(
            {"scope": self.location._budget_scope(), "name": "x", "company_id": self.env.company.id,
             "request_limit": 25, "interval_seconds": 10, "margin": 0, "daily_limit": 1000, "daily_remaining": 750}
        )  # fmt: skip
        self.env.invalidate_all()
        told = self.location.read_survey()["full"]
        self.assertEqual((told["seconds"], told["left"]), (400, 750))

    def test_slow_answers_take_their_time_whatever_is_allowed(self):
        self.preview()
        rows = {**self.location.survey["rows"]}
        rows["messages"] = {**rows["messages"], "requests": {"n": 90, "how": EXACT}}
        self.location.survey = {"rows": rows, "ms": 2000}
        self.assertEqual(self.location.read_survey()["full"]["seconds"], 180)

    def test_a_missing_scope_is_named_at_its_kind_and_the_others_are_told(self):
        self.sandbox.set_faults({"403": {"rate": 1, "path": "/opportunities/search"}})
        rows = self.preview()
        self.assertIn("GoHighLevel", rows["opportunities"]["error"])
        self.assertIsNone(rows["opportunities"]["create"])
        self.assertEqual(rows["contacts"]["create"]["n"], self.sandbox.counts()["contacts"])
        self.assertFalse(self.found["error"])

    def test_refused_credentials_are_told_and_leave_no_figures(self):
        self.env["ghl.token"].search([("location_id", "=", self.location.id)]).access_token = "pit-revoked"
        with mute_logger("odoo.addons.ghl.ghl_base.jobs.worker"):
            self.assertEqual(self.preview(), {})
        self.assertIn("does not accept the credentials", self.found["error"])

    def test_a_service_that_is_down_is_asked_again_and_nothing_is_told_meanwhile(self):
        self.sandbox.set_faults({"500": {"rate": 1, "path": "/contacts/search"}})
        with (
            mute_logger("odoo.addons.ghl.ghl_base.jobs.worker"),
            patch("odoo.addons.ghl.ghl_contacts.gateway.client.RetryPolicy.delay", lambda *args: None),
        ):
            self.assertEqual(self.preview(), {})
        self.assertTrue(self.found["waiting"])

    def test_bad_records_are_neither_created_nor_skipped(self):
        self.pull("full")
        self.sandbox.set_faults({"bad_record": {"rate": 1, "path": "/tasks/search"}})
        row = self.preview()["tasks"]
        self.assertLess(sum(filter(None, self.figures(row)[:3])), row["remote"]["n"])

"""Calls as records: numbers, durations, companies, states, and the line that every change leaves."""

from datetime import datetime

from psycopg2.errors import CheckViolation, ForeignKeyViolation, UniqueViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, TransactionCase, mute_logger, tagged

from ..ghl_calls.lifecycle import IGNORE, MOVE, StatusTransitionError
from .calls_data import BASE, QUIET, make_calls
from .common import make_location, make_user, mirror


class CallCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.statuses = cls.env["ghl.call.status"].search([], order="id")
        cls.agent = make_user(cls.env, "calls_agent", "agent")
        cls.viewer = make_user(cls.env, "calls_viewer")

    def log(self, call):
        return self.env["ghl.activity.log"].search(
            [("entity_model", "=", "ghl.call"), ("entity_id", "in", call.ids)], order="id"
        )


@tagged("post_install", "-at_install", "ghl")
class TestCall(CallCase):
    def test_the_five_statuses_every_database_starts_with_are_1_to_5(self):
        self.assertEqual(
            [(status.id, status.name) for status in self.statuses[:5]],
            [(1, "Scheduled"), (2, "Connected Calls"), (3, "Missed"), (4, "Over Due"), (5, "Completed")],
        )

    def test_an_agent_plans_a_call_in_the_form(self):
        with Form(self.env["ghl.call"].with_user(self.agent)) as form:
            form.subject = "Renewal talk"
            form.start_time = datetime(2025, 10, 13, 10, 0, 0)
            form.end_time = datetime(2025, 10, 13, 10, 12, 30)
        call = form.record
        self.assertEqual((call.owner_id, call.user_id), (self.agent, self.agent))
        self.assertEqual((call.duration_seconds, call.duration_minutes), (750, 12))
        self.assertEqual((call.status_id, call.state, call.source), (self.statuses[0], "pending", "manual"))

    def test_numbers_count_in_each_company_and_keys_name_company_and_id(self):
        other = self.env["res.company"].create({"name": "Other"})
        here, there = make_calls(self.env, 3), make_calls(self.env, 2, other)
        first = here[0].number
        self.assertEqual(here.mapped("number"), [first, first + 1, first + 2])
        self.assertEqual(there.mapped("number"), [1, 2])
        self.assertEqual(there[0].ukey, f"{other.id}000{there[0].id}")
        calls = self.env["ghl.call"].with_context(allowed_company_ids=[self.env.company.id, other.id])
        self.assertEqual(calls.search([("ukey", "=", there[0].ukey)]), there[0])
        for nonsense in ("", "000", "x", f"{other.id}000", f"{other.id}000x", "9" * 40):
            self.assertFalse(calls.search([("ukey", "=", nonsense)]), nonsense)

    def test_a_reported_duration_is_ended_minus_answered_and_none_without_an_answer(self):
        times = {"end_time": BASE.replace(hour=12), "ended_at": BASE.replace(minute=5)}
        [answered] = make_calls(self.env, 1, answered_at=BASE.replace(minute=2), **times)
        [unanswered] = make_calls(self.env, 1, **times)
        self.assertEqual((answered.duration_seconds, unanswered.duration_seconds), (180, 0))

    def test_a_given_duration_counts_when_there_are_no_times(self):
        [call] = make_calls(self.env, 1, duration_seconds=61)
        self.assertEqual((call.duration_seconds, call.duration_minutes), (61, 1))
        call.end_time = call.start_time.replace(hour=8)  # before the start: no duration to be had from it
        self.assertEqual(call.duration_seconds, 61)

    def test_a_call_belongs_to_the_location_of_its_contact(self):
        location = make_location(self.env)
        mirror(self.env, location, "ghl.contact", [{"id": "C1"}])
        contact = self.env["ghl.contact"].search([("location_id", "=", location.id)])
        [call] = make_calls(self.env, 1, contact_id=contact.id)
        self.assertEqual(call.location_id, location)

    def test_a_providers_call_exists_once_in_a_company(self):
        values = {"provider": "bland", "provider_call_id": "bl-1"}
        make_calls(self.env, 1, **values)
        make_calls(self.env, 1, self.env["res.company"].create({"name": "Other"}), **values)
        make_calls(self.env, 1, **{**values, "provider": "twilio"})
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            make_calls(self.env, 1, **values)

    def test_another_companys_people_and_records_are_refused_among_many_calls(self):
        other = self.env["res.company"].create({"name": "Other"})
        stranger = make_user(self.env, "calls_stranger", "agent", companies=other)
        with self.assertRaises(UserError):
            make_calls(self.env, 1, owner_id=stranger.id)
        calls = make_calls(self.env, 3)
        with self.assertRaises(UserError):
            calls[1].assigned_to_id = stranger
        status = self.env["ghl.call.status"].create({"name": "Theirs", "company_id": other.id})
        with self.assertRaises(UserError):
            calls.status_id = status

    def test_a_used_status_cannot_be_removed_and_colors_are_checked(self):
        make_calls(self.env, 1, status_id=self.statuses[2].id)
        with mute_logger("odoo.sql_db"), self.assertRaises(ForeignKeyViolation), self.env.cr.savepoint():
            self.statuses[2].unlink()
        for color in ("red", "#12", "#12345g"):
            with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.env.cr.savepoint():
                self.statuses[0].color = color
                self.env.flush_all()

    def test_viewers_read_agents_write_nobody_removes(self):
        [call] = make_calls(self.env, 1)
        self.assertEqual(call.with_user(self.viewer).subject, "Call 0")
        with self.assertRaises(AccessError):
            call.with_user(self.viewer).subject = "x"
        call.with_user(self.agent).subject = "x"
        with self.assertRaises(AccessError):
            call.with_user(self.env.ref("base.user_admin")).unlink()

    def test_the_board_shows_empty_columns_and_takes_dropped_cards(self):
        [call] = make_calls(self.env, 1, status_id=self.statuses[0].id)
        calls = self.env["ghl.call"].with_user(self.agent).with_context(read_group_expand=True)
        columns = calls.web_read_group([], ["status_id"], ["__count"])
        self.assertEqual(len(columns["groups"]), len(self.statuses))
        call.with_user(self.agent).status_id = self.statuses[1]
        self.assertEqual(call.status_id, self.statuses[1])


@tagged("post_install", "-at_install", "ghl")
class TestCallState(CallCase):
    def test_a_legal_move_is_made_and_an_illegal_one_refused(self):
        [call] = make_calls(self.env, 1)
        call.state = "initiated"
        call.state = "completed"
        for wanted in ("in_progress", "retrying", "pending", "flying"):
            with self.assertRaises(StatusTransitionError):
                call.state = wanted
        with self.assertRaises(UserError):  # so that people see a sentence
            call.write({"state": "busy"})
        self.assertEqual(call.state, "completed")

    def test_of_many_calls_none_moves_when_one_may_not(self):
        calls = make_calls(self.env, 3)
        calls[2].state = "cancelled"
        with self.assertRaises(StatusTransitionError):
            calls.write({"state": "initiated"})
        self.assertEqual(calls.mapped("state"), ["pending", "pending", "cancelled"])

    def test_late_reports_change_neither_state_nor_values(self):
        [call] = make_calls(self.env, 1)
        self.assertEqual(call._apply_event("completed", {"cost": 0.27}), MOVE)
        self.assertEqual(call._apply_event("in_progress", {"cost": 9}), IGNORE)
        self.assertEqual(call._apply_event("completed", {"cost": 9}), IGNORE)
        self.assertEqual((call.state, call.cost), ("completed", 0.27))


@tagged("post_install", "-at_install", "ghl")
class TestActivityLog(CallCase):
    def test_creating_leaves_a_line_with_what_the_call_is(self):
        call = (
            self.env["ghl.call"]
            .with_user(self.agent)
            .create({"subject": "Talk", "purpose": "demo", "type": "inbound", "start_time": BASE})
        )
        [line] = self.log(call)
        self.assertEqual(
            (line.activity_type, line.title, line.description, line.user_id, line.company_id),
            ("call_created", "Created", "Talk", self.agent, call.company_id),
        )
        self.assertEqual(
            line.metadata,
            {
                "call_for": "",
                "call_for_id": 0,
                "type": "inbound",
                "type_id": 2,
                "purpose": "demo",
                "purpose_id": 4,
                "start_time": "2025-10-01T09:00:00.000Z",
                "related_to": "",
                "related_to_id": 0,
            },
        )
        self.assertEqual(call.activity_log_ids, line)

    def test_every_kind_of_change_leaves_one_line_of_its_kind(self):
        [call] = make_calls(self.env, 1)
        for values, expected in (
            ({"subject": "New", "agenda": "x"}, "call_updated"),
            ({"status_id": self.statuses[3].id}, "call_status_changed"),
            ({"favorite": True}, "call_marked_as_favorite"),
            ({"favorite": False}, "call_unmarked_as_favorite"),
            ({"active": False}, "call_deleted"),
            ({"active": True}, "call_restored"),
        ):
            before = self.log(call)
            call.write(values)
            self.assertEqual((self.log(call) - before).mapped("activity_type"), [expected])
        self.assertEqual(self.log(call)[1].metadata["changed"], ["agenda", "subject"])
        self.assertEqual(self.log(call)[2].metadata["to_status_id"], self.statuses[3].id)

    def test_a_change_that_changes_nothing_leaves_no_line(self):
        [call] = make_calls(self.env, 1)
        before = self.log(call)
        call.write({"subject": call.subject, "status_id": call.status_id.id, "favorite": False})
        self.assertEqual(self.log(call), before)

    def test_what_is_removed_for_good_leaves_its_last_line_in_bulk(self):
        calls = make_calls(self.env, 40)
        ids = calls.ids
        self.env.flush_all()
        with self.assertQueryCount(80):
            calls.unlink()
        self.assertFalse(calls.exists())
        calls.unlink()  # of what is gone there is nothing more to say
        lines = self.env["ghl.activity.log"].search(
            [("entity_model", "=", "ghl.call"), ("entity_id", "in", ids), ("activity_type", "=", "call_deleted")]
        )
        self.assertEqual(sorted(lines.mapped("entity_id")), sorted(ids))
        self.assertTrue(all(line.metadata["permanently"] for line in lines))
        self.assertEqual({line.description for line in lines}, {f"Call {number}" for number in range(40)})

    def test_who_deletes_is_remembered_until_the_call_is_restored(self):
        [call] = make_calls(self.env, 1)
        call.with_user(self.agent).active = False
        self.assertEqual(call.deleted_by_id, self.agent)
        call.active = True
        self.assertFalse(call.deleted_by_id)

    def test_many_calls_leave_their_lines_in_bulk(self):
        make_calls(self.env, 1)
        self.env.flush_all()
        few, many = self.queries(5), self.queries(80)
        self.assertLess(many, few + 20, "queries must not grow with the calls")
        calls = make_calls(self.env, 30)
        calls.write({"favorite": True})
        self.assertEqual(len(self.log(calls)), 60)

    def queries(self, count):
        before = self.env.cr.sql_log_count
        make_calls(self.env, count)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_lines_are_never_changed_nor_removed(self):
        [call] = make_calls(self.env, 1)
        line = self.log(call)
        for user in (self.env.ref("base.user_root"), self.env.ref("base.user_admin"), self.agent):
            with self.assertRaises(UserError):
                line.with_user(user).write({"title": "x"})
            with self.assertRaises(UserError):
                line.with_user(user).unlink()
            if user != self.env.ref("base.user_root"):
                with self.assertRaises(AccessError):
                    line.with_user(user).create(
                        {"activity_type": "x", "entity_model": "ghl.call", "entity_id": 1, "title": "x"}
                    )

    def test_the_line_goes_when_the_change_is_rolled_back(self):
        [call] = make_calls(self.env, 1)
        before = self.log(call)
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            call.subject = "half"
            raise ValidationError("stop")
        self.env.invalidate_all()
        self.assertEqual(self.log(call), before)

    def test_people_read_about_it_in_the_chatter_too(self):
        call = self.env["ghl.call"].create({"subject": "Talk"})
        self.flush_tracking()
        before = call.message_ids
        call.status_id = self.statuses[4]
        self.flush_tracking()
        self.assertEqual((call.message_ids - before).sudo().tracking_value_ids.field_id.mapped("name"), ["status_id"])
        quiet = self.env["ghl.call"].with_context(**QUIET).create({"subject": "Talk"})
        self.assertFalse(quiet.message_ids)

    def flush_tracking(self):
        self.env.flush_all()
        self.env.cr.precommit.run()

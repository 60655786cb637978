"""Calls among the mirrored messages: made once, kept up to date, and what people did to them respected."""

from datetime import timedelta

from odoo.tests.common import tagged

from ..ghl_calls.mirrored import calls, words
from ..ghl_contacts.mapping.values import stamp
from .common import SandboxCase, make_user, mirror, remote_messages

ADDED = "2025-11-20T10:00:00.000Z"


def remote_call(external_id="M1", call=(("status", "completed"), ("duration", 65)), **values):
    """A call as GoHighLevel lists it."""
    return {
        "id": external_id,
        "type": 1,
        "messageType": "TYPE_CALL",
        "direction": "outbound",
        "status": "completed",
        "dateAdded": ADDED,
        "dateUpdated": ADDED,
        "from": "+15550001111",
        "to": "+15550002222",
        "meta": {"call": dict(call)},
        **values,
    }


class MirroredCallsCase(SandboxCase):
    def calls(self, *domain):
        return (
            self.env["ghl.call"]
            .with_context(active_test=False)
            .search([("location_id", "=", self.location.id), ("source", "=", "ghl"), *domain])
        )

    def take(self, *rows):
        """Mirror these messages as a page of a pull; the calls of the location."""
        mirror(self.env, self.location, "ghl.contact.message", rows)
        self.env["ghl.contact.message"]._follow(self.location, [row["id"] for row in rows])
        return self.calls()

    def lines(self, call):
        return self.env["ghl.activity.log"].search(
            [("entity_model", "=", "ghl.call"), ("entity_id", "=", call.id)], order="id"
        )

    def written(self):
        self.env.flush_all()
        self.env.cr.execute("SELECT 'c', id, ctid FROM ghl_call UNION SELECT 'l', id, ctid FROM ghl_activity_log")
        return sorted(self.env.cr.fetchall())


@tagged("post_install", "-at_install")
class TestMirroredCallsPulled(MirroredCallsCase):
    def test_a_pull_makes_one_call_of_each_call_and_none_of_other_messages(self):
        job = self.pull()
        self.assertEqual(job.state, "done", job.error)
        remote = {r["id"]: r for r in remote_messages(self.sandbox)["messages"] if r["messageType"] == "TYPE_CALL"}
        self.assertGreater(len(remote), 20)
        made = self.calls()
        self.assertEqual(sorted(made.mapped("provider_call_id")), sorted(remote))
        for call in made:
            row = remote[call.provider_call_id]
            said = row["meta"]["call"]
            self.assertEqual(call.start_time, stamp(row["dateAdded"]))
            self.assertEqual(call.duration_seconds, said["duration"] or 0)
            self.assertEqual(bool(call.end_time), bool(said["duration"] is not None))
            self.assertEqual((call.from_number, call.to_number), (row["from"], row["to"]))
            self.assertEqual(call.contact_id.external_id, row["contactId"])
            self.assertEqual(call.state == "completed", said["status"] == "completed")
        self.assertEqual(set(made.mapped("status_id.kind")), {"connected", "missed"})
        self.assertEqual(len(set(made.mapped("number"))), len(made))
        self.assertFalse(made.message_ids, "a mirror does not chat")

    def test_each_call_made_has_one_line_in_the_log(self):
        self.pull()
        made = self.calls()
        lines = self.env["ghl.activity.log"].search([("entity_model", "=", "ghl.call"), ("entity_id", "in", made.ids)])
        self.assertEqual(len(lines), len(made))
        self.assertEqual(set(lines.mapped("activity_type")), {"call_created"})
        line = self.lines(made[0])
        self.assertEqual(line.metadata, made[0]._activity_metadata())
        self.assertEqual((line.title, line.description), ("Created", made[0].display_name))

    def test_a_second_pull_writes_nothing(self):
        self.pull("full")
        before = self.written()
        for mode in ("incremental", "full"):
            self.pull(mode)
            self.assertEqual(self.written(), before, mode)

    def test_calls_of_messages_that_vanished_are_deleted_and_come_back_with_them(self):
        self.pull()
        call = self.calls("&", ("contact_id", "!=", False), ("active", "=", True))[0]
        message = self.env["ghl.contact.message"].search([("external_id", "=", call.provider_call_id)])
        message.active = False
        calls.refresh(self.env, self.location)
        self.assertFalse(call.active)
        message.active = True
        calls.refresh(self.env, self.location)
        self.assertTrue(call.active)
        self.assertEqual(self.lines(call).mapped("activity_type"), ["call_created", "call_deleted", "call_restored"])

    def test_limited_users_see_the_calls_of_their_locations_only(self):
        self.pull()
        elsewhere = self.location.copy({"name": "Elsewhere", "external_id": "ELSE"})
        limited = make_user(self.env, "mirrored_limited", locations=elsewhere)
        self.assertFalse(self.env["ghl.call"].with_user(limited).search_count([("source", "=", "ghl")]))


@tagged("post_install", "-at_install")
class TestMirroredCalls(MirroredCallsCase):
    def test_a_young_call_is_completed_when_its_duration_comes(self):
        call = self.take(remote_call(call=(), status="pending", to=None, **{"from": None}))
        self.assertEqual((call.state, call.duration_seconds, call.status_id.kind), ("initiated", 0, "scheduled"))
        same = self.take(remote_call())
        self.assertEqual(same, call)
        self.assertEqual((call.state, call.duration_seconds, call.status_id.kind), ("completed", 65, "connected"))
        self.assertEqual((call.from_number, call.to_number), ("+15550001111", "+15550002222"))
        self.assertEqual(call.end_time - call.start_time, timedelta(seconds=65))
        self.assertEqual(
            self.lines(call).mapped("activity_type"), ["call_created", "call_updated", "call_status_changed"]
        )
        self.assertIn("duration_seconds", self.lines(call)[1].metadata["changed"])

    def test_the_stored_duration_is_what_the_model_would_compute(self):
        call = self.take(remote_call())
        call._compute_duration_seconds()
        self.assertEqual(call.duration_seconds, 65)

    def test_what_is_over_does_not_become_a_running_call_again(self):
        call = self.take(remote_call())
        self.take(remote_call(call=(("status", "pending"),), status="pending"))
        self.assertEqual((call.state, call.duration_seconds), ("completed", 65))

    def test_talk_that_is_proven_later_is_believed(self):
        call = self.take(remote_call(call=(("status", "no-answer"),)))
        self.assertEqual((call.state, call.status_id.kind), ("no_answer", "missed"))
        self.take(remote_call())
        self.assertEqual((call.state, call.status_id.kind), ("completed", "connected"))

    def test_a_card_that_somebody_moved_stays_where_it_is(self):
        call = self.take(remote_call(call=(), status="pending"))
        other = self.env["ghl.call.status"].create({"name": "Looked at"})
        call.status_id = other
        self.take(remote_call())
        self.assertEqual((call.state, call.status_id), ("completed", other))

    def test_what_people_write_stays(self):
        call = self.take(remote_call())
        user = make_user(self.env, "mirrored_owner")
        mine = {"subject": "Ours", "outcome": "meeting_booked", "result": "Booked", "owner_id": user.id}
        call.write(mine)
        self.take(remote_call(call=(("status", "completed"), ("duration", 70))))
        self.assertEqual(call.duration_seconds, 70)
        self.assertEqual(call.read(mine, load=None), [{"id": call.id, **mine}])

    def test_a_call_that_somebody_deleted_stays_deleted(self):
        call = self.take(remote_call())
        call.active = False
        self.take(remote_call(call=(("status", "completed"), ("duration", 70))))
        self.assertFalse(call.active)
        self.assertEqual(call.duration_seconds, 70)

    def test_calls_to_us_that_nobody_took_are_missed(self):
        rows = [
            remote_call(f"M{n}", (("status", word),), direction="inbound")
            for n, word in enumerate(("no-answer", "voicemail", "busy", "failed", "canceled"))
        ]
        made = self.take(*rows)
        self.assertEqual(set(made.mapped("type")), {"missed"})
        self.assertEqual(made.filtered("answered_by").mapped("outcome"), ["voicemail"])

    def test_voicemail_drops_and_other_messages_are_no_calls(self):
        drop = remote_call("M2", (("status", "voicemail"),), messageType="TYPE_CAMPAIGN_VOICEMAIL", type=10)
        text = remote_call("M3", messageType="TYPE_SMS", type=2)
        self.assertFalse(self.take(drop, text))

    def test_a_word_nobody_knows_is_a_call_under_way_until_it_has_lasted(self):
        self.assertEqual(self.take(remote_call(call=(("status", "warp"),), status="warp")).state, "initiated")
        lasted = remote_call(call=(("status", "warp"), ("duration", 3)), status="warp")
        self.assertEqual(self.take(lasted).state, "completed")

    def test_flat_names_of_the_official_description_are_read_too(self):
        row = remote_call(meta={"callDuration": "42", "callStatus": "completed"})
        self.assertEqual(self.take(row).duration_seconds, 42)

    def test_the_person_who_called_is_found_in_odoo(self):
        user = make_user(self.env, "mirrored_caller", "agent")
        stranger = make_user(self.env, "mirrored_stranger", companies=self.env["res.company"].create({"name": "Else"}))
        for external_id, person in (("U1", user), ("U2", stranger)):
            self.env["ghl.user"].create(
                {
                    "external_id": external_id,
                    "name": external_id,
                    "location_id": self.location.id,
                    "company_id": self.location.company_id.id,
                    "user_id": person.id,
                }
            )
        made = self.take(remote_call(userId="U1"), remote_call("M2", userId="U2"), remote_call("M3"))
        by_id = {call.provider_call_id: call for call in made}
        self.assertEqual((by_id["M1"].user_id, by_id["M1"].owner_id), (user, user))
        self.assertFalse(by_id["M2"].user_id, "not a user of this company")
        self.assertFalse(by_id["M3"].user_id)

    def test_a_contact_that_arrives_late_is_linked(self):
        call = self.take(remote_call(contactId="C1"))
        self.assertFalse(call.contact_id)
        mirror(self.env, self.location, "ghl.contact", [{"id": "C1", "firstName": "Ann", "lastName": "Late"}])
        self.env.cr.execute("UPDATE ghl_contact_message SET contact_id = (SELECT max(id) FROM ghl_contact)")
        calls.refresh(self.env, self.location)
        self.assertEqual(call.contact_id.external_id, "C1")

    def test_a_company_s_own_columns_come_first(self):
        own = self.env["ghl.call.status"].create(
            {"name": "Spoken", "kind": "connected", "company_id": self.location.company_id.id}
        )
        self.assertEqual(self.take(remote_call()).status_id, own)

    def test_every_word_means_a_state_the_lifecycle_knows(self):
        states = dict(self.env["ghl.call"]._fields["state"].selection)
        for meaning in words.meanings():
            self.assertIn(meaning.state, states)
            self.assertFalse(meaning.lasted and meaning.state not in ("completed", *words.UNANSWERED), meaning)

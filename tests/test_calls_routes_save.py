"""Making and changing calls by the form of the CRM clients over real HTTP, and what is refused."""

from datetime import datetime

from .calls_data import make_calls
from .common import make_location, make_user, mirror
from .test_calls_routes_list import CallsCase

SAVE = "/crm/calls/save"
# As the clients' form sends a call: every field, as text.
FORM = {
    "id": "0", "subject": "Renewal talk", "type_id": "2", "status_id": "2", "outgoing_status_id": "1",
    "start_time": "2025-10-13T10:00:00.000Z", "end_time": "2025-10-13T10:12:59.000Z", "duration": "", "call_for": "",
    "call_for_id": "0", "related_to": "", "related_to_id": "0", "owner_id": "0", "assigned_to_id": "0",
    "purpose_id": "4", "reminder_id": "15", "agenda": "Ask", "closed": "0", "deletable": "0", "active": "1",
    "sort_by": "0",
}  # fmt: skip


class SaveCase(CallsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.location = make_location(cls.env)
        mirror(cls.env, cls.location, "ghl.contact", [{"id": "C1", "firstName": "Ada", "lastName": "L"}])
        mirror(cls.env, cls.location, "ghl.contact.opportunity", [{"id": "O1", "contactId": "C1", "name": "Deal"}])
        cls.contact = cls.env["ghl.contact"].search([("location_id", "=", cls.location.id)])
        cls.deal = cls.env["ghl.contact.opportunity"].search([("location_id", "=", cls.location.id)])

    def save(self, key=..., kind="json", **values):
        return self.call(SAVE, "POST", key=self.agent_key if key is ... else key, **{kind: values})

    def saved(self, **values):
        response = self.save(**values)
        self.assertEqual((response.status_code, response.json()["status"]), (200, 200), response.text[:300])
        return response.json()

    def made(self, **values):
        return self.env["ghl.call"].browse(self.saved(**values)["data"]["id"])

    def refuse(self, http, body_status, /, **values):
        count = self.env["ghl.call"].with_context(active_test=False).search_count([])
        body = self.refused(http, body_status, SAVE, "POST", key=self.agent_key, json=values)
        self.assertEqual(self.env["ghl.call"].with_context(active_test=False).search_count([]), count)
        return body


class TestMaking(SaveCase):
    def test_the_form_makes_a_call_and_gives_it_back_with_its_people(self):
        as_form = {**FORM, "owner_id": str(self.agent.id), "call_for": "contacts", "call_for_id": str(self.contact.id),
                   "related_to": "deals", "related_to_id": str(self.deal.id)}  # fmt: skip
        response = self.call(
            SAVE, "POST", key=self.agent_key, files={name: (None, text) for name, text in as_form.items()}
        )
        body = response.json()
        self.assertEqual((body["status"], body["message"]), (200, "Call created successfully"), body)
        row = body["data"]
        expected = {
            "subject": "Renewal talk", "type_id": 2, "type": "inbound", "status_id": 2, "outgoing_status_id": 1,
            "start_time": "2025-10-13T10:00:00.000Z", "end_time": "2025-10-13T10:12:59.000Z", "duration": 12,
            "call_for": "contacts", "call_for_id": self.contact.id, "related_to": "deals",
            "related_to_id": self.deal.id, "owner_id": self.agent.id, "user_id": self.agent.id, "assigned_to_id": 0,
            "purpose_id": 4, "reminder_id": 15, "agenda": "Ask", "closed": 0, "deletable": 0, "favorite": 0,
            "tenant_id": self.env.company.id, "add_by": self.agent.id, "source": "api",
            "ukey": f"{self.env.company.id}000{row['id']}",
        }  # fmt: skip
        self.assertEqual({key: row[key] for key in expected}, expected)
        self.assertEqual(
            (row["owner_details"]["id"], row["owner_details"]["email"]), (self.agent.id, self.agent.email or "")
        )
        self.assertEqual((row["call_for_details"]["name"], row["related_to_details"]["title"]), ("Ada L", "Deal"))
        call = self.env["ghl.call"].browse(row["id"])
        self.assertEqual(call.location_id, self.location)
        [line] = call.activity_log_ids
        self.assertEqual(line.activity_type, "call_created")
        self.assertEqual(
            line.metadata,
            {"call_for": "contacts", "call_for_id": self.contact.id, "type": "inbound", "type_id": 2, "purpose": "demo",
             "purpose_id": 4, "start_time": "2025-10-13T10:00:00.000Z", "related_to": "deals",
             "related_to_id": self.deal.id},
        )  # fmt: skip

    def test_json_urlencoded_and_multipart_say_the_same(self):
        rows = []
        for number, kind in enumerate(("json", "data", "files")):
            values = {**FORM, "subject": f"Call {number}"}
            if kind == "files":
                values = {name: (None, text) for name, text in values.items()}
            rows.append(self.call(SAVE, "POST", key=self.agent_key, **{kind: values}).json()["data"])
        for row in rows:
            for key in ("id", "ukey", "subject", "createdon", "updatedon"):
                del row[key]
        self.assertEqual(rows[1:], rows[:1] * 2)

    def test_words_and_numbers_are_read_alike(self):
        for names, expected in (
            ({"type": "Inbound", "purpose": "demo", "reminder": "15 minutes before", "status": "connected calls"},
             ("inbound", "demo", "15", 2)),
            ({"type": "missed", "purpose": "DESK", "reminder": "5", "status": "missed"}, ("missed", "desk", "5", 3)),
            ({"type_id": 3, "purpose_id": 6, "reminder_id": 30, "status_id": 5}, ("missed", "desk", "30", 5)),
            ({"type_id": "0", "type": "inbound", "status_id": ""}, ("inbound", False, False, 1)),
            ({}, ("outbound", False, False, 1)),
        ):  # fmt: skip
            call = self.made(**names)
            self.assertEqual((call.type, call.purpose, call.reminder, call.status_id.id), expected, names)

    def test_the_duration_is_that_of_the_times_else_what_is_sent(self):
        start = "2025-10-13T10:00:00Z"
        for values, minutes in (
            ({"start_time": start, "end_time": "2025-10-13T10:05:59Z", "duration": "90"}, 5),
            ({"start_time": start, "end_time": "2025-10-13T09:00:00Z", "duration": "7"}, 7),
            ({"start_time": start, "duration": "5m 30s"}, 5),
            ({"duration": 12}, 12),
            ({"duration": "1:30"}, 1),
            ({"start_time": start, "end_time": "", "duration": ""}, 0),
        ):
            self.assertEqual(self.saved(**values)["data"]["duration"], minutes, values)

    def test_a_lead_is_refused_where_there_are_none_and_singular_words_are_read(self):
        self.assertEqual(self.made(call_for="contact", call_for_id=self.contact.id).contact_id, self.contact)
        if "crm.lead" not in self.env:
            body = self.refuse(400, 400, call_for="leads", call_for_id=1)
            self.assertEqual(set(body["error_details"]["parameters"]), {"call_for_id"})

    def test_the_call_belongs_to_the_company_of_its_contact(self):
        other = self.env["res.company"].create({"name": "Second"})
        both = make_user(self.env, "save_both", "agent", companies=self.env.company | other)
        there = make_location(self.env, "L2", company=other)
        mirror(self.env, there, "ghl.contact", [{"id": "C2"}])
        contact = self.env["ghl.contact"].search([("location_id", "=", there.id)])
        key = self.make_key(both)
        row = self.save(key, call_for="contacts", call_for_id=contact.id).json()["data"]
        self.assertEqual(row["tenant_id"], other.id)
        body = self.save(
            key, call_for="contacts", call_for_id=contact.id, related_to="deals", related_to_id=self.deal.id
        ).json()
        self.assertEqual((body["status"], set(body["error_details"]["parameters"])), (400, {"related_to_id"}))


class TestTwice(SaveCase):
    def test_the_same_call_twice_is_a_conflict_in_the_body_under_http_200(self):
        first = self.made(**FORM)
        response = self.save(**FORM)
        self.assertEqual(response.status_code, 200)
        self.assertEqual(
            response.json(),
            {
                "status": 409,
                "message": f"Duplicate call found with matching subject, start_time. Call ID: {first.id}",
                "data": {"duplicate_call_id": first.id, "duplicate_fields": ["subject", "start_time"]},
            },
        )
        self.assertEqual(self.env["ghl.call"].search([("subject", "=", "Renewal talk")]), first)
        body = self.save(subject="Renewal talk").json()
        self.assertEqual((body["status"], body["data"]["duplicate_fields"]), (409, ["subject"]))
        body = self.save(subject="Renewal talk", call_for="contacts", call_for_id="0").json()
        self.assertEqual((body["status"], body["data"]["duplicate_fields"]), (409, ["subject"]))

    def test_what_differs_is_another_call(self):
        who = {"call_for": "contacts", "call_for_id": self.contact.id}
        self.saved(**FORM)
        self.saved(**{**FORM, "start_time": "2025-10-13T10:00:01Z"})
        self.saved(**{**FORM, **who})
        body = self.save(**{**FORM, **who}).json()
        self.assertEqual(body["data"]["duplicate_fields"], ["subject", "call_for", "call_for_id", "start_time"])
        for _twice in range(2):
            self.saved(**{**FORM, "subject": ""})
        deleted = self.made(subject="Once")
        deleted.active = False
        self.saved(subject="Once")
        self.saved(id=deleted.search([("subject", "=", "Once")]).id, subject="Renewal talk")

    def test_a_duplicate_is_looked_for_past_what_this_transaction_sees_and_by_one_at_a_time(self):
        [call] = make_calls(self.env, 1, subject="Twin")
        self.env.flush_all()
        found = self.env["ghl.call"]._find_duplicate({"subject": "Twin"}, self.env.company.id)
        self.assertEqual(found, call.id)
        self.env.cr.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND objsubid = 1"
        )
        self.assertTrue(self.env.cr.fetchone()[0])

    def test_the_duplicate_of_another_company_is_none(self):
        other = self.env["res.company"].search([("name", "=", "Other")])
        make_calls(self.env, 1, other, subject="Abroad")
        self.saved(subject="Abroad")


class TestChanging(SaveCase):
    def test_only_what_is_sent_is_written(self):
        [call] = make_calls(
            self.env, 1, description="Keep", result="Keep", tag="keep", favorite=True, agenda="Old", purpose="demo",
            contact_id=self.contact.id, owner_id=self.agent.id, from_number="+15550100",
        )  # fmt: skip
        self.env.flush_all()
        before = call.read(load=False)[0]
        body = self.saved(id=call.id, agenda="New")
        self.assertEqual((body["message"], body["data"]["agenda"]), ("Call updated successfully", "New"))
        self.env.invalidate_all()
        after = call.read(load=False)[0]
        changed = {name for name in before if before[name] != after[name]}
        self.assertLessEqual(changed, {"agenda", "write_uid", "write_date", "activity_log_ids", "message_ids"})
        self.assertEqual(call.activity_log_ids.mapped("activity_type"), ["call_updated", "call_created"])
        self.assertEqual(after["create_date"], before["create_date"])

    def test_the_whole_form_clears_what_it_leaves_unset(self):
        call = self.made(
            **{**FORM, "call_for": "contacts", "call_for_id": self.contact.id, "assigned_to_id": self.agent.id}
        )
        self.saved(
            **{**FORM, "id": str(call.id), "purpose_id": "0", "reminder_id": "", "start_time": "", "end_time": ""}
        )
        self.assertEqual(
            (call.purpose, call.reminder, call.contact_id.id, call.assigned_to_id.id, call.end_time),
            (False, False, False, False, False),
        )
        self.assertEqual((call.start_time, call.status_id.id), (datetime(2025, 10, 13, 10), 2))

    def test_new_times_make_a_new_duration(self):
        call = self.made(**FORM)
        self.saved(id=call.id, end_time="2025-10-13T10:30:10Z")
        self.assertEqual(call.duration_seconds, 1810)
        self.saved(id=call.id, duration="3")
        self.assertEqual(call.duration_seconds, 180)

    def test_one_kind_of_record_takes_the_place_of_the_other(self):
        partner = self.agent.partner_id
        call = self.made(related_to="deals", related_to_id=self.deal.id)
        if self.env["res.partner"].with_user(self.agent).has_access("read"):
            self.saved(id=call.id, related_to="accounts", related_to_id=partner.id)
            self.assertEqual((call.partner_id, call.opportunity_id.id), (partner, False))

    def test_a_call_of_a_campaign_stays_its_and_no_other_becomes_one(self):
        campaign = self.env["ghl.campaign"].create({"name": "Spring"})
        [call], [other] = make_calls(self.env, 1, campaign_id=campaign.id), make_calls(self.env, 1)
        form = {"related_to": "campaigns", "related_to_id": campaign.id}
        row = self.saved(id=call.id, agenda="New", **form)["data"]
        self.assertEqual((row["related_to"], row["related_to_id"], row["agenda"]), ("campaigns", campaign.id, "New"))
        self.assertEqual(row["related_to_details"]["title"], "Spring")
        for call_id in (0, other.id):
            body = self.refuse(400, 400, id=call_id, **form)
            self.assertEqual(set(body["error_details"]["parameters"]), {"related_to_id"})
        self.assertEqual(self.ids(related_to="campaigns"), [call.id])
        body = self.succeed(f"/crm/calls/get-related-calls/campaigns/{campaign.id}")
        self.assertEqual([row["id"] for row in body["data"]], [call.id])

    def test_unknown_deleted_and_foreign_calls_are_not_found(self):
        other = self.env["res.company"].search([("name", "=", "Other")])
        [foreign], [deleted] = make_calls(self.env, 1, other), make_calls(self.env, 1)
        deleted.active = False
        for call_id in (987654, foreign.id, deleted.id):
            self.assertEqual(self.refuse(404, 404, id=call_id, subject="Taken over")["message"], "Record not found")
        self.assertNotIn("Taken over", (foreign | deleted).mapped("subject"))
        self.assertEqual(foreign.company_id, other)


class TestRefused(SaveCase):
    def test_every_wrong_field_is_named_and_nothing_is_written(self):
        other = self.env["res.company"].search([("name", "=", "Other")])
        there, theirs = make_location(self.env, "L3", company=other), make_user(self.env, "save_their", companies=other)
        mirror(self.env, there, "ghl.contact", [{"id": "C3"}])
        foreign = self.env["ghl.contact"].search([("location_id", "=", there.id)])
        status = self.env["ghl.call.status"].create({"name": "Theirs", "company_id": other.id})
        for values, names in (
            ({"type_id": "7"}, {"type_id"}),
            ({"type": "sideways", "purpose_id": "99", "reminder_id": "7"}, {"type", "purpose_id", "reminder_id"}),
            ({"status_id": 987654}, {"status_id"}),
            ({"status_id": status.id}, {"status_id"}),
            ({"status": "Nothing of the kind"}, {"status"}),
            ({"start_time": "tomorrow", "end_time": "x", "duration": "long"}, {"start_time", "end_time", "duration"}),
            ({"call_for": "users", "call_for_id": 1}, {"call_for"}),
            ({"call_for_id": 5}, {"call_for"}),
            ({"call_for": "contacts", "call_for_id": foreign.id}, {"call_for_id"}),
            ({"related_to": "contacts", "related_to_id": 987654}, {"related_to_id"}),
            ({"related_to": "res.users", "related_to_id": 2}, {"related_to"}),
            ({"owner_id": theirs.id, "assigned_to_id": 987654}, {"owner_id", "assigned_to_id"}),
            ({"owner_id": "me", "subject": "a\0b"}, {"owner_id", "subject"}),
            ({"subject": "x" * 501}, {"subject"}),
            ({"subject": ["a"]}, {"subject"}),
            ({"closed": "perhaps", "id": 10**12}, {"closed", "id"}),
            ({"duration": "-5"}, {"duration"}),
        ):
            with self.subTest(values):
                body = self.refuse(400, 400, **values)
                self.assertEqual(set(body["error_details"]["parameters"]), names)

    def test_a_viewer_and_a_stranger_save_nothing(self):
        [call] = make_calls(self.env, 1)
        self.refused(403, 400, SAVE, "POST", json={"subject": "No"})
        self.refused(404, 404, SAVE, "POST", key=self.stranger_key, json={"id": call.id, "subject": "No"})
        for key in (None, "ghl_00000000_" + "A" * 43):
            self.assertEqual(self.save(key, subject="No").status_code, 403)
        self.assertFalse(self.env["ghl.call"].search([("subject", "=", "No")]))

    def test_a_location_that_is_not_the_callers_is_not_called(self):
        limited = make_user(self.env, "save_limited", "agent", locations=make_location(self.env, "L4"))
        body = self.save(self.make_key(limited), call_for="contacts", call_for_id=self.contact.id).json()
        self.assertEqual((body["status"], set(body["error_details"]["parameters"])), (400, {"call_for_id"}))

    def test_markup_and_sql_are_only_text(self):
        for text in ("<script>alert(1)</script>", "'; DROP TABLE ghl_call; --", "%s %(x)s", "\\", "日本"):
            self.assertEqual(self.saved(subject=text)["data"]["subject"], text)
            self.assertEqual(self.save(subject=text).json()["status"], 409)

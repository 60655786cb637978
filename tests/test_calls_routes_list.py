"""Lists and single calls of the CRM clients over real HTTP, and what they refuse."""

from datetime import timedelta

from markupsafe import Markup

from odoo import fields

from ..ghl_calls.reading import listing, timeline
from .calls_data import BASE, make_calls
from .common import make_location, make_user, mirror
from .common_http import ApiCase

LIST = "/crm/calls/get"


class CallsCase(ApiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = make_user(cls.env, "list_agent", "agent")
        cls.agent_key = cls.make_key(cls.agent)
        other = cls.env["res.company"].create({"name": "Other"})
        cls.stranger_key = cls.make_key(make_user(cls.env, "list_stranger", "agent", companies=other))

    def ids(self, key=..., **values):
        return [row["id"] for row in self.succeed(LIST, "POST", key=key, json=values)["data"]]

    def succeed(self, path, method="GET", **options):
        response = self.call(path, method, **options)
        self.assertEqual((response.status_code, response.json()["status"]), (200, 200), response.text[:300])
        return response.json()

    def refused(self, http, status, path, method="GET", **options):
        response = self.call(path, method, **options)
        body = response.json()
        self.assertEqual((response.status_code, body["status"]), (http, status), response.text[:300])
        self.assertNotIn("detail", body)
        self.assertNotIn("file", body["error_details"])
        self.assertTrue(body["error_details"]["request_id"])
        return body


class TestCallList(CallsCase):
    def test_pages_by_id_downwards(self):
        ids = make_calls(self.env, 5).ids[::-1]
        body = self.succeed(LIST, "POST", json={"page": 2, "limit": 2})
        self.assertEqual([row["id"] for row in body["data"]], ids[2:4])
        cursor = body["pagination"].pop("next_cursor")
        self.assertEqual(
            body["pagination"], {"page": 2, "limit": 2, "total_count": 5, "total_pages": 3, "returned_count": 2}
        )
        after = self.succeed(LIST, "POST", json={"cursor": cursor, "limit": 2})
        self.assertEqual([row["id"] for row in after["data"]], ids[4:])
        self.assertEqual(after["pagination"], {"limit": 2, "returned_count": 1, "next_cursor": None})
        self.refused(400, 400, LIST, "POST", json={"cursor": "nonsense"})
        today = fields.Date.to_string(fields.Date.today())
        self.assertEqual({row["last_activity_date"] for row in body["data"]}, {today})
        body["pagination"]["next_cursor"] = cursor
        self.assertEqual(self.succeed("/crm/calls/list", "POST", data={"page": "2", "limit": "2"}), body)
        self.assertEqual(self.ids(page=10**15, limit=10**15), [])

    def test_views_and_filters(self):
        plain, loved, mine = make_calls(self.env, 3, subject="50% off")
        loved.write({"favorite": True, "subject": "a.c", "start_time": BASE + timedelta(days=3)})
        mine.write({"user_id": self.agent.id, "owner_id": self.agent.id})
        plain.write({"end_time": plain.start_time + timedelta(seconds=330)})
        self.assertEqual(self.ids(view="favorite_calls"), [loved.id])
        self.assertEqual(self.ids(key=self.agent_key, view="my_calls"), [mine.id])
        self.assertEqual(self.ids(owner_id=str(self.agent.id)), [mine.id])
        self.assertEqual(self.ids(subject="0% O"), [mine.id, plain.id])
        self.assertEqual(self.ids(subject="a_c"), [])
        self.assertEqual(self.ids(subject=".*"), [])
        self.assertEqual(self.ids(start_time="2025-10-04T23:00:00.000Z"), [loved.id])
        self.assertEqual(self.ids(duration="5m 30s"), [plain.id])
        self.assertEqual(len(self.ids(view="calls_today", today_date="0")), 3)
        self.assertEqual(self.ids(related_to="deals"), [])

    def test_a_call_is_found_by_the_one_record_it_shows_and_by_no_other(self):
        location = make_location(self.env)
        mirror(self.env, location, "ghl.contact", [{"id": "C1"}])
        contact = self.env["ghl.contact"].search([("location_id", "=", location.id)])
        mirror(self.env, location, "ghl.contact.opportunity", [{"id": "O1", "contactId": "C1", "name": "Deal"}])
        deal = self.env["ghl.contact.opportunity"].search([("location_id", "=", location.id)])
        partner, campaign = self.agent.partner_id, self.env["ghl.campaign"].create({"name": "Spring"})
        has = {"partner_id": partner.id, "campaign_id": campaign.id}
        [deals] = make_calls(self.env, 1, opportunity_id=deal.id, **has)
        [accounts] = make_calls(self.env, 1, **has)
        [campaigns] = make_calls(self.env, 1, campaign_id=campaign.id)
        [contacts] = make_calls(self.env, 1, contact_id=contact.id)
        make_calls(self.env, 1)
        for kind, call in {"deals": deals, "accounts": accounts, "campaigns": campaigns}.items():
            [row] = self.succeed(LIST, "POST", json={"related_to": kind})["data"]
            self.assertEqual((row["id"], row["related_to"]), (call.id, kind))
        for kind, call in {"deals": deals, "accounts": accounts, "contacts": contacts}.items():
            self.assertEqual(self.ids(view=f"related_to_{kind}"), [call.id], kind)
        self.assertEqual(self.ids(related_to="contacts"), [contacts.id])
        if "crm.lead" in self.env:
            lead = self.env["crm.lead"].create({"name": "Lead"})
            contacts.lead_ref = lead
            [leads] = make_calls(self.env, 1, lead_ref=f"crm.lead,{lead.id}")
            self.assertEqual(self.ids(related_to="leads"), [leads.id])
            self.assertEqual(self.ids(view="related_to_leads"), [leads.id])

    def test_a_page_takes_the_same_queries_however_many_calls(self):
        model = self.env["ghl.call"].with_user(self.agent)
        make_calls(self.env, 1, owner_id=self.agent.id)
        listing.page(model)
        with self.assertQueryCount(4):
            listing.page(model)
        make_calls(self.env, 50, owner_id=self.agent.id)
        with self.assertQueryCount(4):
            self.assertEqual(len(listing.page(model, size=100).documents), 51)

    def test_other_companies_see_nothing(self):
        [call] = make_calls(self.env, 1)
        self.assertEqual(self.ids(key=self.stranger_key), [])
        self.refused(404, 404, f"{LIST}/{call.id}", "POST", key=self.stranger_key)
        self.refused(200, 404, f"/crm/calls/details/get/{call.id}", key=self.stranger_key)
        for change in ("deleted/1", "favorite/1"):
            self.refused(404, 404, f"/crm/calls/{call.id}/{change}", key=self.stranger_key)
        self.assertTrue(call.active and not call.favorite)

    def test_bad_filters_are_named(self):
        for name, value in {
            "start_time": "soon", "today_date": "x", "duration": "long", "view": "all", "related_to": "cats",
            "page": "one", "limit": [1], "owner_id": "me", "subject": "a\0b",
        }.items():  # fmt: skip
            with self.subTest(name):
                body = self.refused(400, 400, LIST, "POST", json={name: value})
                self.assertIn(name, body["message"])


class TestOneCall(CallsCase):
    def test_get_and_details(self):
        [call] = make_calls(self.env, 1, owner_id=self.agent.id)
        row = self.succeed(f"{LIST}/{call.id}", "POST")["data"]
        self.assertEqual((row["id"], row["owner_details"]["id"]), (call.id, self.agent.id))
        body = self.succeed(f"/crm/calls/details/get/{call.id}")
        self.assertEqual({key: body["data"][key] for key in row}, row)
        counts = {f"{key}_count": 0 for key in "notes calls attachments tasks meetings".split()}
        self.assertEqual(body["summary"], {"activity_logs_count": 1, **counts})
        [line] = body["data"]["activity_logs"]
        self.assertEqual(
            [line[key] for key in ("activity_type", "entity_type", "entity_id", "deleted", "timestamp")],
            ["call_created", "call", call.id, 0, line["createdon"]],
        )
        self.assertEqual(self.refused(404, 404, f"{LIST}/2147483647", "POST")["message"], "Record not found")

    def test_details_have_the_files_and_what_is_planned_of_this_call_alone(self):
        call, other = make_calls(self.env, 2)
        for owner in (call, other):
            name = f"{owner.subject}.pdf"
            owner.message_post(body="See", attachments=[(name, b"%PDF-1.4")], message_type="comment")
            for days in (2, 1):
                owner.activity_schedule(
                    "mail.mail_activity_data_todo", date_deadline=fields.Date.today() + timedelta(days=days),
                    summary=f"Ask {owner.id} in {days}", user_id=self.agent.id,
                )  # fmt: skip
        body = self.succeed(f"/crm/calls/details/get/{call.id}", key=self.agent_key)
        data = body["data"]
        [file] = data["attachments"]
        self.assertEqual(set(file), {"id", "name", "mimetype", "createdon"})
        self.assertEqual((file["name"], file["mimetype"]), ("Call 0.pdf", "application/pdf"))
        self.assertRegex(file["createdon"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$")
        self.assertEqual([task["title"] for task in data["tasks"]], [f"Ask {call.id} in {n}" for n in (1, 2)])
        tomorrow = (fields.Date.today() + timedelta(days=1)).isoformat()
        task = {"id": call.activity_ids.sorted("date_deadline")[0].id, "title": f"Ask {call.id} in 1"}
        self.assertEqual(data["tasks"][0], {**task, "due_date": tomorrow, "user_id": self.agent.id})
        self.assertEqual(data["meetings"], [])
        counts = [body["summary"][f"{key}_count"] for key in ("attachments", "tasks", "meetings")]
        self.assertEqual(counts, [1, 2, 0])
        shown = self.succeed(f"/crm/calls/details/get/{call.id}")["data"]
        self.assertEqual([row["id"] for row in shown["attachments"]], [file["id"]])
        self.assertEqual(shown["tasks"], [], "Odoo shows plans to those who may work on the call")

    def test_files_and_plans_take_the_same_queries_however_many(self):
        [call] = make_calls(self.env, 1)
        env = self.env(user=self.agent)

        def read():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = timeline.attachments(env, call.id), timeline.tasks(env, call.id)
            return self.env.cr.sql_log_count - before, tuple(map(len, found))

        costs = []
        for count in (1, 1, 20):
            for number in range(count):
                call.message_post(body="See", attachments=[(f"{number}.txt", b"x")], message_type="comment")
                call.activity_schedule("mail.mail_activity_data_todo", user_id=self.agent.id)
            costs.append(read())
        self.assertEqual([found for _cost, found in costs], [(1, 1), (2, 2), (22, 22)])
        self.assertEqual(costs[1][0], costs[2][0])

    def test_calls_with_a_contact(self):
        location = make_location(self.env)
        mirror(self.env, location, "ghl.contact", [{"id": "C1", "firstName": "Ada"}])
        contact = self.env["ghl.contact"].search([("location_id", "=", location.id)])
        calls = make_calls(self.env, 2, contact_id=contact.id)
        make_calls(self.env, 1)
        body = self.succeed(f"/crm/calls/get-related-calls/contacts/{contact.id}")
        self.assertEqual([row["id"] for row in body["data"]], calls.ids[::-1])
        self.assertEqual(body["summary"], {"total_calls": 2})
        self.refused(200, 400, f"/crm/calls/get-related-calls/cats/{contact.id}")

    def test_what_happened_to_a_call_in_the_order_of_time(self):
        [call, other] = make_calls(self.env, 2)
        call.agenda = "New"
        call.with_user(self.agent).message_post(body=Markup("<p>Rang twice</p>"), message_type="comment")
        values = self.env["ghl.call.event"]._append(
            call, "RINGING", occurred_at="2025-01-01 10:00:00", details="Far away"
        )
        self.env["ghl.call.event"].create([values])
        other.message_post(body="Elsewhere", message_type="comment")
        self.env.flush_all()
        self.env.cr.execute("UPDATE ghl_activity_log SET create_date = now() AT TIME ZONE 'UTC' - interval '1 hour'")
        entries = self.succeed(f"/crm/calls/timeline/{call.id}")["data"]
        self.assertEqual([entry["kind"] for entry in entries], ["note", "activity", "activity", "event"])
        note, changed, _created, event = entries
        self.assertEqual((note["description"], note["user_details"]["id"]), ("Rang twice", self.agent.id))
        self.assertEqual((changed["activity_type"], changed["metadata"]["changed"]), ("call_updated", ["agenda"]))
        self.assertEqual((event["title"], event["description"]), ("Ringing", "Far away"))
        self.assertEqual(event["createdon"], "2025-01-01T10:00:00.000Z")
        self.assertEqual(len(self.succeed(f"/crm/calls/timeline/{call.id}", params={"limit": 2})["data"]), 2)
        details = self.succeed(f"/crm/calls/details/get/{call.id}")["data"]
        self.assertEqual([row["note"] for row in details["notes"]], ["Rang twice"])
        self.refused(404, 404, f"/crm/calls/timeline/{call.id}", key=self.stranger_key)

    def test_delete_restore_and_favourite_leave_one_line_each(self):
        [call] = make_calls(self.env, 1)
        for change, message in {
            f"{call.id}/favorite/1": "Call marked as favorite",
            f"{call.id}/favorite/0": "Call unmarked as favorite",
            f"{call.id}/deleted/1": "Record deleted successfully",
            f"{call.id}/deleted/0": "Record restored successfully",
            f"delete/{call.id}": "Record deleted successfully",
        }.items():
            for method in ("GET", "POST"):  # the second time, nothing is left to change
                body = self.succeed(f"/crm/calls/{change}", method, key=self.agent_key)
                self.assertEqual(body, {"status": 200, "message": message, "data": None})
        self.assertEqual(
            call.activity_log_ids.sorted("id").mapped("activity_type"),
            ["call_created", "call_marked_as_favorite", "call_unmarked_as_favorite", "call_deleted", "call_restored",
             "call_deleted"],
        )  # fmt: skip
        self.refused(404, 404, f"{LIST}/{call.id}", "POST")
        self.refused(400, 400, f"/crm/calls/{call.id}/deleted/7", key=self.agent_key)
        self.refused(404, 404, "/crm/calls/2147483647/deleted/1", key=self.agent_key)

    def test_a_clone_is_a_call_of_its_own(self):
        [call] = make_calls(self.env, 1, owner_id=self.agent.id, user_id=self.viewer.id, favorite=True, agenda="Ask")
        path = f"/crm/calls/clone/{call.id}"
        body = self.call(path, key=self.agent_key).json()
        self.assertEqual((body["status"], body["message"]), (201, f"Call (cloned from {call.id}) created successfully"))
        copy = self.env["ghl.call"].browse(body["data"]["id"])
        self.assertNotIn(copy.number, (0, call.number))
        self.assertEqual((copy.subject, copy.agenda, copy.favorite), (call.subject, "Ask", False))
        self.assertEqual(body["data"]["agenda"], "Ask")
        self.assertEqual((copy.owner_id, copy.user_id, call.user_id), (self.agent, self.agent, self.viewer))
        self.assertEqual(self.ids(key=self.agent_key, view="my_calls"), [copy.id])
        self.assertEqual(copy.activity_log_ids.mapped("activity_type"), ["call_created"])
        count = self.env["ghl.call"].search_count([])
        body = self.refused(200, 404, path, key=self.stranger_key)
        self.assertEqual(body["message"], "Original record not found")
        self.refused(403, 400, path)  # a viewer
        self.assertEqual(self.env["ghl.call"].search_count([]), count)

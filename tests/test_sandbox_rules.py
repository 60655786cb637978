"""The simulated API refuses what the real one refuses, in the same words and shapes."""

from odoo.tests.common import tagged

from .sandbox_case import SandboxCase


@tagged("post_install", "-at_install")
class TestSandboxRules(SandboxCase):
    options = {"contacts": 60, "locations": 2, "rate_limit": False}

    def search(self, **body):
        return self.ask("POST", "/contacts/search", {"locationId": self.loc, "pageLimit": 10, **body})

    # -- who may ask -----------------------------------------------------------------------------------------------

    def test_missing_and_unknown_versions_are_refused(self):
        path = f"/locations/{self.loc}"
        self.assertRefused(self.ask("GET", path, version=None), 401, "version header was not found.")
        self.assertRefused(self.ask("GET", path, version="2020-01-01"), 401, "version header is invalid")

    def test_task_search_answers_without_a_version(self):
        self.assertEqual(self.ask("POST", f"/locations/{self.loc}/tasks/search", {}, version=None)[0], 201)

    def test_bad_tokens_are_refused_by_kind(self):
        path = f"/locations/{self.loc}"
        self.assertRefused(self.ask("GET", path, token="pit-unknown"), 401, "Invalid Private Integration token")
        self.assertRefused(self.ask("GET", path, token="eyJ.x"), 401, "Invalid JWT")
        answer = self.ask("GET", path, headers={"Authorization": ""})
        self.assertRefused(answer, 401, "access token is invalid")

    def test_a_missing_scope_answers_401_before_the_location_is_looked_at(self):
        token = self.sandbox.private_token
        self.sandbox.control("/token/scopes", {"token": token, "remove": ["contacts.readonly"]})
        self.assertRefused(self.search(locationId="elsewhere"), 401, "not authorized for this scope")

    def test_the_token_of_another_location_answers_403(self):
        other = self.sandbox.location_ids[1]
        self.assertRefused(self.search(locationId=other), 403, "does not have access to this location")
        self.assertRefused(self.ask("GET", f"/locations/{other}"), 403, "does not have access to this location")

    def test_records_of_another_location_are_not_found(self):
        foreign = self.sandbox.dump(self.sandbox.location_ids[1])["contacts"][0][0]
        self.assertRefused(self.ask("GET", f"/contacts/{foreign}"), 400, f"Contact not found for id:{foreign}")

    def test_an_agency_token_cannot_read_contacts(self):
        answer = self.ask("POST", "/contacts/search", {}, token=self.sandbox.agency["private_token"])
        self.assertRefused(answer, 401, "not authorized for this scope")

    # -- what may be asked -----------------------------------------------------------------------------------------

    def test_unknown_paths_answer_404_with_the_path(self):
        self.assertRefused(self.ask("GET", "/x/y"), 404, "Cannot GET /x/y")
        self.assertRefused(self.ask("PATCH", "/contacts/search"), 404, "Cannot PATCH /contacts/search")

    def test_endpoints_that_v3_dropped_say_so(self):
        for path in (f"/contacts/?locationId={self.loc}", f"/users/?locationId={self.loc}"):
            self.assertRefused(self.ask("GET", path), 400, "not available in API version v3")
            self.assertEqual(self.ask("GET", path, version="2021-07-28")[0], 200)

    def test_the_page_size_of_contact_search_is_named_pageLimit_and_at_most_500(self):
        body = {"locationId": self.loc, "limit": 10}
        self.assertRefused(self.ask("POST", "/contacts/search", body), 422, "property limit should not exist")
        self.assertRefused(self.ask("POST", "/contacts/search", body), 422, "pageLimit should not be empty")
        self.assertRefused(self.search(pageLimit=501), 422, "pageLimit must not be greater than 500")
        self.assertRefused(self.search(pageLimit=0), 422, "pageLimit must not be less than 1")
        self.assertRefused(self.search(pageLimit="10"), 422, "pageLimit must be a number")

    def test_contact_search_needs_a_location(self):
        self.assertRefused(
            self.ask("POST", "/contacts/search", {"pageLimit": 1}), 422, "locationId should not be empty"
        )

    def test_pages_reach_ten_thousand_records_only(self):
        self.assertEqual(self.search(page=20, pageLimit=500)[0], 200)
        self.assertRefused(self.search(page=21, pageLimit=500), 400, "10000")

    def test_page_and_searchAfter_exclude_each_other(self):
        self.assertRefused(self.search(page=2, searchAfter=[1, "x"]), 400, "page and searchAfter")

    def test_filters_sorts_and_queries_out_of_bounds_are_refused(self):
        bad = {"field": "nonsense", "operator": "eq", "value": 1}
        self.assertRefused(self.search(filters=[bad]), 400, "Invalid field nonsense")
        self.assertRefused(
            self.search(filters=[{**bad, "field": "email", "operator": "like"}]), 422, "operator must be"
        )
        self.assertRefused(self.search(filters=["email"]), 422, "must be an object")
        self.assertRefused(self.search(sort=[{"field": "nonsense"}]), 400, "Invalid sort")
        self.assertRefused(self.search(query="x" * 76), 422, "75 characters")

    def test_the_page_size_of_opportunity_search_is_named_limit_and_at_most_100(self):
        path = "/opportunities/search"
        answer = self.ask("POST", path, {"locationId": self.loc, "pageLimit": 10})
        self.assertRefused(answer, 422, "property pageLimit should not exist")
        self.assertRefused(self.ask("POST", path, {"locationId": self.loc, "limit": 101}), 422, "greater than 100")

    def test_opportunity_search_by_get_is_spelled_per_version(self):
        snake, camel = f"/opportunities/search?location_id={self.loc}", f"/opportunities/search?locationId={self.loc}"
        self.assertEqual(self.ask("GET", snake, version="2021-07-28")[0], 200)
        self.assertEqual(self.ask("GET", camel)[0], 200)
        self.assertRefused(self.ask("GET", snake), 422, "property location_id should not exist")
        self.assertRefused(self.ask("GET", camel, version="2021-07-28"), 422, "property locationId should not exist")

    def test_conversation_search_takes_at_most_100(self):
        path = f"/conversations/search?locationId={self.loc}"
        self.assertRefused(self.ask("GET", f"{path}&limit=101"), 422, "limit must not be greater than 100")
        self.assertRefused(self.ask("GET", f"{path}&sort=up"), 422, "sort must be one of")

    def test_user_search_needs_the_company(self):
        self.assertRefused(
            self.ask("GET", f"/users/search?locationId={self.loc}"), 422, "companyId should not be empty"
        )

    def test_an_unknown_user_answers_401(self):
        self.assertRefused(self.ask("GET", "/users/nobody"), 401, "The user does not exist.")

    def test_bodies_that_are_no_json_object_are_refused(self):
        self.assertRefused(self.ask("POST", "/contacts/search", b"{"), 400, "JSON")
        self.assertEqual(self.ask("POST", "/contacts/search", b"[1]")[0], 400)

    # -- writing ---------------------------------------------------------------------------------------------------

    def test_writing_an_unknown_property_is_refused_and_writes_nothing(self):
        contact = self.ids("contacts")[0]
        before = self.sandbox.record("contact", contact)
        answer = self.ask("PUT", f"/contacts/{contact}", {"firstName": "New", "companyName": "X"})
        self.assertRefused(answer, 422, "property companyName should not exist")
        self.assertEqual(self.sandbox.record("contact", contact), before)

    def test_duplicate_contacts_are_refused_unless_the_location_allows_them(self):
        body = {"locationId": self.loc, "email": "Twice@example.com"}
        self.assertEqual(self.ask("POST", "/contacts/", body)[0], 201)
        self.assertRefused(self.ask("POST", "/contacts/", body), 400, "does not allow duplicated contacts")
        self.sandbox.control("/location", {"location_id": self.loc, "settings": {"allowDuplicateContact": True}})
        self.assertEqual(self.ask("POST", "/contacts/", body)[0], 201)

    def test_upsert_updates_the_contact_that_matches(self):
        body = {"locationId": self.loc, "email": "up@example.com", "firstName": "One"}
        first = self.ask("POST", "/contacts/upsert", body)[1]
        second = self.ask("POST", "/contacts/upsert", {**body, "firstName": "Two"})[1]
        self.assertEqual((first["new"], second["new"]), (True, False))
        self.assertEqual(second["contact"]["id"], first["contact"]["id"])
        self.assertEqual(second["contact"]["firstName"], "Two")

    def test_tags_are_added_and_removed_by_lower_case_name_but_overwritten_by_update(self):
        contact = self.ask("POST", "/contacts/", {"locationId": self.loc, "firstName": "T", "tags": ["One"]})[1][
            "contact"
        ]
        path = f"/contacts/{contact['id']}"
        added = self.ask("POST", f"{path}/tags", {"tags": ["TWO", "one"]})
        self.assertEqual(added[0], 201)
        self.assertEqual((added[1]["tags"], added[1]["tagsAdded"]), (["one", "two"], ["two"]))
        self.assertEqual(self.ask("DELETE", f"{path}/tags", {"tags": ["one"]})[1]["tags"], ["two"])
        self.assertEqual(self.ask("PUT", path, {"tags": ["three"]})[1]["contact"]["tags"], ["three"])

    def test_a_written_contact_is_found_by_its_update_stamp(self):
        contact = self.ids("contacts")[0]
        stamp = self.ask("PUT", f"/contacts/{contact}", {"city": "Oslo"})[1]["contact"]["dateUpdated"]
        changed = {"field": "dateUpdated", "operator": "range", "value": {"gte": stamp}}
        answer = self.search(filters=[changed], sort=[{"field": "dateUpdated", "direction": "asc"}])[1]
        self.assertEqual([(c["id"], c["city"]) for c in answer["contacts"]], [(contact, "Oslo")])
        self.assertEqual(answer["total"], 1)

    def test_a_task_lives_through_create_complete_update_delete(self):
        contact = self.ids("contacts")[0]
        path = f"/contacts/{contact}/tasks"
        self.assertRefused(self.ask("POST", path, {"title": "T"}), 422, "dueDate should not be empty")
        body = {"title": "T", "dueDate": "2026-12-01T10:00:00Z", "completed": False}
        status, answer = self.ask("POST", path, body)
        self.assertEqual((status, answer["task"]["contactId"]), (201, contact))
        task = f"{path}/{answer['task']['id']}"
        self.assertTrue(self.ask("PUT", f"{task}/completed", {"completed": True})[1]["task"]["completed"])
        self.assertEqual(self.ask("PUT", task, {"title": "U"})[1]["task"]["title"], "U")
        self.assertTrue(self.ask("DELETE", task)[1]["succeded"])
        self.assertRefused(self.ask("GET", task), 400, "The task id is invalid.")

    def test_notes_are_written_read_and_deleted(self):
        path = f"/contacts/{self.ids('contacts')[0]}/notes"
        note = self.ask("POST", path, {"body": "<p>Hi</p>"})[1]["note"]
        self.assertIn(note["id"], [n["id"] for n in self.ask("GET", path)[1]["notes"]])
        self.assertEqual(self.ask("PUT", f"{path}/{note['id']}", {"body": "Ho"})[1]["note"]["body"], "Ho")
        self.assertEqual(self.ask("DELETE", f"{path}/{note['id']}")[0], 200)
        self.assertRefused(self.ask("GET", f"{path}/{note['id']}"), 400, "The note id is invalid.")

    def test_an_opportunity_keeps_its_contact_and_moves_between_stages(self):
        row = self.ids("opportunities")[0]
        path = f"/opportunities/{row}"
        answer = self.ask("PUT", path, {"contactId": "other"})
        self.assertRefused(answer, 422, "property contactId should not exist")
        pipeline = self.ask("GET", f"/opportunities/pipelines?locationId={self.loc}")[1]["pipelines"][1]
        stage = pipeline["stages"][3]["id"]
        moved = self.ask("PUT", path, {"pipelineId": pipeline["id"], "pipelineStageId": stage})[1]["opportunity"]
        self.assertEqual((moved["pipelineId"], moved["pipelineStageId"]), (pipeline["id"], stage))
        self.assertEqual(self.ask("PUT", path, {"pipelineStageId": "nowhere"})[0], 400)
        self.assertEqual(self.ask("PUT", f"{path}/status", {"status": "won"})[1]["success"], True)
        self.assertEqual(self.ask("GET", path)[1]["opportunity"]["status"], "won")

    def test_a_deleted_contact_lingers_in_search_but_cannot_be_read(self):
        self.sandbox.set_linger(60_000)
        contact = self.ids("contacts")[0]
        by_id = [{"field": "id", "operator": "eq", "value": contact}]
        self.ask("DELETE", f"/contacts/{contact}")
        self.assertEqual(len(self.search(filters=by_id)[1]["contacts"]), 1)
        self.assertRefused(self.ask("GET", f"/contacts/{contact}"), 400, "Contact not found")
        self.assertNotIn(contact, self.ids("contacts"))
        self.sandbox.set_linger(0)
        self.assertEqual(self.search(filters=by_id)[1]["contacts"], [])

    # -- filters ---------------------------------------------------------------------------------------------------

    def found(self, *filters, **body):
        return {c["id"] for c in self.search(filters=list(filters), pageLimit=500, **body)[1]["contacts"]}

    def test_filters_and_groups_select_what_they_say(self):
        rows = self.search(pageLimit=500)[1]["contacts"]
        field = next(v["id"] for c in rows for v in c["customFields"] if isinstance(v["value"], str))

        def pick(test):
            return {c["id"] for c in rows if test(c)}

        def has_field(c):
            return any(v["id"] == field for v in c["customFields"])

        def rule(name, operator, value=None):
            return {"field": name, "operator": operator, **({} if value is None else {"value": value})}

        self.assertEqual(self.found(rule("email", "not_exists")), pick(lambda c: c["email"] is None))
        self.assertEqual(self.found(rule("tags", "eq", "vip")), pick(lambda c: "vip" in c["tags"]))
        self.assertEqual(self.found(rule("tags", "not_eq", "vip")), pick(lambda c: "vip" not in c["tags"]))
        self.assertEqual(self.found(rule("dnd", "eq", True)), pick(lambda c: c["dnd"]))
        self.assertEqual(self.found(rule(f"customFields.{field}", "exists")), pick(has_field))
        one, two = rows[0], rows[1]
        either = {"group": "OR", "filters": [rule("id", "eq", one["id"]), rule("id", "eq", two["id"])]}
        self.assertEqual(self.found(either), {one["id"], two["id"]})
        self.assertEqual(self.found(either, rule("id", "not_eq", two["id"])), {one["id"]})
        self.assertEqual(self.found(query=one["email"] or one["phone"]), {one["id"]})

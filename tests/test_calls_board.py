"""The board of the CRM clients over real HTTP: the contract it keeps, and what it refuses."""

import json
from datetime import timedelta

from odoo import fields

from ..ghl_base.http import responses
from ..ghl_calls.reading import board, listing
from .board_case import GROUPED, UPDATE, BoardCase
from .calls_data import BASE, make_calls
from .common import make_location, make_user, mirror

PERSON = {"id", "first_name", "last_name", "name", "email", "phone", "mobile", "image"}
GROUP = {"id", "name", "title", "description", "color", "total_calls", "calls"}


class TestBoard(BoardCase):
    def test_without_calls_every_status_is_listed_and_empty(self):
        body = self.board()
        self.assertEqual(
            [(group["id"], group["name"], group["total_calls"], group["calls"]) for group in body["data"]],
            [(status.id, status.name, 0, []) for status in self.statuses],
        )
        self.assertTrue(all(set(group) == GROUP and group["title"] == group["name"] for group in body["data"]))
        self.assertEqual(
            body["summary"],
            {"total_calls": 0, "total_status_groups": 5, "limit_per_status": 100, "enrichment_enabled": True},
        )
        self.assertEqual(body["message"], "Calls grouped by status retrieved successfully")

    def test_totals_count_all_calls_and_the_newest_are_returned_once_in_order(self):
        for status, count in zip(self.statuses, (7, 0, 3, 1, 12), strict=False):
            make_calls(self.env, count, status_id=status.id)
        same = make_calls(self.env, 4, status_id=self.statuses[1].id, start_time=BASE)
        body = self.board(limit=5)
        self.assertEqual([group["total_calls"] for group in body["data"]], [7, 4, 3, 1, 12])
        self.assertEqual(body["summary"]["total_calls"], 27)
        self.assertEqual([len(group["calls"]) for group in body["data"]], [5, 4, 3, 1, 5])
        self.assertEqual(len(set(self.shown(body))), len(self.shown(body)))
        for group in body["data"]:
            keys = [(call["start_time"], call["id"]) for call in group["calls"]]
            self.assertEqual(keys, sorted(keys, reverse=True))
            self.assertEqual({call["status_id"] for call in group["calls"]}, {group["id"]})
        self.assertEqual([call["id"] for call in body["data"][1]["calls"]], same.ids[::-1])

    def test_a_call_with_everything(self):
        location = make_location(self.env)
        mirror(
            self.env, location, "ghl.contact", [{"id": "C1", "firstName": "Ada", "lastName": "L", "email": "a@x.test"}]
        )
        mirror(self.env, location, "ghl.contact.opportunity", [{"id": "O1", "contactId": "C1", "name": "Deal nine"}])
        contact = self.env["ghl.contact"].search([("location_id", "=", location.id)])
        deal = self.env["ghl.contact.opportunity"].search([("location_id", "=", location.id)])
        self.agent.partner_id.write({"name": "Agent Two Three", "email": "a2@example.test", "phone": "+1555"})
        [call] = make_calls(
            self.env,
            1,
            subject="Renewal talk",
            contact_id=contact.id,
            opportunity_id=deal.id,
            purpose="demo",
            reminder="15",
            from_number="+15550100",
            start_time=BASE,
            end_time=BASE + timedelta(minutes=12, seconds=59),
            owner_id=self.agent.id,
            assigned_to_id=self.agent.id,
            favorite=True,
        )
        self.agent.active = False  # people who left still own their calls
        [row] = self.board()["data"][0]["calls"]
        agent = {
            "id": self.agent.id,
            "first_name": "Agent",
            "last_name": "Two Three",
            "name": "Agent Two Three",
            "email": "a2@example.test",
            "phone": "+1555",
            "mobile": "",
            "image": "",
        }
        expected = {
            "id": call.id,
            "ukey": f"{self.env.company.id}000{call.id}",
            "subject": "Renewal talk",
            "type_id": 1,
            "type": "outbound",
            "status_id": 1,
            "outgoing_status_id": 1,
            "start_time": "2025-10-01T09:00:00.000Z",
            "end_time": "2025-10-01T09:12:59.000Z",
            "duration": 12,
            "call_for": "contacts",
            "call_for_id": contact.id,
            "related_to": "deals",
            "related_to_id": deal.id,
            "owner_id": self.agent.id,
            "user_id": 0,
            "purpose_id": 4,
            "reminder_id": 15,
            "favorite": 1,
            "deleted": 0,
            "active": 1,
            "tenant_id": self.env.company.id,
            "owner_details": agent,
            "owner": agent,
            "assigned_to": agent,
            "user_details": {},
            "user": {},
            "caller_details": {"caller_id": "+15550100"},
        }
        self.assertEqual({key: row[key] for key in expected}, expected)
        self.assertEqual((row["related_to_details"]["id"], row["related_to_details"]["title"]), (deal.id, "Deal nine"))
        self.assertEqual((row["call_for_details"]["name"], row["call_for_details"]["email"]), ("Ada L", "a@x.test"))

    def test_a_call_about_nothing_shows_the_newest_deal_of_its_contact_that_the_reader_may_see(self):
        location = make_location(self.env, "Deals")
        mirror(self.env, location, "ghl.contact", [{"id": "D1"}, {"id": "D2"}])
        deals = [("O1", "D1", "2025-01-01"), ("O2", "D1", "2025-03-01"), ("O3", "D1", "2025-02-01")]
        mirror(self.env, location, "ghl.contact.opportunity", [
            {"id": key, "contactId": contact, "name": key, "createdAt": f"{day}T00:00:00Z"}
            for key, contact, day in deals
        ])  # fmt: skip
        first, second = self.env["ghl.contact"].search([("location_id", "=", location.id)], order="external_id")
        newest = self.env["ghl.contact.opportunity"].search([("external_id", "=", "O2")])
        partner = self.agent.partner_id
        calls = [
            make_calls(self.env, 1, contact_id=contact.id, **values)
            for contact, values in ((first, {}), (second, {}), (first, {"partner_id": partner.id}))
        ]
        [listed] = [self.answer(self.call("/crm/calls/list", "POST", json={}), 200)["data"]]
        shown = {row["id"]: row for column in self.board()["data"] for row in column["calls"]}
        for rows in (shown, {row["id"]: row for row in listed}):
            about, nothing, own = (rows[call.id] for call in calls)
            self.assertEqual(
                (about["related_to_details"]["id"], about["related_to_details"]["title"]), (newest.id, "O2")
            )
            self.assertEqual((about["related_entity"], about["related_to"], about["related_to_id"]), ({}, "", 0))
            self.assertEqual(nothing["related_to_details"], {})
            self.assertEqual((own["related_to_details"]["id"], own["related_entity"]["id"]), (partner.id, partner.id))
        newest.active = False
        shown = {row["id"]: row for column in self.board()["data"] for row in column["calls"]}
        self.assertEqual(shown[calls[0].id]["related_to_details"]["title"], "O3")
        here = make_location(self.env, "Here")
        calls[0].location_id = here
        limited = self.make_key(make_user(self.env, "board_limited", locations=here))
        [row] = self.answer(self.call("/crm/calls/list", "POST", key=limited, json={}), 200)["data"]
        self.assertEqual((row["id"], row["related_to_details"]), (calls[0].id, {}))

    def test_the_fast_mode_gives_ids_only_in_the_same_order(self):
        make_calls(self.env, 8)
        enriched = self.board(limit=5)
        for flag in ("false", "False", "FALSE", False):
            body = self.board(limit=5, include_enrichment=flag)
            self.assertEqual(body["data"][0]["call_ids"], self.shown(enriched))
            self.assertTrue(all(group["calls"] == [] for group in body["data"]))
            self.assertEqual(body["summary"], {"total_calls": 8, "total_status_groups": 5, "enrichment_enabled": False})
        self.assertNotIn("call_ids", self.board(include_enrichment="TRUE")["data"][0])

    def test_forms_are_read_as_well(self):
        make_calls(self.env, 3)
        for form in ({"data": {"limit": "2"}}, {"files": {"limit": (None, "2"), "include_enrichment": (None, "true")}}):
            body = self.answer(self.call(GROUPED, "POST", **form), 200)
            self.assertEqual(len(self.shown(body)), 2)

    def test_limits_are_clamped_and_absent_means_100(self):
        for limit, expected in ((0, 1), (-5, 1), ("1000", 1000), (1001, 1000), (10**15, 1000), ("", 100), (None, 100)):
            self.assertEqual(self.board(limit=limit)["summary"]["limit_per_status"], expected, limit)

    def test_deleted_calls_are_neither_shown_nor_counted(self):
        calls = make_calls(self.env, 3)
        calls[0].active = False
        body = self.board()
        self.assertEqual((body["summary"]["total_calls"], self.shown(body)), (2, calls[:0:-1].ids))

    def test_nothing_of_another_company_is_seen(self):
        make_calls(self.env, 2)
        theirs = make_calls(self.env, 3, self.other)
        self.env["ghl.call.status"].create({"name": "Theirs", "company_id": self.other.id})
        body = self.board()
        self.assertEqual((body["summary"]["total_calls"], len(body["data"])), (2, 5))
        self.assertFalse(set(self.shown(body)) & set(theirs.ids))
        body = self.board(key=self.stranger_key)
        self.assertEqual((self.shown(body), len(body["data"])), (theirs.ids[::-1], 6))

    def test_several_companies_are_merged_newest_first(self):
        both = self.make_key(make_user(self.env, "board_both", companies=self.env.company | self.other))
        here, there = make_calls(self.env, 6), make_calls(self.env, 6, self.other)
        body = self.board(key=both, limit=5)
        newest = (here | there).sorted(lambda call: (call.start_time, call.id), reverse=True)[:5]
        self.assertEqual((self.shown(body), body["data"][0]["total_calls"]), (newest.ids, 12))

    def test_a_user_limited_to_locations_sees_and_counts_those(self):
        here, there = make_location(self.env, "L1"), make_location(self.env, "L2")
        make_calls(self.env, 2, location_id=here.id)
        make_calls(self.env, 4, location_id=there.id)
        make_calls(self.env, 1)
        key = self.make_key(make_user(self.env, "board_limited", locations=here))
        body = self.board(key=key)
        self.assertEqual((len(self.shown(body)), body["summary"]["total_calls"]), (3, 3))

    def test_no_person_shows_more_than_the_public_keys(self):
        make_calls(self.env, 3, owner_id=self.agent.id, user_id=self.agent.id, assigned_to_id=self.agent.id)
        response = self.call(GROUPED, "POST")
        for call in response.json()["data"][0]["calls"]:
            for key in ("owner_details", "user_details", "assigned_to_details", "owner", "user", "assigned_to"):
                self.assertEqual(set(call[key]), PERSON, key)
        self.assertNotIn("password", response.text)


class TestText(BoardCase):
    """Documents are made as text: nothing that people write may end it."""

    ODD = """ " ' \\ \\" \n\r\t\x01\x7f </script> %s {0} {{}} Zoë 🙂 \u2028 ,"id":0} """

    def test_any_text_comes_back_as_it_was_written(self):
        odd = self.ODD
        self.agent.partner_id.write({"name": f"A{odd}", "phone": odd})
        texts = dict.fromkeys(("subject", "agenda", "description", "result", "tag", "from_number", "to_number"), odd)
        [call] = make_calls(self.env, 1, **texts, owner_id=self.agent.id, partner_id=self.agent.partner_id.id)
        name, phone = self.agent.partner_id.name, self.agent.partner_id.phone
        [listed] = self.answer(self.call("/crm/calls/list", "POST", json={}), 200)["data"]
        [shown] = self.board()["data"][0]["calls"]
        for found in (shown, listed):
            for key, field in (("subject", "subject"), ("agenda", "agenda"), ("description", "description"),
                               ("result", "result"), ("tag", "tag"), ("caller_id", "from_number"),
                               ("dialled_number", "to_number")):  # fmt: skip
                self.assertEqual(found[key], call[field], key)
            self.assertEqual(found["caller_details"], {"caller_id": call.from_number})
            self.assertEqual((found["owner"]["name"], found["owner"]["phone"]), (name, phone))
            self.assertEqual(found["related_to_details"]["title"], name)

    def test_boards_and_lists_are_the_same_without_orjson(self):
        make_calls(self.env, 3, owner_id=self.agent.id, partner_id=self.agent.partner_id.id, subject=self.ODD)
        make_calls(self.env, 2, status_id=self.statuses[1].id)
        self.env.flush_all()

        def answer():
            calls = self.env["ghl.call"].with_user(self.agent)
            columns = [[column.id, column.total, column.calls] for column in calls._board_for_api(limit=10)]
            return responses.dumps([columns, listing.page(calls).documents])

        fast = answer()
        self.patch(responses, "orjson", None)
        self.patch(responses, "dumps", responses._dumps_slow)
        self.assertEqual(answer(), fast)
        self.assertEqual([len(calls) for _id, _total, calls in json.loads(fast)[0]], [3, 2, 0, 0, 0])


class TestOldPayload(BoardCase):
    """Boards that send the payload of the list: their page size is not the size of a column."""

    def payload(self, **values):
        return {"view": "all_calls", "page": "1", "limit": "20", "fetchAll": "true", "today_date": "0", **values}

    def test_the_column_size_is_that_of_the_settings(self):
        make_calls(self.env, 30)
        self.assertEqual(len(self.shown(self.board(**self.payload()))), 30)
        self.env["ir.config_parameter"].set_param("ghl.board_column_size", "7")
        self.assertEqual(len(self.shown(self.board(**self.payload()))), 7)
        self.assertEqual(len(self.shown(self.board(limit=20))), 20)
        for nonsense in ("", "x", "0", "-1", "99999"):
            self.env["ir.config_parameter"].set_param("ghl.board_column_size", nonsense)
            self.assertEqual(len(self.shown(self.board(**self.payload()))), 30, nonsense)

    def found(self, **values):
        body = self.board(key=self.agent_key, **self.payload(**values))
        self.assertEqual(body["summary"]["total_calls"], len(self.shown(body)), "totals obey the filters")
        return set(self.shown(body))

    def test_views_and_filters_are_applied(self):
        mine, favorite, missed, late, long, deal = make_calls(self.env, 6)
        make_calls(self.env, 2)
        mine.user_id = self.agent
        favorite.favorite = True
        missed.status_id, late.status_id = self.statuses[2], self.statuses[3]
        long.write({"duration_seconds": 330, "owner_id": self.agent.id, "subject": "100% sure"})
        deal.partner_id = self.agent.partner_id
        deal.start_time = fields.Datetime.now()
        self.env.flush_all()
        for values, expected in (
            ({"view": "my_calls"}, mine),
            ({"view": "favorite_calls"}, favorite),
            ({"view": "missed_calls"}, missed | late),
            ({"view": "connected_calls"}, mine.browse()),
            ({"view": "related_to_accounts"}, deal),
            ({"view": "start_time"}, deal),
            ({"owner_id": str(self.agent.id)}, long),
            ({"duration": "5m 20s"}, long),
            ({"subject": "100%"}, long),
            ({"subject": "00_"}, mine.browse()),
            ({"related_to": "accounts"}, deal),
            ({"related_to": "campaigns"}, mine.browse()),
            ({"view": "favorite_calls", "owner_id": str(self.agent.id)}, mine.browse()),
        ):
            with self.subTest(values):
                self.assertEqual(self.found(**values), set(expected.ids))
        self.assertEqual(len(self.found(view="calls_today")), 8)
        self.assertEqual(len(self.found(view="calls_this_week", owner_id="0", subject="")), 8)
        self.assertEqual(self.found(view="calls_today", today_date="2001-01-01T00:00:00.000Z"), set())
        self.assertEqual(len(self.found(start_time="2025-10-01T15:00:00.000Z")), 7)

    def test_sql_and_expressions_in_the_subject_are_only_text(self):
        make_calls(self.env, 2)
        for text in ("' OR 1=1 --", ".*", "%", "_", "<script>", "%s %(x)s", "\\"):
            self.assertEqual(self.found(subject=text), set(), text)


class TestRefusals(BoardCase):
    def test_a_missing_or_bad_key_is_what_logs_clients_out_and_nothing_else_is(self):
        for path in (GROUPED, UPDATE):
            for key in (None, "x", "ghl_00000000_" + "A" * 43):
                response = self.call(path, "POST", key=key, json={})
                self.assertEqual(response.status_code, 403)
                self.assertEqual(response.json(), {"status": 403, "message": "Invalid or expired token"})
        response = self.call(UPDATE, "POST", json={"id": 1, "status_id": 1})  # a viewer
        self.assertEqual((response.status_code, response.json()["status"]), (403, 400))

    def test_wrong_parameters_are_named_under_http_200(self):
        for values, names in (
            ({"limit": "many"}, {"limit"}),
            ({"limit": [1]}, {"limit"}),
            ({"include_enrichment": "perhaps"}, {"include_enrichment"}),
            ({"view": "no_such_view"}, {"view"}),
            (
                {"start_time": "yesterday", "duration": "long", "today_date": "x"},
                {"start_time", "duration", "today_date"},
            ),
            ({"owner_id": "me", "subject": "a\x00b"}, {"owner_id", "subject"}),
        ):
            body = self.answer(self.call(GROUPED, "POST", json=values), 400)
            self.assertEqual(set(body["error_details"]["parameters"]), names)
            self.assertEqual(set(body["error_details"]), {"code", "request_id", "parameters"})

    def test_bodies_that_cannot_be_read(self):
        for data in (b"{", b"[1]", b'"x"', b"\xff\xfe", b"[" * 100_000):
            headers = {"Content-Type": "application/json"}
            self.answer(self.call(GROUPED, "POST", data=data, headers=headers), 400)
        response = self.call(GROUPED, "POST", json={"subject": "x" * 1_100_000})
        self.assertEqual((response.status_code, response.json()["status"]), (413, 413))

    def test_unknown_addresses_and_methods_below_crm_are_refused_in_the_same_shape(self):
        for path, method, status in (("/crm/calls/nothing", "POST", 404), (GROUPED, "GET", 405), (UPDATE, "PUT", 405)):
            response = self.call(path, method)
            body = response.json()
            self.assertEqual((response.status_code, body["status"]), (status, status))
            self.assertEqual(body["error_details"]["request_id"], response.headers["X-Request-Id"])

    def test_a_fault_of_ours_says_nothing_of_the_inside(self):
        def fail(*args, **kwargs):
            raise ZeroDivisionError("secret")

        self.patch(board, "read", fail)
        with self.assertLogs("odoo.addons.ghl.ghl_base.http.dispatcher", "ERROR"):
            response = self.call(GROUPED, "POST")
        self.assertEqual((response.status_code, response.json()["status"]), (500, 500))
        self.assertNotIn("secret", response.text)

"""Saved views of the CRM clients over real HTTP, the calls they show, and what is refused."""

from datetime import timedelta

from odoo import fields

from .calls_data import make_calls
from .common import make_user
from .test_calls_routes_list import CallsCase

CUSTOM, LISTINGS = "/custom/views", "/listings/views"


class ViewsCase(CallsCase):
    def saved(self, key=..., base=CUSTOM, **form):
        key = self.agent_key if key is ... else key
        return self.succeed(f"{base}/save", "POST", key=key, json=form)["data"]

    def listed(self, base=CUSTOM, key=..., **form):
        return self.succeed(f"{base}/get", "POST", key=key, json={"module_id": 1, **form})["data"]

    def shown(self, ukey, key=...):
        return [row["id"] for row in self.succeed(f"/calls/get-by-view-ukey/{ukey}", "POST", key=key)["data"]]


class TestSaving(ViewsCase):
    def test_what_is_sent_is_kept_and_comes_back(self):
        form = {"id": "0", "name": "Hot", "columns": "a,b", "icon": "star", "owner_id": str(self.agent.id),
                "sort_by": "3", "module": "1", "active": "1", "tenant_id": "999"}  # fmt: skip
        view = self.succeed(f"{CUSTOM}/save", "POST", key=self.agent_key, data=form)["data"]
        expected = {"name": "Hot", "columns": "a,b", "icon": "star", "owner_id": str(self.agent.id), "sort_by": 3,
                    "module": 1, "active": 1, "tenant_id": self.env.company.id, "default": 0, "query_type": 1,
                    "user_id": self.agent.id}  # fmt: skip
        self.assertEqual({key: view[key] for key in expected}, expected)
        self.assertEqual(view["ukey"], f"{self.env.company.id}000{view['id']}")
        for path, method in (
            (f"get/{view['id']}", "POST"), (f"get/{view['id']}", "GET"), (f"by-ukey/{view['ukey']}", "POST")
        ):  # fmt: skip
            for base in (CUSTOM, LISTINGS):
                self.assertEqual(self.succeed(f"{base}/{path}", method)["data"], view)
        self.assertEqual(self.listed(), [view])
        self.assertEqual(self.succeed(f"{CUSTOM}/get-by-module-id/1")["data"], [view])
        self.assertEqual(self.succeed(f"{CUSTOM}/get-by-module-id/2")["data"], [])

    def test_changing_keeps_what_is_not_sent(self):
        view = self.saved(name="Hot", subject="a", icon="star", query_type=2, sort_by=4)
        changed = self.saved(id=view["id"], subject="b", colour="red")
        self.assertEqual(
            {key: changed[key] for key in "id name subject icon colour query_type sort_by module".split()},
            {"id": view["id"], "name": "Hot", "subject": "b", "icon": "star", "colour": "red", "query_type": 2,
             "sort_by": 4, "module": 1},
        )  # fmt: skip

    def test_everybody_has_a_default_of_their_own(self):
        first, second = self.saved(name="First"), self.saved(name="Second")
        for base, view in ((CUSTOM, second), (LISTINGS, first), (CUSTOM, second)):
            self.succeed(f"{base}/set-default/{view['id']}", "POST", key=self.agent_key)
            names = [row["name"] for row in self.listed(key=self.agent_key)]
            self.assertEqual(names[0], view["name"])
            defaults = [row["default"] for row in self.listed(key=self.agent_key)]
            self.assertEqual(defaults, [1, 0])
        self.assertEqual([row["default"] for row in self.listed()], [0, 0])
        self.assertEqual([row["name"] for row in self.listed()], ["First", "Second"])
        self.assertEqual(self.saved(id=second["id"], default="0")["default"], 0)

    def test_deleting_and_restoring(self):
        view = self.saved(name="Hot")
        path = f"{CUSTOM}/{view['id']}/deleted"
        for _twice in range(2):
            self.succeed(f"{path}/1", key=self.agent_key)
            self.assertEqual(self.listed(), [])
            self.refused(404, 404, f"{CUSTOM}/get/{view['id']}")
        self.succeed(f"{path}/0", key=self.agent_key)
        self.assertEqual(len(self.listed()), 1)


class TestShowing(ViewsCase):
    def test_a_view_shows_what_its_filters_find(self):
        mine, loud, old, plain = make_calls(self.env, 4, subject="Quiet")
        mine.owner_id, loud.subject = self.agent, "Very loud"
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE ghl_call SET create_date = %s WHERE id = %s", [fields.Datetime.now() - timedelta(days=3), old.id]
        )
        for form, key, expected in (
            ({"subject": "loud"}, ..., loud),
            ({"filters": {"subject": "loud"}}, ..., loud),
            ({"filters": '{"owner_id": "%s"}' % self.agent.id}, ..., mine),  # noqa: UP031
            ({"query_type": "2"}, self.agent_key, mine),
            ({"query_type": "3"}, ..., plain | loud | mine),
            ({"query_type": 3, "subject": "quiet"}, ..., plain | mine),
            ({"view": "favorite_calls"}, ..., mine.browse()),
            ({"colour": "red"}, ..., mine | loud | old | plain),
        ):
            with self.subTest(form):
                view = self.saved(name="View", **form)
                self.assertEqual(self.shown(view["ukey"], key), expected.sorted("id", reverse=True).ids)
        self.assertEqual(self.shown("all"), (mine | loud | old | plain).ids[::-1])
        self.assertEqual(self.shown("today"), [plain.id, loud.id, mine.id])
        self.assertEqual(self.shown("my"), [])

    def test_lists_of_views_begin_with_the_fixed_ones_and_may_hold_their_calls(self):
        calls = make_calls(self.env, 2)
        view = self.saved(name="Hot", base=LISTINGS)
        rows = self.listed(LISTINGS)
        self.assertEqual([row["ukey"] for row in rows], ["all", "today", "my", view["ukey"]])
        self.assertNotIn("data", rows[0])
        rows = self.listed(LISTINGS, data=1)
        self.assertEqual([len(row["data"]) for row in rows], [2, 2, 0, 2])
        self.assertEqual([call["id"] for call in rows[3]["data"]], calls.ids[::-1])
        self.assertEqual(rows[0]["total_calls"], 2)
        self.assertEqual(len(self.succeed(f"{LISTINGS}/by-ukey/my", "POST")["data"]["ukey"]), 2)


class TestRefused(ViewsCase):
    def test_views_of_others(self):
        shared, private = self.saved(name="Shared"), self.saved(name="Private", shared="0")
        colleague = self.make_key(make_user(self.env, "views_colleague", "agent"))
        admin = self.make_key(make_user(self.env, "views_admin", "admin"))
        self.assertEqual([row["name"] for row in self.listed(key=colleague)], ["Shared"])
        self.assertEqual(len(self.listed(key=admin)), 2)
        self.assertEqual(self.listed(key=self.stranger_key), [])
        for path in (f"get/{private['id']}", f"by-ukey/{private['ukey']}", f"set-default/{private['id']}"):
            self.refused(404, 404, f"{CUSTOM}/{path}", "POST", key=colleague)
        self.refused(200, 404, f"/calls/get-by-view-ukey/{private['ukey']}", "POST", key=colleague)
        for view in (shared, private):
            self.refused(404, 404, f"{CUSTOM}/get/{view['id']}", "POST", key=self.stranger_key)
            self.refused(404, 404, f"{CUSTOM}/save", "POST", key=self.stranger_key, json={"id": view["id"]})
            self.refused(404, 404, f"{CUSTOM}/{view['id']}/deleted/1", key=self.stranger_key)
        self.refused(403, 400, f"{CUSTOM}/save", "POST", key=colleague, json={"id": shared["id"], "name": "Mine"})
        self.refused(403, 400, f"{CUSTOM}/{shared['id']}/deleted/1", key=colleague)
        self.refused(403, 400, f"{CUSTOM}/save", "POST", json={"name": "A viewer's"})
        self.assertEqual(self.saved(key=admin, id=shared["id"], name="Renamed")["user_id"], self.agent.id)

    def test_what_is_too_much_or_wrong(self):
        for form, names in (
            ({"filters": "x"}, {"filters"}),
            ({"filters": [1]}, {"filters"}),
            ({"start_time": "soon"}, {"start_time"}),
            ({"filters": {"owner_id": "me"}}, {"owner_id"}),
            ({"query_type": 9}, {"query_type"}),
            ({"id": "x"}, {"id"}),
            ({"name": "a\0b"}, {"form"}),
        ):
            with self.subTest(form):
                body = self.refused(400, 400, f"{CUSTOM}/save", "POST", key=self.agent_key, json=form)
                self.assertEqual(set(body["error_details"]["parameters"]), names)
        for form in (
            {f"key{n}": "x" for n in range(101)}, {"k" * 65: 1}, {"big": "x" * 40_000}, {"big": list(range(20_000))}
        ):  # fmt: skip
            self.refused(400, 400, f"{CUSTOM}/save", "POST", key=self.agent_key, json=form)
        self.refused(413, 413, f"{CUSTOM}/save", "POST", key=self.agent_key, json={"big": "x" * 1_100_000})
        self.assertFalse(self.env["ghl.call.view"].search([]))
        view = self.saved(name="Full", **{f"key{n}": "x" for n in range(60)})
        more = {f"more{n}": "x" for n in range(60)}
        self.refused(400, 400, f"{CUSTOM}/save", "POST", key=self.agent_key, json={"id": view["id"], **more})

    def test_markup_is_only_text(self):
        text = "<img src=x onerror=alert(1)>'; DROP TABLE ghl_call_view; --"
        view = self.saved(name=text, note=text)
        self.assertEqual((view["name"], view["note"]), (text, text))
        self.refused(404, 404, f"{CUSTOM}/by-ukey/{text.replace('/', '')}", "POST")


class TestOlderAddresses(CallsCase):
    def post(self, path, **values):
        return self.call(f"/calls/{path}", "POST", key=self.agent_key, json=values)

    def test_many_calls_are_deleted_and_changed_at_once(self):
        first, second, third = make_calls(self.env, 3)
        body = self.post("bulk-delete", ids=f"[{first.id}, {second.id}, 987654]").json()
        self.assertEqual((body["status"], body["modified_count"], body["data"]), (200, 2, {"modified_count": 2}))
        self.assertEqual(((first | second).mapped("active"), third.active), ([False, False], True))
        body = self.post("bulk-update", ids=[first.id, third.id], subject="New", purpose="4").json()
        self.assertEqual((body["updated_count"], third.subject, third.purpose), (1, "New", "demo"))
        self.assertEqual(first.subject, "Call 0")
        self.assertEqual(first.activity_log_ids[0].activity_type, "call_deleted")

    def test_one_purpose(self):
        [call] = make_calls(self.env, 1, agenda="Keep")
        body = self.post("update-purpose", id=call.id, purpose="demo").json()
        self.assertEqual(body["data"], {"id": call.id, "purpose": "demo", "purpose_id": 4})
        self.assertEqual((call.purpose, call.agenda), ("demo", "Keep"))
        self.assertEqual(self.post("update-purpose", id=call.id, purpose="0").json()["data"]["purpose_id"], 0)

    def test_copies_and_related_calls(self):
        partner = self.agent.partner_id
        [call] = make_calls(self.env, 1, partner_id=partner.id)
        body = self.succeed(
            "/calls/get-by-related", "POST", json={"related_to": "accounts", "related_to_id": partner.id}
        )
        self.assertEqual(([row["id"] for row in body["data"]], body["summary"]), ([call.id], {"total_calls": 1}))
        self.assertEqual(self.call(f"/calls/clone/{call.id}", key=self.agent_key).json()["status"], 201)

    def test_refusals_change_nothing(self):
        [call] = make_calls(self.env, 1)
        before = call.write_date
        for path, values, status in (
            ("bulk-delete", {}, 400), ("bulk-delete", {"ids": "[1,"}, 400), ("bulk-delete", {"ids": ["x"]}, 400),
            ("bulk-delete", {"ids": list(range(1, 1002))}, 400), ("bulk-delete", {"ids": [-1]}, 400),
            ("bulk-update", {"ids": [call.id]}, 422), ("bulk-update", {"ids": [call.id], "purpose": "cats"}, 400),
            ("bulk-update", {"ids": [call.id], "subject": "x" * 501}, 400),
        ):  # fmt: skip
            response = self.post(path, **values)
            self.assertEqual((response.status_code, response.json()["status"]), (status, status), values)
        for path, values, status in (
            ("update-purpose", {"id": 987654, "purpose": "demo"}, 404), ("update-purpose", {"purpose": "demo"}, 400),
            ("update-purpose", {"id": call.id, "purpose": "cats"}, 400),
            ("get-by-related", {"related_to": "users", "related_to_id": 1}, 400),
        ):  # fmt: skip
            response = self.post(path, **values)
            self.assertEqual((response.status_code, response.json()["status"]), (200, status), values)
        for path in ("bulk-delete", "bulk-update"):
            values = {"ids": [call.id], "subject": "Theirs"}
            body = self.call(f"/calls/{path}", "POST", key=self.stranger_key, json=values).json()
            self.assertEqual(list(body["data"].values()), [0])
            self.refused(403, 400, f"/calls/{path}", "POST", json=values)
        call.invalidate_recordset()
        self.assertEqual((call.active, call.subject, call.write_date), (True, "Call 0", before))

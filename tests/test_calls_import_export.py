"""Calls come out of files and go into them by Odoo's own means."""

import io
import json

from odoo.tests import HttpCase, TransactionCase, tagged

from .calls_data import make_calls
from .common import make_location, make_user, mirror

HEAD = ["id", "subject", "type", "purpose", "status_id", "start_time", "end_time", "contact_id/.id", "owner_id", "tag"]
ROWS = [
    ["__import__.one", "First", "outbound", "demo", "Missed", "2025-10-01 09:00:00", "2025-10-01 09:01:30"],
    ["__import__.two", "Second", "Inbound", "Negotiation", "Connected Calls", "2025-10-02 09:00:00", ""],
]


class ImportCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.location = make_location(cls.env)
        mirror(cls.env, cls.location, "ghl.contact", [{"id": "C1", "firstName": "Grace", "lastName": "Hopper"}])
        cls.contact = cls.env["ghl.contact"].search([("external_id", "=", "C1")])
        cls.agent = make_user(cls.env, "import_agent", "agent")
        cls.rows = [[*row, str(cls.contact.id), cls.agent.name, "seed"] for row in ROWS]

    def load(self, rows=None, user=None):
        """Import rows as the dialogue for files does, which has made cells of CSV or XLSX by then."""
        calls = self.env["ghl.call"].with_user(user or self.agent).with_context(import_file=True)
        return calls.load(HEAD, rows or self.rows)

    def made(self):
        return self.env["ghl.call"].search([("tag", "=", "seed")], order="start_time")

    def assert_imported(self):
        first, second = self.made()
        self.assertEqual((first.subject, first.type, first.purpose), ("First", "outbound", "demo"))
        self.assertEqual((first.status_id.kind, second.status_id.kind), ("missed", "connected"))
        self.assertEqual((second.type, second.purpose), ("inbound", "negotiation"), "labels are understood as well")
        self.assertEqual((first.duration_seconds, second.duration_seconds), (90, 0))
        self.assertEqual((first | second).contact_id, self.contact)
        self.assertEqual(first.location_id, self.location)
        self.assertEqual((first | second).owner_id, self.agent)
        self.assertEqual(set((first | second).mapped("source")), {"import"})
        self.assertEqual((first | second).company_id, self.env.company)
        self.assertEqual(len(set((first | second).mapped("number"))), 2)
        for call in (first, second):
            self.assertEqual(call.activity_log_ids.mapped("activity_type"), ["call_created"])
            self.assertEqual(call.activity_log_ids.user_id, self.agent)


@tagged("post_install", "-at_install")
class TestImport(ImportCase):
    def test_a_file_becomes_calls(self):
        result = self.load()
        self.assertFalse(result["messages"], result["messages"])
        self.assert_imported()

    def test_the_same_file_again_updates_the_same_calls(self):
        self.load()
        before = self.made()
        changed = [[*self.rows[0]], [*self.rows[1]]]
        changed[0][1] = "First, changed"
        self.load(changed)
        self.assertEqual(self.made(), before)
        self.assertEqual(before[0].subject, "First, changed")
        self.assertEqual(set(before[0].activity_log_ids.mapped("activity_type")), {"call_created", "call_updated"})

    def test_a_bad_row_is_named_and_nothing_is_imported(self):
        for place, wrong in ((4, "No Such Column"), (5, "yesterday"), (7, "99999999"), (2, "sideways")):
            rows = [[*self.rows[0]], [*self.rows[1]]]
            rows[1][place] = wrong
            result = self.load(rows)
            self.assertTrue(result["messages"], wrong)
            self.assertEqual({message["rows"]["from"] for message in result["messages"]}, {1}, result["messages"])
            self.assertFalse(self.made(), wrong)

    def test_a_contact_of_another_company_is_refused(self):
        other = make_location(self.env, "LOC2", company=self.env["res.company"].create({"name": "Else"}))
        mirror(self.env, other, "ghl.contact", [{"id": "C2", "firstName": "Else"}])
        stranger = self.env["ghl.contact"].search([("external_id", "=", "C2")])
        rows = [[*self.rows[0]]]
        rows[0][7] = str(stranger.id)
        self.assertTrue(self.load(rows)["messages"])
        self.assertFalse(self.made())

    def test_viewers_import_nothing(self):
        viewer = make_user(self.env, "import_viewer")
        self.assertTrue(self.load(user=viewer)["messages"])
        self.assertFalse(self.made())

    def test_what_was_exported_can_be_imported(self):
        self.agent.group_ids += self.env.ref("base.group_allow_export")
        calls = make_calls(self.env, 3, tag="round", contact_id=self.contact.id, purpose="demo")
        names = ["id", "subject", "type", "purpose", "status_id/id", "start_time", "contact_id/.id", "tag"]
        rows = calls.with_user(self.agent).export_data(names)["datas"]
        self.assertEqual([row[1] for row in rows], calls.mapped("subject"))
        rows = [[row[0], f"{row[1]} again", *map(str, row[2:])] for row in rows]
        result = self.env["ghl.call"].with_user(self.agent).load(names, rows)
        self.assertFalse(result["messages"], result["messages"])
        self.assertEqual(sorted(result["ids"]), sorted(calls.ids))
        self.assertEqual(set(calls.mapped("purpose")), {"demo"})
        self.assertTrue(all(subject.endswith("again") for subject in calls.mapped("subject")))


@tagged("post_install", "-at_install", "ghl")
class TestExport(HttpCase):
    def test_calls_are_exported_as_the_list_shows_them(self):
        from openpyxl import load_workbook

        user = make_user(self.env, "export_agent", "agent")
        user.group_ids += self.env.ref("base.group_allow_export")
        make_calls(self.env, 4, tag="out", purpose="demo")
        self.authenticate("export_agent", "export_agent")
        columns = [
            {"name": name, "label": label, "type": "char"}
            for name, label in (("subject", "Subject"), ("status_id/name", "Status"), ("duration_seconds", "Seconds"))
        ]
        data = {
            "model": "ghl.call",
            "fields": columns,
            "ids": False,
            "domain": [["tag", "=", "out"]],
            "groupby": [],
            "import_compat": False,
            "context": {},
        }
        sheets = {}
        for kind in ("csv", "xlsx"):
            answer = self.url_open(f"/web/export/{kind}", data={"data": json.dumps(data), "csrf_token": self._token()})
            self.assertEqual(answer.status_code, 200, answer.text[:300])
            sheets[kind] = answer.content
        lines = sheets["csv"].decode("utf-8-sig").splitlines()
        self.assertEqual((len(lines), lines[0]), (5, '"Subject","Status","Seconds"'))
        rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(sheets["xlsx"])).active.rows]
        self.assertEqual((len(rows), rows[0]), (5, ["Subject", "Status", "Seconds"]))
        self.assertEqual({row[1] for row in rows[1:]}, {"Scheduled"})

    def _token(self):
        from odoo.http import Request

        return Request.csrf_token(self)

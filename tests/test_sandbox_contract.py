"""Every answer to a path of the official specs validates against them, or is a deviation on record with evidence."""

import json
import os
import unittest
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import urlencode

from odoo.tests.common import BaseCase, tagged

from ..dev.sandbox.client import ROOT
from ..dev.sandbox.control import Control
from ..dev.sandbox.faults import NAMES
from ..dev.sandbox.specs import Specs, shape
from .sandbox_case import SandboxCase

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
RECORDING = "GET /conversations/messages/{messageId}/locations/{locationId}/recording"
BINARY = {(version, shape(RECORDING)) for version in ("dated", "v3")}  # answers no JSON
DATES = {"conversations": "2021-04-15"}
DEVIATIONS = json.loads((ROOT / "dev/sandbox/deviations.json").read_text())


def specs_folder():
    """Where the official specs are: $GHL_OPENAPI_DIR, or a folder `shared/openapi/ghl` beside the checkout."""
    candidates = [os.environ.get("GHL_OPENAPI_DIR"), ROOT.parent / "shared" / "openapi" / "ghl"]
    for folder in candidates:
        if folder and (Path(folder) / "apps" / "contacts.json").exists():
            return Path(folder)
    raise unittest.SkipTest("set GHL_OPENAPI_DIR to a copy of the official OpenAPI files to check answers against them")


@tagged("post_install", "-at_install")
class TestSandboxContract(SandboxCase):
    options = {"contacts": 160, "locations": 2, "rate_limit": False}
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.specs = Specs(specs_folder())
        super().setUpClass()

    def setUp(self):
        super().setUp()
        self.used = set()
        self.answered = set()
        self.faults = {}

    # -- judging one answer ----------------------------------------------------------------------------------------

    def deviation(self, version, endpoint, kind, field):
        for number, entry in enumerate(DEVIATIONS):
            if (
                entry["kind"] == kind
                and entry["version"] in (version, "both")
                and fnmatchcase(endpoint, entry["endpoint"])
                and fnmatchcase(field, entry["field"])
            ):
                self.used.add(number)
                return entry
        return None

    def judge(self, version, endpoint, path, body=None, **options):
        """Call, validate, and answer the body; faults are collected, so that one run shows them all."""
        dated = DATES.get(path.split("/")[1].split("?")[0], "2021-07-28")
        method = endpoint.split(" ")[0]
        status, answer = self.ask(method, path, body, version="v3" if version == "v3" else dated, **options)
        if not self.specs.knows(version, endpoint):
            self.faults[f"{version} {endpoint} is not in the specs"] = ""
            return answer
        if status < 300:
            self.answered.add((version, shape(endpoint)))
        for kind, field, message in self.specs.problems(version, endpoint, status, answer):
            if not self.deviation(version, endpoint, kind, field):
                self.faults.setdefault(f"{version} {endpoint} {status}: {kind} at {field!r}", message)
        return answer

    # -- all endpoints, once per version ---------------------------------------------------------------------------

    def test_all_answers_validate(self):
        for version in ("dated", "v3"):
            with self.subTest(version=version):
                self.sandbox.reset()
                self.faults = {}
                self.read_and_write_contacts(version)
                self.tasks_and_notes(version)
                self.conversations(version)
                self.messages(version)
                self.opportunities(version)
                self.locations_and_users(version)
                self.oauth(version)
                self.refusals(version)
                self.assertEqual(self.faults, {})
        with self.subTest("every endpoint of the sandbox that the specs know was called with success"):
            missing = []
            for route in self.sandbox.routes():
                for version in ("dated", "v3"):
                    if route["only"] in (None, version) and self.specs.knows(version, route["endpoint"]):
                        if (version, shape(route["endpoint"])) not in self.answered | BINARY:
                            missing.append(f"{version} {route['endpoint']}")
            self.assertEqual(missing, [])
        with self.subTest("no deviation is on record that does not occur"):
            unused = [entry for number, entry in enumerate(DEVIATIONS) if number not in self.used]
            self.assertEqual(unused, [])

    def read_and_write_contacts(self, version):
        judge, loc = self.judge, self.loc
        found = judge(version, "POST /contacts/search", "/contacts/search", {"locationId": loc, "pageLimit": 80})
        for row in found["contacts"]:
            judge(version, "GET /contacts/{contactId}", f"/contacts/{row['id']}")
        if version == "dated":
            judge(version, "GET /contacts/", f"/contacts/?locationId={loc}&limit=100")
        judge(version, "GET /contacts/search/duplicate", f"/contacts/search/duplicate?locationId={loc}&number=5")
        field = found["contacts"][0]["customFields"] or [{"id": "unknown"}]
        spelled = {"fieldValue" if version == "v3" else "field_value": "x", "id": field[0]["id"]}
        body = {"locationId": loc, "firstName": "A", "email": "a@example.com", "customFields": [spelled], "dnd": True}
        dnd = {("sms" if version == "v3" else "SMS"): {"status": "active", "message": "", "code": ""}}
        contact = judge(version, "POST /contacts/", "/contacts/", {**body, "dndSettings": dnd})["contact"]["id"]
        judge(version, "POST /contacts/upsert", "/contacts/upsert", body)
        path = f"/contacts/{contact}"
        judge(version, "PUT /contacts/{contactId}", path, {"lastName": "B"})
        for endpoint, values in (("tags", {"tags": ["x"]}), ("followers", {"followers": ["U1"]})):
            judge(version, f"POST /contacts/{{contactId}}/{endpoint}", f"{path}/{endpoint}", values)
            judge(version, f"DELETE /contacts/{{contactId}}/{endpoint}", f"{path}/{endpoint}", values)
        judge(version, "DELETE /contacts/{contactId}", path)

    def tasks_and_notes(self, version):
        judge, contact = self.judge, self.ids("contacts")[0]
        judge(
            version, "POST /locations/{locationId}/tasks/search", f"/locations/{self.loc}/tasks/search", {"limit": 80}
        )
        path, template = f"/contacts/{contact}/tasks", "/contacts/{contactId}/tasks"
        body = {"title": "T", "dueDate": "2026-12-01T10:00:00Z", "completed": False}
        task = judge(version, f"POST {template}", path, body)["task"]["id"]
        judge(version, f"GET {template}", path)
        judge(version, f"GET {template}/{{taskId}}", f"{path}/{task}")
        judge(version, f"PUT {template}/{{taskId}}", f"{path}/{task}", {"body": "B"})
        judge(version, f"PUT {template}/{{taskId}}/completed", f"{path}/{task}/completed", {"completed": True})
        judge(version, f"DELETE {template}/{{taskId}}", f"{path}/{task}")
        path, template = f"/contacts/{contact}/notes", "/contacts/{contactId}/notes"
        note = judge(version, f"POST {template}", path, {"body": "N"})["note"]["id"]
        judge(version, f"GET {template}", path)
        judge(version, f"GET {template}/{{id}}", f"{path}/{note}")
        judge(version, f"PUT {template}/{{id}}", f"{path}/{note}", {"title": "T"})
        judge(version, f"DELETE {template}/{{id}}", f"{path}/{note}")

    def conversations(self, version):
        judge, loc = self.judge, self.loc
        rows = judge(version, "GET /conversations/search", f"/conversations/search?locationId={loc}&limit=80")
        template = "/conversations/{conversationId}"
        for row in rows["conversations"][:20]:
            judge(version, f"GET {template}", f"/conversations/{row['id']}")
        contact = self.sandbox.create(contacts=1)["contacts"][0]
        body = {"locationId": loc, "contactId": contact}
        made = judge(version, "POST /conversations/", "/conversations/", body)["conversation"]["id"]
        judge(version, f"PUT {template}", f"/conversations/{made}", {"locationId": loc, "unreadCount": 2})
        judge(version, f"DELETE {template}", f"/conversations/{made}")

    def messages(self, version):
        judge, loc = self.judge, self.loc
        export = f"/conversations/messages/export?locationId={loc}"
        for channel in ("", "&channel=Email", "&channel=Call"):
            rows = judge(version, "GET /conversations/messages/export", f"{export}{channel}")["messages"]
        answered = [r for r in rows if r["meta"]["call"]["status"] == "completed" and r["meta"]["call"]["duration"]]
        call = answered[0]
        judge(version, "GET /conversations/messages/{id}", f"/conversations/messages/{call['id']}")
        template = "GET /conversations/locations/{locationId}/messages/{messageId}/transcription"
        for row in answered[:8]:
            judge(version, template, f"/conversations/locations/{loc}/messages/{row['id']}/transcription")
        mail = judge(version, "GET /conversations/messages/export", f"{export}&channel=Email")["messages"][0]
        path = f"/conversations/messages/email/{mail['meta']['email']['messageIds'][0]}"
        judge(version, "GET /conversations/messages/email/{id}", path)
        path = f"/conversations/{call['conversationId']}/messages"
        judge(version, "GET /conversations/{conversationId}/messages", path)
        body = {"type": "SMS", "contactId": call["contactId"], "message": "Hi"}
        judge(version, "POST /conversations/messages", "/conversations/messages", body)
        judge(version, "GET /conversations/messages/export", f"{export}&limit=1000")

    def opportunities(self, version):
        judge, loc = self.judge, self.loc
        body = {"locationId": loc, "limit": 80, "query": "", "page": 1, "searchAfter": [], "additionalDetails": {}}
        found = judge(version, "POST /opportunities/search", "/opportunities/search", body)["opportunities"]
        key = "locationId" if version == "v3" else "location_id"
        judge(version, "GET /opportunities/search", f"/opportunities/search?{key}={loc}&limit=80")
        for row in found[:20]:
            judge(version, "GET /opportunities/{id}", f"/opportunities/{row['id']}")
        lines = judge(version, "GET /opportunities/pipelines", f"/opportunities/pipelines?locationId={loc}")[
            "pipelines"
        ]
        judge(version, "GET /opportunities/lost-reason", f"/opportunities/lost-reason?locationId={loc}")
        body = {"pipelineId": lines[0]["id"], "locationId": loc, "name": "N", "status": "open"}
        body["contactId"] = self.ids("contacts")[0]
        made = judge(version, "POST /opportunities/", "/opportunities/", body)["opportunity"]["id"]
        judge(version, "PUT /opportunities/{id}", f"/opportunities/{made}", {"monetaryValue": 5})
        judge(version, "PUT /opportunities/{id}/status", f"/opportunities/{made}/status", {"status": "lost"})
        judge(version, "DELETE /opportunities/{id}", f"/opportunities/{made}")

    def locations_and_users(self, version):
        judge, loc, company = self.judge, self.loc, self.sandbox.company_id
        judge(version, "GET /locations/{locationId}", f"/locations/{loc}")
        agency = self.sandbox.agency["private_token"]
        judge(version, "GET /locations/search", f"/locations/search?companyId={company}", token=agency)
        path, template = f"/locations/{loc}/tags", "/locations/{locationId}/tags"
        judge(version, f"GET {template}", path)
        tag = judge(version, f"POST {template}", path, {"name": "Brand New"})["tag"]["id"]
        judge(version, f"GET {template}/{{tagId}}", f"{path}/{tag}")
        judge(version, f"PUT {template}/{{tagId}}", f"{path}/{tag}", {"name": "Newer"})
        judge(version, f"DELETE {template}/{{tagId}}", f"{path}/{tag}")
        path, template = f"/locations/{loc}/customFields", "/locations/{locationId}/customFields"
        fields = judge(version, f"GET {template}", f"{path}?model=all")["customFields"]
        judge(version, f"GET {template}/{{id}}", f"{path}/{fields[0]['id']}")
        judge(version, f"GET {template}/{{id}}", f"{path}/{fields[0]['fieldKey']}")
        judge(version, f"POST {template}", path, {"name": "F", "dataType": "TEXT", "model": "contact"})
        path, template = f"/locations/{loc}/customValues", "/locations/{locationId}/customValues"
        values = judge(version, f"GET {template}", path)["customValues"]
        judge(version, f"GET {template}/{{id}}", f"{path}/{values[0]['id']}")
        judge(version, "GET /locations/{locationId}/timezones", f"/locations/{loc}/timezones")
        users = judge(version, "GET /users/search", f"/users/search?companyId={company}&locationId={loc}")["users"]
        judge(version, "GET /users/{userId}", f"/users/{users[0]['id']}")
        if version == "dated":
            judge(version, "GET /users/", f"/users/?locationId={loc}")

    def oauth(self, version):
        box = self.sandbox
        code = box.oauth_code(company=True)
        names = ("clientId", "clientSecret", "grantType", "code")
        if version == "dated":
            names = ("client_id", "client_secret", "grant_type", "code")
        body = dict(zip(names, (box.client_id, box.client_secret, "authorization_code", code), strict=True))
        form = urlencode(body).encode()
        pair = self.judge(version, "POST /oauth/token", "/oauth/token", form, headers=FORM)
        token = pair.get("access_token") or pair["accessToken"]
        form = urlencode({"companyId": box.company_id, "locationId": self.loc}).encode()
        query = f"companyId={box.company_id}&appId={box.ghl['app_id']}"
        mint, installed = (
            ("location-token", "installed-locations") if version == "v3" else ("locationToken", "installedLocations")
        )
        self.judge(version, f"POST /oauth/{mint}", f"/oauth/{mint}", form, headers=FORM, token=token)
        self.judge(version, f"GET /oauth/{installed}", f"/oauth/{installed}?{query}", token=token)
        self.judge(version, f"GET /oauth/{installed}", f"/oauth/{installed}", token=token)
        wrong = urlencode({**body, names[2]: "refresh_token"}).encode()
        self.judge(version, "POST /oauth/token", "/oauth/token", wrong, headers=FORM)
        self.judge(version, "POST /oauth/token", "/oauth/token", b"", headers=FORM)

    def refusals(self, version):
        judge, loc = self.judge, self.loc
        judge(version, "GET /contacts/{contactId}", "/contacts/unknown")
        judge(version, "GET /locations/{locationId}", f"/locations/{loc}", token="pit-unknown")
        judge(version, "PUT /contacts/{contactId}", f"/contacts/{self.ids('contacts')[1]}", {"nonsense": 1})
        judge(version, "GET /conversations/search", f"/conversations/search?locationId={loc}&limit=500")
        judge(version, "GET /users/{userId}", "/users/unknown")
        judge(version, "POST /opportunities/search", "/opportunities/search", {"locationId": loc, "pageLimit": 1})


@tagged("post_install", "-at_install")
class TestSandboxReadme(BaseCase):
    readme = (ROOT / "dev/sandbox/README.md").read_text()

    def test_the_readme_shows_every_deviation(self):
        for entry in DEVIATIONS:
            row = [line for line in self.readme.splitlines() if line.startswith(f"| `{entry['endpoint']}`")]
            self.assertTrue(any(entry["what"] in line and entry["evidence"] in line for line in row), entry)

    def test_the_readme_names_every_fault_and_control_call(self):
        for name in NAMES:
            self.assertIn(f"`{name}`", self.readme)
        for name in dir(Control):
            verb, _, rest = name.partition("_")
            if verb in ("get", "post") and rest != "health":
                self.assertIn(f"/{rest.replace('_', '/')}", self.readme)

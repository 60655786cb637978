"""The demo's steps: each does one thing a user would do, checks it, and is timed."""

import json
import statistics
import time
import urllib.request

import requests

from .bland import BlandSteps
from .board import BoardSteps
from .campaign import CampaignSteps
from .odoo_session import OdooSession
from .stage import LOGIN, PASSWORD, Stage
from .step import CheckFailed, expect

ENTITIES = {
    "contacts": "ghl.contact",
    "tasks": "ghl.contact.task",
    "conversations": "ghl.contact.conversation",
    "opportunities": "ghl.contact.opportunity",
}
SYNC_LIMIT_SECONDS = 300


class Play(BlandSteps, BoardSteps, CampaignSteps):
    """Runs the steps in order; ``facts`` gathers what they found, ``timings`` their milliseconds."""

    def __init__(self, stage: Stage, say=print):
        self.stage, self.say = stage, say
        self.facts: dict = {"counts": {}, "requests": {}}
        self.timings: dict[str, float] = {}
        self.steps: list[dict] = []

    def run(self, steps) -> None:
        """Run steps up to the first that fails, which is reported and raised."""
        for step in steps:
            started = time.perf_counter()
            try:
                told, error = step(), None
            except Exception as failure:
                told, error = None, failure
            ms = (time.perf_counter() - started) * 1000
            name = step.__name__
            self.timings.setdefault(name, round(ms, 1))
            self.steps.append({"step": name, "ok": error is None, "ms": round(ms, 1), "told": told or str(error or "")})
            self.say(f"{'ok  ' if error is None else 'FAIL'} {name:<22} {ms:9.1f} ms  {told or error or ''}")
            if error:
                raise error

    # ---- steps -----------------------------------------------------------------------------------------

    def start_sandbox(self):
        self.sandbox = self.stage.start_sandbox()
        self.location_id = self.sandbox["ghl"]["location_ids"][0]
        return self.sandbox["ghl"]["base_url"]

    def create_database(self):
        return self.stage.create_database()

    def start_odoo(self):
        self.url = self.stage.start_server()
        return self.url

    def log_in(self):
        self.odoo = OdooSession(self.url, self.stage.database, LOGIN, PASSWORD)
        return LOGIN

    def switch_tour_on(self):
        """As Odoo does for the administrator of a database without demo data."""
        self.odoo.call("res.users", "switch_tour_enabled", True)

    def connect_location(self):
        """As an administrator does: the connect wizard, which tests the token and starts the first sync."""
        wizard = self.odoo.call(
            "ghl.connect.wizard",
            "create",
            [
                {
                    "name": "Demo agency",
                    "base_url": self.sandbox["ghl"]["base_url"],
                    "token": self.sandbox["ghl"]["private_token"],
                    "location_external_ids": self.location_id,
                }
            ],
        )
        self.odoo.call("ghl.connect.wizard", "action_connect", wizard)
        (location,) = self.odoo.call(
            "ghl.location", "search_read", [["external_id", "=", self.location_id]], ["name", "job_id"]
        )
        expect(location["job_id"], "the first sync was not started")
        self.job_id = location["job_id"][0]
        return location["name"]

    def synchronise(self):
        job = self._wait_for_job(self.job_id)
        self.facts["requests"]["full_sync"] = job["result"]["requests"]
        return f"{job['result']['requests']} requests"

    def compare_counts(self):
        remote = self._control("/counts")[self.location_id]
        for entity, model in ENTITIES.items():
            mirrored = self.odoo.call(model, "search_count", [])
            self.facts["counts"][entity] = {"remote": remote[entity], "mirrored": mirrored}
            expect(mirrored == remote[entity], f"{entity}: {mirrored} here, {remote[entity]} at GoHighLevel")
        return ", ".join(f"{count['mirrored']} {entity}" for entity, count in self.facts["counts"].items())

    def make_api_key(self):
        wizard = self.odoo.call("ghl.api.key.wizard", "create", [{"name": "Demo"}])
        action = self.odoo.call("ghl.api.key.wizard", "action_generate", wizard)
        self.api_key = action["context"]["default_key"]
        return self.api_key[:12] + "..."

    def refuse_without_key(self):
        answer = requests.get(f"{self.url}/api/location-contacts", {"location_id": self.location_id}, timeout=30)
        expect(answer.status_code == 401, f"expected 401 without a key, got {answer.status_code}")
        expect(answer.json()["success"] is False, "the error has not the agreed shape")
        return answer.json()["error"]

    def read_database(self):
        self._control("/ledger/reset", {})
        data = self._get("/api/location-contacts", limit=100)
        expect(len(data["contacts"]) == min(100, data["total_contacts"]), "the page is not full")
        expect(self._control("/ledger")["total"] == 0, "the database route called GoHighLevel")
        return f"{len(data['contacts'])} of {data['total_contacts']} contacts"

    def read_fast(self):
        """The fast route twenty times: a sync that waits or runs is not asked for again."""
        times = []
        for _round in range(20):
            started = time.perf_counter()
            data = self._get("/api/get-location-contacts-fast", limit=100)
            times.append((time.perf_counter() - started) * 1000)
        expect(data["sync_status"] == "background", f"sync_status is {data['sync_status']}")
        p50 = self.timings["fast_p50"] = round(statistics.median(times), 1)
        self._wait_for_job(data["sync_job_id"])
        return f"p50 {p50} ms for a page of 100"

    def read_fresh(self):
        """Somebody changes contacts in GoHighLevel; the fresh route shows it."""
        changed = self._control("/mutate", {"location_id": self.location_id, "contacts": 5})["changed"]["contacts"]
        before = self._control("/ledger")["total"]
        data = self._get("/api/get-location-contacts")
        self.facts["requests"]["incremental_sync"] = self._control("/ledger")["total"] - before
        expect(data["sync_status"] == "fresh", f"sync_status is {data['sync_status']}")
        companies = {contact["external_id"]: contact["company_name"] for contact in data["contacts"]}
        missing = [contact for contact in changed if not companies[contact].startswith("Changed ")]
        expect(not missing, f"changes not seen: {missing}")
        return f"{len(set(changed))} changes seen, {self.facts['requests']['incremental_sync']} requests"

    def search(self):
        name = self._get("/api/location-contacts", limit=1, fields="name")["contacts"][0]["name"]
        data = self._get("/api/location-contacts-search", search=name)
        expect(any(contact["name"] == name for contact in data["contacts"]), f"{name} was not found")
        return f"{data['total_contacts']} found for {name!r}"

    def open_screens(self):
        """The pages a user would open answer without an error."""
        for path in ("/odoo/ghl-contacts", "/odoo/ghl-locations"):
            answer = self.odoo._http.get(self.url + path, timeout=60)
            expect(answer.status_code == 200, f"{path} answers {answer.status_code}")
        return self.url + "/odoo/ghl-contacts"

    # ---- helpers ---------------------------------------------------------------------------------------

    def _get(self, path: str, **params) -> dict:
        headers = {"Authorization": f"Bearer {self.api_key}", "Accept-Encoding": "gzip"}
        params = {"location_id": self.location_id, **params}
        answer = requests.get(self.url + path, params, headers=headers, timeout=150)
        expect(answer.status_code == 200, f"{path} answers {answer.status_code}: {answer.text[:300]}")
        return answer.json()

    def _wait_for_job(self, job_id: int) -> dict:
        end = time.monotonic() + SYNC_LIMIT_SECONDS
        while time.monotonic() < end:
            (job,) = self.odoo.call("ghl.job", "read", [job_id], ["state", "error", "result"])
            if job["state"] == "done":
                return job
            expect(job["state"] in ("pending", "running"), f"the sync is {job['state']}: {job['error']}")
            time.sleep(0.1)
        raise CheckFailed(f"the sync did not end within {SYNC_LIMIT_SECONDS} s")

    def _control(self, path: str, body: dict | None = None) -> dict:
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(self.sandbox["control_url"] + path, data, timeout=60) as answer:
            return json.load(answer)

    def connection(self) -> dict:
        """What somebody needs to go on by hand or by script."""
        return {
            "url": self.url,
            "db": self.stage.database,
            "login": LOGIN,
            "password": PASSWORD,
            "api_key": self.api_key,
            "location_id": self.location_id,
            "sandbox": self.sandbox,
        }

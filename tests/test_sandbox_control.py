"""The control API tells the truth behind the simulated service and changes it as a user would."""

import subprocess
import sys

from odoo.tests.common import BaseCase, tagged

from ..dev.sandbox.client import ROOT, running_sandbox
from .sandbox_case import SandboxCase


@tagged("post_install", "-at_install")
class TestSandboxControl(SandboxCase):
    options = {"contacts": 101, "locations": 2, "users": 10, "rate_limit": False}

    def test_volumes_are_totals_shared_by_the_locations(self):
        counts = self.sandbox.all_counts()
        totals = {name: sum(c[name] for c in counts.values()) for name in ("contacts", "tasks", "opportunities")}
        self.assertEqual(totals, {"contacts": 101, "tasks": 50, "opportunities": 30})
        self.assertEqual([c["contacts"] for c in counts.values()], [51, 50])

    def test_mutate_moves_update_stamps_and_nothing_else_in_the_listing(self):
        before = {kind: dict(rows) for kind, rows in self.sandbox.dump().items() if kind != "location_id"}
        changed = self.sandbox.mutate(contacts=3, tasks=2, conversations=1, opportunities=1)
        after = self.sandbox.dump()
        for kind, ids in changed.items():
            now = dict(after[kind])
            self.assertEqual(set(now), set(before[kind]))
            self.assertEqual({i for i in now if now[i] != before[kind][i]}, set(ids))
            self.assertTrue(all(now[i] > before[kind][i] for i in ids))

    def test_create_and_delete_change_the_counts(self):
        before = self.sandbox.counts()
        made = self.sandbox.create(contacts=2, tasks=2, opportunities=1)
        self.assertEqual(self.sandbox.counts()["contacts"], before["contacts"] + 2)
        self.assertEqual(self.ask("GET", f"/contacts/{made['contacts'][0]}")[0], 200)
        gone = self.sandbox.delete(tasks=3)
        self.assertEqual(self.sandbox.counts()["tasks"], before["tasks"] + 2 - 3)
        self.assertFalse({i for i, _ in self.sandbox.dump()["tasks"]} & set(gone["tasks"]))

    def test_deleting_a_contact_takes_its_opportunities_and_leaves_its_tasks_alone_in_the_world(self):
        made = self.sandbox.create(contacts=1, tasks=1, conversations=1, opportunities=1)
        self.ask("DELETE", f"/contacts/{made['contacts'][0]}")
        dump = {kind: dict(rows) for kind, rows in self.sandbox.dump().items() if kind != "location_id"}
        self.assertNotIn(made["opportunities"][0], dump["opportunities"])
        self.assertNotIn(made["conversations"][0], dump["conversations"])
        self.assertIn(made["tasks"][0], dump["tasks"])
        self.assertIsNone(self.sandbox.record("task", made["tasks"][0])["contactId"])

    def test_reset_brings_the_seed_back(self):
        before = self.sandbox.dump()
        self.sandbox.mutate(contacts=5)
        self.sandbox.delete(contacts=5)
        self.sandbox.set_faults({"500": 1})
        self.sandbox.set_ratelimit(enabled=True, limit=0)
        self.assertNotEqual(self.sandbox.dump(), before)
        self.sandbox.reset()
        self.assertEqual(self.sandbox.dump(), before)
        self.assertEqual(self.ask("GET", f"/locations/{self.loc}")[0], 200)

    def test_the_ledger_counts_requests_by_template_and_status(self):
        for contact in self.ids("contacts")[:3]:
            self.ask("GET", f"/contacts/{contact}")
        self.ask("GET", "/contacts/unknown")
        ledger = self.sandbox.ledger()
        self.assertEqual(ledger["requests"], {"GET /contacts/{contactId}": 4})
        self.assertEqual(ledger["statuses"], {"200": 3, "400": 1})
        self.assertEqual(self.sandbox.reset_ledger()["total"], 0)

    def test_wrong_control_calls_are_refused(self):
        for path, body in (("/mutate", {"location_id": "nowhere"}), ("/nonsense", {}), ("/latency", {})):
            with self.subTest(path=path), self.assertRaises(RuntimeError):
                self.sandbox.control(path, body)

    def test_seeded_data_is_as_untidy_as_real_data(self):
        rows = self.ask("POST", "/contacts/search", {"locationId": self.loc, "pageLimit": 500})[1]["contacts"]
        self.assertTrue(any(c["email"] is None for c in rows) and any(c["phone"] is None for c in rows))
        self.assertTrue(any("validEmail" not in c for c in rows), "optional fields are missing here and there")
        self.assertTrue(any(not c["firstName"].isascii() for c in rows))
        self.assertTrue(any(len(c["opportunities"]) > 1 for c in rows))
        users = self.ask("GET", f"/users/search?companyId={self.sandbox.company_id}&limit=100")[1]["users"]
        known = {u["id"] for u in users}
        self.assertTrue({c["assignedTo"] for c in rows} - known - {None}, "some owners are unknown")


@tagged("post_install", "-at_install")
class TestSandboxProcess(BaseCase):
    def test_it_ends_at_once_when_its_parent_closes_the_pipe(self):
        with running_sandbox(contacts=5) as sandbox:
            sandbox.process.stdin.close()
            self.assertEqual(sandbox.process.wait(10), 0)

    def test_it_ends_at_once_when_told_to(self):
        with running_sandbox(contacts=5) as sandbox:
            sandbox.process.terminate()
            self.assertEqual(sandbox.process.wait(10), 0)

    def test_it_needs_neither_odoo_nor_the_addon(self):
        code = (
            "import sys; sys.modules['odoo'] = None; sys.argv = ['sandbox', '--help']; import dev.sandbox.cli as c; "
            "c.parser().parse_args(['--contacts', '1']); "
            "sys.exit(any(m.startswith(('ghl_', 'requests')) for m in sys.modules))"
        )
        done = subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_wrong_option_is_explained(self):
        command = [sys.executable, "-m", "dev.sandbox", "--fault", "nonsense=1"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn("unknown fault 'nonsense'", done.stderr)
        self.assertNotIn("Traceback", done.stderr)

"""What the demo plays on: a sandbox process, a fresh database, an Odoo server."""

import json
import os
import signal
import subprocess
import sys
import time

from bootstrap import ensure
from bootstrap.testdb import addon_template

DATABASE = "ghl_demo"
LOGIN = PASSWORD = "admin"
# Simulated seconds of telephone calls in one real second; people who look on want their own clock and short calls.
HURRIED = ("--time-scale", "50", "--set", "twilio.cps=10")
WATCHED = ("--time-scale", "1", "--talk-median", "20", "--weights", "human=1")


class Stage:
    """Starts and stops the parts. ``detached`` parts outlive this process."""

    database = DATABASE

    def __init__(self, contacts: int, seed: int, detached: bool = False, calls=HURRIED):
        self.env = ensure()
        self.contacts, self.seed, self.detached, self.calls = contacts, seed, detached, calls
        self.sandbox = self.sandbox_process = self.server = None

    def start_sandbox(self) -> dict:
        """Start the sandbox. Returns the JSON it printed."""
        command = [sys.executable, "-m", "dev.sandbox", "--contacts", str(self.contacts), "--seed", str(self.seed)]
        self.sandbox_process = subprocess.Popen(
            [*command, "--locations", "1", *self.calls],
            cwd=self.env.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=(self.env.state_dir / "demo-sandbox.log").open("wb"),
            text=True,
            start_new_session=self.detached,
        )
        line = self.sandbox_process.stdout.readline()
        if not line:
            raise RuntimeError(f"The sandbox did not start: see {self.env.state_dir / 'demo-sandbox.log'}")
        self.sandbox = json.loads(line)
        return self.sandbox

    def create_database(self) -> str:
        """A new database with the addon, copied from the template."""
        template = addon_template(self.env)
        self.env.drop_db(DATABASE)
        self.env.create_db(DATABASE, template)
        return DATABASE

    def start_server(self) -> str:
        """Start Odoo. Returns its address."""
        os.environ.setdefault("ODOO_MAX_HTTP_THREADS", "auto")
        port = int(os.environ.get("GHL_HTTP_PORT") or 0) or None
        log = self.env.state_dir / "demo-odoo.log"
        log.unlink(missing_ok=True)
        self.server = self.env.start_server(DATABASE, http_port=port, log_file=log)
        return self.server.url

    def restart_server(self) -> str:
        """End Odoo and start it again at the same address."""
        port = int(self.server.url.rsplit(":", 1)[1])
        self.server.stop()
        log = self.env.state_dir / "demo-odoo.log"
        self.server = self.env.start_server(DATABASE, http_port=port, log_file=log)
        return self.server.url

    def pids(self) -> list[int]:
        return [process.pid for process in (self.sandbox_process, self.server and self.server.process) if process]

    def stop(self) -> None:
        if self.server:
            self.server.stop()
        if self.sandbox_process and self.sandbox_process.poll() is None:
            self.sandbox_process.terminate()
            self.sandbox_process.wait(10)

    def remember(self) -> None:
        """Note the parts of a demo that stays, so that ``bin/demo --stop`` can end them."""
        (self.env.state_dir / "demo.json").write_text(json.dumps(self.pids()))


def stop_remembered() -> int:
    """End what an earlier ``--keep`` left running. Returns how many processes ended."""
    note = ensure().state_dir / "demo.json"
    if not note.exists():
        return 0
    ended = 0
    for pid in json.loads(note.read_text()):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                ours = b"dev.sandbox" in (command := file.read()) or DATABASE.encode() in command
        except OSError:
            continue
        if ours:
            os.kill(pid, signal.SIGTERM)
            ended += 1
    note.unlink()
    time.sleep(0.2)
    return ended

"""Start the sandbox from Python and steer it. Standard library only.

with running_sandbox(contacts=1000, locations=2) as sandbox:
    sandbox.base_url, sandbox.private_token, sandbox.location_ids
    sandbox.set_faults({"429": {"rate": 1, "count": 2}})
    changed = sandbox.mutate(contacts=10)["contacts"]
"""

import json
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

# Newest generated stamp unless a caller says otherwise: the same seed gives the same data on every day.
EPOCH = "2026-06-01T00:00:00Z"
ROOT = Path(__file__).resolve().parents[2]


class SandboxError(RuntimeError):
    """The sandbox did not start, or refused a control call; the text says why."""


class Sandbox:
    """A running sandbox. `ready` is the JSON line it printed; its most used parts are attributes."""

    def __init__(self, process, ready: dict):
        self.process = process
        self.ready = ready
        self.ghl = ready["ghl"]
        self.control_url = ready["control_url"]
        self.base_url = self.ghl["base_url"]
        self.private_token = self.ghl["private_token"]
        self.private_tokens = self.ghl["private_tokens"]
        self.company_id = self.ghl["company_id"]
        self.location_ids = self.ghl["location_ids"]
        self.location_id = self.location_ids[0]
        self.client_id = self.ghl["client_id"]
        self.client_secret = self.ghl["client_secret"]
        self.agency = self.ghl["agency"]
        self.webhook_public_key = self.ghl["webhook_public_key"]
        self.twilio = ready.get("twilio")
        self.bland = ready.get("bland")
        self.sanspbx = ready.get("sanspbx")

    def control(self, path: str, body: dict | None = None, method: str | None = None):
        """Call the control API; POST when a body is given."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.control_url + path, data, method=method or ("GET" if body is None else "POST")
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise SandboxError(f"{path}: {error.read().decode(errors='replace')}") from None

    def call(self, method: str, path: str, body=None, *, token=None, version="v3", headers=None, timeout=30):
        """One call of the simulated API: (status, decoded body, headers). Refusals are returned, not raised."""
        sent = {
            "Authorization": f"Bearer {token or self.private_token}",
            "Accept": "application/json",
            **(headers or {}),
        }
        if version:
            sent["Version"] = version
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(self.base_url + path, data, sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, json.load(answer), answer.headers
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")
            try:
                return error.code, json.loads(text), error.headers
            except ValueError:
                return error.code, text, error.headers

    def counts(self, location_id=None) -> dict:
        """Living records of one location (default: the first)."""
        return self.control("/counts")[location_id or self.location_id]

    def all_counts(self) -> dict:
        return self.control("/counts")

    def routes(self) -> list:
        return self.control("/routes")

    def ledger(self) -> dict:
        return self.control("/ledger")

    def reset_ledger(self) -> dict:
        return self.control("/ledger/reset", {})

    def set_faults(self, faults: dict) -> dict:
        return self.control("/faults", faults)

    def clear_faults(self) -> dict:
        return self.control("/faults", {"clear": True})

    def reset(self) -> dict:
        """All as at the start: data, tokens, budgets, faults, latency; faults given as dicts are to be set again."""
        return self.control("/reset", {})

    def mutate(self, location_id=None, **numbers) -> dict:
        """Touch random records, e.g. `contacts=10`; answers `{"contacts": [ids]}`."""
        return self.control("/mutate", {"location_id": location_id or self.location_id, **numbers})["changed"]

    def create(self, location_id=None, **numbers) -> dict:
        return self.control("/create", {"location_id": location_id or self.location_id, **numbers})["created"]

    def delete(self, location_id=None, **numbers) -> dict:
        return self.control("/delete", {"location_id": location_id or self.location_id, **numbers})["deleted"]

    def dump(self, location_id=None) -> dict:
        """`{"contacts": [[id, dateUpdated], ...], "tasks": ..., "conversations": ..., "opportunities": ...}`."""
        return self.control(f"/dump?location_id={location_id or self.location_id}")

    def record(self, kind: str, record_id: str):
        return self.control(f"/record?kind={kind}&id={record_id}")["record"]

    def set_latency(self, ms: float):
        return self.control("/latency", {"ms": ms})

    def set_linger(self, ms: int):
        return self.control("/linger", {"ms": ms})

    def set_ratelimit(self, **settings):
        return self.control("/ratelimit", settings)

    def set_webhooks(self, url="", **settings) -> dict:
        """Tell every change to `url` from now on; see `POST /webhooks`."""
        return self.control("/webhooks", {**({"url": url} if url != "" else {}), **settings})

    def webhooks(self) -> dict:
        return self.control("/webhooks")

    def fire_webhook(self, payload: dict, **options) -> list:
        return self.control("/webhook/fire", {"payload": payload, **options})["webhookIds"]

    def expire_tokens(self, location_id=None, private=False):
        return self.control("/token/expire", {"location_id": location_id, "private": private})

    def oauth_code(self, location_id=None, company=False, redirect_uri=None) -> str:
        body = {"company": company, "redirect_uri": redirect_uri}
        return self.control("/oauth/code", {**body, **({"location_id": location_id} if location_id else {})})["code"]

    # -- telephone providers ---------------------------------------------------------------------------------------

    def telephony(self, path: str, body: dict | None = None):
        """Call `/telephony/<path>` of the control API: `telephony("scenario", {"weights": {"human": 1}})`."""
        return self.control(f"/telephony/{path}", body)

    def telephony_ledger(self, section="requests,rung,callbacks,calls", **only) -> dict:
        """The truth of `section`; `only`: provider, call_id, to."""
        return self.control(f"/telephony/ledger?{urlencode({'section': section, **only})}")

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                stream.close()


def start_sandbox(
    *,
    faults: dict | None = None,
    telephony_faults: dict | None = None,
    settings: dict | None = None,
    weights: dict | None = None,
    rate_limit=True,
    linger_ms=0,
    python=None,
    startup_timeout=120,
    **options,
) -> Sandbox:
    """Start a sandbox on free ports. `options` are the command's options: `contacts=1000, latency_ms=20, seed=2, ...`.

    `rate_limit`: False switches it off, a number is the requests per interval. Of telephone providers: `time_scale`,
    `weights={"human": 1}`, `settings={"bland.plan": "start"}`, `telephony_faults={"lost": 0.1}`. Data ends at EPOCH,
    where the command's ends today. Raises SandboxError.
    """
    command = [python or sys.executable, "-m", "dev.sandbox", "--exit-with-parent", "--linger-ms", str(linger_ms)]
    if rate_limit is False:
        command.append("--no-rate-limit")
    elif rate_limit is not True:
        command += ["--rate-limit", str(rate_limit)]
    for name, value in {"epoch": EPOCH, **options}.items():
        if value is not None:
            command += [f"--{name.replace('_', '-')}", str(value)]
    for name, rate in (faults or {}).items():
        if not isinstance(rate, dict):
            command += ["--fault", f"{name}={rate}"]
    for name, rate in (telephony_faults or {}).items():
        command += ["--telephony-fault", f"{name}={rate}"]
    for name, value in (settings or {}).items():
        command += ["--set", f"{name}={value}"]
    if weights:
        command += ["--weights", ",".join(f"{name}={weight}" for name, weight in weights.items())]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    timer = threading.Timer(startup_timeout, process.kill)
    timer.start()
    try:
        line = process.stdout.readline()
    finally:
        timer.cancel()
    if not line:
        raise SandboxError(f"the sandbox ended with code {process.wait()} before it was ready: {' '.join(command)}")
    sandbox = Sandbox(process, json.loads(line))
    detailed = {name: rate for name, rate in (faults or {}).items() if isinstance(rate, dict)}
    if detailed:
        sandbox.set_faults(detailed)
    return sandbox


@contextmanager
def running_sandbox(**options):
    """A sandbox for the length of a `with` block; see `start_sandbox`."""
    sandbox = start_sandbox(**options)
    try:
        yield sandbox
    finally:
        sandbox.stop()

"""Simulated telephone providers for the tests of the simulators themselves, and a door that keeps what it is told."""

import contextlib
import json
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from odoo.tests.common import BaseCase

from ..dev.sandbox.client import start_sandbox

PATIENCE = 30


@dataclass
class Told:
    """One request to the door."""

    method: str
    url: str
    headers: dict  # names in lower case
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class Door:
    """Listens on a free port; `answers` maps the beginning of a path to (status, content type, body)."""

    def __init__(self):
        self.told = []
        self.answers = {}
        door = self

        class Handler(BaseHTTPRequestHandler):
            def _take(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                door.told.append(Told(self.command, door.url + self.path, headers, body))
                found = [answer for start, answer in door.answers.items() if self.path.startswith(start)]
                status, kind, answer = found[0] if found else (204, "text/plain", b"")
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = _take

            def log_message(self, *args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def reset(self):
        self.told.clear()
        self.answers.clear()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


class TelephonyCase(BaseCase):
    """One sandbox and one door per class; no calls and no misbehaviour at the start of every test."""

    options = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sandbox = start_sandbox(**{"contacts": 5, "time_scale": 400, "talk_median": 15, **cls.options})
        cls.addClassCleanup(cls.sandbox.stop)
        cls.door = Door()
        cls.addClassCleanup(cls.door.stop)

    def setUp(self):
        super().setUp()
        self.sandbox.telephony("reset", {})
        self.door.reset()

    def http(self, method, url, body=None, headers=None, timeout=10):
        """(status, text, headers); refusals are returned."""
        request = urllib.request.Request(url, body, headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, answer.read(), answer.headers
        except urllib.error.HTTPError as error:
            with contextlib.closing(error):
                return error.code, error.read(), error.headers

    def eventually(self, question, why="it did not happen"):
        """The first true answer of `question()`."""
        until = time.monotonic() + PATIENCE
        while not (answer := question()):
            if time.monotonic() > until:
                self.fail(f"{why}; last answer {answer!r}; {self.sandbox.telephony('counts')}")
            threading.Event().wait(0.01)
        return answer

    def settled(self):
        """The ledger after the last call has ended and the last callback was sent."""

        self.eventually(lambda: self.sandbox.telephony("counts")["settled"], "calls did not end")
        return self.sandbox.telephony_ledger()

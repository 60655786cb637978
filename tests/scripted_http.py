"""A real HTTP server on loopback that answers what a test told it to, in order, and remembers what it was asked."""

import json
import socket
import struct
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass
class Asked:
    method: str
    path: str
    query: dict
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def form(self):
        return {key: values[0] for key, values in parse_qs(self.body.decode()).items()}


@dataclass
class Reply:
    """``fault``: ``cut`` (the body ends early), ``reset`` (connection closed instead), ``hang`` (no answer at all)."""

    status: int = 200
    body: object = field(default_factory=dict)
    headers: dict = field(default_factory=dict)
    fault: str = ""

    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class ScriptedServer:
    """``with ScriptedServer(Reply(...), ...) as server``: one reply per request. A callable gets the request, returns
    the reply and is used for all that follow."""

    def __init__(self, *script):
        self.script = list(script)
        self.asked: list[Asked] = []
        self.released = threading.Event()
        self._lock = threading.Lock()

    def __enter__(self):
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Head and body in one packet, or each answer waits for an acknowledgement.
            wbufsize = -1
            disable_nagle_algorithm = True

            def _serve(self):
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                query = {key: values[0] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
                outer._answer(self, Asked(self.command, parts.path, query, dict(self.headers), body))

            do_GET = do_POST = do_PUT = do_DELETE = _serve

            def log_message(self, *args):
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(self, *exc):
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, handler, asked):
        with self._lock:
            self.asked.append(asked)
            step = self.script[0] if self.script else Reply(500, {"message": "the script is over"})
            if self.script and isinstance(step, Reply):
                self.script.pop(0)
        reply = step if isinstance(step, Reply) else step(asked)
        if reply.fault == "hang":
            self.released.wait(20)
        if reply.fault in ("hang", "reset"):
            linger = struct.pack("ii", 1, 0)
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            handler.close_connection = True
            # The handler's files hold the descriptor open: shut it for real.
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        content = reply.content()
        handler.send_response(reply.status)
        for key, value in {"Content-Type": "application/json", **reply.headers}.items():
            handler.send_header(key, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        if reply.fault == "cut":
            content = content[: len(content) // 2]
            handler.close_connection = True
        handler.wfile.write(content)


class FakeTime:
    """A clock that only moves when somebody sleeps."""

    def __init__(self, now=1000.0):
        self.now = now
        self.slept: list[float] = []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds

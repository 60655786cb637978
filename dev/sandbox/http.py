"""A small HTTP/1.1 server on asyncio: keep-alive, fixed-length and chunked bodies, wire faults on request."""

import asyncio
import contextlib
import json
import socket
import struct
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote

MAX_HEADER = 64 * 1024
MAX_BODY = 32 * 1024 * 1024


class Request:
    __slots__ = ("body", "headers", "method", "path", "query", "raw_path")

    def __init__(self, method: str, target: str, headers: dict, body: bytes):
        path, _, query = target.partition("?")
        self.method = method
        self.raw_path = target
        self.path = unquote(path)
        self.query = dict(parse_qsl(query, keep_blank_values=True))
        self.headers = headers
        self.body = body

    def json(self):
        """The decoded body; ValueError when it is not JSON."""
        return json.loads(self.body)

    def form(self) -> dict:
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))


class Response:
    """`cut`: announce the whole length, send only so many bytes, then close. `reset`: answer with a TCP reset.
    `hold`: wait so many seconds before doing anything (a client with a shorter timeout gives up first)."""

    __slots__ = ("body", "cut", "headers", "hold", "reset", "status")

    def __init__(self, status=200, body=b"", headers=None, cut=None, reset=False, hold=0.0):
        self.status = status
        self.body = body
        self.headers = headers or {}
        self.cut = cut
        self.reset = reset
        self.hold = hold

    @classmethod
    def of_json(cls, payload, status=200, headers=None):
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        return cls(status, body, {"Content-Type": "application/json; charset=utf-8", **(headers or {})})


_REASON = {s.value: s.phrase for s in HTTPStatus}


class Server:
    """Serves `handler(request) -> Response` (a coroutine) on one port."""

    def __init__(self, handler, host="127.0.0.1", port=0):
        self.handler = handler
        self.host = host
        self.port = port
        self._server = None
        self._open = set()

    async def start(self):
        self._server = await asyncio.start_server(
            self._connection, self.host, self.port, limit=MAX_HEADER, backlog=1024, reuse_address=True
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def close(self):
        """Stop listening and break every connection; `start` listens on the same port again."""
        self._server.close()
        for writer in list(self._open):
            writer.transport.abort()

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    async def _connection(self, reader, writer):
        sock = writer.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._open.add(writer)
        try:
            while True:
                request = await self._read(reader, writer)
                if request is None:
                    break
                response = await self.handler(request)
                if not await self._send(writer, request, response):
                    break
                if request.headers.get("connection", "").lower() == "close":
                    break
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError, TimeoutError):
            pass  # the client went away or did not speak HTTP
        finally:
            self._open.discard(writer)
            with contextlib.suppress(ConnectionError, RuntimeError):
                writer.close()

    @staticmethod
    async def _read(reader, writer):
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _version = first.split(" ", 2)
        headers = {}
        for line in lines:
            name, colon, value = line.partition(":")
            if colon:
                headers[name.strip().lower()] = value.strip()
        if headers.get("expect", "").lower() == "100-continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if headers.get("transfer-encoding", "").lower() == "chunked":
            parts = []
            while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
                parts.append(await reader.readexactly(size))
                await reader.readexactly(2)
            await reader.readuntil(b"\r\n")
            body = b"".join(parts)
        else:
            length = int(headers.get("content-length") or 0)
            if length > MAX_BODY:
                raise ValueError("body too large")
            body = await reader.readexactly(length) if length else b""
        return Request(method.upper(), target, headers, body)

    @staticmethod
    async def _send(writer, request, response) -> bool:
        """True when the connection may be used again."""
        if response.hold:
            await asyncio.sleep(response.hold)
        if response.reset:
            sock = writer.get_extra_info("socket")
            if sock is not None:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            return False
        body = response.body
        lines = [f"HTTP/1.1 {response.status} {_REASON.get(response.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in response.headers.items()]
        lines.append(f"Content-Length: {len(body)}")
        if response.cut is not None:
            lines.append("Connection: close")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        if response.cut is not None:
            body = body[: response.cut]
        writer.write(head if request.method == "HEAD" else head + body)
        await writer.drain()
        return response.cut is None

"""Tells our callbacks to the other side: one connection per event, no thread, with all the misbehaviour asked for."""

import asyncio
import contextlib
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from .faults import EVENT

SIGNATURES = {"bad_signature": "bad", "old_signature": "old"}
MAX_ANSWER = 1_000_000


@dataclass(frozen=True)
class Patience:
    """How long one attempt may take in real seconds, and which failures are tried again: ct, rt, 4xx, 5xx, all."""

    connect: float = 5.0
    read: float = 15.0
    retries: int = 0
    again_on: tuple = ()


@dataclass
class Event:
    """One thing to tell. `fields` go through the provider's `encode(url, fields, signature, method)`."""

    call: object
    name: str
    url: str
    fields: dict
    method: str = "POST"
    patience: Patience = Patience()
    last: bool = False  # the last one of its call
    token: str = ""  # the same for all attempts


async def exchange(method, url, headers, body, patience=None):
    """(status, headers, body) of one request on its own connection. ValueError for an answer that is not HTTP, OSError
    when there is none; of those a TimeoutError has `args[0]` ct or rt."""
    patience = patience or Patience()
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    secure = parts.scheme == "https"
    opening = asyncio.open_connection(parts.hostname, parts.port or (443 if secure else 80), ssl=secure or None)
    try:
        reader, writer = await asyncio.wait_for(opening, patience.connect)
    except asyncio.TimeoutError:
        raise TimeoutError("ct") from None
    try:
        lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc.rpartition('@')[2]}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if method != "GET":
            lines.append(f"Content-Length: {len(body)}")
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("utf-8") + (body if method != "GET" else b""))
        try:
            return await asyncio.wait_for(_answer(reader), patience.read)
        except asyncio.TimeoutError:
            raise TimeoutError("rt") from None
        except (EOFError, asyncio.LimitOverrunError) as error:
            raise ConnectionResetError(type(error).__name__) from None
    finally:
        with contextlib.suppress(OSError, RuntimeError):
            writer.close()


async def _answer(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {}
    for line in head[1:]:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    length = headers.get("content-length")
    body = await (reader.readexactly(min(int(length), MAX_ANSWER)) if length else reader.read(MAX_ANSWER))
    return int(head[0].split(" ")[1]), headers, body


class Courier:
    def __init__(self, clock, faults, ledger):
        self.clock = clock
        self.faults = faults
        self.ledger = ledger
        self.log = {}  # call id -> [{sent_at (simulated ms), status, ms, event}]
        self._running = set()

    def reset(self):
        for task in self._running:
            task.cancel()
        self._running.clear()
        self.log.clear()

    @property
    def pending(self) -> int:
        return len(self._running)

    def tell(self, event: Event):
        """Deliver in the background. A reordered call keeps its events until the last one, which then comes first."""
        call = event.call
        if "reordered" not in call.faults:
            self._spawn(self._deliver(event))
            return
        call.held.append(event)
        if event.last:
            held, call.held = call.held[::-1], []
            call.faults.discard("reordered")
            self._spawn(self._one_by_one(held))

    def _spawn(self, work):
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _one_by_one(self, events):
        for event in events:
            await self._deliver(event)

    async def _deliver(self, event):
        call = event.call
        where = f"{call.app.name} {event.name}"
        moods = {name for name in EVENT if name in call.faults or self.faults.pick((name,), where)}
        signature = next((SIGNATURES[m] for m in SIGNATURES if m in moods), "good")
        fields = event.fields
        if "lost" in moods:
            self.ledger.told(call, event.name, event.url, "lost", signature, fields, 0, time.monotonic())
            call.first_told()
            return
        if "delayed" in moods:
            await self.clock.sleep(call.rng.uniform(1, 600))
        if "unknown_id" in moods:
            stranger = {**fields, call.app.id_field: call.app.new_id(f"stranger/{call.id}/{event.name}")}
            await self._attempts(event, stranger, signature)
        if "extra_fields" in moods:
            fields = {**fields, "x_new_field": "yes", "X-Other": "", "Naïve": "é ü"}
        copies = 3 if "tripled" in moods else 2 if "doubled" in moods else 1
        await asyncio.gather(*(self._attempts(event, fields, signature) for _ in range(copies)))

    async def _attempts(self, event, fields, signature):
        call = event.call
        for attempt in range(1, 2 + event.patience.retries):
            headers, url, body = call.app.encode(event, fields, signature)
            started, told_at = time.monotonic(), self.clock.now_ms()
            failure = ""
            try:
                status, _, _ = await exchange(event.method, url, headers, body, event.patience)
                failure = "4xx" if 400 <= status < 500 else "5xx" if status >= 500 else ""
            except TimeoutError as error:
                status = failure = str(error.args[0]) if error.args else "rt"
            except (OSError, ValueError) as error:
                status, failure = type(error).__name__, "ct"
            self.ledger.told(call, event.name, event.url, status, signature, fields, attempt, started)
            took = round((time.monotonic() - started) * 1000)
            self.log.setdefault(call.id, []).append(
                {"sent_at": told_at, "status": status, "ms": took, "event": event.name}
            )
            call.first_told()
            if not failure or not ({failure, "all"} & set(event.patience.again_on)):
                return
            await asyncio.sleep(0.1 * 2**attempt)

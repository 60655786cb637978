"""Delivers signed events to one URL and keeps a log. As the real service: sent again only after a 429, else lost.

Misbehaviour: `lose`, `duplicate`, `bad_signature` (rates), `delay_ms` (the longest delay, drawn anew for every
event, which also puts them out of order).
"""

import asyncio
import base64
import hashlib
import json
import random
import urllib.error
import urllib.request
from collections import deque
from concurrent.futures import ThreadPoolExecutor

from .clock import iso, now_ms
from .draw import uuid_of
from .ed25519 import SigningKey

RETRIES = 6
MOODS = ("lose", "duplicate", "bad_signature", "delay_ms")


class Webhooks:
    def __init__(self, seed, url=None, retry_ms=600_000):
        self.seed = seed
        self.key = SigningKey(hashlib.sha256(f"{seed}/webhooks".encode()).digest())
        self._first = (url, retry_ms)
        self._pool = ThreadPoolExecutor(4, thread_name_prefix="webhook")
        self._running = set()
        self.reset()

    def reset(self):
        self.url, self.retry_ms = self._first
        self.moods = {}
        self.log = deque(maxlen=2000)
        self._rng = random.Random(f"{self.seed}/webhooks")
        self._serial = 0
        for task in self._running:
            task.cancel()
        self._running = set()

    def configure(self, url="", retry_ms=None, **moods):
        """`url` None stops delivery. ValueError for an unknown mood."""
        unknown = set(moods) - set(MOODS)
        if unknown:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}; known: url, retry_ms, {', '.join(MOODS)}")
        if url != "":
            self.url = url
        if retry_ms is not None:
            self.retry_ms = int(retry_ms)
        self.moods.update({name: float(value) for name, value in moods.items()})

    def send(self, payload: dict, signature="good"):
        """Deliver one event in the background; answers its webhookId. `signature`: good, bad, none or N/A."""
        self._serial += 1
        payload = {**payload, "timestamp": iso(now_ms()), "webhookId": uuid_of(f"{self.seed}/webhook/{self._serial}")}
        entry = {"webhookId": payload["webhookId"], "type": payload.get("type"), "statuses": [], "state": "no url"}
        self.log.append(entry)
        if self.url:
            entry["state"] = "lost" if self._strikes("lose") else "pending"
            if signature == "good" and self._strikes("bad_signature"):
                signature = "bad"
            copies = 2 if self._strikes("duplicate") else 1
            for _ in range(copies if entry["state"] == "pending" else 0):
                task = asyncio.get_running_loop().create_task(self._deliver(self.url, payload, signature, entry))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
        return entry["webhookId"]

    def _strikes(self, mood) -> bool:
        return self._rng.random() < self.moods.get(mood, 0)

    async def _deliver(self, url, payload, signature, entry):
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json", "User-Agent": "GHL-Webhook-Sandbox"}
        if signature == "N/A":
            headers["X-GHL-Signature"] = "N/A"
        elif signature != "none":
            raw = self.key.sign(body if signature == "good" else body + b" ")
            headers["X-GHL-Signature"] = base64.b64encode(raw).decode()
        await asyncio.sleep(self._rng.random() * self.moods.get("delay_ms", 0) / 1000)
        for _ in range(1 + RETRIES):
            status = await asyncio.get_running_loop().run_in_executor(self._pool, _post, url, body, headers)
            entry["statuses"].append(status)
            if status != 429:
                break
            await asyncio.sleep(self.retry_ms / 1000)
        entry["state"] = "delivered" if isinstance(status, int) and status < 300 else "lost"

    def as_dict(self):
        return {
            "url": self.url,
            "retry_ms": self.retry_ms,
            "moods": self.moods,
            "pending": len(self._running),
            "deliveries": list(self.log),
        }


def _post(url, body, headers):
    """The status, or the name of what went wrong."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError as error:
        return type(error).__name__

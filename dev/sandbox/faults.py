"""Switchable misbehaviour. Every fault has its own seeded random stream, so a run can be repeated.

A fault is set as a rate (`0.1`), or as `{"rate": 1, "count": 2, "path": "/contacts"}`: at most `count` times, only on
paths that contain `path`; `"seed"` draws its random numbers anew.
"""

import json
import random

from .http import Response

BEFORE = ("timeout", "reset", "429", "500", "502html", "401once", "403", "422", "slow")
WIRE = ("cut", "html")
DATA = ("null", "duplicate", "unknown_enum", "longnames", "bad_record")
NAMES = BEFORE + WIRE + DATA
HTML = b"<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"
KEEP = {"id", "_id", "searchAfter", "sort", "contactId", "locationId"}
ENUMS = ("status", "type", "lastMessageType", "dataType", "role", "direction")
LONG = ("firstName", "lastName", "contactName", "fullName", "name", "title", "companyName")


class Faults:
    names = NAMES

    def __init__(self, seed=0, hold_seconds=120.0, slow_ms=1500, active=None):
        self.seed = seed
        self.hold_seconds = hold_seconds
        self.slow_ms = slow_ms
        self._active = {}
        self._last_row = {}
        self._first = active or {}
        self.reset()

    def set(self, name, setting):
        """Switch one fault; ValueError for an unknown name or a rate outside 0..1."""
        if name not in self.names:
            raise ValueError(f"unknown fault {name!r}; known: {', '.join(self.names)}")
        if not isinstance(setting, dict):
            setting = {"rate": setting}
        rate = float(setting.get("rate", 1))
        if not 0 <= rate <= 1:
            raise ValueError(f"rate of {name!r} must be between 0 and 1, got {rate}")
        count = setting.get("count")
        if name == "401once":
            count = 1
        if rate == 0:
            self._active.pop(name, None)
        else:
            rng = random.Random(f"{setting.get('seed', self.seed)}/{name}")
            self._active[name] = {"rate": rate, "left": count, "path": setting.get("path") or "", "rng": rng}

    def reset(self):
        """The faults given at the start, with their streams of chance begun anew."""
        self.clear()
        for name, setting in self._first.items():
            self.set(name, setting)

    def clear(self):
        self._active.clear()
        self._last_row.clear()

    def as_dict(self):
        return {n: {"rate": f["rate"], "left": f["left"], "path": f["path"]} for n, f in self._active.items()}

    def pick(self, names, path):
        """The first of `names` that strikes this request, else None."""
        for name in names:
            fault = self._active.get(name)
            if not fault or fault["path"] not in path or fault["left"] == 0:
                continue
            if fault["rng"].random() < fault["rate"]:
                if fault["left"] is not None:
                    fault["left"] -= 1
                return name
        return None

    def wire(self, name, response):
        """The response with the wire fault applied."""
        if name == "cut":
            response.cut = max(1, len(response.body) * 2 // 3)
            return response
        return Response(200, b"<!DOCTYPE html><html><body>Please wait</body></html>", {"Content-Type": "text/html"})

    def damage(self, name, body: bytes, stream: str) -> bytes:
        """The JSON body with its rows damaged; unchanged when it holds no list of objects."""
        if not body.startswith(b"{"):
            return body
        payload = json.loads(body)
        rows = next((v for v in payload.values() if isinstance(v, list) and v), None)
        if rows is None or not isinstance(rows[0], dict):
            return body
        rng = self._active[name]["rng"] if name in self._active else random.Random(0)
        getattr(self, f"_{name}")(rows, rng, stream)
        return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()

    @staticmethod
    def _null(rows, rng, stream):
        for row in rows:
            fields = [k for k in row if k not in KEEP]
            if fields:
                row[rng.choice(fields)] = None

    def _duplicate(self, rows, rng, stream):
        previous, self._last_row[stream] = self._last_row.get(stream), rows[-1]
        rows.insert(0, previous or rows[-1])

    @staticmethod
    def _unknown_enum(rows, rng, stream):
        for row in rows:
            for key in ENUMS:
                if isinstance(row.get(key), str):
                    row[key] = "something_new"

    @staticmethod
    def _longnames(rows, rng, stream):
        for row in rows:
            for key in LONG:
                if isinstance(row.get(key), str):
                    row[key] = ("Ñame " * 2000)[:10_000]

    @staticmethod
    def _bad_record(rows, rng, stream):
        broken = dict(rows[0])
        broken.pop("id", None)
        broken.pop("_id", None)
        rows.insert(rng.randrange(len(rows)), rng.choice(["not an object", None, 42, [], broken]))

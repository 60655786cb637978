"""Requests out of the operations of an OpenAPI document. Plain Python."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from random import Random
from urllib.parse import quote, urlencode

from . import values

BODY_TYPES = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
LONGEST_IN_ADDRESS = 2000  # characters; beyond some 60 KB it is the web server that refuses
# How a request is made -> how often.
WAYS = {"right": 30, "edge": 20, "hostile": 30, "body": 8, "key": 6, "method": 3, "address": 3}
BAD_BODIES = [
    (b"", None), (b"{", None), (b"[]", None), (b"null", None), (b"7", None), (b'"text"', None), (b'{"id":NaN}', None),
    (b"\x00\x01\x02", None), (b"\xff\xfe{\x00}\x00", "application/json; charset=utf-16"), (b'{"id": 1', "text/plain"),
    (b'{"id": 1, "id": 2}', None), (b"[" * 50_000, None), (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, None),
    (b"<xml/>", "application/xml"), (b"id=1&id=2&id=3", "application/x-www-form-urlencoded"),
    (b"%zz=%&=&&&=%00", "application/x-www-form-urlencoded"), (b"--x\r\n", "multipart/form-data; boundary=x"),
    (b"", "multipart/form-data"), (b"{}", "application/json; charset=nonsense"), (b'{"subject": "\xed\xa0\x80"}', None),
    (b'{"subject": "' + b"x" * 1_100_000 + b'"}', None),
    (b"a=" + b"x" * 1_100_000, "application/x-www-form-urlencoded"),
    (b'{"jsonrpc": "2.0", "params": {"id": 1}}', None),
]  # fmt: skip
# What providers deliver, in any of their words.
DELIVERED = {
    name: {"type": kind}
    for kind, names in {
        "string": "call_id c_id to from status answered_by error_message concatenated_transcript AccountSid CallSid "
        "CallStatus AnsweredBy",
        "object": "metadata variables transcripts analysis",
        "number": "call_length price",
        "boolean": "completed",
    }.items()
    for name in names.split()
}


@dataclass
class Request:
    """A request as it goes over the wire; `operation` is where the document describes it, None for none."""

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    way: str = "right"
    operation: tuple[str, str] | None = None  # (path, method) of the document
    refused_key: bool = False

    def __str__(self):
        return (
            f"[{self.way}] {self.method} {self.path[:300]} {self.headers.get('Content-Type', '')} {self.body[:300]!r}"
        )


class Maker:
    """Requests without end; the same seed, document and world make the same ones.

    :param world: ``{parameter name or "foreign <name>": ids and texts}``, and ``keys`` and ``bad keys``
    """

    def __init__(self, document: dict, world: dict, seed: int, prefixes: tuple[str, ...]):
        self.document, self.world, self.rng = document, world, Random(seed)
        self.operations = [
            (path, method)
            for path, item in document["paths"].items()
            for method in item
            if path.startswith(prefixes) and method in ("get", "post", "put", "patch", "delete")
        ]
        self._turns = []

    def make(self) -> Request:
        if not self._turns:  # each operation in its turn, so that all are met equally often
            self._turns = self.rng.sample(self.operations, len(self.operations))
        path, method = self._turns.pop()
        [way] = self.rng.choices(list(WAYS), WAYS.values())
        request = self._of(path, method, way if way in ("edge", "hostile") else "right")
        request.way = way
        getattr(self, f"_spoil_{way}", lambda _request: None)(request)
        return request

    def _of(self, path, method, way) -> Request:
        described = self.document["paths"][path][method]
        inputs = [(p["in"], p["name"], p["schema"], p.get("required")) for p in described.get("parameters", ())]
        content = described.get("requestBody", {}).get("content", {})
        schema = next((one["schema"] for one in content.values() if "schema" in one), {})
        required = schema.get("required", ())
        if content and not schema:  # read as it comes, by the route itself
            inputs += [("body", name, one, False) for name, one in DELIVERED.items()]
        inputs += [("body", name, one, name in required) for name, one in schema.get("properties", {}).items()]
        spoiled = {
            name for _in, name, *_rest in self.rng.sample(inputs, min(len(inputs), self.rng.choice([1, 1, 2, 9])))
        }
        found = {"path": {}, "query": [], "body": {}}
        for where, name, one, needed in inputs:
            make = values.right
            if way != "right" and name in spoiled:
                make = {"edge": values.edge, "hostile": values.hostile}[way]
            elif not needed and self.rng.random() < 0.5:
                continue
            value = make(self.rng, name, one, self.world)
            if where == "query":
                found["query"] += [(name, as_text(each)) for each in (value if isinstance(value, list) else [value])]
            else:
                found[where][name] = value
        address = path
        for name, value in found["path"].items():
            # A slash would make it another address.
            text = as_text(value)[:LONGEST_IN_ADDRESS].replace("/", "-") or "-"
            address = address.replace("{%s}" % name, quote(as_bytes(text), safe=""))  # noqa: UP031
        if found["query"]:
            texts = [(name, as_bytes(value[:LONGEST_IN_ADDRESS])) for name, value in found["query"]]
            address += "?" + urlencode(texts)
        request = Request(method.upper(), address, operation=(path, method))
        request.headers["Authorization"] = f"Bearer {self.rng.choice(self.world['keys'])}"
        if self.rng.random() < 0.05:
            request.headers["X-Error-Format"] = self.rng.choice(["plain", "", "nonsense"])
        if method in ("post", "put", "patch"):
            request.body, request.headers["Content-Type"] = self._encode(found["body"])
        return request

    def _encode(self, body: dict) -> tuple[bytes, str]:
        kind = self.rng.choice(BODY_TYPES)
        if kind == "application/json":
            return json.dumps(body).encode(), kind
        texts = {name: as_bytes(as_text(value)) for name, value in body.items()}
        if kind == "multipart/form-data":
            parts = (
                b'--edge\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), text)
                for name, text in texts.items()
            )
            return b"".join(parts) + b"--edge--\r\n", f"{kind}; boundary=edge"
        return urlencode(texts).encode(), kind

    def _spoil_body(self, request):
        request.body, kind = self.rng.choice(BAD_BODIES)
        if kind:
            request.headers["Content-Type"] = kind
        elif self.rng.random() < 0.2:
            request.headers.pop("Content-Type", None)

    def _spoil_key(self, request):
        del request.headers["Authorization"]
        key = self.rng.choice(self.world["bad keys"])
        if key is not None:
            request.headers["Authorization"] = key
        request.refused_key = self._is_guarded(request.operation)

    def _is_guarded(self, operation):
        path, method = operation
        return self.document["paths"][path][method].get("security") != []

    def _spoil_method(self, request):
        known = {method for path, method in self.operations if path == request.operation[0]}
        others = {"GET", "POST", "PUT", "PATCH", "DELETE", "PROPFIND"} - {method.upper() for method in known}
        request.method, request.operation = self.rng.choice(sorted(others)), None

    def _spoil_address(self, request):
        path, _question, query = request.path.partition("?")
        add = self.rng.choice(["/", "/1", "/%00", "//", "/..%2f..", "/%ff", "/" + "a" * 3000, "/;a=b"])
        request.path, request.operation = f"{path}{add}?{query}", None


def as_text(value) -> str:
    """As forms and addresses carry it."""
    if value is None:
        return ""
    if isinstance(value, (dict, list)):
        return json.dumps(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")

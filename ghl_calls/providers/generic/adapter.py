"""The description of a service, as a JSON object, and what is wrong with it.

    auth      {"kind": "none"}
              {"kind": "headers", "headers": {"X-Key": "${secret.key}"}}
              {"kind": "basic", "user": "${secret.user}", "password": "${secret.password}"}
              {"kind": "bearer", "token": "${secret.token}"}
              {"kind": "token", "request": REQUEST, "token_path": "data.token", "expiry_path": "data.ends",
               "zone": "UTC", "refresh_before": 300, "header": "Authorization", "prefix": "Bearer "}
    dial      REQUEST and "success_codes": [200, 201], "id_paths": ["data.callid", "callid"], "error_paths": ["msg"],
              "refusals": {"lead": ["invalid number"], "later": ["limit"]} (parts of the error text, by what they mean)
    numbers   {"to": "0+national", "from": "digits(10)"}
    cancel    REQUEST; left out: not possible. `fetch` likewise, with "report" when it reads otherwise than callbacks
    check     REQUEST that proves the credentials; left out: a token is fetched, or nothing is asked
    callback  {"content_type": "json" | "form" | "query", REPORT}
    security  {"kind": "url_secret", "ip_allow_list": ["192.0.2.0/24"]}
              {"kind": "hmac", "header": "X-Signature", "algorithm": "sha256", "encoding": "hex" | "base64",
               "signed": "raw" | "url+form", "prefix": "", "secret": "webhook_secret"}

    REQUEST   "method": "POST", "url": "/calls/${provider_call_id}", "headers": {}, "content_type": "json" | "form",
              "body": {"phone": "${to}"}
    REPORT    "id_paths", "reference_paths", "status_paths", "statuses": {"ANSWER": "completed"},
              "talk": {"path": "billsec", "unit": "s" | "ms" | "min"}, "answered_at_paths", "ended_at_paths",
              "zone": "Asia/Kolkata", "recording_paths", "error_paths", "cost_paths", "from_paths", "to_paths",
              "answered_by": {"paths": ["amd"], "words": {"MACHINE": "machine"}}

A path goes down by dots and counts rows from 0. Of several paths the first that holds something counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from typing import Any, get_args

from ...lifecycle import STATES
from ..base import PlaceKind
from ..number_format import check_format
from ..reading import check_networks, zone_named
from .template import is_known, names_in

REQUEST = frozenset({"method", "url", "headers", "content_type", "body"})
PATHS = frozenset(
    {"id_paths", "reference_paths", "status_paths", "answered_at_paths", "ended_at_paths", "recording_paths"}
    | {"error_paths", "cost_paths", "from_paths", "to_paths"}
)
REPORT = PATHS | {"statuses", "talk", "zone", "answered_by"}
AUTH = {
    "none": frozenset(),
    "headers": frozenset({"headers"}),
    "basic": frozenset({"user", "password"}),
    "bearer": frozenset({"token"}),
    "token": frozenset({"request", "token_path", "expiry_path", "zone", "refresh_before", "header", "prefix"}),
}
SECURITY = {
    "url_secret": frozenset({"ip_allow_list"}),
    "hmac": frozenset({"header", "algorithm", "encoding", "signed", "prefix", "secret"}),
}
REPORTED = frozenset(name for name, _label in STATES) - {"pending", "retrying"}
UNITS = {"s": 1.0, "ms": 0.001, "min": 60.0}
ANSWERERS = frozenset({"human", "machine", "fax", "unknown"})
ALGORITHMS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha512": hashlib.sha512}
# Settings that are one text, wherever they stand.
TEXTS = frozenset("label user password token token_path expiry_path header prefix zone secret path".split())
CONTENT_TYPES = frozenset({"json", "form"})


def validate(adapter: Any) -> list[str]:
    """What is wrong with the description, one sentence each; [] when it can be used."""
    return _Check().adapter(adapter)


def secrets_named(adapter: Mapping[str, Any]) -> set[str]:
    """The secrets that the description uses."""
    named = {name.partition(".")[2] for name in names_in(dict(adapter)) if name.startswith("secret.")}
    security = adapter["security"]
    return named | ({security["secret"]} if security["kind"] == "hmac" else set())


class _Check:
    """Goes through a description and notes what is wrong, with the place."""

    def __init__(self) -> None:
        self.wrong: list[str] = []

    def adapter(self, adapter: Any) -> list[str]:
        sections = {"label", "auth", "dial", "numbers", "cancel", "fetch", "check", "callback", "security"}
        if not self._object("adapter", adapter, sections, ("dial", "callback")):
            return self.wrong
        self._auth(adapter.get("auth", {"kind": "none"}))
        self._dial(adapter.get("dial"))
        for name in ("cancel", "check"):
            if name in adapter:
                self._request(name, adapter[name])
        if "fetch" in adapter:
            self._request("fetch", adapter["fetch"], {"report"})
            if isinstance(adapter["fetch"], Mapping) and "report" in adapter["fetch"]:
                self._report("fetch.report", adapter["fetch"]["report"], REPORT)
        self._numbers(adapter.get("numbers", {}))
        self._callback(adapter.get("callback"))
        self._security(adapter.get("security"))
        for name in sorted(set(names_in(adapter))):
            if not is_known(name):
                self._add("adapter", f"there is nothing named ${{{name}}} to fill in")
        return self.wrong

    # -- sections

    def _auth(self, auth: Any) -> None:
        kind = self._kind("auth", auth, AUTH)
        if kind is None or not self._object("auth", auth, AUTH[kind] | {"kind"}):
            return
        needed = {"headers": ("headers",), "basic": ("user", "password"), "bearer": ("token",)}
        self._missing("auth", auth, needed.get(kind, ("request", "token_path") if kind == "token" else ()))
        if kind == "headers":
            self._headers("auth.headers", auth.get("headers"))
        if kind == "token":
            self._request("auth.request", auth.get("request"))
            self._zone("auth.zone", auth)
            if not _is_number(auth.get("refresh_before", 0)) or not 0 <= auth.get("refresh_before", 0) <= 86400:
                self._add("auth.refresh_before", "expected a number of seconds, at most a day")

    def _dial(self, dial: Any) -> None:
        self._request("dial", dial, {"success_codes", "id_paths", "error_paths", "refusals"})
        if not isinstance(dial, Mapping):
            return
        self._paths("dial", dial, ("id_paths", "error_paths"), ("id_paths",))
        codes = dial.get("success_codes", [200])
        if not (
            isinstance(codes, list) and codes and all(isinstance(code, int) and 200 <= code < 300 for code in codes)
        ):
            self._add("dial.success_codes", "expected a list of status codes from 200 to 299")
        refusals = dial.get("refusals", {})
        kinds = set(get_args(PlaceKind)) - {"not_sent"}
        if not isinstance(refusals, Mapping) or not all(_are_texts(texts) for texts in refusals.values()):
            self._add("dial.refusals", "expected an object: what it means -> a list of parts of the error text")
        elif set(refusals) - kinds:
            self._add("dial.refusals", f"expected only {_listed(kinds)}, not {_listed(set(refusals) - kinds)}")
        used = set(names_in(dict(dial)))
        if not used & {"to"}:
            self._add("dial", "${to} is nowhere: nobody would be called")
        if "provider_call_id" in used:
            self._add("dial", "${provider_call_id} is not known before the call is placed")

    def _numbers(self, numbers: Any) -> None:
        if self._object("numbers", numbers, {"to", "from"}):
            for name, form in numbers.items():
                self._try(f"numbers.{name}", lambda form=form: check_format(str(form)))

    def _callback(self, callback: Any) -> None:
        self._report("callback", callback, REPORT | {"content_type"}, ("status_paths", "statuses"))
        if isinstance(callback, Mapping):
            self._one_of("callback.content_type", callback.get("content_type", "json"), CONTENT_TYPES | {"query"})

    def _security(self, security: Any) -> None:
        if not security:
            self._add("security", "say how reports are proven: an adapter without security is refused")
            return
        kind = self._kind("security", security, SECURITY)
        if kind is None or not self._object("security", security, SECURITY[kind] | {"kind"}):
            return
        if kind == "url_secret":
            allowed = security.get("ip_allow_list", [])
            if not isinstance(allowed, list) or not all(isinstance(network, str) for network in allowed):
                self._add("security.ip_allow_list", "expected a list of addresses or networks")
            else:
                self._try("security.ip_allow_list", lambda: check_networks(allowed))
            return
        self._missing("security", security, ("header", "secret"))
        self._one_of("security.algorithm", security.get("algorithm", "sha256"), ALGORITHMS)
        self._one_of("security.encoding", security.get("encoding", "hex"), {"hex", "base64"})
        # A signature that leaves out the body says nothing about what is reported.
        self._one_of("security.signed", security.get("signed", "raw"), {"raw", "url+form"})

    # -- parts

    def _request(self, place: str, request: Any, more: Iterable[str] = ()) -> None:
        if not self._object(place, request, REQUEST | set(more), ("url",)):
            return
        url = request.get("url")
        if not url:
            pass  # said above
        elif not isinstance(url, str) or not url.startswith(("/", "https://", "http://")) or url.startswith("//"):
            self._add(f"{place}.url", "expected an address with https://, or a path that starts with /")
        elif "${" in url.split("://")[-1].partition("/")[0]:
            self._add(f"{place}.url", "nothing can be filled in for the host")
        self._one_of(f"{place}.method", request.get("method", "POST"), {"GET", "POST", "PUT", "PATCH", "DELETE"})
        self._one_of(f"{place}.content_type", request.get("content_type", "json"), CONTENT_TYPES)
        self._headers(f"{place}.headers", request.get("headers", {}))
        if not isinstance(request.get("body", {}), Mapping):
            self._add(f"{place}.body", "expected an object")

    def _report(self, place: str, report: Any, allowed: Collection[str], needed: Collection[str] = ()) -> None:
        if not self._object(place, report, allowed, needed):
            return
        self._paths(place, report, PATHS, needed)
        self._words(f"{place}.statuses", report.get("statuses", {}), REPORTED)
        talk = report.get("talk")
        if talk is not None and self._object(f"{place}.talk", talk, {"path", "unit"}, ("path",)):
            self._one_of(f"{place}.talk.unit", talk.get("unit", "s"), UNITS)
        self._zone(f"{place}.zone", report)
        who = report.get("answered_by")
        if who is not None and self._object(f"{place}.answered_by", who, {"paths", "words"}, ("paths", "words")):
            self._paths(f"{place}.answered_by", who, ("paths",), ())
            self._words(f"{place}.answered_by.words", who.get("words"), ANSWERERS)

    def _paths(self, place: str, section: Mapping, names: Iterable[str], needed: Collection[str]) -> None:
        for name in sorted(names):
            if name in section and not (_are_texts(section[name]) and (section[name] or name not in needed)):
                self._add(f"{place}.{name}", 'expected a list of paths such as "data.id"')
            elif name in needed and name not in section:
                self._add(f"{place}.{name}", "missing")

    def _words(self, place: str, words: Any, ours: Collection[str]) -> None:
        if not isinstance(words, Mapping):
            self._add(place, "expected an object: the service's word -> ours")
            return
        for word, meaning in words.items():
            self._one_of(f"{place}.{word}", meaning, ours)

    def _headers(self, place: str, headers: Any) -> None:
        if not isinstance(headers, Mapping) or not all(isinstance(value, str) for value in headers.values()):
            self._add(place, "expected an object of texts")

    def _zone(self, place: str, section: Mapping) -> None:
        self._try(place, lambda: zone_named(str(section.get("zone", "UTC"))))

    def _kind(self, place: str, section: Any, kinds: Mapping[str, Any]) -> str | None:
        kind = section.get("kind") if isinstance(section, Mapping) else None
        self._one_of(f"{place}.kind", kind, kinds)
        return kind if isinstance(kind, str) and kind in kinds else None

    def _object(self, place: str, value: Any, allowed: Collection[str], needed: Iterable[str] = ()) -> bool:
        if not isinstance(value, Mapping):
            self._add(place, "missing" if value is None else "expected an object")
            return False
        if unknown := {str(name) for name in value} - set(allowed):
            self._add(place, f"nothing is known of {_listed(unknown)}")
        for name in sorted(TEXTS & value.keys()):
            if not isinstance(value[name], str):
                self._add(f"{place}.{name}", "expected a text")
        self._missing(place, value, [name for name in needed if not name.endswith("_paths")])
        return True

    def _missing(self, place: str, section: Mapping, names: Iterable[str]) -> None:
        for name in names:
            if not section.get(name):
                self._add(f"{place}.{name}", "missing")

    def _one_of(self, place: str, value: Any, allowed: Collection[str]) -> None:
        if not isinstance(value, str) or value not in allowed:
            self._add(place, f"expected one of {_listed(allowed)}")

    def _try(self, place: str, check) -> None:
        try:
            check()
        except ValueError as error:
            self._add(place, str(error))

    def _add(self, place: str, sentence: str) -> None:
        self.wrong.append(f"{place}: {sentence}.".replace("..", "."))


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(part, str) and part for part in value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))

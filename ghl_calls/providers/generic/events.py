"""What a described service says about a call, as a report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import tzinfo
from typing import Any

from ...lifecycle import FINAL
from ..base import Report
from ..reading import digest, fold, known, no_talk, number, seconds, stamp, talk, text, web_address, zone_named
from .adapter import UNITS


class Reader:
    """Reads reports as ``adapter.REPORT`` describes them."""

    def __init__(self, described: Mapping[str, Any]) -> None:
        self._paths = {name: paths for name, paths in described.items() if name.endswith("_paths")}
        self._states = {fold(word): state for word, state in (described.get("statuses") or {}).items()}
        self._talk = described.get("talk") or {}
        self._zone: tzinfo = zone_named(described.get("zone", "UTC"))
        who = described.get("answered_by") or {}
        self._who_paths = who.get("paths") or ()
        self._who = {fold(word): answerer for word, answerer in (who.get("words") or {}).items()}

    @property
    def states(self) -> set[str]:
        """What it can tell apart."""
        return set(self._states.values())

    @property
    def tells_machines(self) -> bool:
        return "machine" in self._who.values()

    def report(self, data: Mapping[str, Any], reference: str = "", call_id: str = "") -> Report:
        """Unknown words say nothing about the state. ValueError when the data name no call."""
        call_id = self._text(data, "id_paths") or call_id
        reference = reference or self._text(data, "reference_paths")
        if not call_id and not reference:
            raise ValueError("neither an id of a call nor a reference of ours")
        word = self._text(data, "status_paths")
        state = self._states.get(fold(word))
        ended_at = self._stamp(data, "ended_at_paths")
        values: dict[str, Any] = {}
        if state == "completed":
            values = self._times(data, ended_at)
        elif state in FINAL:
            values = no_talk(ended_at)
        elif state == "in_progress":
            values = {"answered_at": self._stamp(data, "answered_at_paths")}
        values.update(
            answered_by=self._who.get(fold(first(data, self._who_paths))),
            recording_url=web_address(self._first(data, "recording_paths")),
            error_message=self._text(data, "error_paths"),
            cost=number(self._first(data, "cost_paths")),
            from_number=self._text(data, "from_paths"),
            to_number=self._text(data, "to_paths"),
        )
        key = f"{call_id or reference}:{digest(data)}"
        return Report(call_id, word, key, reference, state, ended_at if state in FINAL else None, known(values), data)

    def _times(self, data: Mapping[str, Any], ended_at) -> dict[str, Any]:
        answered_at = self._stamp(data, "answered_at_paths")
        path = self._talk.get("path")
        lasted = seconds(first(data, [path]), UNITS[self._talk.get("unit", "s")]) if path else None
        if lasted is None and answered_at and ended_at:
            lasted = seconds((ended_at - answered_at).total_seconds())
        values = talk(lasted or 0, ended_at)
        return {**values, "answered_at": answered_at} if answered_at and lasted else values

    def _first(self, data: Mapping[str, Any], name: str) -> Any:
        return first(data, self._paths.get(name, ()))

    def _text(self, data: Mapping[str, Any], name: str) -> str:
        return text(self._first(data, name))

    def _stamp(self, data: Mapping[str, Any], name: str):
        return stamp(self._first(data, name), self._zone)


def first(data: Any, paths: Iterable[str]) -> Any:
    """What the first path that holds something holds; None."""
    for path in paths:
        found = at(data, path)
        if found is not None and found != "":
            return found
    return None


def at(data: Any, path: str) -> Any:
    """What is at the path: names and positions divided by dots, or a name that has dots itself; None."""
    if isinstance(data, Mapping) and path in data:
        return data[path]
    for part in path.split("."):
        if isinstance(data, Mapping):
            data = data.get(part)
        elif isinstance(data, list) and part.isdecimal() and int(part) < len(data):
            data = data[int(part)]
        else:
            return None
    return data

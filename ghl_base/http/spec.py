"""The register of API routes: what each one is called, takes and answers. Plain Python.

Filled by the `api_route` decorator at import; the dispatcher, the OpenAPI document, `docs/api.md` and the tests that
check every route read it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .envelope import PLAIN, Envelope
from .params import Param, openapi_path, path_params

READING = frozenset({"GET", "HEAD", "DELETE"})


@dataclass(frozen=True)
class RouteSpec:
    paths: tuple[str, ...]
    methods: tuple[str, ...]
    handler: str
    params: tuple[Param, ...] = ()
    group: str | None = None
    auth: str = "ghl_key"
    summary: str = ""
    description: str = ""
    responses: Mapping[int, Any] = field(default_factory=dict)
    tag: str = ""
    raw_body: bool = False
    documented: bool = True
    envelope: Envelope = PLAIN

    @cached_property
    def all_params(self) -> tuple[Param, ...]:
        """Declared parameters, and those of the address that were not declared."""
        declared = {p.name for p in self.params}
        implied = {p.name: p for path in self.paths for p in path_params(path) if p.name not in declared}
        return (*self.params, *implied.values())

    @property
    def operations(self) -> list[tuple[str, str]]:
        """(method, OpenAPI path) pairs."""
        return [(method, openapi_path(path)) for path in self.paths for method in self.methods]


_routes: dict[tuple[str, str], RouteSpec] = {}


def register(spec: RouteSpec) -> RouteSpec:
    """Add a route; ValueError when another handler already serves one of its addresses with the same method."""
    for operation in spec.operations:
        known = _routes.get(operation)
        if known and known.handler != spec.handler:
            raise ValueError(f"{operation[0]} {operation[1]} is served by {known.handler} already")
        _routes[operation] = spec
    return spec


def routes(documented: bool = True) -> Sequence[RouteSpec]:
    """All registered routes in the order of their addresses; without the undocumented ones by default."""
    unique = {id(spec): spec for spec in _routes.values()}
    return sorted(
        (spec for spec in unique.values() if spec.documented or not documented),
        key=lambda spec: (spec.tag, spec.paths[0], spec.methods[0]),
    )

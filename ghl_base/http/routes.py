"""The decorator that makes a controller method an API route."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from odoo.http import request, route

from .dispatcher import GhlApiDispatcher
from .envelope import PLAIN, Envelope
from .errors import ApiError
from .params import Param
from .spec import RouteSpec, register

BODY_LIMIT = 1024 * 1024  # bytes


def api_route(
    path: str | Sequence[str],
    *,
    methods: Sequence[str] = ("GET",),
    params: Sequence[Param] = (),
    group: str | None = "ghl.group_ghl_viewer",
    auth: str = "ghl_key",
    summary: str = "",
    description: str = "",
    responses: Mapping[int, Any] | None = None,
    tag: str = "",
    body_limit: int = BODY_LIMIT,
    raw_body: bool = False,
    readonly: bool = False,
    documented: bool = True,
    envelope: Envelope = PLAIN,
):
    """Serve `path` (or several) with the decorated controller method.

    The method runs as the user of the caller's key, who must be in `group`, in all companies of that user. It gets the
    declared `params` and those of the address, checked, as keyword arguments, and gives back a dict, a
    `json_response`, a `stream_json` or an Odoo Response. Any exception becomes an error answer and rolls back.

    `auth="none"` and `group=None` open a route to everybody: only for health checks and for callers that prove
    themselves otherwise (signed webhooks). With `raw_body` the body is not parsed but given as the argument
    `raw_body` (bytes). `readonly` lets a read replica serve the route: then it must not write, not even a job.
    `responses` maps a status to the JSON schema of its body (for the OpenAPI document). `envelope` gives errors another
    shape, for routes whose callers know one. Raises ValueError when another
    method already serves the address.
    """

    def decorate(method):
        paths = (path,) if isinstance(path, str) else tuple(path)
        spec = register(
            RouteSpec(
                paths=paths,
                methods=tuple(methods),
                handler=f"{method.__module__.rpartition('.addons.')[2]}.{method.__qualname__}",
                params=tuple(params),
                group=group if auth != "none" else None,
                auth=auth,
                summary=summary,
                description=description or (method.__doc__ or "").strip(),
                responses=responses or {},
                tag=tag,
                raw_body=raw_body,
                documented=documented,
                envelope=envelope,
            )
        )
        return route(
            list(paths),
            type=GhlApiDispatcher.routing_type,
            auth=auth,
            methods=list(methods),
            csrf=False,  # the key travels in a header that no foreign page can set
            cors="allow-list",  # only marks OPTIONS as preflight for Odoo; the dispatcher sets the headers
            save_session=False,
            max_content_length=body_limit,
            readonly=readonly,
            ghl_spec=spec,
        )(method)

    return decorate


def catch_all(prefix: str, envelope: Envelope = PLAIN, *, root: bool = False):
    """A controller method that refuses what no route below `prefix` serves, in our way: 405 with Allow, or 404.

    With `root` also what comes for `prefix` itself.
    """
    # As a variable part it is looked at after all routes that are called so.
    parent, _, last = prefix.rpartition("/")
    itself = f"{parent}/<any({last}):path>"

    @route(
        [f"{prefix}/<ghl_anything:path>", *((itself, f"{itself}/") if root else ())],
        type=GhlApiDispatcher.routing_type,
        auth="none",
        csrf=False,
        cors="allow-list",
        save_session=False,
        max_content_length=BODY_LIMIT,
        readonly=True,
        ghl_spec=RouteSpec(paths=(), methods=(), handler="", auth="none", envelope=envelope),
        ghl_catch_all=True,
    )
    def unknown(self):
        routing = request.env["ir.http"]
        methods = routing._ghl_allowed_methods(request.httprequest.path)
        if methods:
            # Below one prefix there may be routes of different shapes: the refusal takes that of the route meant.
            spec = next(filter(None, routing._ghl_served(request.httprequest.path).values()), None)
            if spec:
                request.dispatcher.envelope = spec.envelope.chosen(request.httprequest.headers)
            raise ApiError(
                405,
                "method_not_allowed",
                f"Use {' or '.join(methods[:-1])} here.",
                headers=(("Allow", ", ".join(methods)),),
            )
        asked = {"path": request.httprequest.path, "method": request.httprequest.method}
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        raise ApiError(404, "unknown_address", "Address not found", {**asked, "timestamp": now})

    return unknown

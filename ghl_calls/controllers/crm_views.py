"""Saved views of the CRM clients, at both addresses they know them by, and the calls of a view."""

import json

from odoo.fields import Command
from odoo.http import Controller, request

from ...ghl_base.http import Param, api_route, bad_request, catch_all, not_found
from ...ghl_base.http.errors import invalid_parameters
from ...ghl_base.http.params import read_params
from ..reading import filters, listing, views
from ..reading.board import MOST
from . import schemas
from .crm_board import FILTERS, wanted
from .crm_envelope import CrmEnvelope, succeed

TAG = "CRM views"
CUSTOM, LISTINGS = "/custom/views", "/listings/views"
MOST_KEYS, LONGEST_KEY, MOST_BYTES = 100, 64, 32 * 1024  # of what a client keeps with a view
EMBEDDED = 100  # calls of each view of a list
NAMES = ("name", "title", "view_name", "label")  # where clients put the name
OURS = frozenset(
    "id tenant_id module module_id sort_by default shared query_type data ukey filters user_id createdon updatedon "
    "deleted fixed".split()
)
INNER = Param("filters", dict)
FILTER_NAMES = frozenset(param.name for param in FILTERS)
MODULE = Param("module_id", int, default=1, minimum=0, aliases=("module",), doc="What is listed; calls are 1.")
DATA = Param("data", bool, default=False, doc="1: with the calls of each view.")
VIEW = {"type": "object", "properties": {"id": schemas.INTEGER, "ukey": schemas.TEXT, "name": schemas.TEXT}}
ENVELOPE = CrmEnvelope()


def _route(verb, summary, *params, methods=("GET", "POST"), group="ghl.group_ghl_viewer", answer=VIEW, both=True):
    return api_route(
        (f"{CUSTOM}/{verb}", f"{LISTINGS}/{verb}") if both else f"{CUSTOM}/{verb}",
        methods=methods,
        params=params,
        group=group,
        summary=summary,
        responses={200: schemas.answer(data=answer)},
        tag=TAG,
        envelope=ENVELOPE,
    )


class CrmViews(Controller):
    unknown_custom = catch_all(CUSTOM, ENVELOPE)
    unknown_listings = catch_all(LISTINGS, ENVELOPE)

    @_route(
        "save",
        "Make a view, or change one",
        Param("id", int, default=0, minimum=0, doc="The view to change; 0 makes one."),
        MODULE,
        Param("sort_by", int),
        Param("default", bool, doc="Make it the caller's default."),
        Param("shared", bool, doc="Whether the whole company sees it; true for a new one."),
        Param("query_type", int, choices=(1, 2, 3), doc="1 all, 2 owned by the reader, 3 made today."),
        Param("form", dict, location="whole"),
        methods=("POST",),
        group="ghl.group_ghl_agent",
    )
    def save(self, id, module_id, sort_by, default, shared, query_type, form):
        """Filters of the call list, sent as such or in the object `filters`, are applied when the view is opened.
        Whatever else is sent is kept as it is, up to 100 keys and 32 KB."""
        view = request.env["ghl.call.view"]
        if id:
            view = _saved([("id", "=", id)])
            # Only its maker and administrators change a view; everybody else is told that it is not theirs.
            view.check_access("write")
        kept, chosen = _sort_out(form)
        values = {"sequence": sort_by, "shared": shared, "query_type": query_type and str(query_type)}
        values = {name: value for name, value in values.items() if value is not None}
        values |= {
            "filters": {**(view.filters or {}), **chosen},
            "data": {**(view.data or {}), **kept},
        }
        _check_size({**values["filters"], **values["data"]})
        name = next((kept[key] for key in NAMES if isinstance(kept.get(key), str) and kept[key].strip()), None)
        if "module" in form or "module_id" in form or not id:
            values["module"] = module_id
        if name or not id:
            values["name"] = (name or request.env._("View"))[:255]
        if id:
            view.write(values)
        else:
            view = view.create(values)
        if default:
            view._make_default()
        elif default is False:
            # sudo: the caller's own choice
            view.sudo().default_user_ids = [Command.unlink(request.env.uid)]
        return succeed(f"Record {'updated' if id else 'created'} successfully", views.document(view))

    @_route("get", "The views", MODULE, DATA, methods=("POST",), answer=schemas.list_of(VIEW))
    def get(self, module_id, data):
        """The caller's default first. At /listings/views the fixed views all, today and my come before the saved."""
        return _all(module_id, data)

    @_route("get-by-module-id/<int:module_id>", "The views", DATA, answer=schemas.list_of(VIEW))
    def by_module(self, module_id, data):
        """As get."""
        return _all(module_id, data)

    @_route("get/<int:id>", "One view", DATA)
    def one(self, id, data):
        return succeed("Record retrieved successfully", _with_calls(_saved([("id", "=", id)]), data))

    @_route("by-ukey/<string:ukey>", "One view, by its key", DATA)
    def by_ukey(self, ukey, data):
        """`all`, `today` and `my` are the fixed views."""
        return succeed("Record retrieved successfully", _with_calls(_by_ukey(ukey), data))

    @_route(
        "<int:id>/deleted/<int:value>",
        "Delete or restore a view",
        Param("value", int, choices=(0, 1), location="path", doc="1 deletes, 0 restores."),
        group="ghl.group_ghl_agent",
        answer={"type": "null"},
    )
    def deleted(self, id, value):
        view = _saved([("id", "=", id)], deleted_too=True)
        if view.active == bool(value):
            view.active = not value
        return succeed(f"Record {'deleted' if value else 'restored'} successfully", None)

    @_route("set-default/<int:id>", "Make a view the caller's default")
    def set_default(self, id):
        view = _saved([("id", "=", id)])
        view._make_default()
        return succeed("Default view set successfully", views.document(view))

    @api_route(
        "/calls/get-by-view-ukey/<string:ukey>",
        methods=("POST",),
        summary="The calls of a view",
        responses={200: schemas.RELATED_CALLS},
        tag=TAG,
        envelope=CrmEnvelope(in_body=True),
    )
    def calls(self, ukey):
        """The latest made first, at most 1,000; `summary.total_calls` counts all."""
        found = listing.page(request.env["ghl.call"], _domain(_by_ukey(ukey)), size=MOST)
        return succeed("Records retrieved successfully", found.documents, summary={"total_calls": found.total})


def _sort_out(form):
    """(what is kept as sent, the filters); ApiError 400 naming filters that cannot be read."""
    try:
        inner = INNER.parse(form.get("filters") or {})
    except ValueError as error:
        raise invalid_parameters({"filters": str(error)}) from None
    given = {**form, **inner}
    chosen = {name: value for name, value in given.items() if name in FILTER_NAMES and value is not None}
    wanted(request.env, **_read(chosen))
    kept = {name: value for name, value in given.items() if name not in OURS and name not in FILTER_NAMES}
    return kept, chosen


def _read(chosen):
    return read_params(FILTERS, path={}, query={}, body=chosen, reads=False)


def _check_size(values):
    if len(values) > MOST_KEYS or any(len(key) > LONGEST_KEY for key in values):
        raise bad_request(f"A view keeps at most {MOST_KEYS} keys of {LONGEST_KEY} characters.")
    if len(json.dumps(values)) > MOST_BYTES:
        raise bad_request(f"A view keeps at most {MOST_BYTES // 1024} KB.")


def _saved(where, deleted_too=False):
    view = request.env["ghl.call.view"].with_context(active_test=not deleted_too).search(where, limit=1)
    if not view:
        raise not_found("Record")
    return view


def _by_ukey(ukey):
    return ukey if ukey in views.FIXED else _saved([("ukey", "=", ukey)])


def _all(module_id, data):
    env = request.env
    found = [view for view in views.saved(env) if view.module == module_id]
    if request.httprequest.path.startswith(LISTINGS):
        found = [*views.FIXED, *found]
    return succeed("Records retrieved successfully", [_with_calls(view, data) for view in found])


def _domain(view):
    """Domain of the calls of a saved or fixed view."""
    env = request.env
    if isinstance(view, str):
        return filters.view(env, views.FIXED[view][1])
    return wanted(env, **_read(view.filters or {})) & views.scope(env, view.query_type)


def _with_calls(view, data):
    document = views.fixed(request.env, view) if isinstance(view, str) else views.document(view)
    if data:
        found = listing.page(request.env["ghl.call"], _domain(view), size=EMBEDDED)
        document |= {"data": found.documents, "total_calls": found.total}
    return document

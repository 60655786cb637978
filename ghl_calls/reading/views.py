"""Saved views of call lists, and the fixed ones, as the JSON objects CRM clients know."""

from odoo.fields import Domain

from . import filters

# The views everybody has: key -> (name, standard view of the list).
FIXED = {
    "all": ("All Calls", "all_calls"),
    "today": ("Calls Today", "calls_today"),
    "my": ("My Calls", "my_calls"),
}


def saved(env, where=Domain.TRUE):
    """The saved views that the caller sees: the caller's default first, then by their order."""
    found = env["ghl.call.view"].search(Domain("company_id", "in", env.companies.ids) & where)
    return found.sorted(lambda view: env.user not in view.sudo().default_user_ids)


def document(view):
    """A saved view: what clients keep with it, then what we know of it."""
    # sudo: whose default a view is, is only compared with the caller
    default = view.env.user in view.sudo().default_user_ids
    return {
        **(view.data or {}),
        **(view.filters or {}),
        "id": view.id,
        "ukey": view.ukey,
        "name": view.name,
        "module": view.module,
        "query_type": int(view.query_type),
        "sort_by": view.sequence,
        "default": int(default),
        "shared": int(view.shared),
        "active": _flag((view.data or {}).get("active", 1)),
        "deleted": int(not view.active),
        "tenant_id": view.company_id.id,
        "user_id": view.user_id.id,
        "createdon": _stamp(view.create_date),
        "updatedon": _stamp(view.write_date),
        "fixed": 0,
    }


def fixed(env, ukey):
    """A view everybody has."""
    name, view = FIXED[ukey]
    number = list(FIXED).index(ukey) + 1
    return {
        "id": -number,
        "ukey": ukey,
        "name": name,
        "module": 1,
        "query_type": {"all": 1, "my": 2, "today": 3}[ukey],
        "view": view,
        "sort_by": 0,
        "default": 0,
        "shared": 1,
        "active": 1,
        "deleted": 0,
        "tenant_id": env.company.id,
        "fixed": 1,
    }


def scope(env, query_type):
    """Domain of a query type: 1 all, 2 owned by the reader, 3 made today."""
    if query_type == "2":
        return Domain("owner_id", "=", env.uid)
    return filters.view(env, "calls_today") if query_type == "3" else Domain.TRUE


def _flag(value):
    """1 or 0 for whatever a client has kept: numbers, booleans, or the words for them."""
    return int(str(value).strip().lower() not in ("", "0", "false", "no", "none"))


def _stamp(moment):
    return moment.isoformat(timespec="milliseconds") + "Z"

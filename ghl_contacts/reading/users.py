"""Users of a location as API callers see them."""

import re

from odoo.tools import SQL

COLUMNS = "id external_id name first_name last_name email phone extension role role_type permissions scopes".split()
PERMISSIONS = (
    "campaigns_enabled contacts_enabled workflows_enabled opportunities_enabled dashboard_stats_enabled "
    "appointments_enabled conversations_enabled settings_enabled marketing_enabled"
).split()


def of_location(users, location_id):
    """Documents of the location's users, by name. One query.

    :param users: the model ``ghl.user`` in the reader's environment
    """
    query = users._search([("location_id", "=", location_id)], order="name, id")
    rows = users.env.execute_query(query.select(*(SQL.identifier(query.table, name) for name in COLUMNS)))
    return [_document(row) for row in rows]


def _document(row):
    *texts, permissions, scopes = row
    document = {name: "" if value is None else value for name, value in zip(COLUMNS, texts, strict=False)}
    known = {_snake(name): value is True for name, value in (permissions or {}).items()}
    return {
        **document,
        "scopes": scopes if isinstance(scopes, list) else [],
        "permissions": {name: known.get(name, False) for name in PERMISSIONS},
    }


def _snake(name):
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()

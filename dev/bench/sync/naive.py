"""Beside the way it replaces: a request for the tasks of each contact, a search and a write for each record."""

from collections.abc import Iterator

from sandbox.client import running_sandbox

from ..runner import Context, Result
from .place import connected, forget, pull
from .pulls import LATENCY_MS, _timed


def run(context: Context) -> Iterator[Result]:
    contacts = 40 if context.quick else 200
    options = {"contacts": contacts, "latency_ms": LATENCY_MS, "locations": 1, "rate_limit": 1_000_000}
    with (
        running_sandbox(**options) as sandbox,
        connected(context.env, sandbox.base_url, sandbox.private_token, sandbox.location_id) as (env, location),
    ):
        forget(env)
        sandbox.reset_ledger()
        seconds = _timed(pull, env, location)
        requests = sandbox.ledger()["total"]
        forget(env)
        sandbox.reset_ledger()
        slow = _timed(_one_by_one, env, location, sandbox)
        slow_requests = sandbox.ledger()["total"]
    name = f"contacts + {contacts // 2} tasks"
    yield Result("sync", f"{contacts} {name}, and the rest: wall time", seconds, "s", None, slow, "N+1, no rest")
    yield Result(
        "sync", f"{contacts} {name}, and the rest: requests", requests, "", None, slow_requests, "N+1, no rest"
    )


def _one_by_one(env, location, sandbox):
    """Contacts and their tasks only, as the replaced integration reads and writes them."""
    from odoo.addons.ghl.ghl_contacts.mapping import contact, task

    from .peer import write_one_by_one

    client, after = location._client(), None
    while True:
        body = {"locationId": location.external_id, "pageLimit": 100, **({"searchAfter": after} if after else {})}
        rows = client.call("contacts_search", body=body)["contacts"]
        if not rows:
            return
        after = rows[-1]["searchAfter"]
        write_one_by_one(env, location, "ghl.contact", contact, rows)
        for row in rows:
            _status, answer, _headers = sandbox.call("GET", f"/contacts/{row['id']}/tasks")
            write_one_by_one(env, location, "ghl.contact.task", task, answer["tasks"])

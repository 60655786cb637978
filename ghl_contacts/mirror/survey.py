"""What a sync would meet, without a sync: how many records GoHighLevel announces beside those that are here.

One request for each kind of record: its first page, which tells the total. Nothing is written.
"""

from math import ceil

from .entities import MASTER, MESSAGES, RECORDS

REQUESTS_PER_SECOND = 10  # what GoHighLevel allows an app and location


def held(env, location):
    """``{entity: records of the location that are here}``."""
    found = {}
    for entity in _wanted(location):
        domain = [("location_id", "=", location.id), *((key, "=", value) for key, value in entity.only.items())]
        found[entity.name] = env[entity.model].search_count(domain)
    return found


def ask(client, location, here):
    """Compare with GoHighLevel.

    :param location: ``ghl.location``, its values already read; ``here``: from ``held``
    :return: ``{"entities": [{"name", "remote", "here", "new", "gone", "requests"}], "requests", "seconds"}``.
        ``remote`` is None where GoHighLevel announces no total; then the rest is not known either. ``seconds``: what
        reading all of it takes at least.
    :raises RemoteError: GoHighLevel refuses or cannot be reached
    """
    where = {"external_id": location.external_id, "company": location.account_id.external_id or None}
    rows = [_row(entity.name, _first(entity.pages(client, where, None, None)), here) for entity in _wanted(location)]
    requests = len([entity for entity in MASTER if entity.pages]) + sum(row["requests"] or 1 for row in rows)
    return {"entities": rows, "requests": requests, "seconds": ceil(requests / REQUESTS_PER_SECOND)}


def _wanted(location):
    return [entity for entity in (*RECORDS, *MESSAGES) if not entity.switch or location[entity.switch]]


def _first(pages):
    return next(iter(pages), None)


def _row(name, page, here):
    remote = requests = None
    if page is None:
        remote, requests = 0, 1
    elif page.last:
        remote, requests = len(page.rows), 1
    elif page.total is not None:
        remote, requests = page.total, ceil(page.total / max(1, len(page.rows)))
    new = None if remote is None else max(0, remote - here[name])
    gone = None if remote is None else max(0, here[name] - remote)
    return {"name": name, "remote": remote, "here": here[name], "new": new, "gone": gone, "requests": requests}

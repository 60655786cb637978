"""The write path alone: 10,000 contacts with 5 custom values and 3 tags, against ORM batches in the same run."""

import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from ..runner import Context, Result
from .place import MIRRORED, Writer, connected

PAGE = 500
# How much faster than the ORM each case has to be.
GOALS = {"first load": 2, "nothing changed": 30, "2 % changed": 10, "all changed": 5}
TABLES = ("ghl_contact", "ghl_contact_custom_value", "ghl_contact_attribution", "ghl_contact_tag_rel", "ghl_tag")


def run(context: Context) -> Iterator[Result]:
    count = 1_000 if context.quick else 10_000
    with connected(context.env, "http://127.0.0.1:9", "none", "BENCH-DESIGN", "BENCH-PEER") as (env, locations):
        times, wal, touched = _measure(env, *locations, count, rounds=2 if context.quick else 3)
    for case, goal in GOALS.items():
        design, peer = (count / statistics.median(times[case, who]) for who in ("design", "peer"))
        judged = None if context.quick else goal
        yield Result("sync", f"write, {case}", design, "contacts/s", judged, peer, "ORM batches", better="higher")
    yield Result("sync", "write, nothing changed: rows written", touched, "rows", 0)
    yield Result("sync", "write, nothing changed: log written", wal / count, "bytes/contact", 50)


def _measure(env, mine, theirs, count, rounds):
    from . import peer

    times, wal, touched = defaultdict(list), [], 0
    for _round in range(rounds):
        env.cr.execute(f"TRUNCATE {MIRRORED} CASCADE")
        env.cr.commit()
        env.invalidate_all()
        for case, remotes in _cases(count):
            writer, pages = Writer(env, mine), _pages(remotes)
            before, written = _versions(env), _log_position(env)
            times[case, "design"].append(_seconds(writer.write, pages))
            if case == "nothing changed":
                wal.append(_log_position(env) - written)
                touched += len(before ^ _versions(env))
            writer.close()
            times[case, "peer"].append(_seconds(peer.write, env, theirs, remotes))
        _same(env, mine, theirs)
    return times, statistics.median(wal), touched


def _cases(count):
    """What GoHighLevel says, time after time."""
    first = [_contact(n) for n in range(count)]
    yield "first load", first
    yield "nothing changed", first
    some = [_contact(n, n % 50 == 0) for n in range(count)]
    yield "2 % changed", some
    yield "all changed", [_contact(n, 2) for n in range(count)]


def _contact(n: int, version: int = 0) -> dict:
    added = datetime(2025, 1, 1) + timedelta(minutes=7 * n)
    version = int(version)
    return {
        "id": f"contact-{n:08d}-bench",
        "locationId": "BENCH",
        "firstName": f"First{n}",
        "lastName": f"Last{n % 997}",
        "contactName": f"First{n} Last{n % 997}",
        "firstNameLowerCase": f"first{n}",
        "lastNameLowerCase": f"last{n % 997}",
        "email": f"lead{n}@example.test",
        "phone": f"+1555{n:07d}",
        "companyName": f"Company {n % 500} v{version}",
        "address": f"{n} Main Street",
        "city": "Springfield",
        "state": "IL",
        "country": "US",
        "postalCode": "62701",
        "timezone": "America/Chicago",
        "source": "form",
        "type": "lead",
        "dnd": False,
        "dndSettings": {},
        "followers": [],
        "assignedTo": None,
        "tags": [f"tag {n % 20}", f"tag {20 + n % 20}", f"tag {40 + (n + version) % 20}"],
        "customFields": [{"id": f"field-{f}", "value": f"value {n} {f} v{version}"} for f in range(5)],
        "attributionSource": {"utmSource": "news", "medium": "form", "url": f"https://example.test/{n}"},
        "dateAdded": added.isoformat() + ".000Z",
        "dateUpdated": (added + timedelta(days=version)).isoformat() + ".000Z",
        "searchAfter": [n, f"contact-{n:08d}-bench"],
    }


def _pages(remotes):
    from odoo.addons.ghl.ghl_contacts.gateway.paging import Page

    return [
        ("contacts", Page(remotes[start : start + PAGE], {"after": start}, len(remotes), None, False))
        for start in range(0, len(remotes), PAGE)
    ]


def _seconds(work, *args) -> float:
    started = time.perf_counter()
    work(*args)
    return time.perf_counter() - started


def _log_position(env) -> int:
    env.cr.execute("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint")
    return env.cr.fetchone()[0]


def _versions(env) -> set:
    """Physical row versions: any write changes them."""
    found = set()
    for table in TABLES:
        env.cr.execute(f"SELECT '{table}', ctid::text, xmin::text FROM {table}")
        found.update(env.cr.fetchall())
    return found


def _same(env, mine, theirs) -> None:
    """Both ways must have written the same, else their times say nothing."""
    said = []
    for location in (mine, theirs):
        env.cr.execute(
            """SELECT c.external_id, c.company_name, c.email, c.remote_updated_at,
                      (SELECT array_agg(v.value_text ORDER BY v.field_external_id) FROM ghl_contact_custom_value v
                        WHERE v.contact_id = c.id),
                      (SELECT array_agg(t.name ORDER BY t.name) FROM ghl_contact_tag_rel r
                         JOIN ghl_tag t ON t.id = r.tag_id WHERE r.contact_id = c.id),
                      (SELECT count(*) FROM ghl_contact_attribution a WHERE a.contact_id = c.id)
                 FROM ghl_contact c WHERE c.location_id = %s ORDER BY c.external_id""",
            [location.id],
        )
        said.append(env.cr.fetchall())
    if said[0] != said[1]:
        raise RuntimeError("the ORM batches and the bulk merge did not write the same contacts")

"""Bulk merge of one page of remote records into a mirror table.

The only place where mirror rows are written past the ORM: one digest comparison per page, then one statement per
table for what changed. Mirror models keep no stored computed field and no write() logic on mirrored columns, so
nothing is bypassed; the caches of the models touched are dropped afterwards.

Expects READ COMMITTED: under Odoo's usual isolation ON CONFLICT fails on rows another process has just written.
"""

import hashlib
import logging
from dataclasses import dataclass, field
from functools import cache

import psycopg2

from odoo.tools import SQL

from ...ghl_base.net.codec import dumps
from ..mapping import MAPPING_VERSION
from ..mapping.values import MappingError, identity, record
from .children import write_children

_logger = logging.getLogger(__name__)

CHILDREN = ("tags", "custom_values", "attributions")
# What a single bad record can make PostgreSQL say; anything else is not the record's fault.
REFUSALS = (psycopg2.DataError, psycopg2.IntegrityError, psycopg2.errors.ProgramLimitExceeded)


@dataclass
class Merged:
    """Outcome of one page: counts, the remote ids met, and ``refused``: (external id, reason, record)."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    seen: list = field(default_factory=list)
    refused: list = field(default_factory=list)


def digest(remote, ignored=frozenset(), mapping=""):
    """Digest of what a remote record says, but for the ``ignored`` keys. ``mapping`` names how it is read: the same
    record read in another way is another row."""
    if ignored and isinstance(remote, dict):
        remote = remote.copy()
        for key in ignored:
            remote.pop(key, None)
    found = _hash(mapping).copy()
    found.update(dumps(remote, sort_keys=True))
    return found.hexdigest()


@cache
def _hash(mapping):
    return hashlib.blake2b(digest_size=16, person=b"ghl%d" % MAPPING_VERSION, salt=mapping[:16].encode())


def merge_page(env, location, rows, *, model_name, mapper):
    """Write a page of remote records: new and changed ones only; nothing changed means no row written.

    :param rows: list of records as GoHighLevel sent them; of records with one id the last counts
    :param mapper: module of ``mapping`` for the entity: ``to_row`` and the keys ``IGNORED`` by it
    :return: ``Merged``
    """
    merged, changed, _known = compare_page(env, location, rows, model_name=model_name, mapper=mapper)
    if changed:
        _write(env, env[model_name], location, changed, merged)
        env[model_name].invalidate_model()
    return merged


def compare_page(env, location, rows, *, model_name, mapper):
    """What of a page of remote records is new or changed; nothing is written. Arguments as for ``merge_page``.

    :return: ``(Merged, [(row to be written, remote record)], {external id: digest} of those that are here)``
    """
    model, merged, mapping = env[model_name], Merged(), mapper.__name__.rpartition(".")[2]
    by_id = {}
    for remote in rows:
        try:
            external_id = identity(record(remote), "id", "_id")
        except MappingError as error:
            merged.refused.append((digest(remote), str(error), remote))
        else:
            by_id[external_id] = (digest(remote, mapper.IGNORED, mapping), remote)
    merged.seen = list(by_id)
    known = _known_digests(env, model, location, merged.seen)
    changed = []
    for external_id, (content_hash, remote) in by_id.items():
        if known.get(external_id) == content_hash:
            merged.unchanged += 1
            continue
        try:
            row = mapper.to_row(remote)
        except MappingError as error:
            merged.refused.append((external_id[:128], str(error), remote))
            continue
        row["content_hash"] = content_hash
        changed.append((row, remote))
    return merged, changed, known


def _known_digests(env, model, location, external_ids):
    """Digests of the rows held; a row once found gone does not count, so that its return writes it again."""
    if not external_ids:
        return {}
    return dict(
        env.execute_query(
            SQL(
                """SELECT external_id, content_hash FROM %s
                    WHERE location_id = %s AND external_id = ANY(%s) AND remote_deleted_at IS NULL""",
                SQL.identifier(model._table),
                location.id,
                external_ids,
            )
        )
    )


def _write(env, model, location, rows, merged):
    """Write the rows at once; when PostgreSQL refuses, halve until the bad record stands alone and is named."""
    try:
        with env.cr.savepoint(flush=False):
            created, updated = _upsert(env, model, location, [row for row, _remote in rows])
    except REFUSALS as error:
        if len(rows) == 1:
            row, remote = rows[0]
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            merged.refused.append((row["external_id"], f"The database refused the record: {reason}", remote))
            return
        middle = len(rows) // 2
        _write(env, model, location, rows[:middle], merged)
        _write(env, model, location, rows[middle:], merged)
        return
    merged.created += created
    merged.updated += updated


def _upsert(env, model, location, rows):
    columns = [name for name in rows[0] if name not in CHILDREN]
    values = [{name: row[name] for name in columns} for row in rows]
    references = model._mirror_references
    joins, links = [], []
    for number, (many2one, remote_column) in enumerate(references.items()):
        alias = SQL.identifier(f"ref{number}")
        comodel = env[model._fields[many2one].comodel_name]
        joins.append(
            SQL(
                "LEFT JOIN %s %s ON %s.location_id = %s AND %s.external_id = r.%s",
                SQL.identifier(comodel._table),
                alias,
                alias,
                location.id,
                alias,
                SQL.identifier(remote_column),
            )
        )
        links.append(SQL("%s.id", alias))
    names = [SQL.identifier(name) for name in columns]
    link_names = [SQL.identifier(name) for name in references]
    types = SQL(", ").join(
        SQL("%s %s", SQL.identifier(name), SQL(model._fields[name].column_type[1])) for name in columns
    )
    active = [] if "active" in columns else [SQL("active")]
    written = env.execute_query(
        SQL(
            """INSERT INTO %(table)s AS t (company_id, location_id, create_uid, write_uid, create_date, write_date,
                                          %(names)s)
               SELECT %(company)s, %(location)s, %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC',
                      %(sources)s
                 FROM json_to_recordset(%(rows)s::json) AS r(%(types)s) %(joins)s
               ON CONFLICT (location_id, external_id) DO UPDATE
                  SET write_uid = EXCLUDED.write_uid, write_date = EXCLUDED.write_date, remote_deleted_at = NULL,
                      %(updates)s
               RETURNING t.id, t.external_id, t.xmax = 0""",
            table=SQL.identifier(model._table),
            names=SQL(", ").join([*names, *link_names, *active]),
            company=location.company_id.id,
            location=location.id,
            uid=env.uid,
            sources=SQL(", ").join(
                [*(SQL("r.%s", name) for name in names), *links, *(SQL("TRUE") for _name in active)]
            ),
            rows=dumps(values).decode(),
            types=types,
            joins=SQL(" ").join(joins),
            updates=SQL(", ").join(SQL("%s = EXCLUDED.%s", name, name) for name in [*names, *link_names, *active]),
        )
    )
    ids = {external_id: row_id for row_id, external_id, _new in written}
    write_children(env, location, rows, ids)
    created = sum(1 for _id, _external_id, new in written if new)
    return created, len(written) - created

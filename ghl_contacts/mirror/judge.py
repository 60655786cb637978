"""What writing remote records would do, without writing them: the same comparison that the merge makes."""

from dataclasses import dataclass, field

from odoo.tools import SQL

from ..mapping import tag as tag_mapping
from ..mapping.values import MappingError
from .merge import compare_page


@dataclass
class Judged:
    """``created`` and ``updated``: the remote records that would be written; ``unchanged`` and ``refused`` how many
    would not; ``met``: how many of the rows held here were among them."""

    created: list = field(default_factory=list)
    updated: list = field(default_factory=list)
    unchanged: int = 0
    refused: int = 0
    met: int = 0


def judge_page(env, location, rows, *, model_name, mapper):
    """``Judged`` of remote records, by the digests the merge compares."""
    merged, changed, known = compare_page(env, location, rows, model_name=model_name, mapper=mapper)
    ids = [row["external_id"] for row, _remote in changed]
    query = SQL(
        "SELECT external_id FROM %s WHERE location_id = %s AND external_id = ANY(%s)",
        SQL.identifier(env[model_name]._table),
        location.id,
        ids,
    )
    here = {external_id for (external_id,) in env.execute_query(query)} if ids else set()
    judged = Judged(unchanged=merged.unchanged, refused=len(merged.refused), met=len(known))
    for row, remote in changed:
        (judged.updated if row["external_id"] in here else judged.created).append(remote)
    return judged


def judge_tags(env, location, rows):
    """``Judged`` of the location's tag list, which goes by names (see ``masterdata.merge_tags``)."""
    judged, wanted = Judged(), {}
    for remote in rows:
        try:
            row = tag_mapping.to_row(remote)
        except MappingError:
            judged.refused += 1
            continue
        wanted[row["name"]] = (row["external_id"], remote)
    known = {tag.name: tag.external_id for tag in env["ghl.tag"].search([("location_id", "=", location.id)])}
    for name, (external_id, remote) in wanted.items():
        if name not in known:
            judged.created.append(remote)
        elif known[name] != external_id:
            judged.updated.append(remote)
        else:
            judged.unchanged += 1
        judged.met += bool(known.get(name))
    return judged

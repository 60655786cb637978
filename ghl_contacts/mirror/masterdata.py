"""Merging of what does not follow the common mirror shape: the location itself and its tag list."""

from ..mapping import location as location_mapping
from ..mapping import tag as tag_mapping
from ..mapping.values import MappingError
from .merge import Merged, digest


def merge_location(env, location, rows):
    """Write the location's own data when they changed. Returns ``Merged``."""
    merged = Merged(seen=[location.external_id])
    for remote in rows:
        content_hash = digest(remote)
        if location.content_hash == content_hash:
            merged.unchanged += 1
            continue
        try:
            values = location_mapping.to_values(remote)
        except MappingError as error:
            merged.refused.append((location.external_id, str(error), remote))
            continue
        location.write({**values, "content_hash": content_hash})
        account = location.account_id
        if remote.get("companyId") and not account.external_id:
            account.external_id = remote["companyId"]
        merged.updated += 1
    return merged


def merge_tags(env, location, rows):
    """Make the tag list of the location known: ids for names met before, new names added. Returns ``Merged``.

    A tag that is not listed any more (renamed or removed) keeps its contacts, which say themselves what they carry,
    but not its id: with its last contact it goes (see ``settle.drop_unused_tags``).
    """
    merged, wanted = Merged(), {}
    for remote in rows:
        try:
            row = tag_mapping.to_row(remote)
        except MappingError as error:
            merged.refused.append((digest(remote), str(error), remote))
            continue
        wanted[row["name"]] = row["external_id"]
        merged.seen.append(row["external_id"])
    known = {tag.name: tag for tag in env["ghl.tag"].search([("location_id", "=", location.id)])}
    for name, external_id in wanted.items():
        if name in known and known[name].external_id != external_id:
            known[name].external_id = external_id
            merged.updated += 1
        elif name in known:
            merged.unchanged += 1
    for name, tag in known.items():
        if name not in wanted and tag.external_id:
            tag.external_id = False
            merged.updated += 1
    missing = [
        {
            "name": name,
            "external_id": external_id,
            "color": tag_mapping.color(name),
            "location_id": location.id,
            "company_id": location.company_id.id,
        }
        for name, external_id in wanted.items()
        if name not in known
    ]
    env["ghl.tag"].create(missing)
    merged.created = len(missing)
    return merged

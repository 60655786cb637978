"""The peer: the same contacts written as an experienced Odoo developer writes them, through the ORM in batches."""

from odoo import Command
from odoo.addons.ghl.ghl_contacts.mapping import contact as mapping

BATCH = 1000
LINKS = ("field_id", "location_id", "company_id")


def write(env, location, remotes):
    """Upsert the contacts by external id: one search per batch, then create and write with commands; commit each."""
    env = env(context={**env.context, "tracking_disable": True, "mail_create_nolog": True, "prefetch_fields": True})
    for start in range(0, len(remotes), BATCH):
        _write_batch(env, location, [mapping.to_row(remote) for remote in remotes[start : start + BATCH]])
        env.cr.commit()
        env.invalidate_all()


def _write_batch(env, location, rows):
    owner = {"location_id": location.id, "company_id": location.company_id.id}
    tags = _tags(env, owner, rows)
    users = {user.external_id: user.id for user in env["ghl.user"].search([("location_id", "=", location.id)])}
    definitions = env["ghl.custom.field"].search([("location_id", "=", location.id)])
    fields_by_id = {field.external_id: field.id for field in definitions}
    contacts = env["ghl.contact"].search(
        [("location_id", "=", location.id), ("external_id", "in", [row["external_id"] for row in rows])]
    )
    known = {contact.external_id: contact for contact in contacts}
    created = []
    for row in rows:
        contact = known.get(row["external_id"], env["ghl.contact"])
        values = {name: value for name, value in row.items() if name not in ("tags", "custom_values", "attributions")}
        values["assigned_user_id"] = users.get(row["assigned_external_id"], False)
        values["tag_ids"] = [Command.set([tags[name] for name in row["tags"]])]
        values["custom_value_ids"] = _commands(
            contact.custom_value_ids,
            "field_external_id",
            [{**v, **owner, "field_id": fields_by_id.get(v["field_external_id"], False)} for v in row["custom_values"]],
        )
        values["attribution_ids"] = _commands(
            contact.attribution_ids, "touch", [{**touch, **owner} for touch in row["attributions"]]
        )
        if contact:
            contact.write(values)
        else:
            created.append({**values, **owner})
    env["ghl.contact"].create(created)
    env.flush_all()


def _commands(records, key, wanted):
    """What makes the children as wanted; those that are already are left alone, each command costs a write."""
    held = {record[key]: record for record in records}
    commands = []
    for values in wanted:
        record = held.pop(values[key], None)
        if not record:
            commands.append(Command.create(values))
        elif any(
            (record[name].id if name in LINKS else record[name] or None) != value for name, value in values.items()
        ):
            commands.append(Command.update(record.id, values))
    return commands + [Command.delete(record.id) for record in held.values()]


def _tags(env, owner, rows):
    names = {name for row in rows for name in row["tags"]}
    known = env["ghl.tag"].search([("location_id", "=", owner["location_id"]), ("name", "in", list(names))])
    missing = names.difference(known.mapped("name"))
    known |= env["ghl.tag"].create([{**owner, "name": name} for name in sorted(missing)])
    return {tag.name: tag.id for tag in known}


def write_one_by_one(env, location, model_name, mapper, remotes):
    """What the replaced integrations do: one search and one create or write for each record."""
    model = env[model_name]
    for remote in remotes:
        row = mapper.to_row(remote)
        values = {name: value for name, value in row.items() if name in model._fields and name != "active"}
        found = model.search([("location_id", "=", location.id), ("external_id", "=", row["external_id"])], limit=1)
        if "contact_external_id" in row:
            contact = env["ghl.contact"].search(
                [("location_id", "=", location.id), ("external_id", "=", row["contact_external_id"])], limit=1
            )
            values["contact_id"] = contact.id
        if found:
            found.write(values)
        else:
            model.create({**values, "location_id": location.id, "company_id": location.company_id.id})
    env.cr.commit()

"""Peers: the same documents read through the ORM, with prefetching and without any thought (N+1)."""

from odoo.addons.ghl.ghl_contacts.reading import documents
from odoo.addons.ghl.ghl_contacts.reading.contact_parts import READERS
from odoo.addons.ghl.ghl_contacts.reading.contacts import COLUMNS

ORDER = "remote_created_at desc, id desc"
CONTACT = [*COLUMNS[1:], "followers", "assigned_user_id", "assigned_external_id", "tag_ids"]


def prefetched(env, location_id, limit, offset=0):
    """One search for the contacts; everything on them through one2many fields, which Odoo reads for all at once."""
    contacts = env["ghl.contact"].search_fetch(
        [("location_id", "=", location_id)], CONTACT, limit=limit, offset=offset, order=ORDER
    )
    now = env.cr.now()
    return [
        _document(
            contact,
            now,
            contact.tag_ids,
            contact.custom_value_ids,
            contact.attribution_ids,
            contact.task_ids,
            contact.conversation_ids,
            contact.opportunity_ids,
        )
        for contact in contacts
    ]


def one_by_one(env, location_id, limit):
    """A search for each contact and each kind of record on it, as such endpoints are usually written."""
    now = env.cr.now()
    found = []
    for contact_id in env["ghl.contact"].search([("location_id", "=", location_id)], limit=limit, order=ORDER).ids:
        contact = env["ghl.contact"].browse(contact_id)
        of_contact = [("contact_id", "=", contact.id)]
        found.append(
            _document(
                contact,
                now,
                env["ghl.tag"].search([("id", "in", contact.tag_ids.ids)]),
                env["ghl.contact.custom.value"].search(of_contact),
                env["ghl.contact.attribution"].search(of_contact),
                env["ghl.contact.task"].search(of_contact),
                env["ghl.contact.conversation"].search(of_contact),
                env["ghl.contact.opportunity"].search(of_contact),
            )
        )
    return found


def _document(contact, now, tags, values, attributions, tasks, conversations, opportunities):
    row = (
        contact.id,
        *(contact[name] for name in COLUMNS[1:]),
        '["U1", "U2"]' if contact.followers else "[]",
        contact.assigned_user_id.name,
        contact.assigned_external_id,
    )
    parts = {
        "tags": tags.mapped("name"),
        "custom_values": [{"id": value.field_external_id, "value": value.value["v"]} for value in values],
        "attributions": [
            documents.attribution(
                (contact.id, a.touch, a.url, a.campaign, a.utm_source, a.utm_medium, a.referrer, a.ip, a.medium)
            )
            for a in attributions
        ],
        "tasks": [
            documents.task(
                (
                    contact.id,
                    t.id,
                    t.external_id,
                    t.title,
                    t.body,
                    t.due_date,
                    t.completed,
                    t.assigned_external_id,
                    t.assigned_user_id.name,
                    t.create_date,
                    t.write_date,
                ),
                now,
            )
            for t in tasks
        ],
        "conversations": [
            documents.conversation(
                (
                    contact.id,
                    c.id,
                    c.external_id,
                    c.last_message_date,
                    c.last_message_body,
                    c.last_message_type,
                    c.last_message_direction,
                    c.type,
                    c.unread_count,
                    c.full_name,
                    c.contact_name,
                    c.email,
                    c.phone,
                    c.create_date,
                    c.write_date,
                )
            )
            for c in conversations
        ],
        "opportunity_totals": (len(opportunities), sum(opportunities.mapped("monetary_value"))),
    }
    found = {part: {contact.id: parts[part]} if parts.get(part) else {} for part in READERS}
    return documents.contact(row, found)

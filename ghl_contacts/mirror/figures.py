"""What a contact's messages say in sum, kept in columns of the contact: its last message, touches and answers.

Counted anew from the messages by one statement for all contacts concerned, which writes those that differ only.
"""

from odoo.tools import SQL

LAST = "external_id body message_type direction source remote_created_at".split()
COLUMNS = [
    *(f"last_message_{name}" for name in ("external_id", "body", "type", "direction", "source", "date")),
    *("touches", "engagements", "first_touch_date", "last_touch_date"),
]
# Neither notes among colleagues nor what GoHighLevel itself did is a word to or from the contact.
SPOKEN = SQL(
    r"""m.active IS TRUE AND m.remote_created_at IS NOT NULL
        AND m.message_type NOT LIKE 'TYPE\_ACTIVITY%%' AND m.message_type <> 'TYPE_INTERNAL_COMMENT'"""
)


def refresh(env, location, external_ids=None):
    """Count for the contacts of these messages (remote ids), or for all contacts of the location.

    :return: how many contacts were changed
    """
    if external_ids is None:
        contacts, messages = SQL("c.location_id = %s", location.id), SQL("m.location_id = %s", location.id)
    else:
        ids = _contacts_of(env, location, external_ids)
        contacts, messages = SQL("c.id = ANY(%s)", ids), SQL("m.contact_id = ANY(%s)", ids)
    columns = [SQL.identifier(name) for name in COLUMNS]
    env["ghl.contact"].flush_model()
    env.cr.execute(
        SQL(
            """WITH counted AS (
                   SELECT m.contact_id, m.direction, m.message_type, count(*) AS number,
                          min(m.remote_created_at) AS first, max(m.remote_created_at) AS last
                     FROM ghl_contact_message m
                    WHERE %(messages)s AND m.contact_id IS NOT NULL AND %(spoken)s
                 GROUP BY m.contact_id, m.direction, m.message_type
               ), summed AS (
                   SELECT contact_id,
                          jsonb_object_agg(message_type, number) FILTER (WHERE direction = 'outbound') AS touches,
                          jsonb_object_agg(message_type, number) FILTER (WHERE direction = 'inbound') AS engagements,
                          min(first) FILTER (WHERE direction = 'outbound') AS first_touch_date,
                          max(last) FILTER (WHERE direction = 'outbound') AS last_touch_date
                     FROM counted GROUP BY contact_id
               ), found AS (
                   SELECT c.id, %(last)s, summed.touches, summed.engagements, summed.first_touch_date,
                          summed.last_touch_date
                     FROM ghl_contact c
                LEFT JOIN summed ON summed.contact_id = c.id
                LEFT JOIN LATERAL (
                          SELECT * FROM ghl_contact_message m WHERE m.contact_id = c.id AND %(spoken)s
                        ORDER BY m.remote_created_at DESC, m.is_email, m.id DESC LIMIT 1) newest ON TRUE
                    WHERE %(contacts)s
               )
               UPDATE ghl_contact t
                  SET %(updates)s, write_uid = %(uid)s, write_date = now() AT TIME ZONE 'UTC'
                 FROM found WHERE found.id = t.id AND (%(old)s) IS DISTINCT FROM (%(new)s)""",
            messages=messages,
            contacts=contacts,
            spoken=SPOKEN,
            last=SQL(", ").join(
                SQL("newest.%s AS %s", SQL.identifier(name), column)
                for name, column in zip(LAST, columns, strict=False)
            ),
            updates=SQL(", ").join(SQL("%s = found.%s", name, name) for name in columns),
            uid=env.uid,
            old=SQL(", ").join(SQL("t.%s", name) for name in columns),
            new=SQL(", ").join(SQL("found.%s", name) for name in columns),
        )
    )
    changed = env.cr.rowcount
    env["ghl.contact"].invalidate_model(flush=False)
    return changed


def _contacts_of(env, location, external_ids):
    rows = env.execute_query(
        SQL(
            """SELECT DISTINCT contact_id FROM ghl_contact_message
                WHERE location_id = %s AND external_id = ANY(%s) AND contact_id IS NOT NULL""",
            location.id,
            [value.replace("\x00", "") for value in external_ids],
        )
    )
    return [contact_id for (contact_id,) in rows]

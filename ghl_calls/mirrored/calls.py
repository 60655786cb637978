"""Calls made of the messages that are calls, and kept up to date, by a few statements for any number of them.

What GoHighLevel knows (times, numbers, people, the state) follows the message; what people write on a call, where they
put it on the board and whether they delete it stays theirs. Ringless voicemail drops are messages only.
"""

from odoo.tools import SQL

from ...ghl_base.net.codec import dumps
from .. import codes, lifecycle
from . import words
from .words import PROVIDER

MESSAGE_TYPE = "TYPE_CALL"
# A message's word on these replaces what the call says, ...
FOLLOWING = "type outgoing_status start_time end_time duration_seconds location_id answered_by error_message".split()
# ... on these unless it has none, ...
KEPT = "contact_id ghl_user_id from_number to_number".split()
# ... and on these only while the call has none: people change them.
FILLED = "user_id owner_id outcome".split()


def refresh(env, location, external_ids=None):
    """Make and update the calls of these messages (remote ids), or of all messages of the location.

    :return: ``(created, updated)``. A call that says the same as its message already is not written.
    """
    calls = env["ghl.call"]
    for model in (calls, env["ghl.contact.message"]):
        model.flush_model()
    statuses = _statuses(env, location.company_id)
    told = _told(location, statuses, external_ids)
    updated = _update(env, location, told, statuses)
    created = _create(env, location, told)
    if created or updated:
        calls.invalidate_model(flush=False)
        env["ghl.activity.log"].invalidate_model(flush=False)
    return created, updated


def _statuses(env, company):
    """``{state: id of the status where calls of that state appear}``, a company's own before those of all."""
    # sudo: a mirror acts for the company, whoever asked for the sync
    found = env["ghl.call.status"].sudo().search([("company_id", "in", [False, company.id])])
    found = found.sorted(lambda status: (not status.company_id, status.sequence, status.id))
    by_kind = {status.kind: status.id for status in reversed(found)}
    return {state: by_kind.get(words.column(state), found[:1].id) for state, _label in lifecycle.STATES}


def _told(location, statuses, external_ids):
    """SELECT of what the messages say, in the columns of calls."""
    chosen = SQL()
    if external_ids is not None:
        chosen = SQL("AND m.external_id = ANY(%s)", [value.replace("\x00", "") for value in external_ids])
    meanings = [{**meaning._asdict(), "status_id": statuses[meaning.state]} for meaning in words.meanings()]
    return SQL(
        """SELECT m.external_id, m.active, m.contact_id, m.location_id, m.remote_created_at AS start_time,
                  m.remote_created_at + m.call_duration * interval '1 second' AS end_time,
                  COALESCE(m.call_duration, 0) AS duration_seconds,
                  m.ghl_user_id, people.user_id AS user_id, people.user_id AS owner_id,
                  m.sender AS from_number, m.recipient AS to_number, m.error AS error_message,
                  means.state, means.type, means.outgoing_status, means.status_id, means.answered_by,
                  means.answered_by AS outcome
             FROM ghl_contact_message m
             JOIN json_to_recordset(%(meanings)s::json)
                  AS means(word varchar, inbound bool, lasted bool, state varchar, type varchar,
                           outgoing_status varchar, answered_by varchar, status_id int4)
               ON means.word = CASE WHEN lower(COALESCE(m.call_status, m.status)) = ANY(%(words)s)
                                    THEN lower(COALESCE(m.call_status, m.status)) ELSE '' END
              AND means.inbound = COALESCE(m.direction = 'inbound', FALSE)
              AND means.lasted = COALESCE(m.call_duration > 0, FALSE)
        LEFT JOIN ghl_user person ON person.id = m.ghl_user_id
        LEFT JOIN res_company_users_rel people ON people.user_id = person.user_id AND people.cid = m.company_id
            WHERE m.location_id = %(location)s AND m.message_type = %(type)s AND m.remote_created_at IS NOT NULL
                  %(chosen)s""",
        meanings=dumps(meanings).decode(),
        words=list(words.STATES),
        location=location.id,
        type=MESSAGE_TYPE,
        chosen=chosen,
    )


def _update(env, location, told, statuses):
    """Bring the calls held up to what the messages say, with a line of the activity log for each. Returns how many."""
    titles = env["ghl.call"]._activity_titles()
    new = {
        **{name: SQL("told.%s", SQL.identifier(name)) for name in FOLLOWING},
        **{name: SQL("COALESCE(told.%s, held.%s)", *[SQL.identifier(name)] * 2) for name in KEPT},
        **{name: SQL("COALESCE(held.%s, told.%s)", *[SQL.identifier(name)] * 2) for name in FILLED},
        # What somebody deleted stays deleted; what was deleted with its message comes back with it.
        "active": SQL("told.active AND (held.active IS TRUE OR held.deleted_by_id IS NULL)"),
        "state": SQL("told.state"),
        # The card moves along, unless somebody has moved it.
        "status_id": SQL(
            "CASE WHEN held.state <> told.state AND held.status_id = board.status_id "
            "THEN told.status_id ELSE held.status_id END"
        ),
    }
    names = [SQL.identifier(name) for name in new]
    env.cr.execute(
        SQL(
            """WITH told AS (%(told)s), held AS (
                   SELECT c.id, c.company_id, c.deleted_by_id, %(held)s, c.subject, c.number, told.external_id,
                          -- What is over stays over, but for talk that a duration proves.
                          CASE WHEN c.state = told.state THEN TRUE
                               WHEN c.state = ANY(%(final)s)
                               THEN c.state = ANY(%(unanswered)s) AND told.state = 'completed'
                                    AND told.duration_seconds > 0
                               ELSE array_position(%(order)s, told.state) > array_position(%(order)s, c.state)
                          END AS moves
                     FROM told
                     JOIN ghl_call c ON c.company_id = %(company)s AND c.provider = %(provider)s
                                    AND c.provider_call_id = told.external_id
               ), wanted AS (
                   SELECT held.id, %(new)s
                     FROM held JOIN told USING (external_id)
                LEFT JOIN unnest(%(states)s, %(statuses)s) AS board(state, status_id) ON board.state = held.state
                    WHERE held.moves
               ), differing AS (
                   SELECT wanted.*, held.active AS was_active, held.status_id AS old_status_id,
                          array_remove(ARRAY[%(changed)s], NULL) AS changed,
                          COALESCE(held.subject, held.number::varchar) AS description
                     FROM wanted JOIN held USING (id)
                    WHERE (%(wanted_columns)s) IS DISTINCT FROM (%(held_columns)s)
               ), written AS (
                   UPDATE ghl_call t
                      SET %(updates)s, write_uid = %(uid)s, write_date = now() AT TIME ZONE 'UTC'
                     FROM differing WHERE differing.id = t.id RETURNING t.id
               ), lines AS (
                   SELECT id, description, location_id, 'updated' AS activity, %(updated)s AS title,
                          jsonb_build_object('changed', to_jsonb(changed)) AS metadata
                     FROM differing WHERE changed <> '{}'
                UNION ALL
                   SELECT id, description, location_id, 'status_changed', %(moved)s,
                          jsonb_build_object('from_status_id', old_status_id, 'to_status_id', status_id)
                     FROM differing WHERE status_id <> old_status_id
                UNION ALL
                   SELECT id, description, location_id, CASE WHEN active THEN 'restored' ELSE 'deleted' END,
                          CASE WHEN active THEN %(restored)s ELSE %(deleted)s END, '{}'::jsonb
                     FROM differing WHERE active IS DISTINCT FROM was_active
               ), logged AS (
                   INSERT INTO ghl_activity_log (activity_type, entity_model, entity_id, user_id, company_id,
                                                 location_id, title, description, metadata, create_uid, write_uid,
                                                 create_date, write_date)
                   SELECT 'call_' || activity, 'ghl.call', id, %(uid)s, %(company)s, location_id, title, description,
                          metadata, %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                     FROM lines
               )
               SELECT count(*) FROM written""",
            told=told,
            held=SQL(", ").join(SQL("c.%s", name) for name in names),
            final=sorted(lifecycle.FINAL),
            unanswered=sorted(words.UNANSWERED),
            order=[state for state, _label in lifecycle.STATES],
            company=location.company_id.id,
            provider=PROVIDER,
            new=SQL(", ").join(SQL("%s AS %s", value, SQL.identifier(name)) for name, value in new.items()),
            states=list(statuses),
            statuses=list(statuses.values()),
            changed=SQL(", ").join(
                SQL("CASE WHEN wanted.%s IS DISTINCT FROM held.%s THEN %s END", name, name, text)
                for name, text in zip(names, new, strict=True)
                if text not in ("active", "status_id")
            ),
            wanted_columns=SQL(", ").join(SQL("wanted.%s", name) for name in names),
            held_columns=SQL(", ").join(SQL("held.%s", name) for name in names),
            updates=SQL(", ").join(SQL("%s = differing.%s", name, name) for name in names),
            uid=env.uid,
            updated=titles["updated"],
            moved=titles["status_changed"],
            restored=titles["restored"],
            deleted=titles["deleted"],
        )
    )
    return env.cr.fetchone()[0]


def _create(env, location, told):
    """Make the calls that are missing, with a line of the activity log for each. Returns how many."""
    calls = env["ghl.call"]
    calls._next_numbers(location.company_id.id, 0)  # there is a sequence from now on
    columns = {
        **{name: SQL("told.%s", SQL.identifier(name)) for name in (*FOLLOWING, *KEPT, *FILLED)},
        **{name: SQL("told.%s", SQL.identifier(name)) for name in ("active", "state", "status_id")},
        "number": SQL("nextval(%s)", f"ghl_call_number_{location.company_id.id}"),
        "subject": SQL("left(%s || COALESCE(contact.name, %s), 200)", env._("Call: "), env._("unknown")),
        "company_id": SQL("%s", location.company_id.id),
        "source": SQL("'ghl'"),
        "provider": SQL("%s", PROVIDER),
        "provider_call_id": SQL("told.external_id"),
        "create_uid": SQL("%s", env.uid),
        "write_uid": SQL("%s", env.uid),
        "create_date": SQL("now() AT TIME ZONE 'UTC'"),
        "write_date": SQL("now() AT TIME ZONE 'UTC'"),
    }
    # What else a call cannot be without, as a call made by hand would have it.
    required = [name for name, field in calls._fields.items() if field.store and field.required]
    given = calls.default_get([name for name in required if name not in columns])
    columns.update({name: SQL("%s", value) for name, value in given.items()})
    env.cr.execute(
        SQL(
            """WITH told AS (%(told)s), made AS (
                   INSERT INTO ghl_call (%(names)s)
                   SELECT %(values)s
                     FROM told LEFT JOIN ghl_contact contact ON contact.id = told.contact_id
                    WHERE NOT EXISTS (
                          SELECT 1 FROM ghl_call c WHERE c.company_id = %(company)s AND c.provider = %(provider)s
                                                     AND c.provider_call_id = told.external_id)
                 ORDER BY told.start_time, told.external_id
              ON CONFLICT (company_id, provider, provider_call_id) WHERE provider_call_id IS NOT NULL DO NOTHING
                RETURNING id, subject, location_id, contact_id, type, start_time
               ), logged AS (
                   INSERT INTO ghl_activity_log (activity_type, entity_model, entity_id, user_id, company_id,
                                                 location_id, title, description, metadata, create_uid, write_uid,
                                                 create_date, write_date)
                   SELECT 'call_created', 'ghl.call', made.id, %(uid)s, %(company)s, location_id, %(title)s, subject,
                          jsonb_build_object(
                              'call_for', CASE WHEN contact_id IS NULL THEN '' ELSE 'contacts' END,
                              'call_for_id', COALESCE(contact_id, 0), 'type', kind.type, 'type_id', kind.code,
                              'purpose', '', 'purpose_id', 0,
                              'start_time', to_char(start_time, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                              'related_to', '', 'related_to_id', 0),
                          %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                     FROM made JOIN unnest(%(types)s, %(codes)s) AS kind(type, code) ON kind.type = made.type
               )
               SELECT count(*) FROM made""",
            told=told,
            names=SQL(", ").join(SQL.identifier(name) for name in columns),
            values=SQL(", ").join(columns.values()),
            company=location.company_id.id,
            provider=PROVIDER,
            uid=env.uid,
            title=calls._activity_titles()["created"],
            types=list(codes.TYPE_CODES),
            codes=list(codes.TYPE_CODES.values()),
        )
    )
    return env.cr.fetchone()[0]

"""Calls in numbers, by set-based SQL: a company and a second one with a tenth as many, statuses skewed.

Each call has an owner, a caller and an assigned user among 50; most have a contact, some a partner.
"""

from pathlib import Path

from .database import filled_database

WORLD = """
    INSERT INTO res_partner (name, active) VALUES ('Second', true);
    INSERT INTO res_company
    SELECT (jsonb_populate_record(c, jsonb_build_object('id', n.id, 'name', 'Second', 'partner_id', p.id,
                                                        'parent_path', n.id || '/'))).*
      FROM res_company c, res_partner p, (SELECT nextval('res_company_id_seq') AS id) n
     WHERE c.id = 1 AND p.name = 'Second';
    INSERT INTO ghl_call_status (name, kind, color, sequence)
    SELECT jsonb_build_object('en_US', 'More ' || n), 'other', '#808080', 50 + n
      FROM generate_series(6, %(statuses)s) AS n;
    INSERT INTO res_partner (name, email, phone, active)
    SELECT 'Partner ' || n, 'partner' || n || '@example.test', '+1202555' || lpad(n::text, 4, '0'), true
      FROM generate_series(1, 500) AS n;
    INSERT INTO res_users (login, partner_id, company_id, active, share, notification_type)
    SELECT 'bench-' || id, id, 1, true, false, 'email' FROM res_partner WHERE name LIKE 'Partner %%' LIMIT 50;
    INSERT INTO res_company_users_rel (cid, user_id) SELECT 1, id FROM res_users WHERE login LIKE 'bench-%%';
    INSERT INTO ghl_account (company_id, name, active, auth_method, base_url)
    SELECT id, 'Bench', true, 'private', 'http://127.0.0.1:9' FROM res_company;
    INSERT INTO ghl_location (company_id, account_id, external_id, name, active, sync_enabled)
    SELECT company_id, id, 'BENCH-' || company_id, 'Bench', true, false FROM ghl_account WHERE name = 'Bench';
    INSERT INTO ghl_contact (company_id, location_id, external_id, name, first_name, last_name, email, phone, active)
    SELECT company_id, id, external_id || n, 'Ada ' || n, 'Ada', n::text, 'ada' || n || '@example.test',
           '+1303555' || lpad(n::text, 4, '0'), true
      FROM ghl_location, generate_series(1, 5000) AS n WHERE external_id LIKE 'BENCH-%%';
"""
CALLS = """
    WITH known AS (
        SELECT (SELECT array_agg(id ORDER BY id) FROM ghl_call_status) AS statuses,
               (SELECT array_agg(id ORDER BY id) FROM res_users WHERE login LIKE 'bench-%%') AS users,
               (SELECT array_agg(id ORDER BY id) FROM res_partner WHERE name LIKE 'Partner %%') AS partners,
               (SELECT array_agg(id ORDER BY id) FROM ghl_contact WHERE company_id = %(company)s) AS contacts
    )
    INSERT INTO ghl_call (company_id, status_id, subject, start_time, end_time, duration_seconds, type, purpose, source,
                          state, active, favorite, owner_id, user_id, assigned_to_id, contact_id, partner_id,
                          from_number, to_number, agenda, result, create_uid, write_uid, create_date, write_date)
    SELECT %(company)s, statuses[1 + floor(power(random(), 3) * array_length(statuses, 1))::int],
           'Call about ' || n %% 1000, moment, moment + seconds * interval '1 second', seconds,
           (ARRAY['outbound', 'inbound'])[1 + n %% 2], (ARRAY['demo', 'desk', 'project'])[1 + n %% 3], 'generator',
           (ARRAY['completed', 'pending', 'no_answer', 'failed', 'busy'])[1 + floor(power(random(), 3) * 5)::int],
           n %% 33 > 0, n %% 50 = 0, users[1 + n %% 50], users[1 + n / 7 %% 50], users[1 + n / 11 %% 50],
           CASE WHEN n %% 10 < 7 THEN contacts[1 + n * 31 %% array_length(contacts, 1)] END,
           CASE WHEN n %% 5 = 0 THEN partners[1 + n * 17 %% 500] END,
           '+1202555' || lpad((n %% 9973)::text, 4, '0'), '+1303555' || lpad((n %% 9967)::text, 4, '0'),
           'About this and that, and then about the offer', 'Wants an offer', 1, 1, moment, moment
      FROM known, generate_series(1, %(count)s) AS n,
           LATERAL (SELECT timestamp '2026-01-01' - (%(count)s - n) * (interval '730 days' / %(count)s) AS moment,
                           (1800 * power(random(), 4))::int AS seconds) AS drawn
"""
INDEXES = """
    SELECT indexname, indexdef FROM pg_indexes i
     WHERE tablename = 'ghl_call' AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = i.indexname)
"""


def database(env, count: int, statuses: int = 5) -> str:
    """The name of a database with ``count`` calls in company 1."""
    name = f"bench_calls_{count}_{statuses}"
    return filled_database(env, name, lambda cursor: fill(cursor, count, statuses), [Path(__file__)], count, statuses)


def fill(cursor, count: int, statuses: int, prepare=lambda: None) -> None:
    """`prepare` is called when all is there but the calls: what it adds to the contacts is called, too."""
    for statement in WORLD.split(";\n"):
        if statement.strip():
            cursor.execute(statement, {"statuses": statuses})
    prepare()
    cursor.execute(INDEXES)
    indexes = cursor.fetchall()
    for name, _definition in indexes:  # made anew at the end: twice as fast
        cursor.execute(f'DROP INDEX "{name}"')
    cursor.execute("SELECT id FROM res_company WHERE id IN (SELECT company_id FROM ghl_account) ORDER BY id")
    for (company,), number in zip(cursor.fetchall(), (count, count // 10), strict=True):
        insert(cursor, company, number)
    for _name, definition in indexes:
        cursor.execute(definition)


def insert(cursor, company: int, count: int) -> None:
    """``count`` calls of the company by one INSERT, each two years long spread."""
    cursor.execute(CALLS, {"company": company, "count": count})

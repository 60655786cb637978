"""A hundred thousand contacts in three locations, by set-based SQL.

Each contact has 5 custom values, 3 tags, 2 tasks, 1 conversation, on average 1.5 attributions and half an opportunity.
"""

import json
from datetime import datetime, timezone

LOCATIONS = {"BENCH-L": 0.6, "BENCH-M": 0.3, "BENCH-S": 0.1}  # GHL id -> share of the contacts

STATEMENTS = """
CREATE TEMPORARY TABLE bench_location AS
    SELECT l.id, l.company_id, l.external_id FROM ghl_location l WHERE l.external_id LIKE 'BENCH-%%';

INSERT INTO ghl_user (company_id, location_id, external_id, name, email, active)
    SELECT company_id, id, 'U' || n, 'Agent ' || n, 'agent' || n || '@example.test', TRUE
      FROM bench_location, generate_series(1, 20) n;
INSERT INTO ghl_tag (company_id, location_id, name)
    SELECT company_id, id, 'tag ' || n FROM bench_location, generate_series(1, 60) n;
INSERT INTO ghl_custom_field (company_id, location_id, external_id, name, active)
    SELECT company_id, id, 'CF' || n, 'Field ' || n, TRUE FROM bench_location, generate_series(1, 5) n;

INSERT INTO ghl_contact (company_id, location_id, external_id, name, first_name, last_name, email, phone, company_name,
        address, city, state, country, postal_code, timezone, source, type, dnd, followers, assigned_external_id,
        assigned_user_id, remote_created_at, remote_updated_at, search_text, active, create_date, write_date)
    SELECT company_id, id, key, first || ' ' || last, first, last, email, phone, 'Company ' || n %% 500,
           n || ' Main Street', 'Springfield', 'IL', 'US', '62701', 'America/Chicago', 'form', 'lead', FALSE,
           '["U1", "U2"]', assigned, assigned_id, created, created, lower(concat_ws(' ', first, last, email, phone)),
           TRUE, %(now)s, %(now)s
      FROM (SELECT l.company_id, l.id, n, l.external_id || '-C' || n AS key,
                   (ARRAY['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Donald', 'Radia', 'Tim', 'Linus', 'Margaret'])
                       [1 + n %% 10] AS first,
                   initcap(translate(substr(md5(n::text), 1, 9), '0123456789', 'ghijklmnop')) AS last,
                   'lead' || n || '@example.test' AS email, '+1555' || lpad(n::text, 7, '0') AS phone,
                   u.external_id AS assigned, u.id AS assigned_id,
                   timestamp '2023-01-01' + n * interval '13 minutes' AS created
              FROM bench_location l
              JOIN LATERAL generate_series(
                       1, (%(contacts)s * (%(shares)s::jsonb ->> l.external_id)::float)::int) n ON TRUE
              JOIN ghl_user u ON u.location_id = l.id AND u.external_id = 'U' || (1 + n %% 20)) source;

CREATE TEMPORARY TABLE bench_contact AS
    SELECT c.id, c.company_id, c.location_id, c.external_id, c.name, c.email, c.phone, c.remote_created_at AS created,
           c.assigned_external_id, c.assigned_user_id, row_number() OVER (ORDER BY c.id) AS n
      FROM ghl_contact c JOIN bench_location l ON l.id = c.location_id;
ANALYZE bench_contact;

INSERT INTO ghl_contact_custom_value (company_id, location_id, contact_id, field_id, field_external_id, value,
        value_text)
    SELECT c.company_id, c.location_id, c.id, f.id, f.external_id,
           jsonb_build_object('v', 'value ' || c.n), 'value ' || c.n
      FROM bench_contact c JOIN ghl_custom_field f ON f.location_id = c.location_id ORDER BY c.id, f.id;
INSERT INTO ghl_contact_attribution (company_id, location_id, contact_id, touch, url, campaign, utm_source, utm_medium,
        referrer, ip, medium)
    SELECT company_id, location_id, id, touch, 'https://example.test/landing/' || n, 'Spring', 'news', 'email',
           'https://example.test/', '192.0.2.1', 'form'
      FROM bench_contact, unnest(ARRAY['first', 'last']) touch WHERE touch = 'first' OR n %% 2 = 0 ORDER BY id;
INSERT INTO ghl_contact_tag_rel (contact_id, tag_id)
    SELECT c.id, t.id FROM bench_contact c
      JOIN ghl_tag t ON t.location_id = c.location_id
       AND t.name IN ('tag ' || (1 + c.n %% 20), 'tag ' || (21 + c.n %% 20), 'tag ' || (41 + c.n %% 20)) ORDER BY c.id;
INSERT INTO ghl_contact_task (company_id, location_id, contact_id, contact_external_id, external_id, title, body,
        due_date, completed, assigned_external_id, assigned_user_id, active, create_date, write_date)
    SELECT company_id, location_id, id, external_id, external_id || '-T' || t, 'Call ' || t, 'Ask about the offer',
           created + t * interval '3 days', n %% 3 = 0, assigned_external_id, assigned_user_id, TRUE, %(now)s, %(now)s
      FROM bench_contact, generate_series(1, 2) t ORDER BY id;
INSERT INTO ghl_contact_conversation (company_id, location_id, contact_id, contact_external_id, external_id, type,
        full_name, contact_name, email, phone, unread_count, last_message_body, last_message_type,
        last_message_direction, last_message_date, active, create_date, write_date)
    SELECT company_id, location_id, id, external_id, external_id || '-V', 'TYPE_PHONE', name, name, email, phone,
           (n %% 4)::int, 'See you tomorrow', 'TYPE_SMS', 'inbound', created + interval '1 day', TRUE, %(now)s, %(now)s
      FROM bench_contact ORDER BY id;
INSERT INTO ghl_contact_opportunity (company_id, location_id, contact_id, contact_external_id, external_id, name,
        status, monetary_value, remote_created_at, remote_updated_at, active)
    SELECT company_id, location_id, id, external_id, external_id || '-O', 'Deal', 'open', n %% 5000, created, created,
           TRUE
      FROM bench_contact WHERE n %% 2 = 0 ORDER BY id;
"""


def fill(cursor, contacts):
    """Write the locations and their contacts into the first company."""
    cursor.execute("SELECT id FROM res_company ORDER BY id LIMIT 1")
    [company] = cursor.fetchone()
    cursor.execute(
        """INSERT INTO ghl_account (company_id, name, active, auth_method, base_url)
           VALUES (%s, 'Bench', TRUE, 'private', 'http://127.0.0.1:9') RETURNING id""",
        [company],
    )
    [account] = cursor.fetchone()
    for external_id in LOCATIONS:
        cursor.execute(
            """INSERT INTO ghl_location (company_id, account_id, external_id, name, active, sync_enabled)
               VALUES (%s, %s, %s, %s, TRUE, FALSE)""",
            [company, account, external_id, external_id],
        )
    now = datetime.now(timezone.utc).replace(microsecond=0, tzinfo=None)
    params = {"contacts": contacts, "shares": json.dumps(LOCATIONS), "now": now}
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            cursor.execute(statement, params)

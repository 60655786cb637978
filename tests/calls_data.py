"""Calls in numbers, written by SQL where volume matters."""

from datetime import datetime, timedelta

BASE = datetime(2025, 10, 1, 9, 0, 0)
QUIET = {"tracking_disable": True}  # no chatter message for each


def make_calls(env, count, company=None, **values):
    """``count`` calls by the ORM, at different times, without chatter."""
    company = company or env.company
    return (
        env["ghl.call"]
        .with_context(**QUIET)
        .create(
            [
                {
                    "subject": f"Call {n}",
                    "company_id": company.id,
                    "owner_id": False,
                    "user_id": False,
                    "start_time": BASE + timedelta(minutes=n),
                    **values,
                }
                for n in range(count)
            ]
        )
    )


def insert_calls(cr, company, statuses, count, start=0):
    """``count`` calls by one INSERT, spread unevenly over the statuses; many start at the same time."""
    cr.execute(
        """
        INSERT INTO ghl_call (company_id, status_id, subject, start_time, type, source, state, active, create_date,
                              write_date, duration_seconds, owner_id, user_id)
        SELECT %s, (%s::int[])[1 + floor(power(random(), 2) * %s)::int], 'Call ' || n,
               timestamp '2025-01-01' + (n / 3) * interval '7 minutes', 'outbound', 'generator', 'pending',
               n %% 33 > 0, now(), now(), n %% 900, 1 + n %% 2, 1 + n %% 2
          FROM generate_series(%s, %s) AS n
        """,
        [company.id, statuses.ids, len(statuses), start + 1, start + count],
    )


def as_after_vacuum(cr):
    """Plans see the calls as after VACUUM, which no transaction can do: all visible, so that an index can answer."""
    cr.execute("ANALYZE ghl_call")
    cr.execute("UPDATE pg_class SET relallvisible = relpages WHERE oid = 'ghl_call'::regclass")


# The tables of totals and what is asked of them: the keys, their number, and how it is counted one by one.
KEPT = {
    ("ghl_call_total", "status"): (
        "company_id, status_id",
        "calls",
        "SELECT company_id, status_id, count(*) FROM ghl_call WHERE active GROUP BY 1, 2",
    ),
    ("ghl_call_total", "block"): (
        "company_id, status_id, block",
        "calls",
        "SELECT company_id, status_id, id / 8192, count(*) FROM ghl_call WHERE active GROUP BY 1, 2, 3",
    ),
    ("ghl_call_total", "day"): (
        "company_id, location_id, status_id, day::text",
        "calls",
        """SELECT company_id, location_id, status_id, to_char(start_time, 'YYYY-MM-DD'), count(*)
             FROM ghl_call WHERE active GROUP BY 1, 2, 3, 4""",
    ),
    ("ghl_contact_message_day", "day"): (
        "company_id, location_id, message_type, direction, day::text",
        "messages",
        """SELECT company_id, location_id, message_type, direction, to_char(remote_created_at, 'YYYY-MM-DD'), count(*)
             FROM ghl_contact_message WHERE active GROUP BY 1, 2, 3, 4, 5""",
    ),
    ("ghl_contact_day", "day"): (
        "company_id, location_id, touched, engaged, day::text",
        "contacts",
        """SELECT company_id, location_id, first_touch_date NOTNULL, engagements NOTNULL,
                  to_char(remote_created_at, 'YYYY-MM-DD'), count(*)
             FROM ghl_contact WHERE active GROUP BY 1, 2, 3, 4, 5""",
    ),
}


def recount(env):
    """``{(table of totals, grain, *keys): living records}``, counted one by one."""
    found = {}
    for kept, (_keys, _number, counting) in KEPT.items():
        env.cr.execute(counting)
        found.update({(*kept, *key): number for *key, number in env.cr.fetchall()})
    return found


def totals(env):
    """The same from the kept totals."""
    found = {}
    for (table, grain), (keys, number, _counting) in KEPT.items():
        env.cr.execute(
            f"""SELECT {keys}, sum({number}) FROM {table} WHERE grain IN ('fresh', %s)
                 GROUP BY {keys} HAVING sum({number}) <> 0""",
            [grain],
        )
        found.update({(table, grain, *key): number for *key, number in env.cr.fetchall()})
    return found

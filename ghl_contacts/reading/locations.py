"""Locations as API callers see them."""

from dataclasses import dataclass
from datetime import datetime

from odoo.tools import SQL

# What callers of the location overview expect and nobody has measured: null, never an invented figure.
UNKNOWN_FIGURES = (
    "automationGroup adAccounts totalAdSpend costPerConversion newContacts newContactsChange medianAIQualityGrade "
    "medianAIQualityGradeColor touchRate touchRateChange engagementRate engagementRateChange speedToLead "
    "medianAISalesGrade medianAISalesGradeColor closeRate revenuePerContact grossROAS"
).split()
ACTIVE_JOB = ("pending", "running")


@dataclass(frozen=True)
class LocationState:
    """What an answer about a location says besides its contacts.

    ``connected``: there are credentials to ask GoHighLevel with. ``refused``: it did not accept them the last time.
    ``synced``: records read by the latest sync, by entity. ``user``: the user asked about as (id or None, GHL id), None
    when nobody was asked about.
    """

    id: int
    external_id: str
    name: str
    last_synced_at: datetime | None
    connected: bool
    refused: bool
    job_id: int | None
    job_state: str | None
    sync_error: str | None
    synced: dict
    user: tuple | None


def find(locations, external_id, user=None):
    """The location with this GHL id among those the reader may see, or None. One query.

    :param locations: the model ``ghl.location`` in the reader's environment
    :param user: GHL id, or Odoo id as text, of a user of the location that is asked about
    """
    env = locations.env
    query = locations._search([("external_id", "=", external_id)], limit=1)
    # The same GHL location may be connected in several of the reader's companies: the current one wins.
    company, row_id = (SQL.identifier(query.table, name) for name in ("company_id", "id"))
    query.order = SQL("%s = %s DESC, %s", company, env.company.id, row_id)
    # Read past the rules of jobs and tokens, for less than a reader of the location may know anyway: that a job
    # exists, in which state and why it fails, that a secret exists.
    query.add_join(
        "LEFT JOIN",
        "latest_job",
        SQL(
            """LATERAL (SELECT id, state, error FROM ghl_job WHERE location_id = %s AND method = '_job_pull'
                      ORDER BY id DESC LIMIT 1)""",
            row_id,
        ),
        SQL("TRUE"),
    )
    columns = [
        *(SQL.identifier(query.table, name) for name in ("id", "external_id", "name", "last_synced_at")),
        SQL(
            """EXISTS (SELECT 1 FROM ghl_token token WHERE token.account_id = %s AND token.kind <> 'client'
                          AND (token.location_id IS NULL OR token.location_id = %s))""",
            SQL.identifier(query.table, "account_id"),
            row_id,
        ),
        SQL(
            "EXISTS (SELECT 1 FROM ghl_account account WHERE account.id = %s AND account.state = 'error')",
            SQL.identifier(query.table, "account_id"),
        ),
        "latest_job.id",
        "latest_job.state",
        # The latest job may be too young to know what the account's last contact with GoHighLevel has shown.
        SQL(
            """COALESCE(latest_job.error, (SELECT last_error FROM ghl_account account
                                             WHERE account.id = %s AND account.state = 'error'))""",
            SQL.identifier(query.table, "account_id"),
        ),
        SQL("(SELECT jsonb_object_agg(entity, seen) FROM ghl_sync_cursor WHERE location_id = %s)", row_id),
        _user_id(row_id, user),
    ]
    rows = env.execute_query(query.select(*columns))
    if not rows:
        return None
    *values, synced, user_id = rows[0]
    return LocationState(*values, synced or {}, (user_id, user) if user else None)


def _user_id(location_id, user):
    if not user:
        return SQL("NULL")
    by_id = int(user) if user.isascii() and user.isdigit() and len(user) < 10 else 0
    return SQL(
        "(SELECT id FROM ghl_user WHERE location_id = %s AND (external_id = %s OR id = %s) ORDER BY id = %s LIMIT 1)",
        location_id,
        user,
        by_id,
        by_id,
    )


def overview(locations):
    """Every location the reader may see, by name, as the location overview expects its rows. Two queries."""
    env = locations.env
    query = locations._search([], order="name, id")
    query.add_join(
        "LEFT JOIN",
        "latest_job",
        SQL(
            """LATERAL (SELECT id, state FROM ghl_job WHERE location_id = %s AND method = '_job_pull'
                      ORDER BY id DESC LIMIT 1)""",
            SQL.identifier(query.table, "id"),
        ),
        SQL("TRUE"),
    )
    names = "id external_id name address city state country timezone email phone last_synced_at".split()
    rows = env.execute_query(
        query.select(*(SQL.identifier(query.table, name) for name in names), "latest_job.id", "latest_job.state")
    )
    counts = dict(
        env["ghl.contact"]._read_group([("location_id", "in", [row[0] for row in rows])], ["location_id"], ["__count"])
    )
    contacts = {location.id: number for location, number in counts.items()}
    return [_overview_row(row, contacts.get(row[0], 0)) for row in rows]


def _overview_row(row, contacts):
    row_id, external_id, name, address, city, state, country, timezone, email, phone, synced, job_id, job_state = row
    return {
        "id": row_id,
        "location_id": external_id,
        "location": name,
        "address": address or "",
        "city": city or "",
        "state": state or "",
        "country": country or "",
        "timezone": timezone or "",
        "email": email or "",
        "phone": phone or "",
        "contacts_count": contacts,
        "last_synced_at": synced or "",
        "sync_job_id": job_id or 0,
        "syncing": job_state in ACTIVE_JOB,
        **dict.fromkeys(UNKNOWN_FIGURES),
    }

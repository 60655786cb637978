"""The mirror of a database as comparable text: every remote column, links by remote id, no ids and no local dates."""

from collections import Counter

TABLES = (
    "ghl_location",
    "ghl_user",
    "ghl_tag",
    "ghl_custom_field",
    "ghl_pipeline",
    "ghl_pipeline_stage",
    "ghl_contact",
    "ghl_contact_tag_rel",
    "ghl_contact_custom_value",
    "ghl_contact_attribution",
    "ghl_contact_task",
    "ghl_contact_conversation",
    "ghl_contact_message",
    "ghl_contact_opportunity",
    "ghl_sync_issue",
)
# Ids and what tells when and by whom a row was written here.
LOCAL = {
    "id",
    "create_uid",
    "create_date",
    "write_uid",
    "write_date",
    "company_id",
    "job_id",
    "last_synced_at",
    "last_full_sync_at",
}
LABELS = {"ghl_tag": "name"}


def dump(cursor) -> dict[str, list[str]]:
    """Table -> its rows as text, sorted."""
    return {table: _rows(cursor, table) for table in TABLES}


def differences(expected: dict[str, list[str]], found: dict[str, list[str]], most: int = 3) -> list[str]:
    """What is missing from, or too much in, `found`: a few rows of each table. Empty when both are equal."""
    lines = []
    for table in TABLES:
        wanted, got = Counter(expected[table]), Counter(found[table])
        for sign, rows in (("-", wanted - got), ("+", got - wanted)):
            if rows:
                lines.append(f"{sign} {table}: {rows.total()} rows")
                lines += [f"  {sign} {row[:400]}" for row in list(rows)[:most]]
    return lines


def _rows(cursor, table: str) -> list[str]:
    links = _links(cursor, table)
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY column_name", [table]
    )
    columns = [name for (name,) in cursor.fetchall() if name not in LOCAL]
    parts = []
    for column in columns:
        if column not in links:
            parts.append(f"'{column}', t.{column}")
        elif links[column] in TABLES:
            label = LABELS.get(links[column], "external_id")
            parts.append(f"'{column}', (SELECT o.{label} FROM {links[column]} o WHERE o.id = t.{column})")
    # Postgres takes at most 100 arguments.
    text = " || ".join(f"jsonb_build_object({', '.join(parts[i : i + 40])})" for i in range(0, len(parts), 40))
    cursor.execute(f"SELECT ({text})::text FROM {table} t ORDER BY 1")
    return [text for (text,) in cursor.fetchall()]


def _links(cursor, table: str) -> dict[str, str]:
    """Column -> the table it refers to."""
    cursor.execute(
        """SELECT a.attname, c.confrelid::regclass::text FROM pg_constraint c
             JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey)
            WHERE c.contype = 'f' AND c.conrelid = %s::regclass""",
        [table],
    )
    return dict(cursor.fetchall())

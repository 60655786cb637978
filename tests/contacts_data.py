"""A small location whose contacts hold every case an answer can show, written by SQL where volume matters."""

from datetime import datetime

from ..ghl_base.net.codec import dumps, loads
from .common import mirror

NOW = datetime(2025, 7, 6, 12, 0, 0)


def contact(external_id, **values):
    return {
        "id": external_id,
        "firstName": "Lead",
        "lastName": external_id,
        "dateAdded": "2025-07-01T09:00:00.000Z",
        "dateUpdated": "2025-07-02T09:00:00.000Z",
        **values,
    }


def rich_contact(external_id="C1"):
    return contact(
        external_id,
        firstName="Ada",
        lastName="Lovelace",
        email="ada@example.test",
        phone="+15550100200",
        country="US",
        source="form",
        tags=["q3", "hot"],
        followers=["U1", "U9"],
        assignedTo="U1",
        dnd=True,
        customFields=[{"id": "cf1", "value": "x"}, {"id": "cf2", "value": 0}, {"id": "cf3", "value": ["a", "b"]}],
        attributionSource={"url": "https://example.test/a", "utmSource": "news", "campaign": "Spring"},
        lastAttributionSource={"referrer": "https://example.test/b"},
    )


def fill(env, location):
    """C1 with everything twice, C2 assigned to an unknown user, C3 bare. Gives the contacts by GHL id."""
    env["ghl.user"].create(
        {
            "external_id": "U1",
            "name": "Agent Two",
            "first_name": "Agent",
            "permissions": {"campaignsEnabled": True, "dashboardStatsEnabled": False},
            "location_id": location.id,
            "company_id": location.company_id.id,
        }
    )
    mirror(
        env,
        location,
        "ghl.contact",
        [
            rich_contact(),
            contact("C2", assignedTo="U-unknown", dateAdded="2025-07-02T09:00:00Z", tags=["q3"]),
            {"id": "C3", "dateAdded": "2025-07-03T09:00:00Z"},
        ],
    )
    mirror(
        env,
        location,
        "ghl.contact.task",
        [
            {
                "_id": "T1",
                "title": "Ring back",
                "dueDate": "2025-07-04T00:00:00Z",
                "contactId": "C1",
                "assignedTo": "U1",
            },
            {"_id": "T2", "title": "Write", "dueDate": "2025-07-09T18:00:00Z", "contactId": "C1", "completed": False},
            {"_id": "T3", "title": "Done", "dueDate": "2025-07-01T00:00:00Z", "contactId": "C2", "completed": True},
        ],
    )
    mirror(
        env,
        location,
        "ghl.contact.conversation",
        [
            {
                "id": "V1",
                "contactId": "C1",
                "fullName": "Ada Lovelace",
                "lastMessageBody": "ok",
                "lastMessageType": "TYPE_SMS",
                "lastMessageDirection": "inbound",
                "lastMessageDate": 1751536800000,
                "type": "TYPE_PHONE",
                "unreadCount": 2,
            },
            {"id": "V0", "contactId": "C1", "lastMessageBody": "older", "lastMessageDate": 1751450400000},
        ],
    )
    mirror(
        env,
        location,
        "ghl.contact.opportunity",
        [
            {"id": "O1", "name": "Deal", "contactId": "C1", "monetaryValue": 1000, "status": "open"},
            {"id": "O2", "name": "Other", "contactId": "C1", "monetaryValue": 200.5, "status": "won"},
        ],
    )
    contacts = env["ghl.contact"].search([("location_id", "=", location.id)])
    return {row.external_id: row for row in contacts}


def fill_many(env, location, number):
    """``number`` contacts with two tags, a task and a conversation each; many share a stamp, some have none."""
    env.cr.execute(
        """INSERT INTO ghl_contact (company_id, location_id, external_id, name, active, remote_created_at, search_text)
           SELECT %s, %s, 'M' || n, 'Many ' || n, TRUE,
                  CASE WHEN n %% 50 = 0 THEN NULL ELSE timestamp '2025-01-01' + (n / 7) * interval '1 hour' END,
                  'many ' || n || ' m' || n || '@example.test'
             FROM generate_series(1, %s) n""",
        [location.company_id.id, location.id, number],
    )
    env.cr.execute(
        """INSERT INTO ghl_contact_task (company_id, location_id, external_id, contact_id, title, active, due_date)
           SELECT company_id, location_id, 'T' || external_id, id, 'Call', TRUE, timestamp '2025-02-01'
             FROM ghl_contact WHERE location_id = %s""",
        [location.id],
    )
    env.cr.execute(
        """INSERT INTO ghl_contact_conversation (company_id, location_id, external_id, contact_id, active, full_name)
           SELECT company_id, location_id, 'V' || external_id, id, TRUE, name
             FROM ghl_contact WHERE location_id = %s""",
        [location.id],
    )
    env.cr.execute(
        """WITH tag AS (INSERT INTO ghl_tag (company_id, location_id, name)
                        SELECT %s, %s, name FROM unnest(ARRAY['one', 'two']) name RETURNING id)
           INSERT INTO ghl_contact_tag_rel (contact_id, tag_id)
           SELECT c.id, tag.id FROM ghl_contact c, tag WHERE c.location_id = %s""",
        [location.company_id.id, location.id, location.id],
    )
    env.invalidate_all()


def as_json(value):
    """What a caller would get of it."""
    return loads(dumps(value))

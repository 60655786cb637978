"""Campaigns and recipients for tests."""

from .common import mirror

# Numbers of New York, one zone: +1 212 555 0100 ...
NUMBERS = [f"+12125550{n:03}" for n in range(100, 1000)]


def make_contacts(env, location, count, first=0, **values):
    """``count`` contacts of a location with a New York number each."""
    rows = [
        {"id": f"C{n}", "firstName": f"Person {n}", "phone": NUMBERS[n], **values} for n in range(first, first + count)
    ]
    mirror(env, location, "ghl.contact", rows)
    found = env["ghl.contact"].search(
        [("location_id", "=", location.id), ("external_id", "in", [r["id"] for r in rows])]
    )
    return found.sorted(lambda contact: int(contact.external_id[1:]))


def always(env):
    """Windows that are open around the clock."""
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return [(0, 0, {"weekday": day, "hour_from": 0.0, "hour_to": 24.0}) for day in days]


def make_campaign(env, contacts=None, numbers=(), **values):
    """A campaign that may call at any hour, with these recipients."""
    campaign = env["ghl.campaign"].create({"name": "Spring", "window_ids": always(env), **values})
    if contacts:
        campaign._add_contacts(contacts)
    if numbers:
        campaign._add_recipients({"phone": number} for number in numbers)
    return campaign


def recount(env, campaign):
    """Recipients of a campaign by (state, outcome), counted one by one."""
    counts = {}
    for lead in env["ghl.campaign.lead"].search([("campaign_id", "=", campaign.id)]):
        counts[lead.state, lead.outcome] = counts.get((lead.state, lead.outcome), 0) + 1
    return counts

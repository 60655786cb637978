"""Campaigns and recipients for tests."""

from datetime import timedelta

from odoo import fields
from odoo.tests.common import TransactionCase

from ..ghl_calls.dialer import reports
from ..ghl_calls.dialer.tick import tick
from ..ghl_calls.providers.base import Report
from .common import make_location, mirror
from .voip_data import make_account

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


def finish(env, calls, state="completed", seconds=30, answered_by="human", **values):
    """The provider's word that these calls are over."""
    now = fields.Datetime.now()
    for call in calls:
        call_id = call.provider_call_id or f"p-{call.id}"
        call.write({"provider_call_id": call_id, "provider": call.voip_account_id.provider})
        said = {"ended_at": now, **values}
        if state == "completed":
            said |= {
                "talk_seconds": seconds,
                "answered_at": now - timedelta(seconds=seconds),
                "answered_by": answered_by,
            }
        report = Report(call_id, state, f"{call_id}:{state}", state=state, occurred_at=now, values=said)
        reports.apply(env, call.voip_account_id, [report])
    env.flush_all()
    env.invalidate_all()


class CampaignCase(TransactionCase):
    """Campaigns of ten contacts; `tick` claims, and takes the calls for accepted instead of placing them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.location = make_location(cls.env)
        cls.contacts = make_contacts(cls.env, cls.location, 10)
        cls.account = make_account(cls.env, calls_per_second=1000, max_concurrent=100)

    def campaign(self, contacts=None, start=True, **values):
        contacts = self.contacts if contacts is None else contacts
        campaign = make_campaign(self.env, contacts, voip_account_id=self.account.id, **values)
        if start:
            campaign.action_start()
        return campaign

    def tick(self, accept=True):
        """The calls that were claimed; ``accept``: and taken by the provider."""
        claimed = []
        self.pause = tick(self.env, place=lambda source, ids: claimed.extend(ids))
        self.env.invalidate_all()
        calls = self.env["ghl.call"].browse(claimed)
        if accept and calls:
            now = fields.Datetime.now()
            calls.write({"submission": "accepted", "submitted_at": now, "lease_until": now + timedelta(minutes=15)})
            for call in calls:
                call._apply_event("initiated", {"provider_call_id": f"p-{call.id}", "provider": "bland"})
            self.env.flush_all()
        return calls

    def later(self, campaign, **delta):
        """Time passes for everything the campaign waits for."""
        self.env.flush_all()
        shift = timedelta(**delta)
        self.env.cr.execute(
            """UPDATE ghl_campaign_lead SET next_attempt_at = next_attempt_at - %(by)s, settled_at = settled_at - %(by)s
                WHERE campaign_id = %(id)s""",
            {"by": shift, "id": campaign.id},
        )
        self.env.cr.execute(
            "UPDATE ghl_call SET lease_until = lease_until - %s, create_date = create_date - %s WHERE campaign_id = %s",
            [shift, shift, campaign.id],
        )
        self.env.cr.execute("UPDATE ghl_call_pace SET at = at - %s", [shift.total_seconds()])
        self.env.invalidate_all()

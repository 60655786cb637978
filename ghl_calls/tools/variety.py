"""Invented calls: what they are about, when they were, how they ended.

The same seed, day and ``World`` give the same calls.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from .. import codes

SUBJECTS = (
    "First conversation, Product demonstration, Follow-up on the offer, Contract renewal, Price negotiation, "
    "Onboarding, Support question, Needs analysis, Quarterly review, Reference request, Invoice question, "
    "Technical clarification, Project kick-off, Delivery date, Feedback after the trial, Upgrade options, "
    "Partnership, Training appointment, Complaint, Win-back"
).split(", ")
AGENDAS = (
    "Get to know each other and the need",
    "Show the product with the customer's own cases",
    "Go through the offer point by point",
    "Agree on scope and schedule",
    "Clear open technical questions",
    "Talk about prices and terms",
    "Find out who decides, and when",
    "Review of the last three months",
    "Plan the training of the team",
    "Settle the next steps",
)
RESULTS = (
    "Interested, wants an offer",
    "Demonstration agreed for next week",
    "Asks to be called again next month",
    "Offer accepted",
    "Has no budget this year",
    "Passed on to the purchasing department",
    "Wrong person, right one noted",
    "Left a message",
    "Problem solved on the phone",
    "Needs time to think it over",
)
DURATIONS = (45, 90, 180, 300, 480, 720, 1500)  # seconds: short, medium and long ones
TAGS = (None, None, "hot", "demo", "renewal", "follow-up")
HOURS = (9, 18)  # first and last, UTC
# 555-0100 to 555-0199 of these areas are set aside for fiction: nobody is ever called by mistake.
AREAS = (202, 212, 213, 303, 305, 312, 404, 415, 503, 512, 602, 617, 702, 713, 801, 206)
SPOKEN = ("connected", "completed")
TYPES, PURPOSES = ("outbound", "inbound"), tuple(codes.PURPOSES.values())
REMINDERS = (None, *codes.REMINDERS.values())


@dataclass(frozen=True)
class World:
    """What invented calls may refer to, by id. Calls of one company."""

    user_id: int
    statuses: tuple[tuple[int, str], ...]  # (id, kind)
    other_user_ids: tuple[int, ...] = ()
    contacts: tuple[tuple[int, int | None], ...] = ()  # (id, location id)
    opportunities: tuple[tuple[int, int, int | None], ...] = ()  # (id, contact id, location id)
    partner_ids: tuple[int, ...] = ()
    leads: tuple[str, ...] = field(default=())  # "crm.lead,7"


def draw(world: World, *, seed: int, days: int, until: date) -> Iterator[dict]:
    """Calls without end, as field values: in the ``days`` days before ``until``, at hours 9 to 18.

    Of 10 calls about 7 are owned by the user, 5 are closed and 9 are not deleted.
    """
    chance = Random(seed).random

    def pick(options):  # five times as quick as Random.choice
        return options[int(chance() * len(options))]

    midnight = datetime.combine(until, time())
    minutes = (HOURS[1] - HOURS[0]) * 60
    while True:
        status_id, kind = pick(world.statuses)
        start = midnight + timedelta(
            days=-1 - int(chance() * days), hours=HOURS[0], minutes=int(chance() * (minutes + 1))
        )
        seconds = pick(DURATIONS)
        spoken = kind in SPOKEN
        inbound = pick(TYPES) == "inbound"
        ours, theirs = _number(chance, pick), _number(chance, pick)
        end = start + timedelta(seconds=seconds) if spoken else None
        yield {
            "subject": pick(SUBJECTS),
            "type": "inbound" if inbound else "outbound",
            "purpose": pick(PURPOSES),
            "status_id": status_id,
            "outgoing_status": "completed" if spoken else "scheduled",
            "source": "generator",
            "agenda": pick(AGENDAS),
            "result": pick(RESULTS) if spoken else None,
            "tag": pick(TAGS),
            "closed": chance() < 0.5,
            "active": chance() < 0.9,
            "start_time": start,
            "end_time": end,
            "reminder": pick(REMINDERS),
            "duration_seconds": seconds if spoken else 0,
            "owner_id": _owner(world, chance, pick),
            "user_id": world.user_id,
            "from_number": theirs if inbound else ours,
            "to_number": ours if inbound else theirs,
            "state": "completed" if spoken else "missed" if kind == "missed" else "pending",
            "answered_at": start if spoken else None,
            "ended_at": end,
            **_relations(world, chance, pick),
        }


def _number(chance, pick):
    return f"+1{pick(AREAS)}55501{int(chance() * 100):02d}"


def _owner(world, chance, pick):
    if chance() < 0.7:
        return world.user_id
    return pick(world.other_user_ids) if world.other_user_ids else None


def _relations(world, chance, pick):
    contact_id = location_id = lead = opportunity_id = partner_id = None
    if world.contacts and chance() < 0.7:
        contact_id, location_id = pick(world.contacts)
    elif world.leads:
        lead = pick(world.leads)
    about = chance()
    if about < 0.3 and world.opportunities and not lead:
        opportunity_id, contact_id, location_id = pick(world.opportunities)
    elif about > 0.6 and world.partner_ids:
        partner_id = pick(world.partner_ids)
    return {
        "contact_id": contact_id,
        "location_id": location_id,
        "lead_ref": lead,
        "opportunity_id": opportunity_id,
        "partner_id": partner_id,
    }

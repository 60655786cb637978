"""Looks up what speaks against calling recipients, and when they may be called. One query for any number of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..campaigns import suppression
from ..campaigns.suppression import Facts
from ..campaigns.windows import Windows

_FACTS = """
    SELECT l.id, l.number, l.zones, l.attempts,
           EXISTS (SELECT 1 FROM phone_blacklist b WHERE b.number = l.number AND b.active) AS on_dnc,
           coalesce(c.dnd, false) AS dnd, c.dnd_settings, coalesce(c.active, true) AS present,
           EXISTS (SELECT 1 FROM ghl_campaign_lead d
                    WHERE d.company_id = l.company_id AND d.number = l.number AND d.outcome = 'dead_number') AS dead,
           (SELECT count(*) FROM ghl_call k
             WHERE k.company_id = l.company_id AND k.to_number = l.number AND k.campaign_id IS NOT NULL
               AND k.create_date > %(at)s - %(days)s * interval '1 day'
               AND k.state NOT IN ('cancelled', 'pending')) AS recent_calls,
           EXISTS (SELECT 1 FROM ghl_call k
             WHERE k.company_id = l.company_id AND k.to_number = l.number AND k.campaign_id IS NOT NULL
               AND k.create_date > %(at)s - %(days)s * interval '1 day' AND k.lease_until > %(at)s
               AND k.state IN ('pending', 'initiated', 'connecting', 'in_progress')) AS in_call
      FROM ghl_campaign_lead l LEFT JOIN ghl_contact c ON c.id = l.contact_id
     WHERE l.id = ANY(%(ids)s)"""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a campaign allows."""

    windows: Windows
    timezone: str | None
    max_attempts: int
    frequency_calls: int
    frequency_days: int

    @classmethod
    def of(cls, campaign: Any) -> Rules:
        """Those of a ``ghl.campaign``; WindowError when its windows cannot be meant."""
        return cls(
            campaign._windows(),
            campaign.timezone or None,
            campaign.max_attempts,
            campaign.frequency_calls,
            campaign.frequency_days,
        )


@dataclass(frozen=True, slots=True)
class Judgement:
    """`reason` (a key of ``suppression.REASONS``): do not call. Else `open_at` is the first instant to call at;
    `in_call`: somebody talks to that number right now.
    """

    lead_id: int
    reason: str | None
    open_at: datetime | None
    in_call: bool


def judge(cr: Any, rules: Rules, lead_ids: Sequence[int], at: datetime) -> dict[int, Judgement]:
    """The judgement on each recipient as things stand in the database. Nothing is written."""
    cr.execute(_FACTS, {"at": at, "days": rules.frequency_days, "ids": list(lead_ids)})
    openings: dict[tuple[str, ...], datetime | None] = {}
    return {row["id"]: _judge(rules, row, at, openings) for row in cr.dictfetchall()}


def _judge(rules: Rules, row: dict, at: datetime, openings: dict) -> Judgement:
    zones = tuple((row["zones"] or rules.timezone or "").split(",")) if row["zones"] or rules.timezone else ()
    if zones not in openings:
        openings[zones] = rules.windows.next_open(at, zones)
    facts = Facts(
        number=row["number"],
        zones=zones,
        reachable=openings[zones] is not None,
        on_dnc=row["on_dnc"],
        dnd=suppression.forbids_calls(row["dnd"], row["dnd_settings"]),
        dead=row["dead"],
        present=row["present"],
        attempts=row["attempts"] or 0,
        recent_calls=row["recent_calls"],
    )
    reason = suppression.reason(facts, max_attempts=rules.max_attempts, max_recent=rules.frequency_calls)
    return Judgement(row["id"], reason, None if reason else openings[zones], row["in_call"])

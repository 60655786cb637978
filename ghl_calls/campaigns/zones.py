"""In which time zones a recipient may be. Plain Python.

A number tells a country and often a region, the contact's record may name a zone, the campaign knows where its list is
from. When number and contact contradict each other both are kept: a call must be allowed in all of them. A recipient of
whom nothing is known is not called.
"""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import timezone as number_zones

UNKNOWN = number_zones.UNKNOWN_TIMEZONE


@lru_cache(maxsize=1024)
def is_zone(name: str) -> bool:
    """Whether this machine knows a time zone of that name."""
    try:
        ZoneInfo(name)
    except Exception:  # wrong characters, a folder of the database, not there: each has an error of its own
        return False
    return True


def of_number(number: str) -> tuple[str, ...]:
    """The zones a number (E.164) may be in, () when its country does not say."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return ()
    return tuple(name for name in number_zones.time_zones_for_number(parsed) if name != UNKNOWN and is_zone(name))


def of_recipient(number: str, contact_zone: str | None = None, campaign_zone: str | None = None) -> tuple[str, ...]:
    """Zones in all of which a call must be allowed, () when nothing is known: do not call.

    The contact's zone decides among the zones of the number; if it is none of them, all count. The campaign's zone is
    for recipients who give no hint themselves.
    """
    possible = of_number(number)
    if contact_zone and is_zone(contact_zone):
        if not possible or contact_zone in possible:
            return (contact_zone,)
        return (*possible, contact_zone)
    if possible:
        return possible
    return (campaign_zone,) if campaign_zone and is_zone(campaign_zone) else ()

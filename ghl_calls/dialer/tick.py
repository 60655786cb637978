"""Moves campaigns on: whoever is to be called now, and may be, is claimed and called.

`tick` is safe to run anywhere at any time and does nothing when there is nothing to do. It is run after a start, after
each change of a campaign's calls, when a pause it asked for is over, and every minute; each of these alone is enough.

All claims of a company are made one after the other, under a lock of the database held for some milliseconds: caps on
calls at a time and per second are counted from the rows under that lock, and cannot be exceeded. A claim commits the
call's row before the provider hears of the call; calls are placed afterwards, with no lock held.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence

from odoo import api

from . import pace, transactions
from . import place as placing
from .claiming import CompanyClaim

_logger = logging.getLogger(__name__)


def tick(
    source: api.Environment | str,
    campaign_ids: Collection[int] = (),
    *,
    place: Callable[[api.Environment | str, Sequence[int]], object] = placing.place,
    most: int = pace.NO_LIMIT,
) -> float | None:
    """Call for these campaigns (and those that share a company with them), or for all when none is given.

    ``place`` gets the claimed calls of each company, ``most`` in all. Gives the seconds after which to look again, None
    when only an event can change anything.
    """
    tx = transactions.of(source)
    pauses = []
    for company_id in _companies(tx, campaign_ids):
        call_ids, pause = claim(tx, company_id, most)
        most -= len(call_ids)
        if call_ids:
            place(source, call_ids)
        pauses.append(pause)
    return min((pause for pause in pauses if pause is not None), default=None)


def claim(tx: transactions.Transactions, company_id: int, most: int = pace.NO_LIMIT) -> tuple[list[int], float | None]:
    """Claim all a company's campaigns may call now: (ids of the committed calls, seconds until there may be more)."""
    with tx.env() as env:
        pace.lock(env.cr, company_id)
        # The statements that follow see everything that was claimed before the lock was ours.
        work = CompanyClaim(env, company_id, most)
        work.run()
    return work.call_ids, work.pause


def _companies(tx: transactions.Transactions, campaign_ids: Collection[int]) -> list[int]:
    with tx.env() as env:
        env.cr.execute(
            """SELECT company_id FROM ghl_campaign WHERE (%(all)s AND state = 'running') OR id = ANY(%(ids)s)
                UNION -- claimed calls that may have to be taken back
               SELECT company_id FROM ghl_call
                WHERE %(all)s AND lease_until IS NOT NULL AND state = 'pending' AND submission IS NULL
                  AND campaign_id IS NOT NULL""",
            {"all": not campaign_ids, "ids": list(campaign_ids)},
        )
        return [company_id for (company_id,) in env.cr.fetchall()]

"""Tells how far campaigns are: soon after something moved, but at most twice a second for each campaign.

One thread of this process waits for what is due and ends when nothing is. Several processes agree through the database.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection

from odoo import SUPERUSER_ID, api
from odoo.modules import module
from odoo.modules.registry import Registry
from odoo.tools import SQL

from ..models.ghl_campaign_live import PROGRESS
from . import signals

_logger = logging.getLogger(__name__)

EVERY = 0.5  # seconds
_LOCK = 0x67686E  # first key of the advisory lock; the second is the campaign
REMEMBERED = 1000


class Teller:
    """Knows which campaigns have news, and when to tell them."""

    def __init__(self, tell, clock=time.monotonic) -> None:
        self._tell, self._clock = tell, clock
        self._changed = threading.Condition()
        self._due: dict[tuple[str, int], float] = {}
        self._last: dict[tuple[str, int], float] = {}
        self._thread: threading.Thread | None = None

    def moved(self, dbname: str, campaign_ids: Collection[int]) -> None:
        """Calls of these campaigns moved. Returns at once."""
        if module.current_test:
            return  # the rows are in a transaction that no other thread sees
        with self._changed:
            for key in ((dbname, campaign_id) for campaign_id in campaign_ids):
                self._due.setdefault(key, self._last.get(key, -EVERY) + EVERY)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="ghl-campaign-news", daemon=True)
                self._thread.start()
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._due:
                    self._thread = None
                    return
                key = min(self._due, key=self._due.__getitem__)
                if (wait := self._due[key] - self._clock()) > 0:
                    self._changed.wait(wait)
                    continue
                del self._due[key]
            told = True
            try:
                told = self._tell(*key)
            except Exception:
                _logger.warning("The progress of campaign %s could not be told", key[1], exc_info=True)
            with self._changed:
                if len(self._last) > REMEMBERED:
                    self._last.clear()
                self._last[key] = self._clock()
                if not told:
                    self._due.setdefault(key, self._last[key] + EVERY)


def tell(dbname: str, campaign_id: int) -> bool:
    """Push and keep the progress of a campaign; False when another process has just done so: try again later."""
    with Registry(dbname).cursor() as cr:
        cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        return tell_progress(api.Environment(cr, SUPERUSER_ID, {})["ghl.campaign"].browse(campaign_id))


def tell_progress(campaign) -> bool:
    """As `tell`, in the transaction of ``campaign``."""
    env = campaign.env
    env.cr.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK, campaign.id])
    if not env.cr.fetchone()[0]:
        return False
    if not campaign.exists():
        return True
    env["ghl.campaign.event"].flush_model()
    rows = env.execute_query(
        SQL(
            """SELECT id, payload, create_date > now() AT TIME ZONE 'UTC' - %s * interval '1 second'
                 FROM ghl_campaign_event WHERE campaign_id = %s AND type = %s ORDER BY id DESC LIMIT 1""",
            EVERY,
            campaign.id,
            PROGRESS,
        )
    )
    progress = campaign._progress()
    for event_id, payload, is_young in rows:
        if progress.items() <= payload.items():
            return True  # told already
        if is_young:
            return False
        # Only the latest says anything. sudo: nobody removes news by hand
        env["ghl.campaign.event"].sudo().browse(event_id).unlink()
    campaign._tell(PROGRESS, progress)
    return True


teller = Teller(tell)
signals.on_campaigns_moved(teller.moved)

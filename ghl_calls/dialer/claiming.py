"""What happens under a company's lock: who may be called now is chosen, and their calls are made.

READ COMMITTED: each statement sees what others have committed before it. The clock is the database's.
"""

from __future__ import annotations

import logging
import math
from collections import Counter
from datetime import datetime, timedelta

import psycopg2

from odoo import api

from ...ghl_base.net.redaction import redact
from ..campaigns import pacing
from ..campaigns.breaker import FAILURES
from ..campaigns.pacing import Demand
from . import judging
from .pace import NO_LIMIT, Pace

_logger = logging.getLogger(__name__)

# A call that was claimed and not even sent by then: its process has died.
CLAIM_LEASE = timedelta(seconds=60)
IN_CALL_WAITS = timedelta(seconds=60)
LIVE = ("pending", "initiated", "connecting", "in_progress")
# Recipients looked at in one transaction for each campaign, at least: most may turn out not to be called now.
LOOK = 200
ROUNDS = 5
# Waiting recipients that are due sooner are waited for; later ones are for the scheduled action.
SOON = 60.0
# What somebody else holds at the moment is looked at again so soon.
AT_ONCE = 0.5

# Who is next, and nobody that somebody else is looking at: campaign, how many.
HEAD = """SELECT id FROM ghl_campaign_lead WHERE campaign_id = %s AND state = 'pending'
           ORDER BY sequence, id LIMIT %s FOR UPDATE SKIP LOCKED"""
TAKE = "UPDATE ghl_campaign_lead SET state = 'calling', attempts = coalesce(attempts, 0) + 1 WHERE id = ANY(%s)"


class CompanyClaim:
    """One pass over the running campaigns of a company. Gives `call_ids`, to be placed after the commit, and `pause`:
    seconds until looking again is worth while without an event, None for never.
    """

    def __init__(self, env: api.Environment, company_id: int, most: int = NO_LIMIT) -> None:
        self._most = most
        self.company = env["res.company"].browse(company_id)
        self.company.fetch(["ghl_max_concurrent_calls"])
        self.env = env(context={**env.context, "allowed_company_ids": [company_id]})
        self.cr = env.cr
        self.cr.execute("SELECT clock_timestamp() AT TIME ZONE 'UTC'")
        [now] = self.cr.fetchone()
        self.now: datetime = now.replace(microsecond=0)
        self.call_ids: list[int] = []
        self.pause: float | None = None

    def run(self) -> None:
        self._take_back_unsent()
        campaigns = self._running()
        if not campaigns:
            return
        self._wake_waiting(campaigns)
        ready = self._ready(campaigns)
        working = campaigns.browse()
        for campaign in campaigns:
            if not ready[campaign.id]:
                self._maybe_complete(campaign)
            elif self._may_go_on(campaign):
                working |= campaign
        self._look_again_for(campaigns)
        if working:
            self._claim_for(working, ready)

    # ---- which campaigns ---------------------------------------------------------------------------------

    def _running(self):
        """The running campaigns, kept as they are until the end; those somebody is just changing are for later."""
        self.cr.execute(
            """WITH running AS (SELECT id FROM ghl_campaign
                                 WHERE company_id = %(company)s AND state = 'running' AND active
                                   FOR SHARE SKIP LOCKED)
               SELECT (SELECT array_agg(id ORDER BY id) FROM running),
                      (SELECT count(*) FROM ghl_campaign
                        WHERE company_id = %(company)s AND state = 'running' AND active)""",
            {"company": self.company.id},
        )
        campaign_ids, every = self.cr.fetchone()
        campaigns = self.env["ghl.campaign"].browse(campaign_ids or [])
        if len(campaigns) < every:
            self._look_again(AT_ONCE)
        return campaigns

    def _may_go_on(self, campaign) -> bool:
        """Whether account and breaker allow calls; if not the campaign pauses with the reason."""
        account = campaign._account()
        reason = None
        if not account:
            reason = self.env._("There is no telephone account to call through.")
        elif account.state == "stopped" or not account.active:
            reason = self.env._(
                "The account %(name)s is stopped. %(why)s", name=account.name, why=account.state_reason or ""
            )
        else:
            breaker = campaign._breaker()
            self.cr.execute(
                """SELECT count(*) FILTER (WHERE outcome = ANY(%s)), count(*) FROM ghl_campaign_lead
                    WHERE campaign_id = %s AND settled_at > greatest(%s, %s)""",
                [
                    list(FAILURES),
                    campaign.id,
                    self.now - timedelta(seconds=breaker.seconds),
                    campaign.resumed_at or None,
                ],
            )
            failed, calls = self.cr.fetchone()
            if breaker.opens(failed, calls):
                reason = breaker.sentence(failed, calls)
        if reason:
            campaign._pause(reason.strip())
        return not reason

    def _maybe_complete(self, campaign) -> None:
        """End the campaign when nobody is left, and nobody is just being added."""
        # Refused while a recipient that is not committed yet refers to the campaign.
        self.cr.execute("SELECT 1 FROM ghl_campaign WHERE id = %s FOR UPDATE SKIP LOCKED", [campaign.id])
        if not self.cr.fetchone():
            # Somebody adds recipients, or just tells the world of the last call: neither wakes us when he is done.
            self._look_again(AT_ONCE)
        else:
            self.cr.execute(
                """SELECT 1 FROM ghl_campaign_lead
                    WHERE campaign_id = %s AND state IN ('pending', 'waiting', 'calling') LIMIT 1""",
                [campaign.id],
            )
            if not self.cr.fetchone():
                campaign._complete()

    # ---- recipients --------------------------------------------------------------------------------------

    def _take_back_unsent(self) -> None:
        """Calls that were claimed and not sent, as their process died or their campaign paused, are no attempts."""
        self.cr.execute(
            """SELECT k.id FROM ghl_call k JOIN ghl_campaign c ON c.id = k.campaign_id
                WHERE k.company_id = %s AND k.state = 'pending' AND k.submission IS NULL AND k.lease_until IS NOT NULL
                  AND (k.lease_until <= %s OR c.state <> 'running')
                  FOR UPDATE OF k SKIP LOCKED""",
            [self.company.id, self.now],
        )
        calls = self.env["ghl.call"].browse([call_id for (call_id,) in self.cr.fetchall()])
        if calls:
            calls._take_back(self.env._("Not sent"))
            self.env.flush_all()

    def _wake_waiting(self, campaigns) -> None:
        self.cr.execute(
            """UPDATE ghl_campaign_lead SET state = 'pending', next_attempt_at = NULL WHERE id IN (
                   SELECT id FROM ghl_campaign_lead
                    WHERE campaign_id = ANY(%s) AND state = 'waiting' AND next_attempt_at <= %s
                      FOR UPDATE SKIP LOCKED)""",
            [campaigns.ids, self.now],
        )

    def _ready(self, campaigns) -> Counter:
        """Campaign id -> recipients ready to be called, counted up to what it may call at a time."""
        self.cr.execute(
            """SELECT c.id, (SELECT count(*) FROM (SELECT 1 FROM ghl_campaign_lead l WHERE l.campaign_id = c.id
                                AND l.state = 'pending' LIMIT c.max_concurrent_calls) AS head)
                 FROM ghl_campaign c WHERE c.id = ANY(%s)""",
            [campaigns.ids],
        )
        return Counter(dict(self.cr.fetchall()))

    def _look_again_for(self, campaigns) -> None:
        self.cr.execute(
            """SELECT min(next_attempt_at) FROM ghl_campaign_lead WHERE campaign_id = ANY(%s) AND state = 'waiting'""",
            [campaigns.ids],
        )
        [due] = self.cr.fetchone()
        if due:
            seconds = max(0.0, (due - self.now).total_seconds())
            if seconds <= SOON:
                self._look_again(seconds + 1)

    def _look_again(self, seconds: float) -> None:
        self.pause = min(seconds, self.pause if self.pause is not None else math.inf)

    # ---- slots -------------------------------------------------------------------------------------------

    def _claim_for(self, campaigns, ready: Counter) -> None:
        accounts = {campaign.id: campaign._account() for campaign in campaigns}
        live_campaigns, live_accounts = self._live(campaigns)
        demands = [
            Demand(
                campaign.id,
                accounts[campaign.id].id,
                min(ready[campaign.id], campaign.max_concurrent_calls - live_campaigns[campaign.id]),
                live_campaigns[campaign.id],
            )
            for campaign in campaigns
        ]
        cap = self.company.ghl_max_concurrent_calls
        room = min(self._most, pacing.slots((cap, live_accounts.total())) if cap else NO_LIMIT)
        every = {account.id: account for account in accounts.values()}
        paces = {account_id: Pace(self.cr, account) for account_id, account in every.items()}
        free = {
            account_id: min(pacing.slots((account.max_concurrent, live_accounts[account_id])), paces[account_id].tokens)
            for account_id, account in every.items()
        }
        given = pacing.share(demands, free, room)
        for campaign in campaigns:
            account = accounts[campaign.id]
            called = self._call_safely(campaign, account, given[campaign.id]) if given[campaign.id] else 0
            paces[account.id].use(called)
        for demand in demands:
            if demand.wanted > given[demand.campaign] and not paces[demand.account].tokens:
                self._look_again(paces[demand.account].wait)
        for pace in paces.values():
            pace.save()

    def _live(self, campaigns) -> tuple[Counter, Counter]:
        """Calls that take up room: by campaign, and by account over everything that is placed through it."""
        self.env.flush_all()
        self.cr.execute(
            """SELECT campaign_id, voip_account_id, count(*) FROM ghl_call
                WHERE company_id = %s AND lease_until > %s AND state = ANY(%s) GROUP BY 1, 2""",
            [self.company.id, self.now, list(LIVE)],
        )
        by_campaign, by_account = Counter(), Counter()
        for campaign_id, account_id, count in self.cr.fetchall():
            by_campaign[campaign_id] += count
            by_account[account_id] += count
        return by_campaign, by_account

    def _call_safely(self, campaign, account, count: int) -> int:
        """As `_call`; a fault of ours fails this campaign with the reason, and holds up no other."""
        try:
            with self.cr.savepoint():
                return self._call(campaign, account, count)
        except psycopg2.OperationalError:
            raise  # the database's trouble, not the campaign's
        except Exception as fault:
            _logger.exception("Campaign %s cannot go on", campaign.id)
            campaign._fail(redact(f"{type(fault).__name__}: {fault}"))
            return 0

    def _call(self, campaign, account, count: int) -> int:
        """Claim up to ``count`` recipients and make their calls; how many."""
        rules, chosen = judging.Rules.of(campaign), []
        for _round in range(ROUNDS):
            lead_ids = self._head(campaign, count - len(chosen) if not _round else LOOK)
            judgements = judging.judge(self.cr, rules, lead_ids, self.now) if lead_ids else {}
            chosen += self._sort_out(lead_ids, judgements, count - len(chosen))
            if len(chosen) >= count or not lead_ids:
                break
        else:
            self._look_again(0.0)
        if chosen:
            self.call_ids += self._make_calls(campaign, account, chosen).ids
        return len(chosen)

    def _head(self, campaign, count: int) -> list[int]:
        self.cr.execute(HEAD, [campaign.id, count])
        return [lead_id for (lead_id,) in self.cr.fetchall()]

    def _sort_out(self, lead_ids: list[int], judgements: dict, count: int) -> list[int]:
        """Who is called now; the others are told why not or when, and leave the head of the queue."""
        leads, chosen, refused, later = self.env["ghl.campaign.lead"], [], {}, {}
        for lead_id in lead_ids:
            judgement = judgements[lead_id]
            if judgement.reason:
                refused.setdefault(judgement.reason, []).append(lead_id)
            elif judgement.in_call or judgement.open_at > self.now:
                at = max(judgement.open_at, self.now + IN_CALL_WAITS) if judgement.in_call else judgement.open_at
                later.setdefault(at, []).append(lead_id)
            elif len(chosen) < count:
                chosen.append(lead_id)
        for reason, ids in refused.items():
            leads.browse(ids)._skip(reason)
        for at, ids in later.items():
            # Up to the next full second, not before the window opens.
            at = (at + timedelta(microseconds=999_999)).replace(microsecond=0)
            leads.browse(ids).write({"state": "waiting", "next_attempt_at": at})
        # Written now: the next look at the queue is SQL.
        self.env.flush_all()
        if chosen:
            self.cr.execute(TAKE, [chosen])
        return chosen

    def _make_calls(self, campaign, account, lead_ids: list[int]):
        leads = self.env["ghl.campaign.lead"].browse(lead_ids)
        leads.invalidate_recordset()
        lease = {"lease_until": self.now + CLAIM_LEASE}
        values = [{**lead._call_values(campaign, account, self.now), **lease} for lead in leads]
        calls = self.env["ghl.call"].create(values)
        self.env.flush_all()
        self.cr.execute(
            """UPDATE ghl_campaign_lead l SET call_id = k.id FROM ghl_call k
                WHERE k.id = ANY(%s) AND l.id = k.campaign_lead_id""",
            [calls.ids],
        )
        leads.invalidate_recordset()
        return calls

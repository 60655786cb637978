"""What only real connections show: many dispatchers at once, processes that die anywhere. These tests commit."""

import os
import random
import threading
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch
from uuid import uuid4

from odoo import SUPERUSER_ID, api, fields
from odoo.modules.registry import Registry
from odoo.tests.common import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

from ..ghl_calls.dialer import dispatcher, reconcile, reports
from ..ghl_calls.dialer import tick as ticking
from ..ghl_calls.providers.base import Accepted, Capabilities, Report
from .campaigns_data import make_campaign
from .voip_data import make_account

# More on demand: the same with 10,000 takes a quarter of an hour.
LEADS = int(os.environ.get("GHL_RACE_LEADS") or 160)
DISPATCHERS = 8


class Killed(BaseException):
    """The process is gone: nothing after this line is done."""


class Line:
    """A provider in memory: the ledger of what really rang, and where a process dies while talking to it."""

    name, label, capabilities = "bland", "Line", Capabilities(fetch=True, find=True)

    def __init__(self, seed, deaths):
        self.random, self.deaths = random.Random(seed), deaths
        self.lock = threading.Lock()
        self.rang: list[tuple[str, str]] = []  # (number, reference)
        self.ids: dict[str, str] = {}  # reference -> id
        self.live: set[str] = set()
        self.peak = 0

    def dies(self):
        with self.lock:
            return self.random.random() < self.deaths

    def place(self, order):
        if self.dies():
            raise Killed("before the provider heard of it")
        with self.lock:
            call_id = uuid4().hex
            self.rang.append((order.to, order.reference))
            self.ids[order.reference] = call_id
            self.live.add(order.reference)
            self.peak = max(self.peak, len(self.live))
        if self.dies():
            raise Killed("after it rang, before the answer was stored")
        return Accepted(call_id)

    def find(self, order, since):
        call_id = self.ids.get(order.reference)
        return [self.report(order.reference, "initiated")] if call_id else []

    def fetch(self, provider_call_id):
        reference = next(name for name, call_id in self.ids.items() if call_id == provider_call_id)
        return self.report(reference, "initiated" if reference in self.live else "completed")

    def report(self, reference, state):
        now = fields.Datetime.now()
        values = {"talk_seconds": 20, "answered_at": now - timedelta(seconds=20), "ended_at": now}
        call_id = self.ids[reference]
        final = state == "completed"
        return Report(call_id, state, f"{call_id}:{state}", reference, state, now, values if final else {})


@tagged("post_install", "-at_install")
class TestManyDispatchers(BaseCase):
    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        for target in (dispatcher.dispatcher, reconcile.reconciler):
            self.enterContext(patch.object(target, "wake"))
        self.addCleanup(self.clean)
        self.clean()

    def clean(self):
        with self.transaction() as env:
            env.cr.execute(
                """DELETE FROM ghl_call WHERE campaign_id IS NOT NULL; DELETE FROM ghl_campaign;
                   DELETE FROM ghl_activity_log WHERE entity_model = 'ghl.call'; DELETE FROM ghl_call_pace;
                   DELETE FROM ghl_voip_account WHERE name = 'Telephone'; DELETE FROM bus_bus"""
            )

    @contextmanager
    def transaction(self):
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def start(self, line, **values):
        self.enterContext(patch.object(self.registry["ghl.voip.account"], "_provider", lambda account: line))
        with self.transaction() as env:
            account = make_account(env, calls_per_second=10_000, max_concurrent=values.pop("account_cap", 1000))
            numbers = [f"+1212{n:07}" for n in range(2_000_000, 2_000_000 + LEADS)]
            campaign = make_campaign(env, numbers=numbers, voip_account_id=account.id, max_attempts=1, **values)
            campaign.action_start()
            return campaign.id

    def dispatch(self, line):
        """A process that ticks, hears of ends of calls, and now and then dies in the middle and comes up again."""
        threading.current_thread().dbname = get_db_name()
        idle = 0
        while idle < 3:
            claimed = []
            try:
                ticking.tick(get_db_name(), place=self.placing(line, claimed))
                ended = self.end_some(line)
            except Killed:
                continue
            idle = 0 if claimed or ended else idle + 1

    def placing(self, line, claimed):
        def place(source, call_ids):
            claimed.extend(call_ids)
            if line.dies():
                raise Killed("after the claim was committed")
            # One after the other: a thread pool would keep the death to itself.
            for call_id in call_ids:
                ticking.placing.place(source, [call_id])

        return place

    def end_some(self, line):
        with line.lock:
            chosen = line.random.sample(sorted(line.live), len(line.live) // 2 + len(line.live) % 2)
            line.live -= set(chosen)
        for reference in chosen:
            with self.transaction() as env:
                env.cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
                account = env["ghl.call"].search([("reference", "=", reference)]).voip_account_id
                reports.apply(env, account, [line.report(reference, "completed")])
        return chosen

    def open(self, campaign_id):
        with self.transaction() as env:
            return env["ghl.campaign"].browse(campaign_id).state == "running"

    def until_over(self, line, campaign_id):
        """Dispatchers work until they find nothing; then time passes for what the dead left behind, and again."""
        for round_number in range(40):
            self.run_all(line)
            if not self.open(campaign_id):
                return
            line.deaths = 0 if round_number > 20 else line.deaths
            with self.transaction() as env:
                env.cr.execute(
                    """UPDATE ghl_call SET lease_until = lease_until - %(by)s, next_check_at = next_check_at - %(by)s,
                              submitted_at = submitted_at - %(by)s WHERE lease_until IS NOT NULL""",
                    {"by": timedelta(minutes=3)},
                )
            reconcile.run(get_db_name())

    def run_all(self, line):
        errors = []

        def guarded():
            try:
                self.dispatch(line)
            except Exception as error:
                errors.append(error)

        threads = [threading.Thread(target=guarded) for _ in range(DISPATCHERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120 + LEADS)
        self.assertEqual(errors, [])

    def results(self, campaign_id):
        with self.transaction() as env:
            leads = env["ghl.campaign.lead"].search([("campaign_id", "=", campaign_id)])
            return {lead.number: (lead.state, lead.outcome) for lead in leads}

    def test_eight_dispatchers_call_everybody_once_and_never_too_many_at_a_time(self):
        line = Line(1, deaths=0)
        campaign_id = self.start(line, max_concurrent_calls=9, account_cap=7)
        self.run_all(line)
        self.assertFalse(self.open(campaign_id))
        self.assertEqual(sorted(number for number, _ref in line.rang), sorted(self.results(campaign_id)))
        self.assertEqual(set(self.results(campaign_id).values()), {("done", "answered")})
        self.assertLessEqual(line.peak, 7)

    def test_a_campaign_that_somebody_holds_is_looked_at_again_soon(self):
        line = Line(3, deaths=0)
        campaign_id = self.start(line, max_concurrent_calls=LEADS)
        for lock, left in (("UPDATE", LEADS), ("KEY SHARE", 0)):
            with self.subTest(lock=lock):
                with self.transaction() as env:
                    env.cr.execute(f"SELECT 1 FROM ghl_campaign WHERE id = %s FOR {lock}", [campaign_id])
                    pause = ticking.tick(get_db_name(), place=self.placing(line, []))
                    self.assertIsNotNone(pause)
                    self.assertLessEqual(pause, 1)
                    self.assertTrue(self.open(campaign_id))
                with self.transaction() as env:
                    pending = [("campaign_id", "=", campaign_id), ("state", "=", "pending")]
                    self.assertEqual(env["ghl.campaign.lead"].search_count(pending), left)
                while ticking.tick(get_db_name(), place=self.placing(line, [])) is not None and left:
                    pass
                while self.end_some(line):
                    pass
        self.assertFalse(self.open(campaign_id))

    @mute_logger("odoo.addons.ghl.ghl_calls.dialer.place")
    def test_wherever_processes_die_nobody_is_called_twice_and_nobody_is_forgotten(self):
        line = Line(2, deaths=0.05)
        campaign_id = self.start(line, max_concurrent_calls=max(20, LEADS // 50))
        self.until_over(line, campaign_id)
        rang = [number for number, _reference in line.rang]
        self.assertEqual(len(rang), len(set(rang)), "nobody twice")
        results = self.results(campaign_id)
        self.assertEqual({state for state, _outcome in results.values()}, {"done"}, "nobody forgotten")
        never = {number for number, (_state, outcome) in results.items() if outcome == "unknown"}
        self.assertEqual(set(results) - set(rang), never, "who did not ring is shown as such")

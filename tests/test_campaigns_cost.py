"""What a call costs the server: nothing is done for a report that nobody is waiting for."""

import threading
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import BaseCase, tagged

from ..ghl_calls.dialer import background, reports, transactions
from ..ghl_calls.models import ghl_call_campaign
from ..ghl_calls.providers.base import Report
from .campaigns_data import CampaignCase, finish
from .voip_data import make_call


@tagged("post_install", "-at_install", "ghl")
class TestCostOfReports(CampaignCase):
    def report(self, call, state):
        now = fields.Datetime.now()
        report = Report(call.provider_call_id, state, f"{call.id}:{state}", state=state, occurred_at=now)
        with transactions.of(self.env).env() as env:
            account = env["ghl.voip.account"].browse(call.voip_account_id.id)
            self.assertEqual(reports.apply(env, account, [report]).verdicts, ["applied"])

    def test_only_a_call_that_ends_has_the_campaign_looked_at(self):
        self.campaign()
        call = self.tick()[0]
        with patch.object(ghl_call_campaign, "wake_after_commit") as wake:
            self.report(call, "connecting")
            self.report(call, "in_progress")
            wake.assert_not_called()
            finish(self.env, call)
            wake.assert_called_once()

    def test_reports_are_in_the_events_and_fill_no_activity_log(self):
        call = make_call(self.env, self.account, provider="bland", provider_call_id="p-1", submission="accepted")
        call._apply_event("initiated")
        self.env.flush_all()
        before = call.activity_log_ids
        for state in ("connecting", "in_progress"):
            self.report(call, state)
        self.env.invalidate_all()
        self.assertEqual(call.activity_log_ids, before)
        self.assertEqual(set(call.event_ids.mapped("event")), {"RINGING", "ANSWERED"})

    def test_what_people_change_is_in_the_activity_log_as_ever(self):
        call = make_call(self.env, self.account)
        call.write({"agenda": "Ask about the roof", "start_time": fields.Datetime.now() + timedelta(days=1)})
        self.assertIn("call_updated", call.activity_log_ids.mapped("activity_type"))

    def test_a_report_is_applied_with_few_questions_to_the_database(self):
        self.campaign()
        call = self.tick()[0]
        self.report(call, "connecting")
        self.env.invalidate_all()
        now = fields.Datetime.now()
        report = Report(call.provider_call_id, "in_progress", "k", state="in_progress", occurred_at=now)
        env = self.env(context={**self.env.context, **transactions.CONTEXT})
        account = env["ghl.voip.account"].browse(self.account.id)
        with self.assertQueryCount(16):
            reports.apply(env, account, [report])
            env.flush_all()

    def test_a_secret_that_was_changed_is_used_at_once(self):
        before = self.account._provider()
        self.assertIs(self.account._provider(), before)
        self.account.api_key = "sk-another-secret"
        self.assertIsNot(self.account._provider(), before)


@tagged("post_install", "-at_install", "ghl")
class TestBackground(BaseCase):
    def test_what_comes_in_a_flood_is_worked_off_by_the_handful(self):
        rounds, rested, over = [], [], threading.Event()

        def work(dbname):
            rounds.append(dbname)
            if len(rounds) == 2:
                over.set()

        target = background.Background("ghl.test", work)

        def rest(seconds):
            rested.append(seconds)
            if len(rested) == 1:
                for _delivery in range(50):
                    target.wake("here")

        with patch.object(background.time, "sleep", rest), patch.object(background, "LINGER_SECONDS", 0.0):
            target.wake("here")
            self.assertTrue(over.wait(20))
        self.assertEqual(rounds, ["here"] * 2)
        self.assertGreater(rested[0], 0.0)

"""Calls placed by hand and calls of campaigns share an account's calls per second, and none waits for ever."""

from unittest.mock import patch

from odoo.tests import tagged

from ..ghl_calls.dialer import pace
from ..ghl_calls.models import ghl_call_placing
from .campaigns_data import CampaignCase
from .test_voip_bland_control import TAKEN, ControlCase
from .voip_data import make_call


@tagged("post_install", "-at_install", "ghl")
class TestPaceByHand(CampaignCase):
    """One call in 100 seconds, so that it does not matter how slow the machine is."""

    def setUp(self):
        super().setUp()
        self.account.calls_per_second = 0.01
        self.enterContext(patch.object(pace, "PATIENCE_SECONDS", 250.0))

    def test_calls_by_hand_wait_for_their_turn_and_are_refused_when_the_turn_is_far(self):
        call = make_call(self.env, self.account)
        waits = [pace.reserve(call) for _call in range(3)]
        for expected, wait in zip((0, 100, 200), waits, strict=True):
            self.assertAlmostEqual(wait, expected, delta=50)
        with self.assertRaises(pace.TooFastError) as refused:
            pace.reserve(call)
        self.assertGreater(refused.exception.retry_after, pace.PATIENCE_SECONDS)

    def test_a_refusal_reserves_nothing(self):
        call = make_call(self.env, self.account)
        for _call in range(3):
            pace.reserve(call)
        waits = []
        for _attempt in range(3):
            with self.assertRaises(pace.TooFastError) as refused:
                pace.reserve(call)
            waits.append(refused.exception.retry_after)
        self.assertLessEqual(max(waits), 301.0)

    def test_a_campaign_lets_those_go_first(self):
        self.campaign()
        pace.reserve(make_call(self.env, self.account))
        self.assertFalse(self.tick(), "the second's only call is spoken for")
        self.assertGreater(self.pause, 0.0)

    def test_a_call_by_hand_goes_behind_the_calls_a_campaign_has_claimed(self):
        self.campaign()
        self.assertEqual(len(self.tick()), 1)
        self.assertGreater(pace.reserve(make_call(self.env, self.account)), 0.0)

    def test_other_accounts_go_on(self):
        other = self.account.copy({"calls_per_second": 1})
        pace.reserve(make_call(self.env, self.account))
        self.assertEqual(pace.reserve(make_call(self.env, other)), 0.0)


@tagged("post_install", "-at_install", "ghl")
class TestPaceOfPrograms(ControlCase):
    def initiate(self, **options):
        return self.ask("initiate", {"phone_number": "+15005550006"}, contact_id="hs-9", **options)

    def test_a_program_that_calls_too_fast_is_told_when_to_come_back_and_nothing_is_kept(self):
        self.server.script = [TAKEN]
        self.account.calls_per_second = 0.01
        self.assertEqual(self.initiate().status_code, 202)
        answer = self.initiate(headers={"X-Error-Format": "plain"})
        body = answer.json()
        self.assertEqual((answer.status_code, body["code"]), (429, "TOO_MANY_CALLS"), answer.text)
        self.assertIn("0.01 calls per second", answer.text)
        self.assertGreaterEqual(int(answer.headers["Retry-After"]), 90)
        self.assertEqual(self.env["ghl.call"].search_count([("contact_reference", "=", "hs-9")]), 1)
        self.assertEqual(len(self.server.asked), 1, "the provider heard of one call only")

    def test_a_call_that_has_to_wait_a_moment_is_placed_after_it(self):
        self.server.script = [TAKEN]
        self.account.calls_per_second = 0.01
        pace.reserve(make_call(self.env, self.account))
        patience = patch.object(pace, "PATIENCE_SECONDS", 250.0)
        with patience, patch.object(ghl_call_placing, "time") as clock:
            self.assertEqual(self.initiate().status_code, 202)
        [(seconds,)] = [call.args for call in clock.sleep.call_args_list]
        self.assertAlmostEqual(seconds, 100.0, delta=50)
        self.assertEqual(len(self.server.asked), 1)

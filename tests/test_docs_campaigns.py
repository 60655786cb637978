"""The operator's page of campaigns names everything that the code can say."""

import re
from pathlib import Path

from odoo.tests import BaseCase, tagged

from ..ghl_calls.campaigns import breaker, retries, suppression
from ..ghl_calls.models import ghl_call_event, ghl_campaign, ghl_campaign_lead, ghl_campaign_live

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "campaigns.md").read_text()


def rows(heading: str) -> dict[str, str]:
    """Code -> what it is shown as, of the first table under a heading whose rows begin with a code."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", section, re.M))


@tagged("post_install", "-at_install", "ghl")
class TestCampaignsPage(BaseCase):
    def test_every_state_of_a_campaign_is_explained(self):
        self.assertEqual(rows("The states of a campaign"), dict(ghl_campaign.STATES))

    def test_every_state_of_a_recipient_is_explained(self):
        self.assertEqual(rows("The states of a recipient"), dict(ghl_campaign_lead.STATES))

    def test_every_result_is_explained(self):
        self.assertEqual(rows("Results"), dict(ghl_campaign_lead.OUTCOMES))

    def test_results_are_said_to_count_as_they_do(self):
        section = PAGE.partition("\n## Results\n")[2].partition("\n## ")[0]
        told = {row[0]: row[1] for row in re.findall(r"^\| `(\w+)` \|(?:[^|]+\|){2} ([^|]*?) ?\|", section, re.M)}
        counted = dict.fromkeys(retries.OUTCOMES, "failed")
        counted |= dict.fromkeys(ghl_campaign.SUCCESSFUL, "answered")
        counted |= dict.fromkeys(ghl_campaign.MISSED, "not reached")
        self.assertEqual(told, {**counted, "not_sent": ""})

    def test_every_reason_not_to_call_is_explained_in_the_order_it_is_looked_at(self):
        self.assertEqual(list(rows("Why somebody is not called").items()), list(suppression.REASONS.items()))

    def test_the_breaker_is_told_as_it_is(self):
        rule = breaker.Breaker()
        self.assertEqual((rule.share, rule.seconds, rule.least), (0.5, 120, 5))
        self.assertIn("half of the calls that ended within 120 seconds failed", PAGE)
        self.assertIn("at least 5", PAGE)
        self.assertIn("(`failed`, `unknown` or `not_sent`)", PAGE)
        self.assertEqual(breaker.FAILURES, {"failed", "unknown", "not_sent"})

    def test_every_event_and_every_status_is_named(self):
        names = {*ghl_campaign_live.NEWS.values(), *ghl_campaign_live.OLD_NAMES, *ghl_campaign_live.OLD_NAMES.values()}
        names |= {"campaign:resumed", "call:status-update"} | {word for word, _label in ghl_call_event.EVENTS}
        self.assertEqual([name for name in sorted(names) if name not in PAGE], [])

"""A machine answers: what the agent says about it is done while the call goes on."""

from urllib.parse import unquote_plus

from odoo.tests import TransactionCase, tagged

from ..ghl_calls.dialer import reports
from ..ghl_calls.providers.base import Report
from .scripted_http import Reply, ScriptedServer
from .voip_data import make_account, make_agent, make_call

SID = "CA" + "1" * 32


@tagged("post_install", "-at_install", "ghl")
class TestVoicemail(TransactionCase):
    def setUp(self):
        super().setUp()
        self.server = self.enterContext(ScriptedServer(*[Reply(200, {"sid": SID, "status": "completed"})] * 3))
        self.account = make_account(
            self.env, self.server.url, provider="twilio", account_sid="AC" + "2" * 32, auth_token="t" * 32
        )

    def under_way(self, **agent):
        agent = make_agent(self.env, self.account, first_sentence="Hello!", **agent)
        call = make_call(self.env, self.account, voice_agent_id=agent.id, provider="twilio", provider_call_id=SID)
        call._apply_event("in_progress", {"submission": "accepted", "reference": "r1"})
        return call

    def told(self, call, answered_by="machine", key="amd-1"):
        """What the provider is asked to do after it said who answered."""
        report = Report(SID, "machine_end_beep", key, reference="r1", values={"answered_by": answered_by})
        reports.apply(self.env, self.account, [report])
        self.env.flush_all()
        before = len(self.server.asked)
        self.env["ghl.job"].drain()
        return [unquote_plus(asked.body.decode()) for asked in self.server.asked[before:]]

    def test_the_message_of_the_agent_is_left(self):
        call = self.under_way(voicemail_action="leave_message", voicemail_message="Please call back.")
        [asked] = self.told(call)
        self.assertIn("<Say>Please call back.</Say><Hangup/>", asked)

    def test_it_is_hung_up_on_unless_the_agent_says_otherwise(self):
        call = self.under_way()
        self.assertEqual(self.told(call), ["Status=completed"])
        self.assertEqual(call.answered_by, "machine")

    def test_the_agent_may_go_on_talking(self):
        self.assertEqual(self.told(self.under_way(voicemail_action="ignore")), [])

    def test_people_are_talked_to(self):
        call = self.under_way()
        for word in ("unknown", "human", "fax"):
            self.assertEqual(self.told(call, word, key=word), [], word)

    def test_the_same_report_again_does_nothing_more(self):
        call = self.under_way()
        self.told(call)
        self.assertEqual(self.told(call), [])

    def test_a_call_that_is_over_is_left_alone(self):
        call = self.under_way()
        call._apply_event("completed", {})
        self.assertEqual(self.told(call), [])

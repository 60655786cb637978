"""A campaign from its form to its end, in a browser, over the simulated Twilio."""

from ..dev.sandbox.client import start_sandbox
from .browser_case import BrowserCase

# Numbers of New York that a person answers; the last one must not be called.
FILL = """
account = env["ghl.voip.account"].create({
    "name": "Twilio", "provider": "twilio", "base_url": %(twilio)r["base_url"], "calls_per_second": 100,
    "account_sid": %(twilio)r["account_sid"], "auth_token": %(twilio)r["auth_token"], "max_concurrent": 100,
    "number_ids": [(0, 0, {"number": %(twilio)r["numbers"][0]})],
})
account.action_test_connection()
agent = env["ghl.voice.agent"].create({"name": "Anna", "voip_account_id": account.id, "first_sentence": "Hello!"})
days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
campaign = env["ghl.campaign"].create({
    "name": "Spring check-up", "voice_agent_id": agent.id, "max_concurrent_calls": 3, "retry_ids": [(5, 0, 0)],
    "user_id": env.ref("base.user_admin").id,
    "window_ids": [(0, 0, {"weekday": day, "hour_from": 0.0, "hour_to": 24.0}) for day in days],
})
campaign._add_recipients({"phone": f"+12125550{n}", "name": f"Person {n}"} for n in range(200, 212))
env["phone.blacklist"].add("+12125550211")
env["ir.config_parameter"].set_param("ghl.public_base_url", %(url)r)
result = campaign.id
"""


class TestCampaignInBrowser(BrowserCase):
    @classmethod
    def prepare(cls):
        cls.sandbox = start_sandbox(contacts=0, time_scale=25, weights={"human": 1}, talk_median=20)
        cls.addClassCleanup(cls.sandbox.stop)
        cls.campaign_id = cls.shell(FILL % {"twilio": cls.sandbox.ready["twilio"], "url": cls.url})

    def state(self):
        return self.page.get_attribute(".o_ghl_state", "data-state")

    def wait_for_state(self, state):
        self.page.wait_for_selector(f".o_ghl_state[data-state={state}]")

    def rung(self):
        return self.sandbox.control("/telephony/counts")["twilio"]["rung"]

    def test_preflight_start_pause_resume_and_end_are_seen_live(self):
        page = self.page
        self.log_in()
        page.goto(f"{self.url}/odoo/ghl-campaigns/{self.campaign_id}")
        self.press("Who Will Be Called?")
        page.wait_for_selector(".o_ghl_preflight")
        self.assertIn("11 will be called", page.inner_text(".o_ghl_preflight"))
        self.assertIn("1 skipped", page.inner_text(".o_ghl_preflight"))
        self.press("Start")
        page.click(".modal-footer .btn-primary")
        page.click("button[name=action_open_live]")
        self.wait_for_state("running")
        page.wait_for_function("document.querySelectorAll('.o_ghl_slots .o_busy').length > 0")
        page.click("button[name=pause]")
        self.wait_for_state("paused")
        # What is under way ends, and nobody else is called.
        page.wait_for_function("document.querySelectorAll('.o_ghl_slots .o_busy').length === 0")
        rung = self.rung()
        self.assertLess(rung, 11)
        page.reload()
        self.wait_for_state("paused")
        self.assertEqual(self.rung(), rung)
        page.click("button[name=resume]")
        self.wait_for_state("completed")
        page.wait_for_function("document.querySelector('.o_ghl_figures b').textContent === '12 / 12'")
        self.assertEqual(self.rung(), 11, "everybody once, who must not be called never")
        shown = page.inner_text(".o_ghl_live")
        self.assertIn("Completed", shown)
        self.assertNotRegex(shown, "COMPLETED|DIALING|NO_ANSWER|NOTE", "people read words, not codes")
        page.goto(f"{self.url}/odoo/ghl-campaigns/{self.campaign_id}")
        self.press("Recipients")
        page.click(".o_data_row .o_data_cell[name=name] >> nth=0")
        page.wait_for_selector(".o_data_cell[name=told]")
        told = page.locator(".o_data_cell[name=told]").all_inner_texts()
        self.assertRegex(told[0], r"Twilio is asked to call \+1212")
        self.assertRegex(told[-1], r"Talked for \d+:\d\d")
        self.assertEqual(self.troubles, [])

    def test_a_campaign_that_is_not_there_is_told_calmly(self):
        page = self.page
        self.log_in()
        page.goto(f"{self.url}/odoo/{self.campaign_id + 1000}/ghl-campaign-live")
        page.wait_for_selector(".o_ghl_live .o_nocontent_help")
        self.assertIn("not there any more", page.inner_text(".o_nocontent_help"))
        self.press("All Campaigns")
        page.wait_for_selector(".o_kanban_view")
        self.assertEqual(self.troubles, [])

"""A campaign from its form to its end, in a browser, over the simulated Twilio."""

import json
from contextlib import closing
from urllib.parse import urlsplit

import psycopg2

from ..dev.sandbox.client import start_sandbox
from .browser_case import BrowserCase
from .cut_line import CutLine

# Numbers of New York that a person answers; the last one must not be called.
FILL = """
import datetime

account = env["ghl.voip.account"].create({
    "name": "Twilio", "provider": "twilio", "base_url": %(twilio)r["base_url"], "calls_per_second": 100,
    "account_sid": %(twilio)r["account_sid"], "auth_token": %(twilio)r["auth_token"], "max_concurrent": 100,
    "number_ids": [(0, 0, {"number": %(twilio)r["numbers"][0]})],
})
account.action_test_connection()
agent = env["ghl.voice.agent"].create({"name": "Anna", "voip_account_id": account.id, "first_sentence": "Hello!"})
days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

def campaign(name, numbers, days=days):
    new = env["ghl.campaign"].create({
        "name": name, "voice_agent_id": agent.id, "max_concurrent_calls": 3, "retry_ids": [(5, 0, 0)],
        "user_id": env.ref("base.user_admin").id,
        "window_ids": [(0, 0, {"weekday": day, "hour_from": 0.0, "hour_to": 24.0}) for day in days],
    })
    new._add_recipients({"phone": f"+12125550{n}", "name": f"Person {n}"} for n in numbers)
    return new.id

env["phone.blacklist"].add("+12125550211")
env["ir.config_parameter"].set_param("ghl.public_base_url", %(url)r)
env["res.users"].create({"name": "Stranger", "login": "stranger", "password": "stranger"})
result = {
    "campaign_id": campaign("Spring check-up", range(200, 212)),
    "long_id": campaign("Autumn", range(220, 250)),
    # Not today: what moves on its page is what a test pushes.
    "still_id": campaign(%(long_name)r, range(260, 264), [days[(datetime.date.today().weekday() + 3) %% 7]]),
}
"""
LONG_NAME = "Donaudampfschifffahrt" * 19

# How many recipients are through, as the page shows it.
DONE = "parseInt(document.querySelector('.o_ghl_figures b').textContent)"
# `eta` is read once whenever the page is rendered.
COUNT_RENDERS = """() => {
    const { prototype } = odoo.loader.modules.get("@ghl/campaign_live/campaign_live").CampaignLive;
    const { get } = Object.getOwnPropertyDescriptor(prototype, "eta");
    Object.assign(window, { renders: 0, began: performance.now() });
    Object.defineProperty(prototype, "eta", { get() { window.renders++; return get.call(this); } });
}"""


def progress(current):
    figures = {"current": current, "total": 180, "inFlight": 1, "successRate": 0}
    return {**figures, "successfulCalls": 0, "missedCalls": 0, "failedCalls": 0}


class TestCampaignInBrowser(BrowserCase):
    @classmethod
    def prepare(cls):
        cls.sandbox = start_sandbox(contacts=0, time_scale=25, weights={"human": 1}, talk_median=20)
        cls.addClassCleanup(cls.sandbox.stop)
        twilio = cls.sandbox.ready["twilio"]
        for name, value in cls.shell(FILL % {"twilio": twilio, "url": cls.url, "long_name": LONG_NAME}).items():
            setattr(cls, name, value)

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

    def test_a_campaign_that_is_not_there_is_told_calmly(self):
        page = self.page
        self.log_in()
        page.goto(f"{self.url}/odoo/{self.campaign_id + 1000}/ghl-campaign-live")
        page.wait_for_selector(".o_ghl_live .o_nocontent_help")
        self.assertIn("not there any more", page.inner_text(".o_nocontent_help"))
        self.press("All Campaigns")
        page.wait_for_selector(".o_kanban_view")

    # ---- hard states -------------------------------------------------------------------------------------

    def open_live(self, campaign_id, url=None, page=None):
        page = page or self.page
        page.goto(f"{url or self.url}/odoo/{campaign_id}/ghl-campaign-live")
        page.wait_for_selector(".o_ghl_live .o_ghl_figures")

    def done(self, page=None):
        return int((page or self.page).inner_text(".o_ghl_figures b >> nth=0").partition(" / ")[0])

    def open_still(self, state):
        self.sql(f"UPDATE ghl_campaign SET state = '{state}' WHERE id = {self.still_id}")
        self.open_live(self.still_id)

    def call(self, method, campaign_id):
        """What a method of the campaign gives, asked for with the browser's session."""
        return self.page.evaluate(
            """async ([method, id]) => {
                const params = { model: "ghl.campaign", method, args: [[id]], kwargs: {} };
                const init = { method: "POST", headers: { "Content-Type": "application/json" } };
                const body = JSON.stringify({ jsonrpc: "2.0", method: "call", params });
                const answer = await fetch(`/web/dataset/call_kw/ghl.campaign/${method}`, { ...init, body });
                return (await answer.json()).result;
            }""",
            [method, campaign_id],
        )

    def push(self, campaign_id, *news):
        """Push news as the server does; who comes within a minute would hear them, too."""
        self.addCleanup(self.sql, "DELETE FROM bus_bus")
        channel = json.dumps([self.db, "ghl.campaign", campaign_id, "live"], separators=(",", ":"))
        for kind, payload in news:
            message = json.dumps({"type": kind, "payload": {"campaignId": str(campaign_id), **payload}})
            self.sql(f"INSERT INTO bus_bus (channel, message, create_date) VALUES ('{channel}', '{message}', now())")
        with closing(psycopg2.connect(**self.everywhere())) as connection, connection, connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify('imbus', %s)", [f"[{channel}]"])

    def everywhere(self):
        pg = self.odoo.pg
        return {"host": pg.host, "port": pg.port, "user": pg.user, "password": pg.password, "dbname": "postgres"}

    def test_on_a_telephone_live_is_opened_from_the_campaign_and_stays(self):
        page = self.look(viewport={"width": 390, "height": 844}, has_touch=True).new_page()
        page.clock.install()
        self.log_in(page=page)
        self.sql(f"UPDATE ghl_campaign SET state = 'running' WHERE id = {self.still_id}")
        page.goto(f"{self.url}/odoo/ghl-campaigns/{self.still_id}")
        page.click(".o_control_panel button:has(.fa-bolt)")
        # A click would scroll first, and scrolling closes the sheet with the buttons.
        page.locator("[name=action_open_live]:visible").dispatch_event("click")
        page.wait_for_selector(".o_ghl_figures")
        page.clock.fast_forward(20_000)
        page.wait_for_function("document.querySelectorAll('.o_loading_indicator').length === 0")
        self.assertEqual(page.locator(".o_ghl_live .o_ghl_figures").count(), 1)
        self.assertEqual(page.locator(".o_form_view").count(), 0)

    def test_two_tabs_stay_true_while_the_live_connection_is_cut_and_miss_nothing(self):
        line = CutLine(urlsplit(self.url).port)
        self.addCleanup(line.close)
        page, url = self.page, line.url
        page.clock.install()
        self.log_in(url=url)
        other = self.context.new_page()
        self.open_live(self.long_id, url)
        self.open_live(self.long_id, url, other)
        self.call("action_start", self.long_id)
        for tab in (page, other):
            tab.wait_for_selector(".o_ghl_state[data-state=running]")
            tab.wait_for_function(f"{DONE} > 0")
        self.meant("a cut line")
        line.cut()
        for tab in (page, other):
            tab.wait_for_selector(".o_ghl_live [role=status]:has-text('Live connection lost')")
        before = self.done()
        for _look in range(6):
            with page.expect_response("**/read_live"):
                page.clock.fast_forward(5000)  # half a minute in six looks
        page.wait_for_function(f"{DONE} > {before}")
        self.assertIn("Live connection lost", page.inner_text(".o_ghl_live"))
        line.mend()
        for tab in (page, other):
            tab.wait_for_selector(".o_ghl_live [role=status]:has-text('Live connection lost')", state="detached")
            tab.wait_for_selector(".o_ghl_state[data-state=completed]")
            tab.wait_for_function(f"{DONE} === 30")
        truth = self.call("read_live", self.long_id)
        self.assertEqual(sum(row["count"] for row in truth["outcomes"]), 30)
        for tab in (page, other):
            figures = tab.locator(".o_ghl_figures b").all_inner_texts()
            self.assertEqual(figures[1], str(truth["progress"]["successfulCalls"]))
            self.assertEqual(tab.locator(".o_ghl_slots ~ div").count(), 0, "nobody is left over")
        self.assertEqual(*(tab.inner_text(".o_ghl_figures") for tab in (page, other)))

    def test_who_is_logged_out_is_told_calmly_and_may_go_on_after_logging_in(self):
        page = self.page
        page.clock.install()
        self.log_in()
        self.open_still("running")
        self.meant("logged out")
        self.context.clear_cookies()
        page.clock.fast_forward(20_000)
        page.wait_for_selector(".o_ghl_live [role=status]:has-text('You are logged out')")
        self.assertEqual(page.locator(".modal:visible").count(), 0)
        self.assertEqual(page.inner_text(".o_ghl_figures b >> nth=0"), "0 / 4", "what was shown stays")
        self.log_in(page=self.context.new_page())
        page.clock.fast_forward(6000)
        page.wait_for_selector(".o_ghl_live .badge[role=status]", state="detached")

    def test_sixty_updates_a_second_are_five_renderings_and_the_page_answers(self):
        page = self.page
        self.log_in()
        self.open_still("paused")
        self.push(self.still_id, ("campaign:progress", progress(1)))
        page.wait_for_function(f"{DONE} === 1")
        page.evaluate(COUNT_RENDERS)
        for second in range(3):
            self.push(self.still_id, *(("campaign:progress", progress(60 * second + n)) for n in range(1, 61)))
            page.wait_for_function(f"{DONE} >= {60 * second + 60}")
            page.click("button[name=wall]")
        renders, seconds = page.evaluate("[window.renders, (performance.now() - window.began) / 1000]")
        self.assertEqual(self.done(), 180)
        self.assertGreater(renders, 2)
        self.assertLessEqual(renders, 5 * seconds + 4, "three presses of a button are renderings too")

    def test_very_long_names_stay_within_the_page(self):
        page = self.page
        self.log_in()
        self.open_still("paused")
        lead = {"callId": "1", "leadName": LONG_NAME}
        self.push(
            self.still_id, *(("call:status-update", {**lead, "status": status}) for status in ("RINGING", "ANSWERED"))
        )
        page.wait_for_selector(".o_ghl_slots ~ div:has-text('Answered')")
        for width in (1366, 390):
            page.set_viewport_size({"width": width, "height": 768})
            wide = page.evaluate(
                "[...document.querySelectorAll('.o_ghl_live_page')].map(e => e.scrollWidth - e.clientWidth)"
            )
            self.assertEqual(wide, [0], f"{width} wide")

    def test_who_may_not_see_the_campaign_is_told_calmly(self):
        page = self.page
        self.log_in("stranger", "stranger")
        page.goto(f"{self.url}/odoo/{self.still_id}/ghl-campaign-live")
        page.wait_for_selector(".o_ghl_live .o_nocontent_help")
        self.assertIn("not for you to see", page.inner_text(".o_nocontent_help"))
        self.assertNotIn(LONG_NAME, page.content())
        self.assertEqual(page.locator(".modal:visible").count(), 0)

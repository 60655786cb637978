"""From an empty Odoo to synchronised contacts and a first campaign, by clicks alone, against the sandbox."""

import re

from ..dev.sandbox.client import start_sandbox
from .browser_case import BrowserCase


class TestFirstRunInBrowser(BrowserCase):
    @classmethod
    def prepare(cls):
        cls.sandbox = start_sandbox(
            contacts=12, locations=1, time_scale=25, weights={"human": 1}, talk_median=60, rate_limit=False
        )
        cls.addClassCleanup(cls.sandbox.stop)

    def fill(self, name, value, inside=""):
        box = self.page.locator(f"{inside} .o_field_widget[name={name}]").locator("input, textarea").first
        box.click()
        box.fill(value)

    def pick(self, name, option):
        """Choose from a drop-down list."""
        self.page.locator(f".o_field_widget[name={name}] input").first.click()
        self.page.locator(f".o_field_widget[name={name}] input").first.fill(option)
        self.page.click(f".o_select_menu_item:has-text('{option}') >> nth=0")

    def test_a_newcomer_gets_from_the_empty_page_to_the_end_of_a_campaign(self):
        self.sql("UPDATE res_users SET tour_enabled = TRUE WHERE login = 'admin' RETURNING id")
        self.log_in()
        self.follow_the_tour()
        self.connect_location()
        self.choose_and_synchronise()
        self.end_the_tour()
        self.connect_telephone()
        self.make_agent()
        self.call_contacts()

    def follow_the_tour(self):
        """Odoo points at what is next, from the list of apps on."""
        for told, target in (
            ("one of the apps", ".o_navbar_apps_menu button"),
            ("Bring your GoHighLevel contacts", ".o_app[data-menu-xmlid='ghl.menu_ghl_root']"),
            ("begin here", ".o_ghl_start button"),
        ):
            self.page.wait_for_selector(f".o_tour_pointer:has-text('{told}')")
            self.page.click(target)
        self.page.wait_for_selector(".o_tour_pointer:has-text('by its ID and a token')")

    def end_the_tour(self):
        self.page.click(".o_ghl_contacts")
        self.page.click(".o_reward:has-text('Your contacts are here')")
        self.page.wait_for_selector(".o_tour_pointer", state="detached")
        self.page.goto(f"{self.url}/odoo/ghl-start")

    def connect_location(self):
        self.press("Connect a location")
        for token in ("pit-mistyped", self.sandbox.private_token):
            self.fill("location_external_ids", self.sandbox.location_id, ".modal")
            self.fill("base_url", self.sandbox.base_url, ".modal")
            self.fill("token", token, ".modal")
            self.page.click(".modal button[name=action_connect]")
            if token == "pit-mistyped":
                self.page.wait_for_selector(".modal .alert-danger:has-text('Nothing was saved')")
        self.page.wait_for_selector(".o_ghl_place[data-step=choose]")

    def choose_and_synchronise(self):
        page = self.page
        there = page.wait_for_selector("tr[data-entity=contacts] [data-figure=create]")
        self.assertEqual(there.inner_text(), "12")
        self.assertRegex(page.inner_text(".o_ghl_costs"), r"takes \d+ requests .* nothing was written")
        page.click("tbody[data-kind=pipelines] input")
        # Opportunities need pipelines, and say so.
        page.wait_for_selector("tbody[data-kind=opportunities]:has-text('not synchronised')")
        self.assertIn("needs Contacts, Pipelines", page.inner_text("tbody[data-kind=opportunities]"))
        self.assertEqual(self.sql("SELECT count(*) FROM ghl_contact"), [(0,)])
        page.click(".o_ghl_go")
        page.wait_for_selector(".o_ghl_place[data-step=done]")
        self.assertEqual(self.sql("SELECT count(*) FROM ghl_contact"), [(12,)])
        self.assertEqual(self.sql("SELECT count(*) FROM ghl_contact_opportunity"), [(0,)])

    def connect_telephone(self):
        page, twilio = self.page, self.sandbox.twilio
        page.click(".o_ghl_new_account")
        page.wait_for_selector(".o_form_view .o_field_widget[name=provider]")
        self.fill("name", "Twilio")
        self.pick("provider", "Twilio")
        page.wait_for_selector(".o_field_widget[name=account_sid]")
        self.fill("base_url", twilio["base_url"])
        self.fill("account_sid", twilio["account_sid"])
        self.fill("auth_token", twilio["auth_token"])
        page.click(".o_field_widget[name=number_ids] .o_field_x2many_list_row_add a")
        page.fill(".o_selected_row .o_field_widget[name=number] input", twilio["numbers"][0])
        page.click("button[name=action_test_connection]")
        page.wait_for_selector(".o_notification:has-text('Connection works')")
        page.click(".breadcrumb a:has-text('Get Started'), .o_breadcrumb a:has-text('Get Started')")
        page.wait_for_selector(".o_ghl_next:has-text('A telephone account is connected')")

    def make_agent(self):
        self.page.click(".o_ghl_new_agent")
        self.page.wait_for_selector(".o_form_view .o_field_widget[name=first_sentence]")
        self.fill("name", "Anna")
        self.fill("first_sentence", "Good day, this is Anna.")
        self.page.click(".o_form_button_save")
        self.page.wait_for_selector(".o_form_status_indicator_buttons.invisible", state="attached")
        self.page.click(".breadcrumb a:has-text('Get Started'), .o_breadcrumb a:has-text('Get Started')")
        self.page.wait_for_selector(".o_ghl_next:has-text('There is a voice agent')")

    def call_contacts(self):
        page = self.page
        page.click(".o_ghl_contacts")
        page.wait_for_selector(".o_data_row .o_list_record_selector input")
        page.click("thead .o_list_record_selector input")
        page.click(".o_cp_action_menus button:has-text('Actions')")
        page.click(".o-dropdown--menu .o-dropdown-item:has-text('Start a Campaign')")
        page.click(".modal button[name=action_apply]")
        page.wait_for_selector(".o_ghl_preflight")
        page.click(".nav-link:has-text('When')")
        self.pick("timezone", "America/New_York")
        self.call_at_any_hour()
        self.press("Check Again")
        page.wait_for_selector(".o_ghl_preflight:not(:has-text('Time zone unknown')):not(:has-text('outside their'))")
        will_call = int(re.match(r"(\d+)", page.inner_text(".o_ghl_preflight")).group(1))
        self.assertTrue(will_call)
        self.press("Start")
        page.click(".modal-footer .btn-primary")
        page.click("button[name=action_open_live]")
        page.wait_for_selector(".o_ghl_state[data-state=completed]")
        self.assertEqual(self.sandbox.control("/telephony/counts")["twilio"]["rung"], will_call)

    def call_at_any_hour(self):
        """The people of the sandbox live all over the world; Sunday is not among the days proposed."""
        page, rows = self.page, ".o_field_widget[name=window_ids] .o_data_row"
        for number in range(page.locator(rows).count()):
            page.locator(f"{rows} td[name=hour_from]").nth(number).click()
            self.fill_hours()
        page.click(".o_field_widget[name=window_ids] .o_field_x2many_list_row_add a")
        self.pick("weekday", "Sunday")
        self.fill_hours()

    def fill_hours(self):
        for name, value in (("hour_from", "00:00"), ("hour_to", "24:00")):
            self.page.fill(f".o_selected_row .o_field_widget[name={name}] input", value)

"""How the screens look to people: in the dark, from right to left, on a telephone, and when something is wrong."""

from pathlib import Path

from ..dev.bootstrap import SetupError, looks
from .browser_case import BrowserCase

AUDIT = (Path(__file__).parents[1] / "dev" / "screenshots" / "audit.js").read_text()
OURS = ".o_ghl_dashboard, .o_ghl_live, .o_ghl_start_page, .o_form_sheet, .o_kanban_renderer, .o_list_renderer"
FILL = """
import ast
from odoo.tools import convert_file
from odoo.tools.misc import file_open
for name in ast.literal_eval(file_open("ghl/__manifest__.py").read())["demo"]:
    convert_file(env, "ghl", name, {}, mode="init")
env["res.lang"]._activate_and_install_lang("he_IL")
home, groups = env.company, env.ref("ghl.group_ghl_admin") + env.ref("base.group_system")
def user(login, company, groups, **values):
    made = env["res.users"].create({"name": login, "login": login, "password": login, "company_id": company.id,
                                    "company_ids": [(6, 0, company.ids)],
                                    "group_ids": [(6, 0, (groups + env.ref("base.group_user")).ids)]})
    for field, value in values.items():
        made[field] = value
user("night", home, groups, dark_mode=True)
user("rtl", home, groups, lang="he_IL")
user("outsider", home, env["res.groups"])
user("unconnected", env["res.company"].create({"name": "New"}), groups)
refused = env["res.company"].create({"name": "Refused"})
user("revoked", refused, groups)
account = env["ghl.account"].create({"name": "Agency", "company_id": refused.id, "state": "error",
                                     "last_error": "GoHighLevel does not accept the credentials."})
env["ghl.location"].create({"name": "Austin", "external_id": "L-refused", "account_id": account.id})
contact = env["ghl.contact.message"].search([("contact_id", "!=", False)], limit=1).contact_id
call = env["ghl.call"].search([("contact_id", "!=", False)], limit=1)
campaign = env["ghl.campaign"].create({"name": "Spring", "user_id": env.ref("base.user_admin").id})
campaign._add_contacts(env["ghl.contact"].search([], limit=5))
result = {"contact": contact.id, "call": call.id, "campaign": campaign.id}
"""


class TestScreensInBrowser(BrowserCase):
    @classmethod
    def prepare(cls):
        cls.no_rtl = ""
        try:
            looks.install_rtlcss(cls.odoo)
        except SetupError as error:
            cls.no_rtl = str(error)
        looks.install_dark_mode(cls.odoo, cls.db)
        cls.ids = cls.shell(FILL)
        cls.pages = (
            "ghl-dashboard",
            "ghl-contacts?view_type=kanban",
            f"ghl-contacts/{cls.ids['contact']}",
            "ghl-calls",
            f"ghl-calls/{cls.ids['call']}",
            "ghl-opportunities",
            f"ghl-campaigns/{cls.ids['campaign']}",
            "ghl-sync-health",
            "ghl-start",
        )

    def show(self, path):
        self.page.goto(f"{self.url}/odoo/{path}")
        self.page.wait_for_selector(f".o_action_manager :is({OURS})")
        self.page.wait_for_function("document.querySelectorAll('.o_loading_indicator, .fa-spin').length === 0")

    def show_live(self):
        self.show(f"ghl-campaigns/{self.ids['campaign']}")
        self.page.evaluate(
            """(id) => odoo.__WOWL_DEBUG__.root.env.services.action.doAction(
                { type: "ir.actions.client", tag: "ghl_campaign_live", params: { campaign_id: id } })""",
            self.ids["campaign"],
        )
        self.page.wait_for_selector(".o_ghl_figures")

    def assert_nothing_to_stumble_over(self):
        for path in self.pages:
            with self.subTest(path):
                self.show(path)
                self.assertEqual(self.page.evaluate(AUDIT, OURS), [])
        with self.subTest("live"):
            self.show_live()
            self.assertEqual(self.page.evaluate(AUDIT, OURS), [])
            self.page.click("button[name=wall]")
            self.assertEqual(self.page.evaluate(AUDIT, OURS), [])

    def ground(self, selector):
        """How light what lies behind it is: 0 to 255."""
        colour = self.page.evaluate("(s) => getComputedStyle(document.querySelector(s)).backgroundColor", selector)
        return max(int(part) for part in colour[colour.index("(") + 1 : -1].split(",")[:3])

    def test_every_text_can_be_read_in_the_dark(self):
        self.log_in("night", "night")
        self.assert_nothing_to_stumble_over()
        self.show("ghl-dashboard")
        for ours in (".o_ghl_card", ".o_ghl_chart"):
            self.assertLess(self.ground(ours), 64, f"{ours} is dark")

    def test_every_text_can_be_read_in_the_light(self):
        self.log_in()
        self.assert_nothing_to_stumble_over()
        self.show("ghl-dashboard")
        self.assertGreater(self.ground(".o_ghl_card"), 191)

    def test_from_right_to_left_everything_changes_sides(self):
        if self.no_rtl:
            self.skipTest(self.no_rtl)
        self.log_in("rtl", "rtl")
        self.assert_nothing_to_stumble_over()
        self.show(f"ghl-contacts/{self.ids['contact']}")
        sides = self.page.evaluate(
            """() => {
                const box = document.querySelector(".o_ghl_thread").getBoundingClientRect();
                const middle = (box.left + box.right) / 2;
                const sides = (name) => {
                    const boxes = [...document.querySelectorAll(`.o_ghl_${name} > .o_ghl_bubble`)].map((bubble) =>
                        bubble.getBoundingClientRect());
                    const found = boxes.map((at) => ((at.left + at.right) / 2 < middle ? "left" : "right"));
                    return [...new Set(found)];
                };
                return { inbound: sides("inbound"), outbound: sides("outbound") };
            }"""
        )
        self.assertEqual(sides, {"inbound": ["right"], "outbound": ["left"]})
        number = self.page.evaluate(
            """() => {
                const text = document.querySelector(".o_field_widget[name=phone] a").firstChild;
                const left = (from) => {
                    const range = document.createRange();
                    range.setStart(text, from);
                    range.setEnd(text, from + 1);
                    return range.getBoundingClientRect().left;
                };
                return { shown: text.data, first: left(0), last: left(text.data.length - 1) };
            }"""
        )
        self.assertTrue(number["shown"].startswith("+"))
        self.assertLess(number["first"], number["last"])

    def test_on_a_telephone_nothing_stands_out_of_the_screen(self):
        self.page.set_viewport_size({"width": 390, "height": 844})
        self.log_in()
        self.assert_nothing_to_stumble_over()

    def test_without_a_location_the_figures_lead_to_the_first_steps(self):
        self.log_in("unconnected", "unconnected")
        self.show("ghl-dashboard")
        self.assertIn("No GoHighLevel location is connected yet", self.page.inner_text(".o_ghl_dashboard"))
        self.press("Get started")
        self.page.wait_for_selector(".o_ghl_first")

    def test_refused_credentials_are_named_with_the_way_out(self):
        self.log_in("revoked", "revoked")
        self.show("ghl-dashboard")
        told = self.page.inner_text(".o_ghl_sync_error")
        self.assertIn("GoHighLevel does not accept the credentials.", told)
        self.press("Replace the token")
        self.page.wait_for_selector(".o_form_view button:has-text('Replace Token')")
        self.show("ghl-sync-health")
        card = self.page.locator(".o_ghl_health .o_kanban_record:not(.o_kanban_ghost)")
        self.assertNotRegex(card.inner_text(), "Sync now|Retry")
        self.press("Replace Token")
        self.page.wait_for_selector(".modal .o_field_widget[name=token]")
        held = self.page.input_value(".modal .o_field_widget[name=location_external_ids] :is(input, textarea)")
        self.assertEqual(held, "L-refused")

    def test_without_rights_the_figures_say_so_and_show_nothing(self):
        self.meant("no rights")
        self.log_in("outsider", "outsider")
        self.page.goto(f"{self.url}/odoo/ghl-dashboard")
        self.page.wait_for_selector(".o_ghl_error, .o_error_dialog")
        self.assertIn("Only users of GoHighLevel may see its analytics.", self.page.inner_text("body"))
        self.assertEqual(self.page.locator(".o_ghl_card").count(), 0)

    def test_while_the_server_is_away_the_figures_stay_with_a_word_of_it(self):
        self.log_in()
        self.show("ghl-dashboard")
        cards = self.page.locator(".o_ghl_card").count()
        self.meant("offline")
        self.context.set_offline(True)
        self.page.select_option("select.o_ghl_period", "7d")
        self.page.wait_for_selector(".o_ghl_error")
        self.assertIn("The server cannot be reached.", self.page.inner_text(".o_ghl_error"))
        self.assertEqual(self.page.locator(".o_ghl_card").count(), cards)
        self.context.set_offline(False)
        self.press("Try again")
        self.page.wait_for_selector(".o_ghl_error", state="detached")

    def test_who_is_logged_out_is_told_so(self):
        self.log_in()
        self.show_live()
        self.meant("logged out")
        self.context.clear_cookies()
        self.page.evaluate("odoo.__WOWL_DEBUG__.root.env.services['worker_service'].send('BUS:STOP')")
        self.page.wait_for_selector(".o_ghl_live [role=status]:has-text('You are logged out')")

"""Pages of campaigns; the records are those that `world` makes."""

from collections.abc import Callable

from .pages import FORM, Page, group_by, open_first, pause, tab

CAMPAIGNS = "/odoo/ghl-campaigns"


def campaign(name: str) -> Callable:
    """Open the campaign of that name from the board."""

    def click(page):
        page.locator(".o_kanban_record", has_text=name).first.click()
        page.wait_for_selector(FORM)

    return click


def button(name: str, waits_for: str) -> Callable:
    """Press a button of a form, and wait for what it opens."""

    def click(page):
        if not page.locator(f"button[name={name}]:visible").count():  # small screens fold them away
            page.locator("button:has(.fa-bolt), .o_button_more").first.click()
        # A click would scroll first, and scrolling closes the sheet that small screens show them in.
        page.locator(f"button[name={name}]:visible").first.dispatch_event("click")
        page.wait_for_selector(waits_for)

    return click


def recipient(result: str) -> Callable:
    """Open the first recipient of a list with that result."""

    def click(page):
        page.locator(".o_data_row", has_text=result).first.locator(".o_data_cell[name=name]").click()
        page.wait_for_selector(FORM)

    return click


def wizard(title: str) -> Callable:
    """Tick the first records of a list and open an entry of its Actions."""

    def click(page):
        for row in range(5):
            page.locator(".o_data_row .o_list_record_selector input").nth(row).click()
        page.locator(".o_control_panel .o_cp_action_menus .dropdown-toggle", has_text="Actions").click()
        page.locator(".o-dropdown-item", has_text=title).first.click()
        page.wait_for_selector(".modal .o_form_view")

    return click


LIVE = button("action_open_live", ".o_ghl_figures")
RECIPIENTS = button("action_open_leads", ".o_list_view, .o_kanban_view")
LOG = button("action_open_events", ".o_list_view")

CAMPAIGN_PAGES = (
    Page("campaigns", CAMPAIGNS),
    Page("campaigns-list", f"{CAMPAIGNS}?view_type=list"),
    Page("campaign-preflight", CAMPAIGNS, (campaign("Reactivation"),)),
    Page("campaign-windows", CAMPAIGNS, (campaign("Reactivation"), tab("When"))),
    Page("campaign-retries", CAMPAIGNS, (campaign("Reactivation"), tab("Retries"))),
    Page("campaign-running", CAMPAIGNS, (campaign("Spring"),)),
    Page("campaign-live", CAMPAIGNS, (campaign("Spring"), LIVE, pause)),
    Page("campaign-wallboard", CAMPAIGNS, (campaign("Spring"), LIVE, button("wall", ".o_ghl_wall"), pause)),
    Page("campaign-live-paused", CAMPAIGNS, (campaign("Overdue"), LIVE, pause)),
    Page("campaign-live-completed", CAMPAIGNS, (campaign("Newsletter"), LIVE, pause)),
    Page("campaign-recipients", CAMPAIGNS, (campaign("Spring"), RECIPIENTS)),
    Page("campaign-recipients-by-state", CAMPAIGNS, (campaign("Spring"), RECIPIENTS, group_by("State"))),
    Page("campaign-timeline", CAMPAIGNS, (campaign("Newsletter"), RECIPIENTS, recipient("Answered"))),
    Page("campaign-events", CAMPAIGNS, (campaign("Spring"), LOG)),
    Page("campaign-results", "/odoo/ghl-campaign-results", (pause,)),
    Page("campaign-results-pivot", "/odoo/ghl-campaign-results?view_type=pivot"),
    Page("campaign-wizard", "/odoo/ghl-contacts", (wizard("Start a Campaign"),)),
    Page("voice-agents", "/odoo/ghl-voice-agents"),
    Page("voice-agent", "/odoo/ghl-voice-agents", (open_first,)),
)

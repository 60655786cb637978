"""Pages of the menus Synchronisation and Configuration."""

from collections.abc import Callable

from .pages import Page, open_first, press, tab

LOCATIONS, KEYS = "/odoo/ghl-locations", "/odoo/ghl-api-keys"


def surveyed(page):
    """Wait for what GoHighLevel says a sync would do."""
    page.wait_for_selector(".o_ghl_survey [data-figure=create]")


def compare(page):
    page.locator(".o_ghl_compare").click()
    surveyed(page)


def tool(title: str) -> Callable:
    """Open one of the data tools of the configuration menu."""

    def click(page):
        page.locator(".o_menu_sections button", has_text="Configuration").click()
        page.locator(".o-dropdown--menu .dropdown-item", has_text=title).first.click()
        page.wait_for_selector(".modal .o_form_view")
        page.wait_for_timeout(500)

    return click


def create_key(page):
    """Make the key that the open window asks about: the next window shows it."""
    page.locator(".modal .o_field_widget[name=name] input").fill("Reporting")
    page.locator(".modal button[name=action_generate]").click()
    page.wait_for_selector(".modal .o_field_widget[name=key]")


SETUP_PAGES = (
    Page("start", "/odoo/ghl-start"),
    Page("start-connect", "/odoo/ghl-start", (press("Connect another location"),)),
    Page("sync-health", "/odoo/ghl-sync-health"),
    Page("locations", LOCATIONS),
    Page("locations-kanban", f"{LOCATIONS}?view_type=kanban"),
    Page("location", LOCATIONS, (open_first,)),
    Page("location-compare", LOCATIONS, (open_first, tab("Preview"), compare)),
    Page("location-jobs", LOCATIONS, (open_first, tab("Jobs"))),
    Page("connect", LOCATIONS, (press("Connect a Location"),)),
    Page("jobs", "/odoo/ghl-jobs"),
    Page("job", "/odoo/ghl-jobs", (open_first,)),
    Page("sync-progress", "/odoo/ghl-sync-progress"),
    Page("refused", "/odoo/ghl-refused"),
    Page("request-budgets", "/odoo/ghl-request-budgets"),
    Page("deliveries", "/odoo/ghl-deliveries"),
    Page("settings", "/odoo/settings#ghl"),
    Page("accounts", "/odoo/ghl-accounts"),
    Page("account", "/odoo/ghl-accounts", (open_first,)),
    Page("users", "/odoo/ghl-users"),
    Page("user", "/odoo/ghl-users", (open_first,)),
    Page("tags", "/odoo/ghl-tags"),
    Page("custom-fields", "/odoo/ghl-custom-fields"),
    Page("custom-field", "/odoo/ghl-custom-fields", (open_first,)),
    Page("custom-values", "/odoo/ghl-custom-values"),
    Page("pipelines", "/odoo/ghl-pipelines"),
    Page("pipeline", "/odoo/ghl-pipelines", (open_first,)),
    Page("stages", "/odoo/ghl-stages"),
    Page("call-statuses", "/odoo/ghl-call-statuses"),
    Page("call-views", "/odoo/ghl-call-views"),
    Page("calls-generate", "/odoo/ghl-calls", (tool("Generate"),)),
    Page("calls-cleanup", "/odoo/ghl-calls", (tool("Clean"),)),
    Page("calls-dedupe", "/odoo/ghl-calls", (tool("Merge"),)),
    Page("telephone-accounts", "/odoo/ghl-telephone-accounts"),
    Page("telephone-account", "/odoo/ghl-telephone-accounts", (open_first,)),
    Page("telephone-account-new", "/odoo/ghl-telephone-accounts/new"),
    Page("days-without-calls", "/odoo/ghl-days-without-calls"),
    Page("api-key-new", KEYS, (press("New Key"),)),
    Page("api-key-shown", KEYS, (press("New Key"), create_key)),
    Page("api-keys", KEYS),
    Page("api-key", KEYS, (open_first,)),
    Page("api-page", "/ghl/api-reference"),
)

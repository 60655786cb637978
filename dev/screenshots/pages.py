"""The pages worth a picture: a name, an address, and what to click before the picture is taken."""

from collections.abc import Callable
from dataclasses import dataclass

FORM = ".o_form_view .o_form_sheet"


@dataclass(frozen=True)
class Page:
    """`login`: whose page it is (see `people`), else that of whoever looks. `rough`: the browser will meet refusals."""

    name: str
    path: str
    steps: tuple[Callable, ...] = ()
    login: str = ""
    rough: bool = False


def open_first(page):
    # Not a star, an e-mail or a phone: those do something else when clicked.
    row = ".o_data_row .o_data_cell:not(.o_boolean_favorite_cell, .o_handle_cell)"
    # Small screens show cards in the place of rows.
    page.locator(f"{row}, .o_kanban_renderer .o_kanban_record:not(.o_kanban_ghost)").first.click()
    page.wait_for_selector(FORM)


def open_card(page):
    page.locator(".o_kanban_record:not(.o_kanban_ghost)").first.click()
    page.wait_for_selector(FORM)


def tab(title: str) -> Callable:
    """Open a page of the notebook; a record without it is no picture."""
    return lambda page: page.locator(".o_notebook .nav-link", has_text=title).first.click()


def press(text: str) -> Callable:
    def click(page):
        page.locator("button:visible", has_text=text).first.click()
        page.wait_for_selector(".modal .o_form_view")

    return click


def group_by(title: str) -> Callable:
    return _search_menu(".o_group_by_menu", title)


def only(title: str) -> Callable:
    """Tick a filter of the search menu."""
    return _search_menu(".o_filter_menu", title)


def _search_menu(menu: str, title: str) -> Callable:
    def click(page):
        opener = page.locator(".o_searchview_dropdown_toggler:visible")
        if not opener.count():  # small screens fold the search away
            page.locator(".o_control_panel button:has(.fa-search, .oi-search):visible").first.click()
        opener.first.click()
        page.locator(f"{menu} .o_menu_item", has_text=title).first.click()
        page.keyboard.press("Escape")

    return click


def pause(page):
    """Charts draw themselves slowly."""
    page.wait_for_timeout(1500)


def choose(name: str, value: str) -> Callable:
    """Pick an entry of one of the lists above the analytics."""
    return lambda page: page.select_option(f"select.o_ghl_{name}", value)


def heard(page):
    """Open the page of a call with what was said, once that has come."""
    page.locator(".o_notebook .nav-link", has_text="Transcript").first.click()
    page.wait_for_selector(".o_ghl_talk .o_ghl_bubble, .o_ghl_talk .o_ghl_unsaid")
    page.wait_for_timeout(500)


RICH = (only("With Opportunities"), only("With Open Tasks"))

PAGES = (
    Page("analytics", "/odoo/ghl-dashboard", (pause,)),
    Page("analytics-year", "/odoo/ghl-dashboard", (choose("period", "365d"), pause)),
    Page("contacts", "/odoo/ghl-contacts"),
    Page("contacts-kanban", "/odoo/ghl-contacts?view_type=kanban"),
    Page("contacts-by-tag", "/odoo/ghl-contacts", (group_by("Tag"),)),
    Page("contact", "/odoo/ghl-contacts", (*RICH, open_first)),
    Page("contact-tasks", "/odoo/ghl-contacts", (*RICH, open_first, tab("Tasks"))),
    Page("contact-conversation", "/odoo/ghl-contacts", (only("With Unread Messages"), open_first)),
    Page("contact-opportunities", "/odoo/ghl-contacts", (*RICH, open_first, tab("Opportunities"))),
    Page("contact-custom-fields", "/odoo/ghl-contacts", (*RICH, open_first, tab("Custom Fields"))),
    Page("contact-attribution", "/odoo/ghl-contacts", (only("With Unread Messages"), open_first, tab("Attribution"))),
    Page("contact-remote", "/odoo/ghl-contacts", (*RICH, open_first, tab("Remote Data"))),
    Page("contacts-activity", "/odoo/ghl-contacts?view_type=activity", (pause,)),
    Page("tasks", "/odoo/ghl-tasks"),
    Page("tasks-kanban", "/odoo/ghl-tasks?view_type=kanban"),
    Page("tasks-calendar", "/odoo/ghl-tasks?view_type=calendar"),
    Page("task", "/odoo/ghl-tasks", (open_first,)),
    Page("conversations", "/odoo/ghl-conversations"),
    Page("conversations-kanban", "/odoo/ghl-conversations?view_type=kanban"),
    Page("conversation", "/odoo/ghl-conversations", (open_first,)),
    Page("opportunities", "/odoo/ghl-opportunities"),
    Page("opportunities-list", "/odoo/ghl-opportunities?view_type=list"),
    Page("opportunities-pivot", "/odoo/ghl-opportunities?view_type=pivot"),
    Page("opportunities-graph", "/odoo/ghl-opportunities?view_type=graph", (pause,)),
    Page("opportunities-activity", "/odoo/ghl-opportunities?view_type=activity", (pause,)),
    Page("opportunity", "/odoo/ghl-opportunities", (open_card,)),
    Page("calls", "/odoo/ghl-calls"),
    Page("calls-list", "/odoo/ghl-calls?view_type=list"),
    Page("calls-calendar", "/odoo/ghl-calls?view_type=calendar", (pause,)),
    Page("calls-pivot", "/odoo/ghl-calls?view_type=pivot"),
    Page("calls-graph", "/odoo/ghl-calls?view_type=graph", (pause,)),
    Page("calls-activity", "/odoo/ghl-calls?view_type=activity", (pause,)),
    Page("call", "/odoo/ghl-calls?view_type=list", (only("Connected"), open_first)),
    Page("call-talk", "/odoo/ghl-calls?view_type=list", (only("With Transcript"), open_first, heard)),
    Page("call-timeline", "/odoo/ghl-calls?view_type=list", (only("Connected"), open_first, tab("Timeline"))),
    Page("call-telephone", "/odoo/ghl-calls?view_type=list", (only("Connected"), open_first, tab("Telephone"))),
    Page("call-new", "/odoo/ghl-calls/new"),
    Page("call-place", "/odoo/ghl-contacts", (*RICH, open_first, press("Call with AI"))),
    Page("call-events", "/odoo/ghl-call-events"),
    Page("activity-log", "/odoo/ghl-activity-log"),
    Page("messages", "/odoo/ghl-messages"),
    Page("message-call", "/odoo/ghl-messages", (only("Calls"), open_first)),
    Page("message-email", "/odoo/ghl-messages", (only("Emails"), open_first, pause)),
    Page("attribution", "/odoo/ghl-attribution"),
    Page("attribution-pivot", "/odoo/ghl-attribution?view_type=pivot"),
    Page("attribution-touch", "/odoo/ghl-attribution", (open_first,)),
)

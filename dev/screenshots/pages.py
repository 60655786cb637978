"""The pages worth a picture: a name, an address, and what to click before the picture is taken."""

from collections.abc import Callable
from dataclasses import dataclass

FORM = ".o_form_view .o_form_sheet"


@dataclass(frozen=True)
class Page:
    name: str
    path: str
    steps: tuple[Callable, ...] = ()


def open_first(page):
    # Not a star, an e-mail or a phone: those do something else when clicked.
    page.locator(".o_data_row .o_data_cell:not(.o_boolean_favorite_cell, .o_handle_cell)").first.click()
    page.wait_for_selector(FORM)


def open_card(page):
    page.locator(".o_kanban_record:not(.o_kanban_ghost)").first.click()
    page.wait_for_selector(FORM)


def tab(title: str) -> Callable:
    """Open a page of the notebook; a record without it is pictured as it is."""

    def click(page):
        found = page.locator(".o_notebook .nav-link", has_text=title)
        if found.count():
            found.first.click()

    return click


def press(text: str) -> Callable:
    def click(page):
        page.locator("button:visible", has_text=text).first.click()
        page.wait_for_selector(".modal .o_form_view")

    return click


def group_by(title: str) -> Callable:
    def click(page):
        page.locator(".o_searchview_dropdown_toggler").click()
        page.locator(".o_group_by_menu .o_menu_item", has_text=title).first.click()
        page.keyboard.press("Escape")

    return click


def only(title: str) -> Callable:
    """Tick a filter of the search menu."""

    def click(page):
        page.locator(".o_searchview_dropdown_toggler").click()
        page.locator(".o_filter_menu .o_menu_item", has_text=title).first.click()
        page.keyboard.press("Escape")

    return click


def pause(page):
    """Charts draw themselves slowly."""
    page.wait_for_timeout(1500)


def choose(name: str, value: str) -> Callable:
    """Pick an entry of one of the lists above the analytics."""
    return lambda page: page.select_option(f"select.o_ghl_{name}", value)


def compare(page):
    page.locator(".o_ghl_compare").click()
    page.wait_for_selector(".o_ghl_survey table")


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
            page.locator(".o-form-buttonbox .o_button_more, .o_statusbar_buttons .dropdown-toggle").first.click()
        page.locator(f"button[name={name}]:visible").first.click()
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


CAMPAIGNS = "/odoo/ghl-campaigns"
LIVE = button("action_open_live", ".o_ghl_figures")
RECIPIENTS = button("action_open_leads", ".o_list_view")

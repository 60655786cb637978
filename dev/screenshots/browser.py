"""A logged-in browser that remembers everything that went wrong in it."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Error, sync_playwright

SETTLED = ".o_action_manager .o_view_controller, .o_action_manager .o_action, #ghl-api .opblock-tag"
REFUSED = ".modal-content"
# Cancelled by moving on to the next page, which is no fault.
CANCELLED = "net::ERR_ABORTED"
AUDIT = Path(__file__).with_name("audit.js").read_text()
# Texts of Odoo's own frame are Odoo's affair.
AUDITED = ".o_ghl_dashboard, .o_ghl_live, .o_ghl_start_page, .o_form_sheet, .o_kanban_renderer, .o_list_renderer"
SMALL = 1100
# Odoo's word for style sheets that do not compile: drawn by the old one, so it is no text of the page.
BANNER = "getComputedStyle(document.body, '::before').content"


class Browser:
    """One page; ``troubles`` collects console errors, page errors, answers of 400 and above, and what `audit` says."""

    def __init__(self, page, url):
        self.page, self.url, self.troubles = page, url.rstrip("/"), []
        page.on("console", lambda m: m.type == "error" and self._note(f"console: {m.text}"))
        page.on("pageerror", lambda error: self._note(f"page: {error}"))
        page.on("response", lambda r: r.status >= 400 and self._note(f"http {r.status}: {r.url}"))

    def _note(self, text):
        if CANCELLED not in text:
            self.troubles.append(text)

    def log_in(self, login, password):
        self.page.goto(f"{self.url}/web/login")
        self.page.fill("input[name=login]", login)
        self.page.fill("input[name=password]", password)
        self.page.click("button[type=submit]")
        self.page.wait_for_selector(".o_main_navbar", timeout=60_000)

    def open(self, path, steps=()):
        """Show an address, do the steps, and wait until nothing is loading any more."""
        self.page.goto(self.url + path)
        self.page.wait_for_selector(f"{SETTLED}, {REFUSED}", timeout=30_000)
        self.settle()
        for step in steps:
            step(self.page)
            self.settle()

    def settle(self):
        # The loading indicator comes late by design, and the bus never lets the network be idle.
        self.page.wait_for_timeout(400)
        self.page.wait_for_selector(".o_loading_indicator", state="hidden")

    def audit(self):
        """Texts that are hard to read, things that stand out: see `audit.js`."""
        return self.page.evaluate(AUDIT, AUDITED)

    def shoot(self, path, small=False):
        """Write a PNG; ``small`` for documentation."""
        if "css error" in self.page.evaluate(BANNER):
            self._note("the style sheets do not compile: see the server's log")
        self.page.mouse.move(0, 0)
        self.page.screenshot(path=str(path), animations="disabled")
        if small:
            with Image.open(path) as picture:
                picture.thumbnail((SMALL, SMALL), Image.Resampling.LANCZOS)
                # Fewer would lose rare ones, such as those of a warning.
                picture.convert("RGB").quantize(256).save(path, optimize=True)


@contextmanager
def chromium() -> Iterator:
    """The system's Chromium.

    :raises SystemExit: there is none
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not path:
        sys.exit("No Chromium was found. Install one (Debian: apt-get install chromium).")
    with sync_playwright() as playwright:
        engine = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        try:
            yield engine
        except Error as error:
            sys.exit(f"The browser gave up: {error}")
        finally:
            engine.close()


@contextmanager
def logged_in(engine, url, screen, login, password) -> Iterator[Browser]:
    """A ``Browser`` with that screen, logged in."""
    touch = screen.width < 768  # what narrow screens are
    context = engine.new_context(viewport={"width": screen.width, "height": screen.height}, has_touch=touch)
    try:
        found = Browser(context.new_page(), url)
        found.log_in(login, password)
        yield found
    finally:
        context.close()

"""A logged-in browser that remembers everything that went wrong in it."""

import re
import shutil
import sys
from contextlib import contextmanager

from PIL import Image
from playwright.sync_api import Error, sync_playwright

SETTLED = ".o_action_manager .o_view_controller, .o_action_manager .o_action"
# Cancelled by moving on to the next page, which is no fault.
CANCELLED = "net::ERR_ABORTED"


class Browser:
    """One page; ``troubles`` collects console errors, page errors and answers of 400 and above."""

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
        self.page.wait_for_selector(SETTLED, timeout=30_000)
        self.settle()
        for step in steps:
            step(self.page)
            self.settle()

    def settle(self):
        # The loading indicator comes late by design, and the bus never lets the network be idle.
        self.page.wait_for_timeout(400)
        self.page.wait_for_selector(".o_loading_indicator", state="hidden")

    def shoot(self, path, small=False):
        """Write a PNG; ``small`` for documentation."""
        if self.page.get_by_text("A css error occured").count():
            self._note("the style sheets do not compile: see the server's log")
        self.page.mouse.move(0, 0)
        self.page.screenshot(path=str(path), animations="disabled")
        if small:
            with Image.open(path) as picture:
                picture.thumbnail((1200, 1200), Image.Resampling.LANCZOS)
                picture.convert("RGB").quantize(64).save(path, optimize=True)


def darken(page, url):
    """Use the dark style sheet, which editions with a switch for it would serve."""
    page.context.add_cookies([{"name": "color_scheme", "value": "dark", "url": url}])
    page.route(
        re.compile(r"/web\.assets_web\.min\.css"),
        lambda route: route.fulfill(response=route.fetch(url=f"{url}/web/assets/any/web.assets_web_dark.min.css")),
    )


@contextmanager
def browser(url, login, password, width=1440, height=900, dark=False):
    """A ``Browser`` with the system's Chromium, logged in.

    :raises SystemExit: there is no Chromium
    """
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        sys.exit("No Chromium was found. Install one (Debian: apt-get install chromium).")
    with sync_playwright() as playwright:
        engine = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"])
        try:
            touch = width < 768  # what narrow screens are
            found = Browser(engine.new_page(viewport={"width": width, "height": height}, has_touch=touch), url)
            if dark:
                darken(found.page, found.url)
            found.log_in(login, password)
            yield found
        except Error as error:
            sys.exit(f"The browser gave up: {error}")
        finally:
            engine.close()

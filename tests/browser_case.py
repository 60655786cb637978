"""A real server seen through a real browser."""

import os
import shutil
import unittest

from playwright.sync_api import sync_playwright

from ..dev.screenshots.browser import BANNER
from .real_server import RealServerCase


class BrowserCase(RealServerCase):
    """`page` is a page of its own for each test, without anything kept; `troubles` what went wrong in any of its pages.

    A test in which anything went wrong fails, unless it says beforehand that this is `meant`.
    """

    viewport = {"width": 1366, "height": 768}

    @classmethod
    def setUpClass(cls):
        cls.chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        if not cls.chromium:
            if os.environ.get("CI"):
                raise AssertionError("a browser is needed")
            raise unittest.SkipTest("there is no Chromium")
        super().setUpClass()
        playwright = sync_playwright().start()
        cls.addClassCleanup(playwright.stop)
        cls.browser = playwright.chromium.launch(executable_path=cls.chromium, args=["--no-sandbox"])
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        super().setUp()
        self.troubles, self.excuse = [], ""
        self.context = self.look(viewport=self.viewport)
        self.page = self.context.new_page()

    def look(self, **options):
        """Another browser, watched as the first one is: a context for pages."""
        context = self.browser.new_context(**options)
        self.addCleanup(context.close)
        context.set_default_timeout(60_000)
        context.on("console", lambda message: message.type == "error" and self.troubles.append(message.text))
        context.on("weberror", lambda error: self.troubles.append(str(error.error)))
        return context

    def tearDown(self):
        super().tearDown()
        for page in (page for context in self.browser.contexts for page in context.pages):
            self.assertNotIn("css error", page.evaluate(BANNER), "the style sheets compile")
        if not self.excuse:
            self.assertEqual(self.troubles, [], "the browser met no error")

    def meant(self, excuse):
        """The browser will meet errors, for they belong to what is tested: `excuse` names it."""
        self.excuse = excuse

    def log_in(self, login="admin", password="admin", url=None, page=None):
        page = page or self.page
        page.goto(f"{url or self.url}/web/login")
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", password)
        page.click("button[type=submit]")
        page.wait_for_selector(".o_main_navbar")

    def press(self, text):
        self.page.click(f"button:has-text('{text}'):visible >> nth=0")

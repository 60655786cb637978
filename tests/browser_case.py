"""A real server seen through a real browser."""

import os
import shutil
import unittest

from playwright.sync_api import sync_playwright

from .real_server import RealServerCase


class BrowserCase(RealServerCase):
    """`page` is a page of its own for each test, without anything kept; `troubles` what went wrong in it."""

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
        self.context = self.browser.new_context(viewport=self.viewport)
        self.addCleanup(self.context.close)
        self.page = self.context.new_page()
        self.page.set_default_timeout(60_000)
        self.troubles = []
        self.page.on("console", lambda message: message.type == "error" and self.troubles.append(message.text))
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))

    def log_in(self, login="admin", password="admin"):
        self.page.goto(f"{self.url}/web/login")
        self.page.fill("input[name=login]", login)
        self.page.fill("input[name=password]", password)
        self.page.click("button[type=submit]")
        self.page.wait_for_selector(".o_main_navbar")

    def press(self, text):
        self.page.click(f"button:has-text('{text}'):visible >> nth=0")

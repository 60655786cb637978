"""The page of pictures shows what there is, and nothing else."""

import re
from pathlib import Path

from odoo.tests import BaseCase, tagged

from ..dev.screenshots.gallery import PAGES

ADDON = Path(__file__).resolve().parents[1]
DOCS = ADDON / "docs"
MOST_BYTES = 6_000_000


@tagged("post_install", "-at_install", "ghl")
class TestScreensPage(BaseCase):
    def test_every_picture_is_shown_once_and_every_shown_one_is_there(self):
        shown = re.findall(r"\(pictures/([^)]+)\)", (DOCS / "screens.md").read_text())
        self.assertEqual(sorted(shown), sorted(path.name for path in (DOCS / "pictures").iterdir()))

    def test_the_pictures_are_small(self):
        self.assertLess(sum(path.stat().st_size for path in (DOCS / "pictures").iterdir()), MOST_BYTES)

    def test_every_page_of_a_menu_can_be_pictured(self):
        views = "".join(path.read_text() for path in ADDON.glob("ghl_*/views/*.xml"))
        paths = set(re.findall(r'<field name="path">([\w-]+)</field>', views))
        self.assertTrue(paths)
        pictured = {re.split(r"[/?#]", page.path)[2] for page in PAGES.values() if page.path.startswith("/odoo/")}
        self.assertFalse(paths - pictured)

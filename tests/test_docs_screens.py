"""The page of pictures shows what there is, and nothing else."""

import re
from pathlib import Path

from odoo.tests import BaseCase, tagged

DOCS = Path(__file__).resolve().parents[1] / "docs"
MOST_BYTES = 6_000_000


@tagged("post_install", "-at_install", "ghl")
class TestScreensPage(BaseCase):
    def test_every_picture_is_shown_once_and_every_shown_one_is_there(self):
        shown = re.findall(r"\(pictures/([^)]+)\)", (DOCS / "screens.md").read_text())
        self.assertEqual(sorted(shown), sorted(path.name for path in (DOCS / "pictures").iterdir()))

    def test_the_pictures_are_small(self):
        self.assertLess(sum(path.stat().st_size for path in (DOCS / "pictures").iterdir()), MOST_BYTES)

"""What is pictured: pages on the screen asked for, or what `docs/screens.md` shows."""

import re
from dataclasses import dataclass
from pathlib import Path

from .campaign_pages import CAMPAIGN_PAGES
from .pages import PAGES as OTHER_PAGES
from .pages import Page
from .setup_pages import SETUP_PAGES
from .states import STATES

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "screens.md"


@dataclass(frozen=True)
class Screen:
    """Who looks, unless the page is somebody's own: see `people`."""

    width: int
    height: int
    login: str = "admin"


SCREENS = {
    "laptop": Screen(1366, 768),
    "desktop": Screen(1920, 1080),
    "phone": Screen(390, 844),
    "dark": Screen(1366, 768, "night"),
    "rtl": Screen(1366, 768, "rtl"),
}
PAGES = {page.name: page for page in (*OTHER_PAGES, *CAMPAIGN_PAGES, *SETUP_PAGES, *STATES)}


def gallery() -> list[tuple[str, Screen, Page]]:
    """(name of the picture, screen, page) of all that the document shows, in its order."""
    names = re.findall(r"\(pictures/([\w-]+)-(\w+)\.png\)", DOCUMENT.read_text())
    return [(f"{page}-{screen}", SCREENS[screen], PAGES[page]) for page, screen in names]


def album(names: list[str], screen: str) -> list[tuple[str, Screen, Page]]:
    """The same for pages of one screen, by default all."""
    return [(name, SCREENS[screen], page) for name, page in PAGES.items() if not names or name in names]

"""Take pictures of the back office and report what went wrong in the browser.

    .dev/venv/bin/python dev/screenshots --url http://127.0.0.1:8069 --out /tmp/pictures [page ...]

Without names, every page is taken. With --stage, a server with a synchronised location and campaigns is made for it
(see `world`). Exit code 1 when a page could not be shown or the browser met an error.
"""

import argparse
import contextlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import Error
from screenshots.browser import browser
from screenshots.campaign_pages import CAMPAIGN_PAGES
from screenshots.pages import PAGES as OTHER_PAGES
from screenshots.world import staged

PAGES = (*OTHER_PAGES, *CAMPAIGN_PAGES)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="*", help=f"of {', '.join(page.name for page in PAGES)}")
    parser.add_argument("--url", default="http://127.0.0.1:8069")
    parser.add_argument("--stage", action="store_true", help="make a server with something to picture on it")
    parser.add_argument("--login", default="admin")
    parser.add_argument("--password", default="admin")
    parser.add_argument("--out", type=Path, default=Path("screenshots"))
    parser.add_argument("--small", action="store_true", help="64 colours, 1200 pixels wide: for the README")
    parser.add_argument("--width", type=int, default=1440)
    parser.add_argument("--height", type=int, default=900)
    parser.add_argument("--dark", action="store_true")
    options = parser.parse_args(argv)
    unknown = set(options.pages) - {page.name for page in PAGES}
    if unknown:
        parser.error(f"no such page: {', '.join(sorted(unknown))}")
    options.out.mkdir(parents=True, exist_ok=True)
    with staged() if options.stage else contextlib.nullcontext(options.url) as url:
        return _take(options, url)


def _take(options, url):
    troubled = 0
    where = (url, options.login, options.password, options.width, options.height, options.dark)
    with browser(*where) as shown:
        for page in PAGES:
            if options.pages and page.name not in options.pages:
                continue
            shown.troubles.clear()
            try:
                shown.open(page.path, page.steps)
            except Error as error:
                shown.troubles.append(str(error).splitlines()[0])
            shown.shoot(options.out / f"{page.name}.png", options.small)
            troubled += bool(shown.troubles)
            print(f"{'TROUBLE' if shown.troubles else 'ok':8}{page.name}")
            for trouble in shown.troubles:
                print(f"        {trouble}")
    return 1 if troubled else 0


if __name__ == "__main__":
    sys.exit(main())

"""Take pictures of the back office and report what went wrong in the browser.

    .dev/venv/bin/python dev/screenshots --url http://127.0.0.1:8069 --out /tmp/pictures [page ...]
    .dev/venv/bin/python dev/screenshots --stage --gallery --out docs/pictures

Without names, every page is taken. With --stage, a server with a synchronised location, campaigns and people in
trouble is made for it (see `world` and `people`), which all pages of `states` and the screens `dark` and `rtl` need.
Exit code 1 when a page could not be shown, the browser met an error, or the page is hard to read or does not fit.
"""

import argparse
import contextlib
import sys
from itertools import groupby
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import Error
from screenshots.browser import chromium, logged_in
from screenshots.gallery import PAGES, SCREENS, album, gallery
from screenshots.world import staged


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="*", help=f"of {', '.join(PAGES)}")
    parser.add_argument("--url", default="http://127.0.0.1:8069")
    parser.add_argument("--stage", action="store_true", help="make a server with something to picture on it")
    parser.add_argument("--gallery", action="store_true", help="the pictures of the documentation, small")
    parser.add_argument("--screen", choices=SCREENS, default="laptop")
    parser.add_argument("--out", type=Path, default=Path("screenshots"))
    parser.add_argument("--small", action="store_true", help="256 colours, 1100 pixels wide: for documentation")
    options = parser.parse_args(argv)
    unknown = set(options.pages) - set(PAGES)
    if unknown:
        parser.error(f"no such page: {', '.join(sorted(unknown))}")
    options.out.mkdir(parents=True, exist_ok=True)
    wanted = gallery() if options.gallery else album(options.pages, options.screen)
    with staged() if options.stage else contextlib.nullcontext(options.url) as url, chromium() as engine:
        return _take(engine, url, wanted, options.out, options.small or options.gallery)


def _take(engine, url, wanted, folder, small):
    troubled = 0
    for (screen, login), shots in groupby(wanted, lambda shot: (shot[1], shot[2].login or shot[1].login)):
        with contextlib.ExitStack() as sessions:
            shown = None
            for name, _screen, page in shots:
                if not shown or page.rough:  # what makes trouble gets a browser of its own, and leaves none behind
                    sessions.close()
                    shown = sessions.enter_context(logged_in(engine, url, screen, login, login))
                troubled += not _shoot(shown, page, folder / f"{name}.png", small)
                if page.rough:
                    shown = None
    return 1 if troubled else 0


def _shoot(shown, page, path, small):
    """Whether all was well. A page that could not be shown keeps the picture it had."""
    shown.troubles.clear()
    try:
        shown.open(page.path, page.steps)
        shown.troubles.extend(shown.audit())
        shown.shoot(path, small)
        well = not shown.troubles or page.rough
    except Error as error:
        shown.troubles.append(str(error).splitlines()[0])
        well = False
    print(f"{'ok' if well else 'TROUBLE':8}{path.stem}", flush=True)
    for trouble in shown.troubles:
        print(f"        {trouble}")
    return well


if __name__ == "__main__":
    sys.exit(main())

"""The picture at the top of the app's page, made of two screenshots.

.dev/venv/bin/python dev/screenshots/banner.py analytics-year.png contact-conversation.png banner.png
"""

import shutil
import sys
from base64 import b64encode
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright


def main(back: str, front: str, out: str) -> None:
    page_text = Path(__file__).with_suffix(".html").read_text()
    for place, picture in (("BACK", back), ("FRONT", front)):
        page_text = page_text.replace(place, f"data:image/png;base64,{b64encode(Path(picture).read_bytes()).decode()}")
    with sync_playwright() as playwright:
        engine = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = engine.new_page(viewport={"width": 1120, "height": 560})
        page.set_content(page_text)
        page.screenshot(path=out)
        engine.close()
    with Image.open(out) as picture:
        picture.convert("RGB").quantize(220).save(out, optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

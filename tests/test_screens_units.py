"""The components of our screens, each alone, by Odoo's own runner of JavaScript tests (`static/tests/unit`)."""

import logging
import re
from contextlib import contextmanager
from pathlib import Path

from odoo.addons.web.tests import test_js
from odoo.tests import HttpCase, no_retry, tagged

FOLDER = Path(__file__).parent.parent / "static" / "tests" / "unit"


@tagged("post_install", "-at_install", "ghl")
class TestUnits(HttpCase):
    @no_retry
    def test_the_components_do_what_their_tests_say(self):
        # The tests of other addons are not ours to run; without them the page is there in a fraction of the time.
        self.env["ir.asset"].create(
            [
                {
                    "name": f"without the tests of {addon}",
                    "bundle": "web.assets_unit_tests",
                    "directive": "remove",
                    "path": f"{addon}/static/tests/**/*.test.js",
                }
                for addon in ("web", "bus", "mail")
            ]
        )
        suite = test_js.HOOTCommon._generate_hash(self, "@ghl")
        with self.what_failed():
            self.browser_js(
                f"/web/tests?headless&loglevel=2&preset=desktop&timeout=10000&id={suite}",
                "",
                login="admin",
                timeout=300,
                success_signal="[HOOT] Test suite succeeded",
                error_checker=test_js.unit_test_error_checker,
            )

    @contextmanager
    def what_failed(self):
        """A failure tells what the browser said of it."""
        said, logger, handler = [], self._logger.getChild("browser"), logging.Handler()
        handler.emit = lambda record: said.append(record.getMessage())
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        try:
            yield
        except AssertionError as failure:
            raise self.failureException("\n".join(said)) from failure
        finally:
            logger.removeHandler(handler)

    def test_no_test_is_left_out(self):
        """A test marked to run alone, or to be skipped, silences others."""
        silenced = re.compile(r"\.(only|debug|skip|todo)\(")
        files = list(FOLDER.glob("*.js"))
        self.assertGreater(len(files), 5)
        self.assertEqual([file.name for file in files if silenced.search(file.read_text())], [])

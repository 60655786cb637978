"""Imports point one way: controllers and views -> models and services -> plain Python; calls -> contacts -> base."""

import ast
from pathlib import Path, PurePosixPath

from odoo.tests import BaseCase, tagged

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("ghl_base", "ghl_contacts", "ghl_calls")
# Plain Python: usable and testable without Odoo.
PLAIN = ("ghl_base/net", "ghl_base/jobs", "ghl_contacts/gateway", "ghl_contacts/mapping")
PLAIN += ("ghl_calls/providers", "ghl_calls/campaigns", "ghl_calls/lifecycle.py", "ghl_calls/codes.py")
PLAIN += ("ghl_calls/durations.py", "ghl_calls/mirrored/words.py")
# Inside those, the parts that drive plain Python from Odoo.
NOT_PLAIN = ("ghl_base/jobs/executors",)
OUTERMOST = {"controllers", "wizards"}
DEV_TOOLS = {"dev", "bootstrap", "sandbox", "bench", "demo"}


def imported_modules(path: PurePosixPath, source: str):
    """Dotted names of what the file imports; modules of the addon start with its package, e.g. ``ghl_base.net``."""
    package = path.parent.parts
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (_inside_addon(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = [*package[: len(package) - node.level + 1]] if node.level else []
            module = ".".join([*start, *([node.module] if node.module else [])])
            # `from ..net import retry` may name a module: both are checked.
            yield from (_inside_addon(f"{module}.{alias.name}".lstrip(".")) for alias in node.names)


def _inside_addon(module: str) -> str:
    return module.removeprefix("odoo.addons.ghl.")


def breaches(path: PurePosixPath, source: str) -> list[str]:
    """What in this file breaks the rules, one sentence each."""
    found = []
    top = path.parts[0]
    for module in imported_modules(path, source):
        names = module.split(".")
        if top in PACKAGES:
            if _is_plain(path) and names[0] == "odoo":
                found.append(f"{path} is plain Python and imports {module}")
            if _is_plain(path) and names[0] in PACKAGES and not _is_plain(PurePosixPath(*names)):
                found.append(f"{path} is plain Python and imports {module}, which is not")
            if names[0] in PACKAGES and PACKAGES.index(names[0]) > PACKAGES.index(top):
                found.append(f"{path} imports {module}, which builds on it")
            if not OUTERMOST & set(path.parts) and OUTERMOST & set(names[1:-1]) and names[0] in PACKAGES:
                found.append(f"{path} imports {module} from an outer ring")
        if top in (*PACKAGES, "cli", "migrations", "__init__.py", "hooks.py") and names[0] in DEV_TOOLS:
            found.append(f"{path} imports the development tool {module}")
        if path.parts[:2] == ("dev", "sandbox") and names[0] in ("odoo", *PACKAGES):
            found.append(f"{path} imports {module}: the simulators must not know the addon")
    return found


def _is_plain(path: PurePosixPath) -> bool:
    # A file counts with what is in it: a name imported from it is as plain as the file.
    name = f"{path}/".replace(".py/", "/")
    return name.startswith(tuple(f"{place.removesuffix('.py')}/" for place in PLAIN)) and not name.startswith(NOT_PLAIN)


def python_files(root: Path = ROOT):
    """The checkout's Python files, relative; hidden folders (the set-up's state among them) are left out."""
    yield from sorted(root.glob("*.py"))
    for top in sorted(root.iterdir()):
        if top.is_dir() and not top.name.startswith("."):
            yield from sorted(top.rglob("*.py"))


@tagged("post_install", "-at_install")
class TestImportDirection(BaseCase):
    def test_no_file_imports_against_the_direction(self):
        files = [path for path in python_files() if path.relative_to(ROOT).parts[0] != "tests"]
        self.assertGreater(len(files), 50, "the walk does not see the checkout")
        found = [
            breach for path in files for breach in breaches(PurePosixPath(path.relative_to(ROOT)), path.read_text())
        ]
        self.assertEqual(found, [])

    def test_every_kind_of_breach_is_seen(self):
        for path, source in (
            ("ghl_base/net/retry.py", "from odoo import fields"),
            ("ghl_base/net/retry.py", "import odoo.tools"),
            ("ghl_base/net/retry.py", "def later():\n    import odoo"),
            ("ghl_base/jobs/store.py", "from odoo.tools import SQL"),
            ("ghl_base/jobs/store.py", "from .executors import cron"),
            ("ghl_contacts/gateway/client.py", "from ..models import ghl_contact"),
            ("ghl_contacts/gateway/client.py", "from odoo.addons.ghl.ghl_base.models.ghl_job import GhlJob"),
            ("ghl_contacts/mapping/contact.py", "from ...ghl_base.http import errors"),
            ("ghl_calls/providers/twilio/client.py", "from odoo import _"),
            ("ghl_base/models/ghl_job.py", "from ...ghl_contacts.mirror import pull"),
            ("ghl_base/models/ghl_job.py", "from ... import ghl_calls"),
            ("ghl_contacts/models/ghl_contact.py", "from odoo.addons.ghl.ghl_calls import dialer"),
            ("ghl_contacts/models/ghl_contact.py", "from ..controllers import contacts"),
            ("ghl_contacts/mirror/pull.py", "from ..wizards.ghl_sync import GhlSync"),
            ("ghl_base/models/ghl_job.py", "from bootstrap import ensure"),
            ("ghl_base/models/ghl_job.py", "from ...dev.sandbox import http"),
            ("hooks.py", "from .dev import bootstrap"),
            ("cli/ghl.py", "import sandbox.client"),
            ("dev/sandbox/ghl/app.py", "from odoo.addons.ghl.ghl_base.net import retry"),
            ("dev/sandbox/ghl/app.py", "from ...ghl_base.net import retry"),
            ("dev/sandbox/ghl/app.py", "from ....ghl_base.net import retry"),
        ):
            with self.subTest(path=path, source=source):
                expected = not source.startswith("from ...ghl_base.net")  # three dots from there are still in dev/
                self.assertEqual(bool(breaches(PurePosixPath(path), source)), expected)

    def test_imports_along_the_direction_are_fine(self):
        for path, source in (
            ("ghl_base/net/retry.py", "import requests\nfrom .errors import NetError"),
            ("ghl_base/jobs/executors/cron.py", "from odoo import api\nfrom ..run import drain"),
            ("ghl_contacts/gateway/client.py", "from ...ghl_base.net import session"),
            ("ghl_contacts/models/ghl_contact.py", "from odoo import fields\nfrom ..mapping import contact"),
            ("ghl_contacts/controllers/contacts.py", "from ..models.ghl_contact import GhlContact"),
            ("ghl_calls/models/ghl_call.py", "from ...ghl_contacts.models import ghl_contact"),
            ("ghl_base/__init__.py", "from . import controllers, models, wizards"),
            ("ghl_base/controllers/api.py", "from . import health"),
            ("dev/demo/__main__.py", "from bootstrap import ensure\nfrom sandbox import client"),
        ):
            with self.subTest(path=path, source=source):
                self.assertEqual(breaches(PurePosixPath(path), source), [])

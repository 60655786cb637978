"""Makes plain `pytest` work at the root of the checkout: names modules as Odoo does, and prepares the database."""

import os
import re
from functools import cache
from pathlib import Path

import _pytest.pathlib
import pytest

from bootstrap import SetupError, ensure
from bootstrap.testdb import create_test_db

ROOT = Path(__file__).resolve().parents[2]
NEEDS_NO_DATABASE = {"--help", "-h", "--version", "-V"}
# The reasons Odoo gives when it skips a test for want of a browser or of the package that drives it.
NO_BROWSER = re.compile(r"chrome|chromium|websocket-client", re.I)
INSTALL_BROWSER = (
    "needs a browser: install Chromium (Debian: apt-get install chromium); websocket-client is in the set-up's packages"
)
_resolve_by_path = _pytest.pathlib.resolve_pkg_root_and_module_name


def _resolve(path, *, consider_namespace_packages=False):
    """The checkout is the addon whatever its folder is called, so its modules are odoo.addons.ghl.*."""
    real = Path(path).resolve()
    if real.is_relative_to(ROOT) and (real.parent / "__init__.py").exists():
        parts = [part for part in real.relative_to(ROOT).with_suffix("").parts if part != "__init__"]
        return ROOT, ".".join(["odoo", "addons", "ghl", *parts])
    return _resolve_by_path(path, consider_namespace_packages=consider_namespace_packages)


_pytest.pathlib.resolve_pkg_root_and_module_name = _resolve


def pytest_addoption(parser):
    parser.addoption(
        "--ghl-fresh", action="store_true", help="install the addon anew though its sources did not change"
    )
    parser.addoption(
        "--ghl-share",
        type=Path,
        metavar="FOLDER",
        help="share the work with other sessions that name the same, at first empty, folder: each file is run by one",
    )


def pytest_load_initial_conftests(early_config, parser, args):
    if any(arg.startswith("--odoo-") for arg in args) or NEEDS_NO_DATABASE & set(args):
        return
    try:
        with early_config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
            env = ensure()
            name = create_test_db(env, fresh="--ghl-fresh" in args)
    except SetupError as error:
        raise pytest.UsageError(str(error)) from error
    os.environ.update(env.environ(name))
    # Without --odoo-http every HttpCase would be skipped and the run still look green.
    args += ["--odoo-config", str(env.odoo_conf), "--odoo-database", name, "--odoo-http"]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item):
    """Pass over the files that another session has taken."""
    folder = item.config.getoption("--ghl-share")
    return None if folder is None or _is_ours(folder, item.path.name) else True


@cache
def _is_ours(folder, name):
    try:
        (folder / name).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A test without its browser is skipped with advice on a person's machine, and fails on CI: it proved nothing."""
    report = yield
    if report.skipped and isinstance(report.longrepr, tuple) and NO_BROWSER.search(report.longrepr[2]):
        if os.environ.get("CI"):
            report.outcome, report.longrepr = "failed", f"{item.nodeid} {INSTALL_BROWSER}"
        else:
            report.longrepr = (*report.longrepr[:2], f"Skipped: {INSTALL_BROWSER}")
    return report

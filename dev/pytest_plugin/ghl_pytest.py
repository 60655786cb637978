"""Makes plain `pytest` work at the root of the checkout: names modules as Odoo does, and prepares the database."""

from pathlib import Path

import _pytest.pathlib
from bootstrap import ensure, testdb

ROOT = Path(__file__).resolve().parents[2]
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
    parser.addoption("--ghl-fresh", action="store_true", help="install the addon anew even if its sources did not change")


def pytest_load_initial_conftests(early_config, parser, args):
    asked = {"--help", "-h", "--version", "-V", "--co", "--collect-only"}
    if any(arg.startswith("--odoo-") for arg in args) or asked & {"--help", "-h", "--version", "-V"} & set(args):
        return
    env = ensure()
    name = testdb.prepare(env, fresh="--ghl-fresh" in args)
    # Without --odoo-http every HttpCase would be skipped and the run still look green.
    args += ["--odoo-config", str(env.odoo_conf), "--odoo-database", name, "--odoo-http"]

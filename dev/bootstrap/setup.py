"""The set-up itself: each step runs when its inputs changed or its product is gone, one set-up at a time."""

from pathlib import Path

from . import odoo_source, postgres, python_env
from .env import Env
from .state import ROOT, Stamps, locked, state_dir

ODOO_CONF = """[options]
; Written by the set-up: change dev/bootstrap instead. Server and database come from PG* and ODOO_RC variables as well.
db_host = {pg.host}
db_port = {pg.port}
db_user = {pg.user}
db_name = ghl
data_dir = {state}/data
http_interface = 127.0.0.1
list_db = False
max_cron_threads = 1
limit_time_cpu = 600
limit_time_real = 1200
limit_time_real_cron = 1200
limit_memory_hard = 0
"""


def ensure() -> Env:
    """Set up what is missing and return the environment, PostgreSQL running. Raises SetupError with what to do."""
    state = state_dir()
    with locked(state / "lock"):
        (state / ".gitignore").write_text("*\n")
        stamps = Stamps(state / "stamps.json")
        odoo_path = odoo_source.install()
        python_env.install(state, stamps)
        python_env.link(state, odoo_path)
        _point(state / "odoo", odoo_path)
        server = postgres.ensure(state, stamps)
        conf = state / "odoo.conf"
        text = ODOO_CONF.format(pg=server, state=state) + _addons_path(odoo_path)
        if not conf.exists() or conf.read_text() != text:
            conf.write_text(text)
    return Env(ROOT, state, odoo_path, server)


def ensure_python() -> Path:
    """Only the virtual environment, for tools that need neither Odoo nor PostgreSQL; returns its interpreter."""
    state = state_dir()
    with locked(state / "lock"):
        (state / ".gitignore").write_text("*\n")
        python = python_env.install(state, Stamps(state / "stamps.json"))
        python_env.link_tools(state)
    return python


def _point(link: Path, target: Path) -> None:
    """For people: `<state>/odoo` leads to Odoo's code."""
    if not link.is_symlink() or link.resolve() != target:
        link.unlink(missing_ok=True)
        link.symlink_to(target)


def _addons_path(odoo_path: Path) -> str:
    """A source tree keeps most addons next to the `odoo` package; installs keep them inside it."""
    addons = odoo_path / "addons"
    return f"addons_path = {addons}\n" if (addons / "web" / "__manifest__.py").exists() else ""

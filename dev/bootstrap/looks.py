"""What it takes to see Odoo dark and from right to left. Only what pictures or tests these looks asks for it.

Odoo Community ships the mechanism of the dark mode; colours and switch are in an addon of its community association.
Odoo mirrors its style sheets with the program rtlcss when that is there.
"""

import os
import shutil
import tempfile
from pathlib import Path

from .env import Env
from .errors import SetupError
from .process import run
from .python_env import pip_of
from .state import Stamps, digest, locked

DARK_MODULE = "web_dark_mode"
DARK_LOCKED = """odoo-addon-web-dark-mode==19.0.1.0.0.6 \
--hash=sha256:1bc75f0f87eafc42faa642fa3225c0876027472042d4cbc9df5ee225248ecafd
"""
RTLCSS = Path(__file__).parent / "rtlcss"


def install_dark_mode(env: Env, database: str) -> None:
    """Install it in `database`, which nobody may use meanwhile: users then have a field `dark_mode`.

    Raises SetupError when the package cannot be had.
    """
    folder = env.state_dir / DARK_MODULE
    found = folder / "odoo" / "addons" / DARK_MODULE
    with locked(env.state_dir / "lock"):
        key = digest(DARK_LOCKED)
        with Stamps(env.state_dir / "stamps.json").step(DARK_MODULE, key, found, "Fetching a dark mode") as needed:
            if needed:
                _pip_install(env, folder)
        _link(env.state_dir / "ns" / "odoo" / "addons" / DARK_MODULE, found)
    args = ["-d", database, "-i", DARK_MODULE, "--skip-auto-install", "--stop-after-init", "--no-http"]
    env.run_odoo([*args, "--max-cron-threads=0"], database)


def install_rtlcss(env: Env) -> None:
    """Make `rtlcss` a command of servers started from now on. Raises SetupError when it cannot be had."""
    folder = env.state_dir / "rtlcss"
    found = folder / "node_modules" / ".bin" / "rtlcss"
    npm = shutil.which("npm")
    if not npm:
        raise SetupError("Pages from right to left need Node.js. Debian: apt-get install npm")
    with locked(env.state_dir / "lock"):
        key = digest((RTLCSS / "package-lock.json").read_bytes())
        with Stamps(env.state_dir / "stamps.json").step("rtlcss", key, found, "Fetching rtlcss") as needed:
            if needed:
                shutil.copytree(RTLCSS, folder, dirs_exist_ok=True)
                advice = "The package registry must be reachable through npm as configured on this machine."
                run([npm, "ci", "--prefix", folder, "--no-audit", "--no-fund", "--loglevel=error"], advice)
        _link(env.state_dir / "venv" / "bin" / "rtlcss", found)


def _pip_install(env: Env, folder: Path) -> None:
    """Without what it depends on: that is Odoo, which is no package here."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as wanted:
        wanted.write(DARK_LOCKED)
        wanted.flush()
        options = ["install", "--quiet", "--no-deps", "--require-hashes", "--upgrade", "--target", folder]
        advice = "The package index must be reachable through pip as configured on this machine."
        run([*pip_of(env.state_dir / "venv"), *options, "-r", wanted.name], advice)


def _link(link: Path, target: Path) -> None:
    if not link.is_symlink() or os.readlink(link) != str(target):
        link.unlink(missing_ok=True)
        link.symlink_to(target)

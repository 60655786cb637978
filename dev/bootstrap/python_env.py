"""The virtual environment: pinned packages, plus Odoo and this checkout made importable."""

import importlib.util
import shutil
import sys
import tempfile
from pathlib import Path

from .process import run
from .state import ROOT, Stamps, digest

LOCK = ROOT / "dev" / "requirements.lock"
# Source-only packages are built with these, from the lock as well: nothing unpinned runs during an install.
BUILD_TOOLS = ("packaging==", "setuptools==", "wheel==")


def install(state: Path, stamps: Stamps) -> Path:
    """Make `<state>/venv` match the lock file; return its interpreter."""
    venv = state / "venv"
    python = venv / "bin" / "python"
    key = digest(LOCK.read_bytes(), venv, sys.base_prefix, sys.version)
    with stamps.step("venv", key, python, "Installing Python packages into a virtual environment") as needed:
        if needed:
            pip = _create(venv)
            offline = "The package index must be reachable through pip as configured on this machine."
            with tempfile.NamedTemporaryFile("w", suffix=".txt") as tools:
                tools.write(_build_tools(LOCK.read_text()))
                tools.flush()
                run([*pip, "-r", tools.name], offline)
            run([*pip, "--no-build-isolation", "-r", LOCK], offline)
    return python


def link(state: Path, odoo_path: Path) -> None:
    """Make `import odoo`, `odoo.addons.ghl`, the `odoo` command and the dev tools work in the virtual environment."""
    addons = state / "ns" / "odoo" / "addons"
    addons.mkdir(parents=True, exist_ok=True)
    # odoo.addons is a namespace package: a folder that holds odoo/addons/ghl adds the addon whatever the checkout is
    # called. It lies in the state folder because a link to a parent inside the tree is an endless loop for tools.
    here = addons / "ghl"
    if not here.is_symlink() or here.resolve() != ROOT:
        here.unlink(missing_ok=True)
        here.symlink_to(ROOT, target_is_directory=True)
    link_tools(state)
    site = _site_packages(state)
    _write(site / "_ghl_odoo.pth", f"{odoo_path}\n{state / 'ns'}\n")
    info = site / "odoo-19.0.dist-info"
    info.mkdir(exist_ok=True)
    # Odoo's shipped metadata asks for psycopg2 by name, which pip would build from source next to psycopg2-binary.
    _write(info / "METADATA", "Metadata-Version: 2.1\nName: odoo\nVersion: 19.0\nRequires-Dist: psycopg2-binary\n")
    _write(info / "WHEEL", "Wheel-Version: 1.0\nGenerator: ghl\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    _write(info / "INSTALLER", "ghl\n")
    _write(info / "RECORD", "")
    command = state / "venv" / "bin" / "odoo"
    _write(command, f"#!{state}/venv/bin/python\nimport sys\n\nfrom odoo.cli import main\n\nsys.exit(main())\n")
    command.chmod(0o755)


def link_tools(state: Path) -> None:
    """Make the packages of `dev/` importable: `python -m sandbox`, `from bootstrap import ensure`."""
    _write(_site_packages(state) / "_ghl_dev.pth", f"{ROOT / 'dev'}\n{ROOT / 'dev' / 'pytest_plugin'}\n")


def _site_packages(state: Path) -> Path:
    return next((state / "venv" / "lib").glob("python3.*/site-packages"))


def _create(venv: Path) -> list:
    """A fresh virtual environment; returns the pip command that installs into it from hashes only."""
    shutil.rmtree(venv, ignore_errors=True)
    advice = "Debian: apt-get install python3-venv. Or name another Python with GHL_PYTHON."
    flags = ["install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--prefer-binary"]
    if importlib.util.find_spec("ensurepip"):
        run([sys.executable, "-m", "venv", venv], advice)
        return [venv / "bin" / "python", "-m", "pip", *flags]
    run([sys.executable, "-m", "venv", "--without-pip", venv], advice)
    # Debian splits ensurepip off; its separate pip can install into a virtual environment from outside.
    run([sys.executable, "-m", "pip", "--version"], advice)
    return [sys.executable, "-m", "pip", "--python", venv / "bin" / "python", *flags]


def _build_tools(lock: str) -> str:
    """The lock's entries of the build tools, hashes included."""
    lines, taking = [], False
    for line in lock.splitlines():
        if line and not line.startswith((" ", "#")):
            taking = line.startswith(BUILD_TOOLS)
        if taking and not line.strip().startswith("#"):
            lines.append(line)
    return "\n".join(lines) + "\n"


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text() != text:
        path.write_text(text)

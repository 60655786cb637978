"""The virtual environment: pinned packages, plus Odoo and this checkout made importable."""

import ast
import importlib.util
import os
import shutil
import sys
import tempfile
from pathlib import Path

from .errors import SetupError
from .process import run
from .state import ROOT, Stamps, cache_dir, digest, say

LOCK = ROOT / "dev" / "requirements.lock"
# Installed first, from the lock as well: what installs the rest, and what source-only packages are built with.
INSTALLERS = ("packaging==", "setuptools==", "uv==", "wheel==")
# To sh the second and third line are one exec; to Python they are a string. A plain `#!` line may be neither long nor
# hold spaces, and the path of a checkout may.
ODOO_COMMAND = """#!/bin/sh
''':'
exec "$(dirname "$(readlink -f "$0")")/python" "$0" "$@"
'''
import sys

from odoo.cli import main

sys.exit(main())
"""


def install(state: Path, stamps: Stamps) -> Path:
    """Make `<state>/venv` match the lock file; return its interpreter."""
    venv = state / "venv"
    python = venv / "bin" / "python"
    key = digest(LOCK.read_bytes(), venv, sys.base_prefix, sys.version)
    with stamps.step("venv", key, python, "Installing Python packages into a virtual environment") as needed:
        if needed:
            pip = _create(venv)
            offline = "The package index must be reachable through pip as configured on this machine."
            hashed = ["install", "--quiet", "--require-hashes"]
            with tempfile.NamedTemporaryFile("w", suffix=".txt") as installers:
                installers.write(_entries(LOCK.read_text(), INSTALLERS))
                installers.flush()
                run([*pip, *hashed, "-r", installers.name], offline)
            hashed += ["--no-build-isolation", "-r", LOCK]
            try:
                uv = [venv / "bin" / "uv", "pip", *hashed, "--python", python, "--cache-dir", cache_dir() / "uv"]
                run([*uv, "--no-config"], offline, env=os.environ | _index_for_uv(pip))
            except SetupError as error:
                say(f"uv could not install the packages, pip is tried instead: {error}")
                run([*pip, *hashed, "--prefer-binary"], offline)
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
    _write(command, ODOO_COMMAND)
    command.chmod(0o755)


def link_tools(state: Path) -> None:
    """Make the packages of `dev/` importable: `python -m sandbox`, `from bootstrap import ensure`."""
    _write(_site_packages(state) / "_ghl_dev.pth", f"{ROOT / 'dev'}\n{ROOT / 'dev' / 'pytest_plugin'}\n")


def _site_packages(state: Path) -> Path:
    return next((state / "venv" / "lib").glob("python3.*/site-packages"))


def _create(venv: Path) -> list:
    """A fresh virtual environment; returns the pip command that installs into it."""
    shutil.rmtree(venv, ignore_errors=True)
    advice = "Debian: apt-get install python3-venv. Or name another Python with GHL_PYTHON."
    options = [] if importlib.util.find_spec("ensurepip") else ["--without-pip"]
    run([sys.executable, "-m", "venv", *options, venv], advice)
    pip = pip_of(venv)
    run([*pip, "--version"], advice)
    return pip


def pip_of(venv: Path) -> list:
    """The pip command that installs into this virtual environment."""
    if next(venv.glob("lib/python3.*/site-packages/pip"), None):
        return [venv / "bin" / "python", "-m", "pip", "--disable-pip-version-check"]
    # Debian splits ensurepip off; its separate pip can install into a virtual environment from outside.
    base = getattr(sys, "_base_executable", sys.executable)  # inside a virtual environment, the Python it was made of
    return [base, "-m", "pip", "--disable-pip-version-check", "--python", venv / "bin" / "python"]


def _index_for_uv(pip: list) -> dict[str, str]:
    """uv does not read pip's configuration: the variables that point it at the same index and certificates."""
    names = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "cert": "SSL_CERT_FILE"}
    found = {}
    for line in run([*pip, "config", "list"], "").splitlines():
        name, _, value = line.partition("=")
        if variable := names.get(name.rpartition(".")[2]):
            urls = ast.literal_eval(value).split()
            # Folders on this machine are for pip alone.
            if kept := " ".join(url for url in urls if not url.startswith("file:")):
                found[variable] = kept
    return found


def _entries(lock: str, wanted: tuple[str, ...]) -> str:
    """The lock's entries of these packages, hashes included."""
    lines, taking = [], False
    for line in lock.splitlines():
        if line and not line.startswith((" ", "#")):
            taking = line.startswith(wanted)
        if taking and not line.strip().startswith("#"):
            lines.append(line)
    return "\n".join(lines) + "\n"


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text() != text:
        path.write_text(text)

"""The database of a test run: a fresh copy of a template that is rebuilt only when the addon's sources change."""

import ast
import fcntl
from contextlib import suppress
from pathlib import Path

from .env import Env
from .state import digest, locked, say

INSTALLED_SUFFIXES = {".py", ".xml", ".csv", ".sql", ".po"}
# Not installed into a database, so a change there needs no new template.
NOT_INSTALLED = {"tests", "dev", "bin", "docs", "static", "cli"}


def prepare(env: Env, fresh: bool = False) -> str:
    """Create the test database with the addon installed and return its name. `fresh` rebuilds the template."""
    name = _reserve(env)
    with locked(env.state_dir / "testdb.lock"):
        existing = set(env.list_dbs())
        base = f"ghl_base_{_base_key(env)}"
        installed = f"ghl_installed_{digest(base, *_sources(env.root))}"
        if fresh and installed in existing:
            env.drop_db(installed)
            existing.remove(installed)
        if installed not in existing:
            for old in existing:
                if old.startswith(("ghl_installed_", "ghl_draft_")) or (old.startswith("ghl_base_") and old != base):
                    env.drop_db(old)
            if base not in existing:
                modules = ",".join(_manifest(env)["depends"])
                _build(env, base, None, modules, f"Installing {modules} into a template database")
            _build(env, installed, base, "ghl", "Installing the addon")
        env.drop_db(name)
        env.create_db(name, installed)
    return name


def _build(env: Env, name: str, template: str | None, modules: str, text: str) -> None:
    """Under its final name only when complete, so that an interrupted run leaves nothing half-made in use."""
    draft = name.replace("ghl_base_", "ghl_draft_b").replace("ghl_installed_", "ghl_draft_i")
    say(f"{text} ...")
    env.drop_db(draft)
    if template:
        env.create_db(draft, template)
    args = ["-d", draft, "-i", modules, "--skip-auto-install", "--stop-after-init", "--no-http", "--max-cron-threads=0"]
    env.run_odoo(args, draft)
    env.rename_db(draft, name)


def _reserve(env: Env) -> str:
    """A name that no other running test session of this checkout has; the lock is held until the process ends."""
    suffix = "" if env.pg.private else f"_{digest(env.root)[:6]}"
    for number in range(1, 20):
        handle = (env.state_dir / f"test-{number}.lock").open("a")
        with suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _held.append(handle)
            return f"ghl_test{suffix}" + (f"_{number}" if number > 1 else "")
        handle.close()
    raise RuntimeError("20 test sessions run in this checkout already")


_held = []


def _manifest(env: Env) -> dict:
    return ast.literal_eval((env.root / "__manifest__.py").read_text())


def _base_key(env: Env) -> str:
    return digest(env.state_dir, env.odoo_path, sorted(_manifest(env)["depends"]))


def _sources(root: Path):
    """Every installed file's name and content, in a fixed order."""
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root).parts
        if path.suffix in INSTALLED_SUFFIXES and inside[0] not in NOT_INSTALLED and not inside[0].startswith("."):
            yield "/".join(inside)
            yield path.read_bytes()

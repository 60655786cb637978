"""Databases with the addon installed, made as quick copies of a template that follows the addon's sources."""

import ast
import fcntl
import re
from contextlib import suppress
from pathlib import Path

from .env import Env
from .errors import SetupError
from .state import digest, locked, say

INSTALLED_SUFFIXES = {".py", ".xml", ".csv", ".sql", ".po", ".json"}
# Not installed into a database, so a change there needs no new template.
NOT_INSTALLED = {"bin", "cli", "dev", "docs", "node_modules", "static", "tests"}

_reserved = []


def addon_template(env: Env, fresh: bool = False) -> str:
    """The name of a database with the addon just installed: never use it, copy it with `env.create_db(name, template)`.

    It is installed anew (about 3 s) when the addon's sources changed or `fresh` is given, on top of a second template
    with the modules it depends on (about 10 s, once). Warnings of the installation are shown, errors raise SetupError.
    """
    with locked(env.state_dir / "testdb.lock"):
        existing = set(env.list_dbs())
        mark = env.database_mark
        base = f"ghl_base{mark}_{digest(env.state_dir, env.odoo_path, sorted(_depends(env.root)))}"
        installed = f"ghl_installed{mark}_{digest(base, *_sources(env.root))}"
        if fresh and installed in existing:
            env.drop_db(installed)
            existing.remove(installed)
        if installed not in existing:
            outdated = (f"ghl_installed{mark}_", f"ghl_base{mark}_", f"ghl_draft{mark}_")
            for old in existing:
                if old.startswith(outdated) and old != base:
                    env.drop_db(old)
            if base not in existing:
                _build(env, base, None, ",".join(_depends(env.root)))
            _build(env, installed, base, "ghl")
    return installed


def create_test_db(env: Env, fresh: bool = False) -> str:
    """A database of its own for this process, copied from the template; returns its name."""
    name = _reserve(env)
    template = addon_template(env, fresh)
    with locked(env.state_dir / "testdb.lock"):
        env.drop_db(name)
        env.create_db(name, template)
    return name


def _build(env: Env, name: str, template: str | None, modules: str) -> None:
    """Under its final name only when complete, so that an interrupted run leaves nothing half-made in use."""
    say(f"Installing {modules} into a template database ...")
    draft = f"ghl_draft{env.database_mark}_{name.split('_')[1]}"
    env.drop_db(draft)
    if template:
        env.create_db(draft, template)
    args = ["-d", draft, "-i", modules, "--skip-auto-install", "--stop-after-init", "--no-http", "--max-cron-threads=0"]
    output = env.run_odoo(args, draft).stdout
    (env.state_dir / "install.log").write_text(output)
    problems = re.findall(r"^\S+ \S+ \d+ (?:WARNING|ERROR|CRITICAL) .*$", output, re.M)
    for problem in problems:
        say(problem.partition(",")[2])
    if any(" ERROR " in problem or " CRITICAL " in problem for problem in problems):
        raise SetupError(f"Installing {modules} logged errors: see {env.state_dir / 'install.log'}.")
    # Who is to be shown around says so: tests and pictures are not.
    env.sql(draft, "UPDATE res_users SET tour_enabled = FALSE")
    env.rename_db(draft, name)


def _reserve(env: Env) -> str:
    """A name that no other running test session of this checkout has; the lock is held until the process ends."""
    for number in range(1, 20):
        handle = (env.state_dir / f"test-{number}.lock").open("a")
        with suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _reserved.append(handle)
            return f"ghl_test{env.database_mark}" + (f"_{number}" if number > 1 else "")
        handle.close()
    raise SetupError("19 test sessions run in this checkout already: wait for one to end.")


def _depends(root: Path) -> list[str]:
    return ast.literal_eval((root / "__manifest__.py").read_text())["depends"]


def _sources(root: Path):
    """Every installed file's name and content, in a fixed order."""
    for top in sorted(root.iterdir()):
        if top.name in NOT_INSTALLED or top.name.startswith("."):
            continue
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.suffix in INSTALLED_SUFFIXES:
                yield path.relative_to(root)
                yield path.read_bytes()

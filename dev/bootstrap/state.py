"""Where a checkout keeps its state, and the memory of which set-up step was done for which inputs."""

import fcntl
import hashlib
import json
import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def state_dir() -> Path:
    """The folder of everything that set-up makes: GHL_DEV_DIR, else `.dev` in the checkout."""
    return Path(os.environ.get("GHL_DEV_DIR") or ROOT / ".dev").resolve()


def cache_dir() -> Path:
    """Downloads that all checkouts of a user share: GHL_CACHE_DIR, else ghl-dev in the user's cache folder."""
    if given := os.environ.get("GHL_CACHE_DIR"):
        return Path(given).resolve()
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base).resolve() / "ghl-dev"


def digest(*parts) -> str:
    """A short name for these inputs; any change in them changes it."""
    sha = hashlib.sha256()
    for part in parts:
        sha.update(part if isinstance(part, bytes) else str(part).encode())
        sha.update(b"\0")
    return sha.hexdigest()[:16]


def say(text: str) -> None:
    """Progress for people. On stderr: stdout belongs to the command that was asked for."""
    print(f"[set-up] {text}", file=sys.stderr, flush=True)


@contextmanager
def locked(path: Path):
    """Hold an exclusive lock on `path` among processes; says so when it has to wait."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another set-up to finish ({path})")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


class Stamps:
    """Remembers the inputs each step was last done for, so that a second run does nothing."""

    def __init__(self, path: Path):
        self._path = path
        try:
            self._keys = json.loads(path.read_text())
        except (FileNotFoundError, ValueError):
            self._keys = {}

    @contextmanager
    def step(self, name: str, key: str, product: Path, text: str):
        """Yield whether the step must run; its inputs are remembered only when the body succeeds."""
        if self._keys.get(name) == key and product.exists():
            yield False
            return
        say(f"{text} ...")
        started = time.monotonic()
        self._keep(name, None)
        yield True
        self._keep(name, key)
        say(f"{text}: {time.monotonic() - started:.1f} s")

    def _keep(self, name: str, key: str | None) -> None:
        self._keys[name] = key
        draft = self._path.with_suffix(".new")
        draft.write_text(json.dumps(self._keys, indent=1))
        draft.replace(self._path)

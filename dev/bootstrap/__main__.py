"""The commands behind bin/*: test, odoo, run, setup, stop, clean."""

import os
import shutil
import socket
import sys
from pathlib import Path

# Python put this folder on the path; its modules must not be importable without their package.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from bootstrap import SetupError, ensure, postgres, setup  # noqa: E402
from bootstrap.state import state_dir  # noqa: E402

USAGE = "usage: launch test|odoo|run|setup|stop|clean [arguments]; see dev/README.md"


def main(command: str = "", *args: str) -> int:
    match command:
        case "test":
            env = ensure()
            os.chdir(env.root)
            return _become([env.venv_python, "-m", "pytest", *args], env.environ())
        case "odoo":
            env = ensure()
            return _become([env.odoo_bin, *args, *_port(args)], env.environ())
        case "run" if args[:1] == ("--python-only",):
            return _become([setup.ensure_python(), "-m", *args[1:]], dict(os.environ))
        case "run" if args:
            env = ensure()
            return _become([env.venv_python, "-m", *args], env.environ())
        case "setup":
            env = ensure()
            print(f"python {env.venv_python}\nodoo   {env.odoo_path}\nconf   {env.odoo_conf}\npsql   -h {env.pg.host}")
        case "stop":
            print("PostgreSQL stopped" if postgres.stop(state_dir()) else "PostgreSQL was not running")
        case "clean":
            postgres.remove(state_dir())
            shutil.rmtree(state_dir(), ignore_errors=True)
        case _:
            print(USAGE, file=sys.stderr)
            return 2
    return 0


def _port(args: tuple[str, ...]) -> list[str]:
    """The port of a server: GHL_HTTP_PORT, else the first free one from 8069 on; nothing where the caller says it."""
    is_command = bool(args) and not args[0].startswith("-")
    if is_command or any(arg.startswith(("-p", "--http-port", "--stop-after-init", "--no-http")) for arg in args):
        return []
    if given := os.environ.get("GHL_HTTP_PORT"):
        return ["--http-port", given]
    for port in range(8069, 8170):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return ["--http-port", str(port)]
    raise SetupError("Ports 8069 to 8169 are all taken: set GHL_HTTP_PORT.")


def _become(command: list, environ: dict[str, str]) -> int:
    sys.stdout.flush()
    os.execve(command[0], [str(part) for part in command], environ)


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except SetupError as error:
        sys.exit(f"[set-up] {error}")
    except KeyboardInterrupt:
        sys.exit(130)

"""Run a set-up command quietly; show its output only when it fails."""

import os
import subprocess
import tempfile

from .errors import SetupError


def run(command: list, advice: str, stdin=subprocess.DEVNULL, **options) -> str:
    """Run `command` and return its output; raise SetupError with the output's tail and `advice` when it fails.

    The output goes through a file, so that a server started by the command does not keep a pipe open.
    """
    with tempfile.TemporaryFile() as output:
        try:
            code = subprocess.run(
                [str(part) for part in command], stdin=stdin, stdout=output, stderr=subprocess.STDOUT, **options
            ).returncode
        except FileNotFoundError as error:
            raise SetupError(f"{command[0]} is not installed.\n{advice}") from error
        output.seek(0)
        text = output.read().decode(errors="replace")
    if code:
        tail = "\n".join(text.strip().splitlines()[-25:])
        raise SetupError(f"{os.path.basename(str(command[0]))} failed (exit {code}):\n{tail}\n{advice}")
    return text

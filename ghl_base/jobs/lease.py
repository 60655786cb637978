"""Who runs a job, and whether that worker can still be alive."""

from __future__ import annotations

import os
import secrets
import socket
from contextlib import suppress
from dataclasses import dataclass

# New in every process image, so that a process that re-executed itself under its old pid does not pass for the old one.
_BOOT = secrets.token_hex(4)


@dataclass(frozen=True)
class Owner:
    """The worker named in a lease. ``token`` is new for every claim: an old owner never matches a newer claim."""

    host: str
    pid: int
    started: int
    boot: str
    token: str

    def __str__(self) -> str:
        return f"{self.host}|{self.pid}|{self.started}|{self.boot}|{self.token}"

    @classmethod
    def parse(cls, text: str | None) -> Owner | None:
        try:
            host, pid, started, boot, token = (text or "").rsplit("|", 4)
            return cls(host, int(pid), int(started), boot, token)
        except ValueError:
            return None

    @classmethod
    def here(cls) -> Owner:
        """A new owner standing for this process."""
        pid = os.getpid()
        return cls(_host(), pid, _started(pid) or 0, _boot_of(pid), secrets.token_hex(8))

    def is_dead_here(self) -> bool:
        """Whether this owner certainly died: it ran on this machine and its process is gone.

        False for other machines (their leases must run out) and whenever the system does not tell.
        """
        if self.host != _host():
            return False
        if self.pid == os.getpid():
            return self.boot != _boot_of(self.pid)
        try:
            with suppress(PermissionError):  # the pid lives, as somebody else's process
                os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        started = _started(self.pid)
        return bool(started and self.started and started != self.started)


def _boot_of(pid: int) -> str:
    # A forked child shares the module's value: the pid tells parent and child apart.
    return f"{_BOOT}{pid}"


def _host() -> str:
    """Host name and, where the system has them, the pid namespace: containers may share a host name, not its pids."""
    try:
        return f"{socket.gethostname()}/{os.stat('/proc/self/ns/pid').st_ino}"
    except OSError:
        return socket.gethostname()


def _started(pid: int) -> int | None:
    """When the process started, in clock ticks since boot: tells a reused pid from the process that had it before.

    None for a process that is gone or cannot be read; a zombie counts as gone through ``state``.
    """
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            fields = stat.read().rpartition(")")[2].split()
    except OSError:
        return None
    # A zombie holds its pid until its parent fetches the exit code, but it runs nothing any more.
    return -1 if fields[0] == "Z" else int(fields[19])

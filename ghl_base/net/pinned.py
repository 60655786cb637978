"""Connections to an address that was checked, whatever the name leads to by the time of connecting."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import requests

from .session import TIMEOUTS, TimedAdapter, new_session


class PinnedAdapter(TimedAdapter):
    """Connects to ``address`` for ``host``; certificate, SNI and Host header remain those of the name."""

    def __init__(self, host: str, address: str, timeouts: tuple[float, float] = TIMEOUTS, **options):
        self._host, self._address = host, f"[{address}]" if ":" in address else address
        super().__init__(timeouts, **options)

    def init_poolmanager(self, *args, **options):
        return super().init_poolmanager(*args, server_hostname=self._host, assert_hostname=self._host, **options)

    def proxy_manager_for(self, proxy, **options):
        return super().proxy_manager_for(proxy, server_hostname=self._host, assert_hostname=self._host, **options)

    def send(self, request, **options):
        parts = urlsplit(request.url)
        if parts.hostname != self._host:
            raise requests.exceptions.InvalidURL(f"This connection is for {self._host} only")
        port = f":{parts.port}" if parts.port else ""
        request.headers["Host"] = self._host + port
        request.url = urlunsplit(parts._replace(netloc=self._address + port))
        return super().send(request, **options)


def pinned_session(host: str, address: str) -> requests.Session:
    """A session for https requests to ``host`` that connects to ``address``."""
    session = new_session(pool_size=1)
    session.mount("https://", PinnedAdapter(host, address, pool_connections=1, pool_maxsize=1, max_retries=0))
    return session

"""Pooled HTTP sessions."""

from __future__ import annotations

from http.cookiejar import DefaultCookiePolicy

import requests
from requests.adapters import HTTPAdapter

# Seconds to connect, and seconds without a byte.
TIMEOUTS = (5.0, 30.0)
USER_AGENT = "odoo-ghl"


class TimedAdapter(HTTPAdapter):
    """Gives every request a timeout, also when the caller names none."""

    def __init__(self, timeouts: tuple[float, float], **options):
        self.timeouts = timeouts
        super().__init__(**options)

    def send(self, request, stream=False, timeout=None, verify=True, cert=None, proxies=None):
        timeout = self.timeouts if timeout is None else timeout
        return super().send(request, stream=stream, timeout=timeout, verify=verify, cert=cert, proxies=proxies)


def new_session(pool_size: int = 12, timeouts: tuple[float, float] = TIMEOUTS) -> requests.Session:
    """A session that keeps ``pool_size`` connections open, stores no cookies and never retries by itself.

    ``timeouts``: seconds to connect, and seconds without a byte. It may be shared by threads: nothing on it changes
    after it was made.
    """
    session = requests.Session()
    adapter = TimedAdapter(timeouts, pool_connections=4, pool_maxsize=pool_size, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.headers.update({"User-Agent": USER_AGENT, "Accept": "application/json"})
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    # Without an auth of its own, requests replaces our Authorization header by what ~/.netrc says for the host.
    session.auth = _keep_headers
    return session


def _keep_headers(request):
    return request

"""Recordings where a provider keeps them, read without letting an address lead us anywhere else. Plain Python.

The address of a recording comes from outside. It is only followed to the provider's own address and to hosts somebody
has allowed, never to private addresses (unless the provider itself is on one), and every redirection is checked again.
The connection is made to the very address that was checked, whatever the name leads to a moment later. The account's
credentials go to the provider's own host and port alone.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urljoin, urlsplit

import requests

from ...ghl_base.net.errors import ForbiddenError, MalformedResponse, NotFoundError, RejectedRequest, ServerError
from ...ghl_base.net.pinned import pinned_session
from ...ghl_base.net.session import new_session
from ...ghl_base.net.transport import transport_error
from ...ghl_contacts.gateway.download import Download

# Where Bland and Twilio keep recordings.
USUAL_HOSTS = ("*.bland.ai", "*.twilio.com", "*.amazonaws.com", "storage.googleapis.com")
MOST_REDIRECTIONS = 3
LARGEST = 256 << 20  # bytes: hours of sound
# How hosts call sound, those included that do not know what they keep.
SOUND = ("audio/", "video/", "application/ogg", "application/octet-stream", "binary/octet-stream")
REDIRECTIONS = frozenset({301, 302, 303, 307, 308})


class Sound(Download):
    """A recording that is being read, up to `LARGEST` bytes."""

    def chunks(self) -> Iterator[bytes]:
        read = 0
        for chunk in super().chunks():
            read += len(chunk)
            if read > LARGEST:
                raise MalformedResponse("the recording is too large", **self._facts)
            yield chunk


@contextmanager
def open_sound(
    url: str,
    *,
    home: str,
    credentials: Mapping[str, str],
    hosts: Iterable[str] = USUAL_HOSTS,
    byte_range: str | None = None,
    service: str = "The provider",
    session: requests.Session | None = None,
    resolve: Callable[[str, int], Iterable[str]] | None = None,
) -> Iterator[Sound]:
    """The recording at ``url``, open as long as the block lasts.

    ``home`` is the provider's API address, ``credentials`` the headers that prove the account there, ``hosts`` those
    allowed besides (``*.example.com``: any below). ForbiddenError for an address that is not allowed, NotFoundError,
    RejectedRequest (416 for a range beyond the end), ServerError, TransportError.
    """
    facts = {"service": service, "method": "GET", "path": "recording"}
    session = session or new_session(pool_size=2)
    resolve = resolve or _addresses
    for _step in range(MOST_REDIRECTIONS + 1):
        address = check(url, home=home, hosts=hosts, resolve=resolve, facts=facts)
        # Not asked by name again: it might lead elsewhere by now.
        asker = pinned_session(urlsplit(url).hostname, address) if address else session
        headers = dict(credentials) if _origin(url) == _origin(home) else {}
        headers |= {"Accept": "audio/*, */*;q=0.5", "Accept-Encoding": "identity"}
        if byte_range:
            headers["Range"] = byte_range
        try:
            response = asker.get(url, headers=headers, allow_redirects=False, stream=True)
        except requests.RequestException as error:
            raise transport_error(error, facts) from error
        with response:
            if response.status_code in REDIRECTIONS:
                url = urljoin(url, response.headers.get("Location", ""))
                continue
            _accept(response, facts)
            yield Sound(response, facts)
            return
    raise MalformedResponse("the recording is redirected without end", **facts)


def check(url: str, *, home: str, hosts: Iterable[str], resolve: Callable, facts: Mapping) -> str | None:
    """The address to ask for ``url``, None for the provider's own host; ForbiddenError unless it may be asked."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise ForbiddenError("the address of the recording cannot be read", **facts) from None
    at_home = _origin(url) == _origin(home)
    if at_home and parts.scheme in ("https", "http"):
        return None  # where the account itself is: an administrator has set that address
    if parts.scheme != "https" or port not in (None, 443) or parts.username or parts.password:
        raise ForbiddenError("the recording is at an address that is not allowed", **facts)
    if not any(_matches(host, pattern) for pattern in hosts):
        raise ForbiddenError("the recording is at a host that is not allowed", **facts)
    try:
        addresses = [ipaddress.ip_address(address) for address in resolve(host, 443)]
    except (OSError, ValueError):
        addresses = []
    if not addresses or not all(address.is_global and not address.is_multicast for address in addresses):
        raise ForbiddenError("the recording is at an address that is not public", **facts)
    return str(addresses[0])


def _matches(host: str, pattern: str) -> bool:
    pattern = pattern.strip().lower().rstrip(".")
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and len(host) > len(pattern) - 1
    return bool(pattern) and host == pattern


def _origin(url: str) -> tuple:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return (None, url, None)


def _addresses(host: str, port: int) -> list[str]:
    return [found[4][0] for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _accept(response: requests.Response, facts: Mapping) -> None:
    status = response.status_code
    told = {**facts, "status": status}
    if status in (200, 206):
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind and not kind.startswith(SOUND):
            # Whoever can name an address must not read with the account's credentials what else is kept there.
            raise NotFoundError("there is no sound at this address", **told)
        return
    if status in (404, 410):
        raise NotFoundError("there is no such recording", **told)
    if status >= 500:
        raise ServerError(f"HTTP {status}", **told)
    raise RejectedRequest(f"HTTP {status}", **told)

"""One HTTP answer, read safely; requests' exceptions as ours."""

from __future__ import annotations

import ssl
from collections.abc import Callable

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProxyError

from .errors import MalformedResponse, RemoteError, RemoteTimeout, TransportError

CHUNK = 1 << 16
# A page of 500 contacts is about 1 MB; nothing legitimate comes near this.
LARGEST_ANSWER = 64 << 20
# What OpenSSL says while the two sides still agree on keys: no byte of the request has left by then.
_HANDSHAKE_FAILURES = ("CERTIFICATE_VERIFY", "WRONG_VERSION_NUMBER", "HANDSHAKE", "PROTOCOL_VERSION", "UNSUPPORTED")
# The address itself is wrong, or a header cannot be written: requests gives up before it connects.
_UNUSABLE = (
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidHeader,
)


def read_body(response: requests.Response, facts: dict, is_late: Callable[[], bool] = lambda: False) -> bytes:
    """The whole body; RemoteTimeout when it stops or ``is_late()`` turns true, MalformedResponse when it is cut.

    ``facts`` are for the error: service, method, path.
    """
    facts = {**facts, "status": response.status_code}
    content = bytearray()
    try:
        for chunk in response.iter_content(CHUNK):
            content += chunk
            if is_late():
                raise RemoteTimeout("the answer took too long", **facts)
            if len(content) > LARGEST_ANSWER:
                raise MalformedResponse("the answer is too large", **facts)
    except (requests.Timeout, requests.ConnectionError) as error:
        # A read timeout within the body is reported as a ConnectionError.
        raise RemoteTimeout("the answer stopped half way", **facts) from error
    except requests.RequestException as error:
        raise MalformedResponse(f"the answer broke off ({type(error).__name__})", **facts) from error
    return bytes(content)


def transport_error(error: requests.RequestException, facts: dict) -> RemoteError:
    """What ``error`` means. Its own text is left out, because it may hold the address with its query."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(reason, ProxyError):
        reason = reason.original_error
    sent = not (isinstance(reason, (NewConnectionError, ConnectTimeoutError)) or _never_left(error, reason))
    if isinstance(error, requests.Timeout):
        return RemoteTimeout("no answer in time", sent=sent, **facts)
    kind = type(reason or error).__name__
    return TransportError(f"the connection failed ({kind})", sent=sent, **facts)


def _never_left(error: requests.RequestException, reason: object) -> bool:
    if isinstance(error, _UNUSABLE):
        return True
    if not isinstance(error, requests.exceptions.SSLError):
        return False
    failure = next((arg for arg in getattr(reason, "args", ()) if isinstance(arg, ssl.SSLError)), None)
    return any(word in (getattr(failure, "reason", None) or "") for word in _HANDSHAKE_FAILURES)

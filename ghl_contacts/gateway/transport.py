"""One HTTP answer, read safely; requests' exceptions as ours."""

from __future__ import annotations

from collections.abc import Callable

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from ...ghl_base.net.errors import MalformedResponse, RemoteError, RemoteTimeout, TransportError
from .answers import SERVICE

CHUNK = 1 << 16
# A page of 500 contacts is about 1 MB; nothing legitimate comes near this.
LARGEST_ANSWER = 64 << 20


def read_body(response: requests.Response, facts: dict, is_late: Callable[[], bool] = lambda: False) -> bytes:
    """The whole body; RemoteTimeout when it stops or ``is_late()`` turns true, MalformedResponse when it is cut."""
    facts = {**facts, "status": response.status_code, "service": SERVICE}
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
    facts = {**facts, "service": SERVICE}
    reason = getattr(error.args[0], "reason", None) if error.args else None
    sent = not isinstance(reason, (NewConnectionError, ConnectTimeoutError))
    if isinstance(error, requests.Timeout):
        return RemoteTimeout("no answer in time", sent=sent, **facts)
    kind = type(reason or error).__name__
    return TransportError(f"the connection failed ({kind})", sent=sent, **facts)

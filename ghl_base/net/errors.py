"""What can go wrong when a remote service is called.

RemoteError
 ├ TransportError          no answer: refused, reset, name not found
 │  └ RemoteTimeout        no answer in time
 ├ MalformedResponse       an answer that is not what it says: cut JSON, an HTML page with status 200
 ├ AuthenticationError     401: the credentials are not accepted
 ├ ForbiddenError          403: the credentials are accepted, the action is not allowed
 ├ NotFoundError           404 and what the service uses instead of it
 ├ RejectedRequest         400, 422 and other 4xx: the request itself is wrong
 ├ RateLimited             429 or an exhausted budget; ``retry_after`` says how long to stay away
 └ ServerError             5xx and 408
Stopped                    not a RemoteError: somebody asked the caller to stop while it was waiting
"""

from __future__ import annotations


class RemoteError(Exception):
    """A call to a remote service failed.

    ``message`` is technical and safe to log; :meth:`human` is for a back-office user. ``status`` is the HTTP status if
    there was an answer, ``trace_id`` the id by which the service's support finds the call, ``retry_after`` seconds to
    wait before another try (if known), ``method`` and ``path`` the call (the path with placeholders, without ids).
    ``retryable`` tells whether the same call may work later without anybody changing anything.
    """

    retryable = False
    _sentence = "{service} could not carry out the request: {message}"

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        trace_id: str | None = None,
        retry_after: float | None = None,
        method: str | None = None,
        path: str | None = None,
        service: str | None = None,
    ):
        super().__init__(message)
        self.message = message
        self.status = status
        self.trace_id = trace_id
        self.retry_after = retry_after
        self.method = method
        self.path = path
        self.service = service

    def __str__(self) -> str:
        facts = [f"{self.method} {self.path}" if self.method else "", f"HTTP {self.status}" if self.status else ""]
        facts.append(f"trace {self.trace_id}" if self.trace_id else "")
        known = ", ".join(filter(None, facts))
        return f"{self.message} ({known})" if known else self.message

    def human(self) -> str:
        """One sentence for a back-office user: what happened and what to do."""
        service = self.service or "The remote service"
        text = self._sentence.format(service=service, message=self.message.rstrip("."))
        return text if text.endswith((".", "!", "?")) else text + "."


class TransportError(RemoteError):
    """There was no answer. ``sent`` is False when the request certainly never left, so even a write may be repeated."""

    retryable = True
    _sentence = "{service} could not be reached. Check the network connection; the work is tried again by itself."

    def __init__(self, message: str, *, sent: bool = True, **facts):
        super().__init__(message, **facts)
        self.sent = sent


class RemoteTimeout(TransportError):
    """There was no (complete) answer in time."""

    _sentence = "{service} did not answer in time. The work is tried again by itself."


class MalformedResponse(RemoteError):
    """The answer broke off or is not the JSON object it should be."""

    retryable = True
    _sentence = "{service} sent an answer that cannot be read. The work is tried again by itself."


class AuthenticationError(RemoteError):
    """The credentials are wrong, revoked or lack a right. Needs a human."""

    # Not "credentials: ...": what follows would be taken for a secret and masked.
    _sentence = "{service} does not accept the credentials ({message})"


class ForbiddenError(RemoteError):
    """The credentials are good, but not for this."""

    _sentence = "{service} does not allow this with the credentials in use: {message}"


class NotFoundError(RemoteError):
    """The record does not exist at the remote side (any more)."""

    _sentence = "The record does not exist in {service} (any more): {message}"


class RejectedRequest(RemoteError):
    """The service refuses the content of the request; sending it again is useless."""

    _sentence = "{service} refused the data: {message}"


class RateLimited(RemoteError):
    """Too many requests; nothing was executed. ``retry_after`` is always set (seconds)."""

    retryable = True
    retry_after: float

    def __init__(self, message: str, *, retry_after: float, **facts):
        super().__init__(message, retry_after=retry_after, **facts)

    def human(self) -> str:
        service = self.service or "The remote service"
        return f"{service} allows no more requests for now. The work goes on by itself in {_span(self.retry_after)}."


class ServerError(RemoteError):
    """The service itself failed."""

    retryable = True
    _sentence = "{service} has a problem of its own at the moment. The work is tried again by itself."


class Stopped(Exception):
    """The caller was asked to stop while it waited."""


def _span(seconds: float) -> str:
    if seconds < 90:
        number = max(1, round(seconds))
        return f"{number} second{'s' if number > 1 else ''}"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} minutes"
    return f"{round(seconds / 3600)} hours"

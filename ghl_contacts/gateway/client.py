"""The GoHighLevel client: one call at a time, with budget, token, retries and typed errors."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests

from ...ghl_base.net.budget import RateBudget, RateLimits
from ...ghl_base.net.errors import (
    AuthenticationError,
    MalformedResponse,
    RateLimited,
    RemoteError,
)
from ...ghl_base.net.retry import RetryPolicy
from ...ghl_base.net.session import TIMEOUTS, new_session
from ...ghl_base.net.transport import read_body, transport_error
from ...ghl_base.net.waiting import pause
from . import answers, paging
from .conversations import conversation_pages
from .download import Download
from .endpoints import ENDPOINTS, Endpoint
from .messages import message_pages
from .tokens import TokenProvider

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """A 2xx answer: the JSON object and the server's clock (naive UTC, None if unknown)."""

    data: dict
    server_time: datetime | None


@dataclass(frozen=True)
class RequestInfo:
    """One HTTP exchange, for measuring: ``status`` is None when there was no answer, ``ms`` its duration."""

    endpoint: str
    method: str
    path: str
    status: int | None
    ms: float
    trace_id: str | None


class GhlClient:
    """Calls GoHighLevel for one location or company. May be shared by threads.

    ``budget_scope`` names the rate budget; ``version_overrides`` maps endpoint names (or ``*``) to ``Version`` headers;
    ``deadline`` bounds one call with all its waits and retries (seconds). A wait longer than ``retry.cap`` is not
    waited out: the call raises RateLimited with ``retry_after``, so that the work can be put off. ``timeouts`` (to
    connect, without a byte) are for the session made here; a given ``session`` brings its own. ``sleep(seconds)`` is
    called in steps of at most half a second, and ``should_stop()`` before each: true raises Stopped.
    ``on_request(RequestInfo)`` is told of every exchange.
    """

    def __init__(
        self,
        *,
        base_url: str,
        tokens: TokenProvider,
        budget: RateBudget,
        budget_scope: str,
        location_id: str | None = None,
        company_id: str | None = None,
        version_overrides: Mapping[str, str] | None = None,
        retry: RetryPolicy | None = None,
        timeouts: tuple[float, float] = TIMEOUTS,
        deadline: float = 120.0,
        session: requests.Session | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
        should_stop: Callable[[], bool] = lambda: False,
        on_request: Callable[[RequestInfo], object] | None = None,
    ):
        self.base_url = base_url.rstrip("/")
        self.location_id, self.company_id = location_id, company_id
        self._tokens, self._budget, self._scope = tokens, budget, budget_scope
        self._versions = dict(version_overrides or {})
        self._retry = retry or RetryPolicy()
        self._deadline = deadline
        self._session = session or new_session(timeouts=timeouts)
        self._clock, self._sleep, self._should_stop = clock, sleep or time.sleep, should_stop
        self._on_request = on_request

    # -- calls

    def call(self, endpoint_name: str, path=None, query=None, body=None) -> dict:
        """The JSON object that the endpoint answers.

        ValueError for keys that the endpoint does not know (before anything is sent), RemoteError for everything that
        goes wrong with the service, Stopped when ``should_stop()`` turns true while waiting.
        """
        return self.request(endpoint_name, path, query, body).data

    def request(self, endpoint_name: str, path=None, query=None, body=None) -> Answer:
        """Like :meth:`call`, with the server's clock."""
        endpoint = ENDPOINTS[endpoint_name]
        endpoint.check(query or {}, body)
        url = self.base_url + endpoint.url_path(path or {})
        deadline = self._clock() + self._deadline
        return self._attempts(
            endpoint, deadline, lambda token: self._exchange(endpoint, url, query, body, token, deadline)
        )

    @contextmanager
    def download(self, endpoint_name: str, path=None, byte_range: str | None = None) -> Iterator[Download]:
        """The answer of an endpoint that sends a file, open as long as the block lasts.

        ``byte_range`` is the value of a Range header (``bytes=0-499``), which the service may ignore. Raises like
        :meth:`call`; RejectedRequest with ``status`` 416 for a range outside the file.
        """
        endpoint = ENDPOINTS[endpoint_name]
        url = self.base_url + endpoint.url_path(path or {})
        deadline = self._clock() + self._deadline
        headers = {"Range": byte_range} if byte_range else {}
        with self._attempts(endpoint, deadline, lambda token: self._open(endpoint, url, token, headers)) as response:
            yield Download(response, {"method": endpoint.method, "path": endpoint.path, "service": answers.SERVICE})

    def _attempts(self, endpoint: Endpoint, deadline: float, once: Callable[[str], Any]) -> Any:
        """What ``once(token)`` gives, within the budget, with a new token and repeated as the error allows."""
        token = self._tokens.token()
        attempt, replaced = 0, False
        while True:
            self._await_budget(endpoint, deadline)
            attempt += 1
            try:
                return once(token)
            except AuthenticationError as error:
                if not answers.is_token_problem(error):
                    raise
                if replaced:
                    error.message = f"{error.message}; {self._tokens.advice}"
                    raise
                token, replaced = self._replace(token, error), True
            except RemoteError as error:
                delay = self._retry.delay(attempt, error, endpoint.idempotent)
                if delay is None or self._clock() + delay > deadline:
                    raise
                self._pause(delay)

    def _replace(self, token: str, rejection: AuthenticationError) -> str:
        try:
            return self._tokens.replace(token)
        except AuthenticationError as error:
            # The failed refresh says what to do, the rejected call how to find it at GoHighLevel.
            for fact in ("status", "trace_id", "method", "path", "service"):
                setattr(error, fact, getattr(error, fact) or getattr(rejection, fact))
            raise error from rejection

    def _await_budget(self, endpoint: Endpoint, deadline: float) -> None:
        self._pause(0)
        while wait := self._budget.acquire(self._scope):
            if wait > self._retry.cap or self._clock() + wait > deadline:
                facts = {"method": endpoint.method, "path": endpoint.path, "service": answers.SERVICE}
                raise RateLimited("the request budget is used up", retry_after=wait, **facts)
            self._pause(wait)

    def _pause(self, seconds: float) -> None:
        pause(seconds, self._sleep, self._should_stop)

    # -- one HTTP exchange

    def _exchange(self, endpoint: Endpoint, url: str, query, body, token: str, deadline: float) -> Answer:
        facts = {"method": endpoint.method, "path": endpoint.path}
        started, status, trace = self._clock(), None, None
        try:
            with self._send(endpoint, url, query, body, token, facts) as response:
                status = response.status_code
                self._observe(response.headers)
                content = read_body(response, {**facts, "service": answers.SERVICE}, lambda: self._clock() > deadline)
            if not 200 <= status < 300:
                error = self._refusal(response, content, facts)
                trace = error.trace_id
                raise error
            data = answers.parse_object(
                content, response.headers.get("Content-Type", ""), endpoint.listed, status=status, **facts
            )
            trace = answers.trace_id(data)
            answers.check_success(data, endpoint.success, status=status, **facts)
            return Answer(data, answers.server_time(response.headers))
        finally:
            self._report(endpoint, status, started, trace)

    def _open(self, endpoint: Endpoint, url: str, token: str, headers: dict) -> requests.Response:
        """A 2xx answer of which only the head was read."""
        facts = {"method": endpoint.method, "path": endpoint.path}
        started, status = self._clock(), None
        try:
            response = self._send(endpoint, url, None, None, token, facts, headers)
            status = response.status_code
            self._observe(response.headers)
            if 200 <= status < 300:
                return response
            with response:
                raise self._refusal(response, read_body(response, {**facts, "service": answers.SERVICE}), facts)
        finally:
            self._report(endpoint, status, started, None)

    def _refusal(self, response: requests.Response, content: bytes, facts: dict) -> RemoteError:
        error = answers.error_from(response.status_code, response.headers, content, **facts)
        if isinstance(error, RateLimited):
            self._budget.blocked(self._scope, error.retry_after)
        return error

    def _send(
        self, endpoint: Endpoint, url: str, query, body, token: str, facts: dict, more: Mapping[str, str] | None = None
    ) -> requests.Response:
        headers = {
            **(more or {}),
            "Authorization": f"Bearer {token}",
            "Version": self._versions.get(endpoint.name) or self._versions.get("*") or endpoint.version,
        }
        try:
            return self._session.request(
                endpoint.method,
                url,
                params=query or None,
                json=body,
                headers=headers,
                allow_redirects=False,
                stream=True,
            )
        except requests.RequestException as error:
            raise transport_error(error, {**facts, "service": answers.SERVICE}) from error

    def _observe(self, headers: Mapping[str, str]) -> None:
        limits = RateLimits.from_headers(headers)
        if limits != RateLimits():
            self._budget.observe(self._scope, limits)

    def _report(self, endpoint: Endpoint, status: int | None, started: float, trace: str | None) -> None:
        ms = (self._clock() - started) * 1000
        _logger.debug(
            "%s %s: %s in %.0f ms, trace %s", endpoint.method, endpoint.path, status or "no answer", ms, trace
        )
        if self._on_request:
            self._on_request(RequestInfo(endpoint.name, endpoint.method, endpoint.path, status, ms, trace))

    # -- single records and short lists

    def location(self, location_id: str) -> dict:
        """The location (GET /locations/{id}); NotFoundError, AuthenticationError when the token is for another one."""
        return _one(self.call("location_get", {"locationId": location_id}), "location")

    def tags(self, location_id: str) -> list:
        """All tags ``{id, name, locationId}``."""
        return paging.rows_of(self.call("tags_list", {"locationId": location_id}), "tags")

    def custom_fields(self, location_id: str) -> list:
        """All custom fields of contacts and opportunities."""
        data = self.call("custom_fields_list", {"locationId": location_id}, {"model": "all"})
        return paging.rows_of(data, "customFields")

    def pipelines(self, location_id: str) -> list:
        """All opportunity pipelines with their stages."""
        return paging.rows_of(self.call("pipelines_list", query={"locationId": location_id}), "pipelines")

    def contact(self, contact_id: str) -> dict:
        """The contact (GET /contacts/{id}, a proof of existence that the search index cannot give); NotFoundError."""
        return _one(self.call("contact_get", {"contactId": contact_id}), "contact")

    def email(self, email_id: str) -> dict:
        """One e-mail with its body (GET /conversations/messages/email/{id}); NotFoundError."""
        return _one(self.call("email_get", {"id": email_id}), "email")

    def transcription(self, message_id: str) -> list:
        """The sentences of a call: ``{mediaChannel, sentenceIndex, startTime, endTime (ms), transcript, confidence}``.

        NotFoundError or RejectedRequest when there are none.
        """
        data = self.call("transcription_get", {"messageId": message_id, "locationId": self.location_id})
        # The official description shows one sentence.
        return [data] if "transcript" in data else paging.rows_of(data, "sentences")

    def recording(self, message_id: str, byte_range: str | None = None):
        """The recording of a call, for a ``with`` statement; see :meth:`download`.

        NotFoundError or RejectedRequest when there is none.
        """
        path = {"messageId": message_id, "locationId": self.location_id}
        return self.download("recording_get", path, byte_range)

    # -- pages

    def user_pages(self, company_id: str, location_id: str) -> Iterator[paging.Page]:
        """The users of a location. There are no stamps and no cursor to come back with: always all of them."""
        return paging.user_pages(self, company_id, location_id)

    def contact_pages(self, location_id: str, since: datetime | None = None, after=None) -> Iterator[paging.Page]:
        """Contacts by ``dateUpdated``, oldest first; ``since`` (naive UTC) limits to those updated then or later."""
        return paging.contact_pages(self, location_id, since, after)

    def task_pages(self, location_id: str, after=None, completed: bool | None = None) -> Iterator[paging.Page]:
        """Tasks of the whole location; ``completed`` limits to one state. Rows carry their id as ``_id``."""
        return paging.task_pages(self, location_id, after, completed)

    def conversation_pages(self, location_id: str, since: datetime | None = None, after=None) -> Iterator[paging.Page]:
        """Conversations by last message, oldest first; ``since`` (naive UTC) limits to those with a message since."""
        return conversation_pages(self, location_id, since, after)

    def message_pages(
        self, location_id: str, channel: str | None = None, since: datetime | None = None, after=None
    ) -> Iterator[paging.Page]:
        """Messages of the whole location, oldest first; ``since`` (naive UTC) limits to those updated then or later.

        Without ``channel`` all but e-mails, which only the channel ``Email`` holds.
        """
        return message_pages(self, location_id, channel, since, after)

    def opportunity_pages(self, location_id: str, after=None) -> Iterator[paging.Page]:
        """All opportunities of the location."""
        return paging.opportunity_pages(self, location_id, after)


def _one(data: dict, key: str) -> dict:
    """The record, whether the answer wraps it or not."""
    record = data.get(key)
    if isinstance(record, dict):
        return record
    if "id" in data:
        return data
    raise MalformedResponse(f"the answer has no {key}", trace_id=answers.trace_id(data), service=answers.SERVICE)

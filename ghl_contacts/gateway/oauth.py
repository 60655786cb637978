"""The OAuth endpoints: exchange a code, refresh a pair, mint a location token.

Nothing is retried here: a refresh token works once, so a request whose answer was lost cannot be repeated blindly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import requests

from ...ghl_base.net.errors import AuthenticationError, MalformedResponse, RemoteError
from ...ghl_base.net.session import new_session
from ...ghl_base.net.transport import read_body, transport_error
from . import answers
from .endpoints import VERSION
from .tokens import StoredToken, _utcnow

# Version v3 spells parameters in camel case and the path with a hyphen; the dated versions do not.
_SNAKE = {
    "clientId": "client_id",
    "clientSecret": "client_secret",
    "grantType": "grant_type",
    "refreshToken": "refresh_token",
    "userType": "user_type",
    "redirectUri": "redirect_uri",
}


@dataclass(frozen=True)
class Grant:
    """What a code was exchanged for. ``user_type`` is ``Location`` or ``Company``."""

    token: StoredToken
    user_type: str
    company_id: str
    location_id: str
    user_id: str
    scopes: tuple[str, ...]
    approved_locations: tuple[str, ...] = field(default=())


class OAuthClient:
    """``clock`` answers naive UTC. Every method raises AuthenticationError when the account must be reconnected, and
    the other RemoteErrors when a later try may work."""

    def __init__(
        self,
        base_url: str,
        client_id: str,
        client_secret: str,
        session: requests.Session | None = None,
        *,
        version: str = VERSION,
        clock: Callable[[], datetime] = _utcnow,
    ):
        self._base_url = base_url.rstrip("/")
        self._client = {"clientId": client_id, "clientSecret": client_secret}
        self._session = session or new_session()
        self._version, self._clock = version, clock

    def exchange(self, code: str, redirect_uri: str, user_type: str = "Location") -> Grant:
        """The first token pair, for the code that the browser brought back (POST /oauth/token)."""
        form = {"grantType": "authorization_code", "code": code, "redirectUri": redirect_uri, "userType": user_type}
        data = self._post("/oauth/token", {**self._client, **form})
        return Grant(
            token=self._stored(data),
            user_type=str(_pick(data, "userType", "user_type") or user_type),
            company_id=str(_pick(data, "companyId", "company_id") or ""),
            location_id=str(_pick(data, "locationId", "location_id") or ""),
            user_id=str(_pick(data, "userId", "user_id") or ""),
            scopes=tuple(str(data.get("scope") or "").split()),
            approved_locations=tuple(item for item in (data.get("approvedLocations") or ()) if isinstance(item, str)),
        )

    def refresh(self, refresh_token: str, user_type: str) -> StoredToken:
        """The next token pair; ``refresh_token`` is used up (POST /oauth/token)."""
        form = {"grantType": "refresh_token", "refreshToken": refresh_token, "userType": user_type}
        return self._stored(self._post("/oauth/token", {**self._client, **form}), refresh_token)

    def location_token(self, company_token: str, company_id: str, location_id: str) -> StoredToken:
        """A token for one location in which the application is installed (POST /oauth/location-token)."""
        path = "/oauth/location-token" if self._version == VERSION else "/oauth/locationToken"
        form = {"companyId": company_id, "locationId": location_id}
        return self._stored(self._post(path, form, {"Authorization": f"Bearer {company_token}"}))

    def _post(self, path: str, form: dict, headers: dict | None = None) -> dict:
        if self._version != VERSION:
            form = {_SNAKE.get(key, key): value for key, value in form.items()}
        facts = {"method": "POST", "path": path}
        try:
            with self._session.post(
                self._base_url + path,
                data=form,
                headers={"Version": self._version, **(headers or {})},
                allow_redirects=False,
                stream=True,
            ) as response:
                content = read_body(response, {**facts, "service": answers.SERVICE})
        except requests.RequestException as error:
            raise transport_error(error, {**facts, "service": answers.SERVICE}) from error
        status = response.status_code
        if not 200 <= status < 300:
            raise _reconnect(answers.error_from(status, response.headers, content, **facts))
        return answers.parse_object(content, response.headers.get("Content-Type", ""), status=status, **facts)

    def _stored(self, data: dict, old_refresh: str = "") -> StoredToken:
        access = _pick(data, "accessToken", "access_token")
        if not isinstance(access, str) or not access:
            raise MalformedResponse("the answer has no access token", service=answers.SERVICE)
        seconds = _pick(data, "expiresIn", "expires_in")
        known = isinstance(seconds, (int, float)) and seconds > 0
        return StoredToken(
            access=access,
            refresh=str(_pick(data, "refreshToken", "refresh_token") or old_refresh),
            expires_at=self._clock() + timedelta(seconds=seconds) if known else None,
        )


def _pick(data: dict, *keys: str):
    return next((data[key] for key in keys if data.get(key) is not None), None)


def _reconnect(error: RemoteError) -> RemoteError:
    """A refused grant or client (400 or 401, as OAuth servers please) needs a human: say what to do."""
    if error.status not in (400, 401):
        return error
    return AuthenticationError(
        f"{error.message}; reconnect the account",
        status=error.status,
        trace_id=error.trace_id,
        method=error.method,
        path=error.path,
        service=error.service,
    )

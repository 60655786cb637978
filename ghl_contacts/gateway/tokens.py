"""Access tokens: a fixed one, an OAuth pair that rotates, a location token minted from a company token.

A refresh token works once, so exactly one thread of one process may use it. No lock is held during HTTP: the store's
``claim`` is won by one caller, which refreshes and saves; the others look for the new version. A winner that dies
leaves a claim that runs out.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Protocol

from ...ghl_base.net.errors import AuthenticationError, RemoteTimeout
from .answers import SERVICE

# Refresh this long before the end (access tokens live one day).
EARLY = timedelta(minutes=5)
# A refresh is one request: who has not saved after this time is taken for dead.
CLAIM_SECONDS = 60
POLL_SECONDS = 0.5


@dataclass(frozen=True)
class StoredToken:
    """``expires_at`` naive UTC (None: unknown). ``version`` grows with every save. No ``access`` (""): none yet."""

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    expires_at: datetime | None = None
    version: int = 0


class TokenProvider(Protocol):
    advice: str
    """What people can do when the replaced token is rejected as well; ends a sentence."""

    def token(self) -> str:
        """An access token that should work now."""

    def replace(self, rejected: str) -> str:
        """The token to try once more after ``rejected`` got a 401; AuthenticationError when there is none to be had."""


class TokenStore(Protocol):
    """Where a token pair lives, shared by all processes. Every method is a short transaction of its own."""

    def load(self) -> StoredToken: ...

    def claim(self, version: int, seconds: float) -> bool:
        """True for the one caller that may replace this version during the next ``seconds``.

        False when another claim still runs, or when ``version`` is not the stored one any more.
        """

    def save(self, version: int, token: StoredToken) -> bool:
        """Store ``token`` as version + 1 and end the claim; False when ``version`` is not the stored one any more."""

    def release(self, version: int) -> None:
        """End the claim without a new token."""


class StaticToken:
    """A private integration token: valid until somebody revokes it.

    There is no other one to be had, but a single 401 may be the service's own hiccup: only a second one is believed.
    """

    advice = "create a new private integration token in GoHighLevel and press Replace Token on the location"

    def __init__(self, value: str):
        self._value = value

    def token(self) -> str:
        return self._value

    def replace(self, rejected: str) -> str:
        return self._value


class _RenewedTokens(ABC):
    """A stored token that is renewed shortly before its end or when it was rejected. May be shared by threads."""

    advice = "reconnect the account"

    def __init__(
        self,
        store: TokenStore,
        oauth,
        clock: Callable[[], datetime] | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ):
        self._store, self._oauth = store, oauth
        self._clock, self._sleep = clock or _utcnow, sleep
        self._known: StoredToken | None = None

    def token(self) -> str:
        known = self._known
        if known is None or self._is_old(known):
            # Another process may have renewed it in the meantime.
            known = self._known = self._store.load()
        return self._renewed(known) if self._is_old(known) else known.access

    def replace(self, rejected: str) -> str:
        known = self._known = self._store.load()
        return self._renewed(known) if known.access == rejected or self._is_old(known) else known.access

    @abstractmethod
    def _renew(self, stored: StoredToken) -> StoredToken:
        """Fetch a new token with the one that was stored."""

    def _renewed(self, old: StoredToken) -> str:
        waited = 0.0
        while True:
            if self._store.claim(old.version, CLAIM_SECONDS):
                return self._renew_claimed(old)
            current = self._store.load()
            if current.version != old.version:
                self._known = current
                return current.access
            # One claim may run out while we wait, and the next winner may need its time.
            if waited > 2 * CLAIM_SECONDS:
                raise RemoteTimeout("another process is renewing the access token", service=SERVICE)
            self._sleep(POLL_SECONDS)
            waited += POLL_SECONDS

    def _renew_claimed(self, old: StoredToken) -> str:
        try:
            new = self._renew(old)
        except BaseException:
            self._store.release(old.version)
            raise
        if not self._store.save(old.version, new):
            # Our claim ran out and somebody else saved: what is stored counts.
            new = self._store.load()
        self._known = new
        return new.access

    def _is_old(self, stored: StoredToken) -> bool:
        if not stored.access:
            return True
        return stored.expires_at is not None and stored.expires_at - EARLY <= self._clock()


class OAuthTokens(_RenewedTokens):
    """The token pair of an installed application; ``user_type`` is ``Location`` or ``Company``.

    ``clock`` answers naive UTC; ``sleep`` may raise Stopped.
    """

    def __init__(self, store: TokenStore, oauth, clock=None, sleep=time.sleep, user_type: str = "Location"):
        super().__init__(store, oauth, clock, sleep)
        self._user_type = user_type

    def _renew(self, stored: StoredToken) -> StoredToken:
        if not stored.refresh:
            raise AuthenticationError("there is no refresh token; reconnect the account", service=SERVICE)
        return self._oauth.refresh(stored.refresh, self._user_type)


class LocationTokens(_RenewedTokens):
    """Location tokens minted from the company's token; the company's own provider keeps that one fresh."""

    def __init__(
        self,
        company: TokenProvider,
        store: TokenStore,
        oauth,
        company_id: str,
        location_id: str,
        clock=None,
        sleep=time.sleep,
    ):
        super().__init__(store, oauth, clock, sleep)
        self._company, self._company_id, self._location_id = company, company_id, location_id

    def _renew(self, stored: StoredToken) -> StoredToken:
        token = self._company.token()
        try:
            return self._oauth.location_token(token, self._company_id, self._location_id)
        except AuthenticationError:
            token = self._company.replace(token)
            return self._oauth.location_token(token, self._company_id, self._location_id)


def _utcnow() -> datetime:
    return datetime.now(timezone.utc).replace(tzinfo=None)

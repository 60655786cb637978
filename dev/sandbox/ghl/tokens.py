"""Tokens of the simulated service: private integration tokens and OAuth pairs with single-use refresh tokens."""

import random
from dataclasses import dataclass

from ..clock import now_ms
from ..draw import hexadecimal, token, uuid_of
from .errors import ApiError
from .plan import company_id

SCOPES = [
    "contacts.readonly",
    "contacts.write",
    "locations/tasks.readonly",
    "locations/tasks.write",
    "locations/tags.readonly",
    "locations/tags.write",
    "locations/customFields.readonly",
    "locations/customFields.write",
    "locations/customValues.readonly",
    "locations/customValues.write",
    "locations.readonly",
    "users.readonly",
    "conversations.readonly",
    "conversations.write",
    "conversations/message.readonly",
    "conversations/message.write",
    "opportunities.readonly",
    "opportunities.write",
]
AGENCY_SCOPES = ["oauth.readonly", "oauth.write", "locations.readonly", "users.readonly"]
REFRESH_LIFETIME_MS = 365 * 86_400_000


@dataclass
class Token:
    value: str
    app: str
    user_type: str  # Location or Company
    location_id: str | None
    scopes: frozenset
    expires_at: int | None
    kind: str = "oauth"  # or private
    refresh: str | None = None


class Tokens:
    def __init__(self, store, lifetime_s=86_399):
        self.store = store
        self.lifetime_ms = lifetime_s * 1000
        seed = store.plan.seed
        self.app_id = hexadecimal(f"{seed}/app")
        self.client_id = f"{self.app_id}-{token(f'{seed}/client', 8).lower()}"
        self.client_secret = uuid_of(f"{seed}/secret")
        self.version_id = hexadecimal(f"{seed}/version")
        self.user_id = store.users[0]["id"] if store.users else token(f"{seed}/installer")
        self.company_id = company_id(store.plan)
        self._rng = random.Random(f"{seed}/tokens")
        self.live = {}
        self.codes = {}
        self.refresh_tokens = {}
        self.private = {}
        for location_id in store.locations:
            value = f"pit-{uuid_of(f'{seed}/pit/{location_id}')}"
            self.private[location_id] = value
            self.live[value] = Token(value, value, "Location", location_id, frozenset(SCOPES), None, "private")
        self.agency_private = f"pit-{uuid_of(f'{seed}/pit/agency')}"
        self.live[self.agency_private] = Token(
            self.agency_private, self.agency_private, "Company", None, frozenset(AGENCY_SCOPES), None, "private"
        )
        self.agency = self.issue("Company", None, AGENCY_SCOPES)

    # -- issuing ---------------------------------------------------------------------------------------------------

    def _random(self, prefix):
        return f"{prefix}{self._rng.getrandbits(240):060x}"

    def issue(self, user_type, location_id, scopes, refreshable=True) -> Token:
        access = Token(
            self._random("eyJhbGciOiJSUzI1NiJ9."),
            self.app_id,
            user_type,
            location_id,
            frozenset(scopes),
            now_ms() + self.lifetime_ms,
        )
        self.live[access.value] = access
        if refreshable:
            access.refresh = self._random("eyJyZWZyZXNoIjoxfQ.")
            self.refresh_tokens[access.refresh] = (user_type, location_id, list(scopes), now_ms() + REFRESH_LIFETIME_MS)
        return access

    def make_code(self, user_type="Location", location_id=None, redirect_uri=None, scopes=None) -> str:
        """A single-use authorization code, as the browser brings it back from the consent page."""
        code = self._random("")[:40]
        self.codes[code] = (
            user_type,
            location_id,
            redirect_uri,
            scopes or (SCOPES if user_type == "Location" else AGENCY_SCOPES),
        )
        return code

    def redeem_code(self, code, redirect_uri) -> Token:
        held = self.codes.pop(code, None)
        if not held:
            raise ApiError(
                400,
                None,
                {"error": "invalid_grant", "error_description": "Invalid grant: authorization code is invalid"},
            )
        user_type, location_id, bound, scopes = held
        if bound and redirect_uri and bound != redirect_uri:
            raise ApiError(
                400, None, {"error": "invalid_grant", "error_description": "Invalid grant: redirect_uri does not match"}
            )
        return self.issue(user_type, location_id, scopes)

    def rotate(self, refresh_token) -> Token:
        """A new pair for a refresh token, which is spent by that."""
        held = self.refresh_tokens.pop(refresh_token, None)
        if not held or held[3] < now_ms():
            raise ApiError(
                400, None, {"error": "invalid_grant", "error_description": "Invalid grant: refresh token is invalid"}
            )
        return self.issue(held[0], held[1], held[2])

    # -- checking --------------------------------------------------------------------------------------------------

    def authenticate(self, header: str) -> Token:
        scheme, _, value = header.partition(" ")
        value = value.strip()
        if scheme.lower() != "bearer" or not value:
            raise ApiError(401, "Invalid token: access token is invalid")
        found = self.live.get(value)
        if not found:
            raise ApiError(401, "Invalid Private Integration token" if value.startswith("pit-") else "Invalid JWT")
        if found.expires_at is not None and found.expires_at <= now_ms():
            raise ApiError(401, "The token has expired.")
        return found

    def expire(self, location_id=None, everything=False):
        """End access tokens now (refresh tokens live on); private tokens only with `everything`."""
        ended = 0
        for held in list(self.live.values()):
            if location_id and held.location_id != location_id:
                continue
            if held.kind == "private":
                if everything:
                    del self.live[held.value]
                    ended += 1
            else:
                held.expires_at = now_ms()
                ended += 1
        return ended

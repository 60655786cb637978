"""The way from a location to GoHighLevel: client, stored tokens and shared rate budget of an account."""

import time

from odoo.tools import SQL

from ...ghl_base.jobs.executors.engine import Engine, setting
from ...ghl_base.net.budget import MemoryRateBudget
from ...ghl_base.net.errors import AuthenticationError
from ...ghl_base.net.session import TIMEOUTS
from ...ghl_base.net.waiting import pause
from ..gateway.client import GhlClient
from ..gateway.oauth import OAuthClient
from ..gateway.tokens import LocationTokens, OAuthTokens, StaticToken, StoredToken


def probe(base_url, token, location_id):
    """Read a location with a token that is stored nowhere yet (GET /locations/{locationId}).

    :return: the remote location
    :raises RemoteError: GoHighLevel refuses or cannot be reached
    """
    client = GhlClient(
        base_url=base_url, tokens=StaticToken(token), budget=MemoryRateBudget(), budget_scope=location_id, deadline=20
    )
    return client.location(location_id)


def client_for(location, should_stop=lambda: False, **options):
    """A client of a location, to be shared by the threads of one process.

    The system parameter ``ghl.read_timeout_seconds`` says how long to wait for a byte of an answer (default 30).

    :param location: ``ghl.location`` in superuser mode: secrets are read here and by nobody else
    :param should_stop: asked during every wait
    :param options: further arguments of ``GhlClient``
    :raises AuthenticationError: there are no credentials
    """
    account = location.account_id
    return GhlClient(
        base_url=account.base_url,
        tokens=tokens_for(location, should_stop),
        budget=budget_for(location),
        budget_scope=location._budget_scope(),
        location_id=location.external_id,
        company_id=account.external_id or None,
        version_overrides=account.api_versions or {},
        timeouts=(TIMEOUTS[0], setting(location.env, "ghl.read_timeout_seconds", TIMEOUTS[1])),
        should_stop=should_stop,
        **options,
    )


def budget_for(location):
    """The rate budget that all processes of this database share."""
    return location.env["ghl.rate.budget"]._for_workers(location.company_id, location.name)


def tokens_for(location, should_stop=lambda: False):
    """The location's own private token or OAuth pair, else a location token minted from the company's pair."""
    account, tokens = location.account_id, location.env["ghl.token"]
    waits = {"sleep": lambda seconds: pause(seconds, time.sleep, should_stop)}
    private = tokens._of(account, "private", location) or tokens._of(account, "private")
    if account.auth_method == "private":
        if not private:
            raise AuthenticationError("there is no private integration token; connect the location again")
        return StaticToken(private.access_token)
    secret, company = tokens._of(account, "client"), tokens._of(account, "oauth")
    oauth = OAuthClient(account.base_url, account.client_id or "", secret.access_token or "")
    own = tokens._of(account, "oauth", location)
    if own.refresh_token:
        return OAuthTokens(PgTokenStore(own), oauth, user_type="Location", **waits)
    if not company:
        raise AuthenticationError("the app is not installed; reconnect the account")
    if not own:
        own = tokens._put(account, "oauth", location=location, access="")
        # The store works in transactions of its own, which must find the row.
        location.env.cr.commit()
    return LocationTokens(
        OAuthTokens(PgTokenStore(company), oauth, user_type="Company", **waits),
        PgTokenStore(own),
        oauth,
        account.external_id,
        location.external_id,
        **waits,
    )


class PgTokenStore:
    """A row of ``ghl.token`` as the gateway's ``TokenStore``: each method is a short transaction of its own.

    The pair is replaced in one statement that also checks its version: two processes can never both store one.
    """

    def __init__(self, token):
        self._transaction, self._id = Engine.of(token.env).sessions.short, token.id

    def load(self):
        row = self._run(
            SQL("SELECT access_token, refresh_token, expires_at, version FROM ghl_token WHERE id = %s", self._id)
        )
        if not row:
            raise AuthenticationError("the credentials were removed; connect the account again")
        access, refresh, expires_at, version = row
        return StoredToken(access or "", refresh or "", expires_at, version)

    def claim(self, version, seconds):
        return bool(
            self._run(
                SQL(
                    """UPDATE ghl_token
                          SET claimed_until = clock_timestamp() AT TIME ZONE 'UTC' + make_interval(secs => %s)
                        WHERE id = %s AND version = %s
                          AND (claimed_until IS NULL OR claimed_until < clock_timestamp() AT TIME ZONE 'UTC')
                    RETURNING id""",
                    seconds,
                    self._id,
                    version,
                )
            )
        )

    def save(self, version, token):
        return bool(
            self._run(
                SQL(
                    """UPDATE ghl_token
                          SET access_token = %s, refresh_token = COALESCE(NULLIF(%s, ''), refresh_token),
                              expires_at = %s, version = version + 1, claimed_until = NULL
                        WHERE id = %s AND version = %s RETURNING id""",
                    token.access,
                    token.refresh,
                    token.expires_at,
                    self._id,
                    version,
                )
            )
        )

    def release(self, version):
        self._run(
            SQL(
                "UPDATE ghl_token SET claimed_until = NULL WHERE id = %s AND version = %s RETURNING id",
                self._id,
                version,
            )
        )

    def _run(self, query):
        with self._transaction() as cr:
            cr.execute(query)
            return cr.fetchone()

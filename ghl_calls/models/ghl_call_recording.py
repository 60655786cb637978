import base64
import json
from contextlib import contextmanager
from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError

from ..providers import registry, sound

LISTEN = "ghl.call.listen"
LISTEN_LIVES = timedelta(hours=12)
DEFAULT_HOMES = {"bland": "https://api.bland.ai", "twilio": "https://api.twilio.com"}


class GhlCall(models.Model):
    """Recordings that a telephone provider keeps, and addresses to hear any recording at."""

    _name = "ghl.call"
    _inherit = ["ghl.call", "ghl.signed.mixin"]

    def _listen_address(self, base):
        """Where a player hears the recording without a key, for `LISTEN_LIVES`; None when there is none.

        ``base`` is where the world reaches this Odoo, without a slash at the end.
        """
        return self._listens_at(base) if self._has_recording() else None

    def _listens_at(self, base):
        """The same of a call known to have a recording; reads nothing of it."""
        return f"{base}/ghl/calls/listen/{self._sign(LISTEN, LISTEN_LIVES)}"

    def _of_listen_token(self, token):
        """The call of such an address, as the user who was given it; empty when that is over."""
        return self.with_context(active_test=False)._signed(LISTEN, token)

    @contextmanager
    def _open_recording(self, byte_range=None):
        """Of a call placed through a telephone account: where its provider keeps it. See ``providers.sound``."""
        account = self.voip_account_id.sudo()  # sudo: whoever may see a call may hear it, but not read the credentials
        if not account:
            with super()._open_recording(byte_range) as source:
                yield source
            return
        if not self.recording_url:
            raise UserError(self.env._("There is no recording of this call."))
        settings = json.loads(account._settings())
        home = settings.get("base_url") or DEFAULT_HOMES.get(account.provider, "")
        with sound.open_sound(
            _playable(self.recording_url, account.provider),
            home=home,
            credentials=_credentials(account.provider, settings),
            hosts=account._recording_hosts(),
            byte_range=byte_range,
            service=registry.PROVIDERS[account.provider].label if account.provider in registry.PROVIDERS else "",
        ) as source:
            yield source


def _playable(url, provider):
    """Twilio names its recordings without an ending, and gives WAV then: ask for what is a tenth of that."""
    is_bare = provider == "twilio" and "/Recordings/RE" in url and not url.endswith((".mp3", ".wav"))
    return f"{url}.mp3" if is_bare else url


def _credentials(provider, settings):
    """The headers that prove the account to its provider."""
    if provider == "bland" and settings.get("api_key"):
        return {"Authorization": settings["api_key"]}
    if provider == "twilio":
        user = settings.get("api_key_sid") or settings.get("account_sid", "")
        password = settings.get("api_key_secret") if settings.get("api_key_sid") else settings.get("auth_token")
        pair = base64.b64encode(f"{user}:{password or ''}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}
    return {}

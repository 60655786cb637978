"""The telephone providers by name. Plain Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import requests

from .base import Provider
from .bland import Bland
from .generic import Generic
from .remote import utcnow
from .sanspbx import SansPbx
from .twilio import Twilio

PROVIDERS: dict[str, type] = {provider.name: provider for provider in (Twilio, Bland, SansPbx, Generic)}


def make(
    name: str,
    settings: Mapping[str, Any],
    *,
    session: requests.Session | None = None,
    clock: Callable[[], datetime] = utcnow,
) -> Provider:
    """The provider ``name`` for one account.

    ``settings`` are the account's, secrets included, under the names of the class's ``FIELDS``; ``clock`` answers naive
    UTC. ValueError, with a sentence for people, when they cannot work. Nothing is asked of the provider.
    """
    if name not in PROVIDERS:
        raise ValueError(f"There is no telephone provider named {name!r}.")
    provider = PROVIDERS[name]
    # People paste keys with a line break at the end.
    settings = {key: value.strip() if isinstance(value, str) else value for key, value in settings.items()}
    missing = [field.label for field in provider.FIELDS if field.required and not settings.get(field.name)]
    if missing:
        raise ValueError(f"{provider.label} needs: {', '.join(missing)}.")
    address = settings.get("base_url")
    if address and not str(address).startswith(("https://", "http://")):
        raise ValueError("The API address must start with https:// or http://.")
    return provider(settings, session=session, clock=clock)

"""The providers behind telephone accounts, made once per process and settings, so that connections stay open."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict

from ..providers import registry
from ..providers.base import Provider

KEPT = 64

_made: OrderedDict[tuple, Provider] = OrderedDict()
_lock = threading.Lock()


def provider(dbname: str, account_id: int, name: str, settings: str) -> Provider:
    """The provider ``name`` with these settings, a JSON object; ValueError when they cannot work."""
    key = (dbname, account_id, name, settings)
    with _lock:
        if key in _made:
            _made.move_to_end(key)
            return _made[key]
    made = registry.make(name, json.loads(settings))
    with _lock:
        _made[key] = made
        while len(_made) > KEPT:
            _made.popitem(last=False)
    return made

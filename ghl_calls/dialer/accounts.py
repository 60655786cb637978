"""The providers behind telephone accounts, made once per process and settings, so that connections stay open."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from ..providers.base import Provider

KEPT = 64

_made: OrderedDict[tuple, Provider] = OrderedDict()
_lock = threading.Lock()


def provider(dbname: str, account_id: int, name: str, settings: Mapping[str, Any]) -> Provider:
    """The provider ``name`` with these settings; ValueError when they cannot work."""
    key = (dbname, account_id, name, json.dumps(settings, sort_keys=True))
    with _lock:
        if key in _made:
            _made.move_to_end(key)
            return _made[key]
    from ..providers import registry

    made = registry.make(name, settings)
    with _lock:
        _made[key] = made
        while len(_made) > KEPT:
            _made.popitem(last=False)
    return made

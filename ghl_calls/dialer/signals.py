"""Tells others in this process, after the commit, that calls moved. For speed only: timers look as well."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection

_logger = logging.getLogger(__name__)

_listeners: list[Callable[[str, Collection[int]], None]] = []


def on_campaigns_moved(listener: Callable[[str, Collection[int]], None]) -> None:
    """Have ``listener(dbname, campaign_ids)`` called whenever calls of campaigns changed their state.

    It is called in the thread that did the work, with no transaction open, and must return at once: wake a thread of
    your own.
    """
    if listener not in _listeners:
        _listeners.append(listener)


def campaigns_moved(dbname: str, campaign_ids: Collection[int]) -> None:
    """Tell the listeners; never raises."""
    if not campaign_ids:
        return
    for listener in _listeners:
        try:
            listener(dbname, campaign_ids)
        except Exception:
            _logger.warning("A listener to moved campaigns failed; the scheduled action will look", exc_info=True)

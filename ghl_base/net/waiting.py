"""Waiting that can be stopped."""

from __future__ import annotations

from collections.abc import Callable

from .errors import Stopped

STEP = 0.5


def pause(seconds: float, sleep: Callable[[float], object], should_stop: Callable[[], bool]) -> None:
    """Wait ``seconds`` in steps of at most half a second; raises Stopped as soon as ``should_stop()`` is true."""
    left = seconds
    while True:
        if should_stop():
            raise Stopped("stopped while waiting")
        if left <= 0:
            return
        step = min(STEP, left)
        sleep(step)
        left -= step

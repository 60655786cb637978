"""A clock that may run faster than the world: 50 simulated seconds in one real second, stamps and waits alike."""

import asyncio
import time


class HungUp(Exception):
    """The wait ended early: somebody stopped the call."""


class ScaledClock:
    def __init__(self, scale: float = 1.0):
        self._sleepers = set()
        self.start(scale)

    def start(self, scale: float):
        """Begin again at the present real time."""
        self._simulated, self._real = time.time(), time.monotonic()
        self._set(scale)

    def now(self) -> float:
        """Simulated seconds since 1970; equal to real time at the start, ahead of it afterwards."""
        return self._simulated + (time.monotonic() - self._real) * self.scale

    def now_ms(self) -> int:
        return int(self.now() * 1000)

    def rescale(self, scale: float):
        """Run at another speed from now on; sleepers too. ValueError unless it is above zero."""
        self._simulated, self._real = self.now(), time.monotonic()
        self._set(scale)
        for sleeper in list(self._sleepers):
            if not sleeper.done():
                sleeper.set_result(None)

    def _set(self, scale):
        if not scale > 0:
            raise ValueError(f"the time scale must be above 0, got {scale}")
        self.scale = float(scale)

    async def sleep(self, seconds: float, stop: asyncio.Future | None = None):
        """Wait so many simulated seconds; HungUp as soon as the future `stop` is done."""
        loop, until = asyncio.get_running_loop(), self.now() + seconds
        while (left := until - self.now()) > 0:
            if stop is not None and stop.done():
                raise HungUp
            sleeper = loop.create_future()
            wake = lambda *_, sleeper=sleeper: sleeper.done() or sleeper.set_result(None)  # noqa: E731
            timer = loop.call_later(left / self.scale, wake)
            if stop is not None:
                stop.add_done_callback(wake)
            self._sleepers.add(sleeper)
            try:
                await sleeper
            finally:
                timer.cancel()
                self._sleepers.discard(sleeper)
                if stop is not None:
                    stop.remove_done_callback(wake)
        if stop is not None and stop.done():
            raise HungUp

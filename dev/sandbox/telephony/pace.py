"""Who may be dialled when: so many calls a second, so many at a time, the longest waiting first."""

import asyncio


class Pace:
    """`rate` calls per simulated second and `limit` at a time; None is no bound. Both may be changed at any time."""

    def __init__(self, clock, rate=None, limit=None):
        self.clock = clock
        self.rate = rate
        self.limit = limit
        self.waiting = 0
        self._next = 0.0
        self._busy = 0
        self._room = []

    def wait_ms(self) -> int:
        """How long a call that comes now will wait for its turn."""
        return max(0, round((self._next - self.clock.now()) * 1000)) if self.rate else 0

    async def turn(self, stop):
        """Wait for a place and for the turn; HungUp when `stop` is done before. Give the place back with `leave`."""
        self.waiting += 1
        try:
            if self.rate:
                begin = max(self.clock.now(), self._next)
                self._next = begin + 1 / self.rate
                await self.clock.sleep(begin - self.clock.now(), stop)
            while self.limit is not None and self._busy >= self.limit:
                seat = asyncio.get_running_loop().create_future()
                self._room.append(seat)
                await asyncio.wait((seat, stop), return_when=asyncio.FIRST_COMPLETED)
                if stop.done():
                    if seat in self._room:
                        self._room.remove(seat)
                    else:
                        self._wake()
                    await self.clock.sleep(0, stop)
        finally:
            self.waiting -= 1
        self._busy += 1

    def leave(self):
        self._busy -= 1
        self._wake()

    def _wake(self):
        while self._room:
            seat = self._room.pop(0)
            if not seat.done():
                seat.set_result(None)
                break

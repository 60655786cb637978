"""Reads several chains of pages ahead of the one consumer that writes them."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

# Seconds to wait for threads in the middle of a request: nobody takes what they fetch, and they end with its answer.
LONGEST_GOODBYE = 2


@dataclass(frozen=True)
class End:
    """A chain is over; ``error`` says why when it broke."""

    error: Exception | None = None


class Prefetch:
    """One thread per chain fetches ahead of the consumer until ``depth`` is waiting, counted by ``weigh(page)``.

    The consumer takes from the chain with the most waiting: so neither a chain of small pages stands still behind one
    of large pages, nor do many pages pile up.

    Threads only run the chain's own code (HTTP): they never touch the consumer's database cursor. Leaving the
    ``with`` block stops them; ``stopped`` may be handed to the chains so that their waits end early too.
    """

    def __init__(
        self,
        chains: dict[str, Callable[[], Iterable[Any]]],
        depth: int = 4,
        weigh: Callable[[Any], int] = lambda page: 1,
    ):
        self._chains = chains
        self._depth = depth
        self._weigh = weigh
        self._waiting = dict.fromkeys(chains, 0)
        self._queues: dict[str, deque] = {name: deque() for name in chains}
        self._change = threading.Condition()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def stopped(self) -> bool:
        return self._stop.is_set()

    def __enter__(self) -> Prefetch:
        for name, chain in self._chains.items():
            thread = threading.Thread(target=self._fetch, args=(name, chain), name=f"ghl.fetch.{name}", daemon=True)
            self._threads.append(thread)
            thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        with self._change:
            self._change.notify_all()
        end = time.monotonic() + LONGEST_GOODBYE
        for thread in self._threads:
            thread.join(timeout=max(0.0, end - time.monotonic()))

    def _fetch(self, name: str, chain: Callable[[], Iterable[Any]]) -> None:
        try:
            for page in chain():
                if not self._put(name, page):
                    return
        except Exception as error:  # handed to the consumer, which knows what it means
            self._put(name, End(error))
        else:
            self._put(name, End())

    def _put(self, name: str, item: Any) -> bool:
        queue = self._queues[name]
        with self._change:
            self._change.wait_for(lambda: self.stopped() or self._waiting[name] < self._depth)
            if self.stopped():
                return False
            queue.append(item)
            self._waiting[name] += self._weight(item)
            self._change.notify_all()
            return True

    def take(self, names: Iterable[str], idle: Callable[[], None] = lambda: None) -> Iterator[tuple[str, Any]]:
        """Yield ``(chain, page or End)`` of the named chains until all of them ended.

        ``idle`` runs about twice a second while nothing has arrived; an exception from it ends the walk.
        """
        waiting = list(names)
        while waiting:
            with self._change:
                ready = self._fullest(waiting)
                if ready is None:
                    self._change.wait(timeout=0.5)
                    ready = self._fullest(waiting)
                item = self._queues[ready].popleft() if ready else None
                if ready:
                    self._waiting[ready] -= self._weight(item)
                self._change.notify_all()
            if ready is None:
                idle()
                continue
            if isinstance(item, End):
                waiting.remove(ready)
            yield ready, item

    def _fullest(self, names: Iterable[str]) -> str | None:
        """The chain with the most waiting, of equal ones the first; None when nothing has arrived."""
        return max((name for name in names if self._queues[name]), key=self._waiting.__getitem__, default=None)

    def _weight(self, item: Any) -> int:
        return 0 if isinstance(item, End) else self._weigh(item)

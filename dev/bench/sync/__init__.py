"""The sync: the write path, whole pulls against the simulated GoHighLevel, memory, and the way it replaces."""

from collections.abc import Iterator

from ..runner import Context, Result
from . import memory, naive, pulls, writing


def run(context: Context) -> Iterator[Result]:
    yield from writing.run(context)
    yield from pulls.run(context)
    yield from naive.run(context)
    yield from memory.run(context)

"""Timing, and what a measured case is."""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from bootstrap.env import Env


@dataclass(frozen=True)
class Context:
    """What a bench gets: the environment, and whether it shall be quick, or take even more data than usual."""

    env: Env
    quick: bool
    huge: bool = False

    def rounds(self, number: int) -> int:
        return max(3, number // 5) if self.quick else number


@dataclass(frozen=True)
class Result:
    """A figure and what it must reach: `goal` bounds value / reference if there is a reference, else the value.

    No goal means the figure is told, not judged (for example in a quick run, with too little data for it).
    """

    bench: str
    case: str
    value: float
    unit: str
    goal: float | None
    reference: float | None = None
    reference_name: str = ""
    better: str = "lower"

    @property
    def ratio(self) -> float | None:
        return self.value / self.reference if self.reference else None

    @property
    def ok(self) -> bool:
        if self.goal is None:
            return True
        judged = self.value if self.reference is None else self.ratio
        return judged <= self.goal if self.better == "lower" else judged >= self.goal

    def as_dict(self) -> dict:
        return {**asdict(self), "ratio": self.ratio, "ok": self.ok}

    def line(self) -> str:
        sign = "<=" if self.better == "lower" else ">="
        goal = f"goal {sign} {self.goal:g}" if self.goal is not None else "no goal"
        mark = "ok  " if self.ok else "MISS"
        text = f"{mark} {self.case:<58} {_figure(self.value)} {self.unit}"
        if self.reference is not None:
            return f"{text} / {_figure(self.reference)} {self.reference_name} = {self.ratio:.3g}  ({goal})"
        return f"{text}  ({goal})"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 or float(value).is_integer() else f"{value:,.3g}"


def interleave(
    rounds: int, *, prepare: Callable[[], object] = lambda: None, **variants: Callable[[], object]
) -> dict[str, float]:
    """Median milliseconds of each variant; they take turns, after one round that is not counted.

    `prepare` is called before each, untimed: to empty caches, so that none pays for what another left behind.
    """
    times: dict[str, list[float]] = {name: [] for name in variants}
    # Whole Odoos are not looked through before each turn: that would leave the caches of the processor empty, and
    # measure memory.
    gc.freeze()
    for number in range(rounds + 1):
        for name, variant in variants.items():
            prepare()
            gc.collect()
            gc.disable()
            try:
                started = time.perf_counter()
                variant()
                taken = time.perf_counter() - started
            finally:
                gc.enable()
            if number:
                times[name].append(taken * 1000)
    gc.unfreeze()
    return {name: statistics.median(taken) for name, taken in times.items()}

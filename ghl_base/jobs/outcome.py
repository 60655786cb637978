"""What becomes of a job after one run: one decision, made in one place."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import Any

from ..net.redaction import redact
from .backoff import Backoff
from .run import JobPark, JobStopped, JobYield

DETAIL_LIMIT = 20_000


@dataclass(frozen=True)
class Outcome:
    """The next state of the job; ``delay`` (seconds) counts for ``pending`` only."""

    state: str
    result: dict | None = None
    error: str | None = None
    error_detail: str | None = None
    delay: float = 0.0
    counts: bool = True


def success(result: dict | None) -> Outcome:
    return Outcome("done", result=result)


def failure(error: BaseException, attempt: int, max_attempts: int, backoff: Backoff) -> Outcome:
    """Decide by the exception that ended the run; ``attempt`` is the number of the run that ended (1, 2, ...)."""
    if isinstance(error, JobYield):
        return Outcome("pending", counts=False)
    if isinstance(error, JobStopped):
        return Outcome("cancelled")
    if isinstance(error, JobPark):
        return Outcome("parked", error=redact(error.reason), error_detail=_detail(error))
    sentence, detail = redact(human(error)), _detail(error)
    if getattr(error, "retryable", True) is False or attempt >= max_attempts:
        return Outcome("failed", error=sentence, error_detail=detail)
    delay = backoff.delay(attempt, _seconds(getattr(error, "retry_after", None)))
    return Outcome("pending", error=sentence, error_detail=detail, delay=delay)


def human(error: BaseException) -> str:
    """A sentence for a back-office user: the error's own, if it has one, else its type and text."""
    if callable(getattr(error, "human", None)):
        return str(error.human())
    text = str(error.args[0]) if error.args else ""
    # Odoo's UserError and its children are written for users; anything else is named for what it is.
    if any(cls.__name__ == "UserError" for cls in type(error).__mro__) and text:
        return text
    first_line = text.strip().splitlines()[0] if text.strip() else ""
    return f"Unexpected error {type(error).__name__}: {first_line}".rstrip(": ")


def _detail(error: BaseException) -> str:
    text = "".join(traceback.format_exception(error))
    return redact(text[-DETAIL_LIMIT:])


def _seconds(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and value > 0 else None

"""Has the telephones of committed calls ring, each at most once.

    1. claim    lock the pending call, note that it is being sent, commit
    2. send     ask the provider, with no transaction open
    3. settle   note what it said, commit

A process that dies after 1 leaves a call that is `sending`: nobody sends it again; ``reconcile`` finds out whether the
provider has it. The same is done when an answer was lost (``SubmissionUnknown``).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from odoo import api, fields

from ...ghl_base.net.redaction import redact
from .. import lifecycle
from ..providers.base import Accepted, CallOrder, PlaceError, Provider, SubmissionUnknown
from . import orders, transactions

_logger = logging.getLogger(__name__)

THREADS = 8
# No placing takes as long as this: who is still `sending` then has died, or lost the answer.
SENDING_SECONDS = 120
# A sender that comes to it later than this (a machine that slept) leaves it to `reconcile`.
SEND_WITHIN_SECONDS = 60
# Between the refusal of one caller number and the order with the next the line stays taken; whoever dies there is found
# by the end of it as one who never sent.
BETWEEN_NUMBERS = timedelta(seconds=60)
# Added to ringing and talking time: a call that is not over by then is asked about.
MARGIN_SECONDS = 120
ASK_AGAIN_SECONDS = 30
NUMBER_RESTS = timedelta(hours=24)
NUMBERS_TRIED = 3


@dataclass(frozen=True, slots=True)
class PlaceOutcome:
    """What became of one call.

    `kind` is "accepted", a ``PlaceKind`` of ``providers.base`` (the order was refused and the call is pending again,
    not sent; with "unknown" it may be ringing), or "gone": it is not, or no longer, to be placed. `message` is a
    sentence for people, `retry_after` seconds.
    """

    call_id: int
    kind: str
    message: str = ""
    code: str = ""
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class _Claim:
    provider: Provider
    order: CallOrder
    at: float  # of the process's own clock


def place(
    source: api.Environment | str, call_ids: Sequence[int], *, clock: Callable[[], float] = time.monotonic
) -> list[PlaceOutcome]:
    """Place these calls, side by side; one outcome for each, in their order.

    The calls must be committed, pending and have an account. Works in transactions of its own: the caller must not
    hold locks on the calls. `source` is the name of the database, or an environment of it.
    """
    tx = transactions.of(source)
    return tx.each(lambda call_id: _place_one(tx, call_id, clock), call_ids, THREADS)


def _place_one(tx: transactions.Transactions, call_id: int, clock: Callable[[], float]) -> PlaceOutcome:
    outcome = None
    for _try in range(NUMBERS_TRIED):
        claim = _claim(tx, call_id, clock)
        if isinstance(claim, PlaceOutcome):
            # No caller number is left: the reason is that of the number refused last.
            return claim
        answer = _send(claim, clock)
        outcome, again = _settle(tx, call_id, claim.order, answer, last=_try == NUMBERS_TRIED - 1)
        if not again:
            break
    return outcome


def _claim(tx: transactions.Transactions, call_id: int, clock: Callable[[], float]) -> _Claim | PlaceOutcome:
    with tx.env() as env:
        call = env["ghl.call"].browse(call_id)
        env.cr.execute(
            """SELECT 1 FROM ghl_call WHERE id = %s AND state = 'pending' AND submission IS NULL AND active
                  AND voip_account_id IS NOT NULL AND stop_requested IS NOT TRUE FOR UPDATE""",
            [call_id],
        )
        if not env.cr.fetchone():
            return PlaceOutcome(call_id, "gone", env._("This call is not waiting to be placed."))
        try:
            return _claimed(call, clock())
        except PlaceError as refusal:
            return _refused(call, refusal)


def _claimed(call, at: float) -> _Claim:
    """Prepare the call and note that it is being sent; PlaceError."""
    env, account = call.env, call.voip_account_id
    if account.state == "stopped" or not account.active:
        reason = account.state_reason or env._("It is archived.")
        raise PlaceError(
            "account", env._("The account %(name)s is stopped. %(reason)s", name=account.name, reason=reason)
        )
    if reason := orders.why_not(call):
        raise PlaceError("lead", reason)
    number = orders.choose_number(call)
    now = fields.Datetime.now()
    call.write(
        {
            "reference": call.reference or uuid4().hex,
            "provider": account.provider,
            "to_number": orders.normalised(env, call.to_number, call.company_id),
            "from_number": number.number or call.from_number,
            "voip_number_id": number.id,
            "submission": "sending",
            "submitted_at": now,
            "lease_until": now + timedelta(seconds=SENDING_SECONDS + MARGIN_SECONDS),
            "next_check_at": now + timedelta(seconds=SENDING_SECONDS),
            "checks": 0,
        }
    )
    if number:
        number.last_used_at = now
    try:
        provider = account._provider()
    except ValueError as fault:
        raise PlaceError("account", str(fault)) from fault
    call._log_event("INITIATED", occurred_at=now)
    return _Claim(provider, orders.order(call), at)


def _send(claim: _Claim, clock: Callable[[], float]) -> Accepted | PlaceError:
    if clock() - claim.at > SEND_WITHIN_SECONDS:
        return PlaceError("not_sent", "The call was not sent in time.")
    try:
        return claim.provider.place(claim.order)
    except PlaceError as refusal:
        return refusal
    except Exception:
        # A fault of ours, perhaps after the order went out.
        _logger.exception("Placing call %s failed", claim.order.reference)
        return SubmissionUnknown("Something went wrong on our side while the call was placed.")


def _settle(
    tx: transactions.Transactions, call_id: int, order: CallOrder, answer: Accepted | PlaceError, *, last: bool
) -> tuple[PlaceOutcome, bool]:
    """Note the provider's answer; the outcome, and whether another caller number is worth a try."""
    with tx.env() as env:
        env.cr.execute("SELECT 1 FROM ghl_call WHERE id = %s FOR UPDATE", [call_id])
        call = env["ghl.call"].browse(call_id).exists()
        if not call:
            return PlaceOutcome(call_id, "gone", env._("This call was removed.")), False
        if isinstance(answer, Accepted):
            return _accepted(call, order, answer), False
        if call.guessed:
            return PlaceOutcome(call_id, "gone", call.error_message), False
        if call.provider_call_id or call.state != "pending":
            # A report was faster than the answer we did not get.
            return PlaceOutcome(call_id, "accepted"), False
        if answer.kind == "unknown":
            return _unknown(call, order, answer), False
        if answer.kind == "caller" and call.voip_number_id:
            call.voip_number_id.write(
                {"rest_until": fields.Datetime.now() + NUMBER_RESTS, "rest_reason": redact(str(answer))}
            )
            others = call.voip_account_id.number_ids.filtered(
                lambda number: number.active and not (number.rest_until and number.rest_until > fields.Datetime.now())
            )
            if others and not last:
                lease = fields.Datetime.now() + BETWEEN_NUMBERS
                call.write({"submission": False, "lease_until": lease, "next_check_at": False, "voip_number_id": False})
                call._log_event("NOTE", details=redact(str(answer)))
                return PlaceOutcome(call_id, "caller", redact(str(answer))), True
        return _refused(call, answer), False


def _accepted(call, order: CallOrder, answer: Accepted) -> PlaceOutcome:
    """The provider has it. What a report already said of the call stays."""
    before, now = call.state, fields.Datetime.now()
    values = {"submission": "accepted"}
    if not call.provider_call_id:
        values["provider_call_id"] = answer.provider_call_id
    if not call.initiated_at:
        values["initiated_at"] = now
    if before not in lifecycle.FINAL or call.guessed:
        values["guessed"] = False
        longest = order.ring_seconds + order.max_seconds + MARGIN_SECONDS
        values["lease_until"] = now + timedelta(seconds=longest)
        # Somebody wanted it stopped while it was being sent: `reconcile` hangs up.
        values["next_check_at"] = now if call.stop_requested else now + timedelta(seconds=call._check_after())
    verdict = call._apply_event(answer.state, values, guessed=call.guessed)
    if verdict != lifecycle.MOVE:
        call.write(values)
    call._log_event(
        "DIALING", verdict="applied" if verdict == lifecycle.MOVE else "stale", key=f"placed:{answer.provider_call_id}"
    )
    outcome = PlaceOutcome(call.id, "accepted")
    call._placed(outcome)
    if verdict == lifecycle.MOVE:
        call._state_changed({call.id: before})
    return outcome


def _unknown(call, order: CallOrder, answer: PlaceError) -> PlaceOutcome:
    now = fields.Datetime.now()
    longest = order.ring_seconds + order.max_seconds + MARGIN_SECONDS
    call.write(
        {
            "submission": "unknown",
            "lease_until": now + timedelta(seconds=longest),
            "next_check_at": now + timedelta(seconds=ASK_AGAIN_SECONDS),
        }
    )
    outcome = PlaceOutcome(call.id, "unknown", redact(str(answer)), answer.code)
    call._log_event("NOTE", details=outcome.message)
    call._placed(outcome)
    return outcome


def _refused(call, refusal: PlaceError) -> PlaceOutcome:
    """The order was not taken: pending again, not sent, for somebody to decide."""
    message = redact(str(refusal))
    call.write({"submission": False, "lease_until": False, "next_check_at": False})
    call._log_event("NOTE", details=message)
    if refusal.kind == "account" and call.voip_account_id.state != "stopped":
        call.voip_account_id._stop(message)
    outcome = PlaceOutcome(call.id, refusal.kind, message, refusal.code, refusal.retry_after)
    call._placed(outcome)
    return outcome

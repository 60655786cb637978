"""Finds out what became of calls that nothing was heard of: asks the provider, and decides when it cannot tell.

A call is looked at when its `next_check_at` is over: some minutes after it was placed, at once after an unsigned hint,
or when its lease ends. What the provider answers is applied like a report.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from odoo import api, fields

from ...ghl_base.net.errors import RemoteError
from .. import lifecycle
from ..providers.base import CallOrder, Provider, Report
from . import orders, reports, signals, transactions
from .background import Background

_logger = logging.getLogger(__name__)

BATCH = 20
THREADS = 4
# Who asks about a call has it for himself for so long; if he dies, another asks then.
CLAIM = timedelta(seconds=90)
UNREACHABLE = timedelta(seconds=60)
# A call whose order went unanswered is given up after two listings without it and as long as it could have rung.
QUIET = timedelta(seconds=60)
LISTINGS = 2
BETWEEN_LISTINGS = timedelta(seconds=30)
# However alive the provider says it is.
LONGEST = timedelta(hours=5)
OPEN = tuple(state for state in lifecycle.MOVES if state not in lifecycle.FINAL and state != "retrying")


@dataclass(frozen=True, slots=True)
class _Question:
    call_id: int
    account_id: int
    provider: Provider | None
    provider_call_id: str
    order: CallOrder | None
    since: datetime
    stop: bool  # somebody wants it ended


@dataclass(frozen=True, slots=True)
class _Answer:
    """`asked`: the provider can be asked at all; `reached`: it answered."""

    reports: list[Report]
    asked: bool = True
    reached: bool = True


def run(source: api.Environment | str) -> int:
    """Look at all calls that are due; how many."""
    tx = transactions.of(source)
    done = 0
    while True:
        questions = _claim(tx)
        done += len(questions)
        tx.each(lambda question: _settle(tx, question, _ask(question)), questions, THREADS)
        if len(questions) < BATCH:
            return done


def soon(tx: transactions.Transactions) -> None:
    """Look at what is due now, in the background; in the transaction of a test, at once."""
    if tx.shared:
        run(tx)
    else:
        reconciler.wake(tx.dbname)


def note_hint(env: api.Environment, account, report: Report) -> bool:
    """Have the call that an unproven report speaks of looked at now; False when there is none."""
    report = reports.fit(report)
    call = reports._find(env, account, [report]).get((report.reference, report.provider_call_id))
    if call is None:
        return False
    if call.state != "retrying":
        values = {"next_check_at": fields.Datetime.now()}
        if not call.provider_call_id and not call.submission:
            return True  # was never sent
        call.write(values)
    return True


def _claim(tx: transactions.Transactions) -> list[_Question]:
    now = fields.Datetime.now()
    with tx.env() as env:
        env.cr.execute(
            """SELECT id FROM ghl_call WHERE next_check_at <= %s ORDER BY next_check_at LIMIT %s
                  FOR UPDATE SKIP LOCKED""",
            [now, BATCH],
        )
        calls = env["ghl.call"].browse([call_id for (call_id,) in env.cr.fetchall()])
        calls.write({"next_check_at": now + CLAIM})
        return [_question(call) for call in calls]


def _question(call) -> _Question:
    account, provider, order = call.voip_account_id, None, None
    try:
        provider = account._provider() if account else None
        order = orders.order(call) if call.reference else None
    except ValueError:
        _logger.info("The account of call %s cannot be asked: its settings do not work", call.id)
    since = call.submitted_at or call.create_date
    return _Question(call.id, account.id, provider, call.provider_call_id or "", order, since, call.stop_requested)


def _ask(question: _Question) -> _Answer:
    """What the provider says, with no transaction open."""
    provider = question.provider
    if provider is None:
        return _Answer([], asked=False)
    try:
        if question.provider_call_id:
            if question.stop and provider.capabilities.cancel:
                provider.cancel(question.provider_call_id)
            if not provider.capabilities.fetch:
                return _Answer([], asked=False)
            report = provider.fetch(question.provider_call_id)
            return _Answer([report] if report else [])
        if not provider.capabilities.find or question.order is None:
            return _Answer([], asked=False)
        return _Answer(provider.find(question.order, question.since))
    except (RemoteError, ValueError) as failure:
        _logger.info("Asking about call %s: %s", question.call_id, failure)
        return _Answer([], reached=False)


def _settle(tx: transactions.Transactions, question: _Question, answer: _Answer) -> None:
    campaigns: set[int] = set()
    with tx.env() as env:
        env.cr.execute("SELECT 1 FROM ghl_call WHERE id = %s FOR UPDATE", [question.call_id])
        call = env["ghl.call"].browse(question.call_id).exists()
        if not call:
            return
        account = env["ghl.voip.account"].browse(question.account_id)
        found = answer.reports if question.provider_call_id else _ours(call, answer.reports)
        moved = env["ghl.call"]
        if found:
            moved = reports.apply(env, account, found, asked=True).moved
            call.invalidate_recordset()
        moved |= _decide(call, question, answer, found)
        if moved and "campaign_id" in moved._fields:
            campaigns = set(moved.mapped("campaign_id").ids)
    signals.campaigns_moved(tx.dbname, campaigns)


def _ours(call, found: list[Report]) -> list[Report]:
    """Which of the calls found is this one: that which says so, else the first that no other call of ours is."""
    found = [reports.fit(report) for report in found]
    own = [report for report in found if report.reference == call.reference]
    if own or not found:
        return own[:1]
    call.env.cr.execute(
        "SELECT provider_call_id FROM ghl_call WHERE company_id = %s AND provider = %s AND provider_call_id = ANY(%s)",
        [call.company_id.id, call.voip_account_id.provider, [report.provider_call_id for report in found]],
    )
    taken = {provider_call_id for (provider_call_id,) in call.env.cr.fetchall()}
    free = [report for report in found if not report.reference and report.provider_call_id not in taken]
    # It is named here, so that it is found by our own name when it is applied.
    return [Report(**{**_fields(report), "reference": call.reference}) for report in free[:1]]


def _fields(report: Report) -> dict:
    return {name: getattr(report, name) for name in Report.__dataclass_fields__}


def _decide(call, question: _Question, answer: _Answer, found: list[Report]):
    """When to look again, or how the call ended by our own guess; the calls whose state that changed."""
    now = fields.Datetime.now()
    if call.state in lifecycle.FINAL or call.state == "retrying":
        if call.next_check_at:
            call.write({"next_check_at": False, "lease_until": False})
        return call.browse()
    placed = call.submitted_at or call.create_date
    order = question.order
    could_ring = timedelta(seconds=order.ring_seconds if order else 60)
    over = call.lease_until and call.lease_until <= now
    if found:
        if now - placed > LONGEST:
            return call._guess_failed(call.env._("The provider says it goes on after hours: given up."))
        lease = max(call.lease_until or now, call._alive_until())
        call.write({"checks": 0, "lease_until": lease, "next_check_at": now + timedelta(seconds=call._check_after())})
        return call.browse()
    if not answer.reached:
        if now - placed > LONGEST:
            return call._guess_failed(call.env._("The provider could not be asked how the call ended."))
        lease = max(call.lease_until or now, call._alive_until())
        call.write({"next_check_at": now + UNREACHABLE, "lease_until": lease})
        return call.browse()
    checks = call.checks + (1 if answer.asked else 0)
    if question.provider_call_id:
        if not answer.asked and not over:
            call.write({"next_check_at": call.lease_until or now})
            return call.browse()
        if answer.asked and checks < LISTINGS:
            call.write({"checks": checks, "next_check_at": now + BETWEEN_LISTINGS})
            return call.browse()
        return call._guess_failed(
            call.env._("The provider does not know this call.")
            if answer.asked
            else call.env._("The provider never said how the call ended.")
        )
    if now - placed < could_ring + QUIET or (answer.asked and checks < LISTINGS):
        call.write({"checks": checks, "submission": "unknown", "next_check_at": now + BETWEEN_LISTINGS})
        return call.browse()
    call.checks = checks
    return call._guess_failed(call.env._("The provider never confirmed this call; it may have rung."))


reconciler = Background("ghl.reconcile", run)

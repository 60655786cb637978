"""What a provider's reports do to our calls: judged one by one, written once for each call.

Nothing here depends on the order, the number or the delay of reports. Effects hang on the change of a call's state, in
the transaction of the change, so that a repeated report cannot cause them twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from dataclasses import fields as columns
from datetime import timedelta
from typing import Any

from odoo import api, fields

from ...ghl_base.net.redaction import redact
from .. import classification, figures, lifecycle
from ..providers.base import Report
from ..providers.reading import storable

# Read from the first report that has them; later ones may correct what is said about a call that is over.
TEXTS = ("end_reason", "error_message", "recording_url", "transcript", "summary")
# What nearly every report needs of a call, a third of its columns; the rest is read when it is asked for.
READ = (
    *("state", "provider", "provider_call_id", "reference", "submission", "guessed", "company_id", "location_id"),
    *("voip_account_id", "campaign_id", "campaign_lead_id", "contact_id", "from_number", "to_number", "status_id"),
    *("submitted_at", "initiated_at", "answered_at", "ended_at", "start_time", "end_time", "talk_seconds"),
    *("duration_seconds", "answered_by", "end_reason", "error_message", "lease_until", "next_check_at", "outcome"),
    *("quality_flag", "outgoing_status", "webhook_payload", "analysis", "summary", "classification"),
)
ANSWERED_BY = {"human", "machine", "fax", "unknown"}


@dataclass
class Applied:
    """What became of reports: calls whose state changed, and reports that belong to no call."""

    moved: Any = None  # ghl.call records
    machines: Any = None  # ghl.call records: the provider has just said that a machine answered
    orphans: list[Report] = field(default_factory=list)
    verdicts: list[str] = field(default_factory=list)  # in the order of the reports


def apply(env: api.Environment, account, reports: Sequence[Report], *, asked: bool = False) -> Applied:
    """Take over what the provider of ``account`` (``ghl.voip.account``) says about its calls.

    Runs in the caller's transaction, which must be READ COMMITTED and keeps the calls locked until it ends. With
    ``asked`` the reports are answers to a question of ours: what they say anew counts, what they repeat leaves no line.
    """
    reports = [fit(report) for report in reports]
    calls = _find(env, account, reports)
    known_keys = _keys(env, calls.values())
    before: dict[int, str] = {}
    applied = Applied(moved=env["ghl.call"], machines=env["ghl.call"])
    lines: list[dict] = []
    for report in reports:
        call = calls.get(_name(report))
        if call is None:
            applied.orphans.append(report)
            applied.verdicts.append("orphan")
            continue
        repeated = (call.id, report.key) in known_keys
        if repeated and asked:
            applied.verdicts.append("duplicate")
            continue
        old = call.state
        machine = call.answered_by == "machine"
        verdict = "duplicate" if repeated else _apply_one(call, report, asked)
        if call.answered_by == "machine" and not machine:
            applied.machines |= call
        if call.state != old:
            before.setdefault(call.id, old)
        known_keys.add((call.id, report.key))
        applied.verdicts.append(verdict)
        lines.append(_line(call, report, verdict))
    env["ghl.call.event"].create(lines)
    applied.moved = env["ghl.call"].browse(before)
    if before:
        applied.moved._state_changed(before)
    applied.machines._machine_answered()
    return applied


def fit(report: Report) -> Report:
    """The report without what the database cannot hold."""
    return Report(**{name.name: storable(getattr(report, name.name)) for name in columns(Report)})


def _name(report: Report) -> tuple[str, str]:
    return report.reference, report.provider_call_id


def _find(env: api.Environment, account, reports: Sequence[Report]) -> dict[tuple[str, str], Any]:
    """The call of each report, locked, by reference, else by the provider's id."""
    references = [report.reference for report in reports if report.reference]
    ids = [report.provider_call_id for report in reports if report.provider_call_id]
    env["ghl.call"].flush_model()
    env.cr.execute(
        """SELECT id, reference, provider_call_id FROM ghl_call
            WHERE company_id = %(company)s
              AND ((reference = ANY(%(references)s) AND voip_account_id = %(account)s)
                   OR (provider = %(provider)s AND provider_call_id = ANY(%(ids)s)
                       AND (voip_account_id = %(account)s OR voip_account_id IS NULL)))
            ORDER BY id FOR UPDATE""",
        {
            "company": account.company_id.id,
            "account": account.id,
            "provider": account.provider,
            "references": references,
            "ids": ids,
        },
    )
    by_reference, by_id = {}, {}
    for call_id, reference, provider_call_id in env.cr.fetchall():
        by_reference[reference] = by_id[provider_call_id] = env["ghl.call"].browse(call_id)
    # As they are now that they are locked.
    calls = env["ghl.call"].browse(call.id for call in by_id.values())
    calls.invalidate_recordset()
    calls.fetch(name for name in READ if name in calls._fields)
    found = {}
    for report in reports:
        call = report.reference and by_reference.get(report.reference)
        call = call or (report.provider_call_id and by_id.get(report.provider_call_id))
        if call:
            found[_name(report)] = call
    return found


def _keys(env: api.Environment, calls) -> set[tuple[int, str]]:
    ids = list({call.id for call in calls})
    env.cr.execute("SELECT call_id, key FROM ghl_call_event WHERE call_id = ANY(%s) AND key IS NOT NULL", [ids])
    return set(env.cr.fetchall())


def _apply_one(call, report: Report, asked: bool) -> str:
    """Write what the report says; its verdict."""
    if call.provider_call_id and report.provider_call_id and call.provider_call_id != report.provider_call_id:
        return "refused"  # names this call, but is about another one
    if call.state == "retrying":
        return "stale"  # a newer call has taken its place
    state = report.state
    talked = _talked(report)
    if state == "cancelled" and report.values.get("talk_seconds"):
        state = "completed"  # hung up by us, but not before somebody spoke
    verdict = lifecycle.on_event(call.state, state, guessed=call.guessed, talked=talked) if state else None
    after = state if verdict == lifecycle.MOVE else call.state
    values = _values(call, report, state, after, asked)
    if verdict == lifecycle.MOVE:
        values |= _alive(call, after, report)
        call._apply_event(state, values, guessed=call.guessed, talked=talked)
        return "applied"
    if verdict == lifecycle.REFUSE:
        return "refused"
    if values:
        call.write(values)
    if verdict == lifecycle.IGNORE:
        return "stale"
    return "applied" if report.values else "unmapped"


def _talked(report: Report) -> bool:
    values = report.values
    return bool(values.get("talk_seconds") or values.get("transcript") or values.get("transcript_turns"))


def _values(call, report: Report, reported: str | None, after: str, asked: bool) -> dict[str, Any]:
    """The columns that the report changes, the state and the lease left out."""
    values = {
        **_identity(call, report),
        **_times(call, report, reported, after, asked),
        **_words(call, report, after),
    }
    if report.raw and (report.state in lifecycle.FINAL or report.values):
        values["webhook_payload"] = redact(dict(report.raw))
        if isinstance(report.raw.get("analysis"), dict) and report.raw["analysis"]:
            values["analysis"] = report.raw["analysis"]
    if after == "completed" and (report.values or reported == "completed"):
        values |= _classified(call, values, report)
    return {name: value for name, value in values.items() if (call[name] or False) != (value or False)}


def _identity(call, report: Report) -> dict[str, Any]:
    """That the provider has the call, and under which id: its answer to our order may never have come."""
    values: dict[str, Any] = {}
    if report.provider_call_id and not call.provider_call_id:
        values["provider_call_id"] = report.provider_call_id
        values["provider"] = call.voip_account_id.provider or call.provider
    if call.submission in ("sending", "unknown"):
        values["submission"] = "accepted"
    if not call.initiated_at:
        values["initiated_at"] = call.submitted_at or report.occurred_at or fields.Datetime.now()
    return values


def _times(call, report: Report, reported: str | None, after: str, asked: bool) -> dict[str, Any]:
    told = dict(report.values)
    # The answer to a question of ours tells the state now, not when it began.
    exact = None if asked else reported
    if exact == "in_progress" and report.occurred_at:
        told.setdefault("answered_at", report.occurred_at)
    if reported in lifecycle.FINAL and report.occurred_at:
        told.setdefault("ended_at", report.occurred_at)
    known = {name: call[name] for name in ("answered_at", "ended_at", "talk_seconds")}
    settled = figures.settle(known, exact, told, after)
    if after in lifecycle.FINAL:
        return settled
    return {"answered_at": settled["answered_at"]} if settled["answered_at"] and after == "in_progress" else {}


def _words(call, report: Report, after: str) -> dict[str, Any]:
    said = report.values
    values: dict[str, Any] = {}
    for name in TEXTS:
        text = said.get(name)
        if text and (after in lifecycle.FINAL or not call[name]):
            values[name] = redact(str(text)) if name == "error_message" else str(text)
    if said.get("transcript_turns"):
        values["transcript_turns"] = said["transcript_turns"]
    if said.get("cost") is not None:
        values["cost"] = said["cost"]
    if said.get("answered_by") in ANSWERED_BY and (said["answered_by"] != "unknown" or not call.answered_by):
        values["answered_by"] = said["answered_by"]
    for name in ("from_number", "to_number"):
        if said.get(name) and not call[name]:
            values[name] = said[name]
    return values


def _classified(call, values: dict[str, Any], report: Report) -> dict[str, Any]:
    """What the call came to, if the provider's words say so; people's own verdict stays."""

    def now(name):
        return values.get(name) or call[name] or None

    found = classification.classify(
        answered_by=now("answered_by"),
        disposition=report.raw.get("disposition_tag") if report.raw else None,
        analysis=now("analysis"),
        summary=now("summary"),
    )
    if found is None:
        return {}
    return {"classification": found.payload(), **({} if call.outcome else {"outcome": found.outcome})}


def _alive(call, after: str, report: Report) -> dict[str, Any]:
    """How long the call takes up room from now on."""
    values: dict[str, Any] = {"guessed": False}
    if call.guessed:
        values["error_message"] = (report.values or {}).get("error_message") or False
    if after in lifecycle.FINAL:
        return {**values, "lease_until": False, "next_check_at": False}
    lease = call._alive_until()
    if not call.lease_until or call.lease_until < lease:
        values["lease_until"] = lease
    if not call.next_check_at:
        values["next_check_at"] = fields.Datetime.now() + timedelta(seconds=call._check_after())
    return values


def _line(call, report: Report, verdict: str) -> dict[str, Any]:
    event = lifecycle.EVENTS.get(report.state, "NOTE")
    details = report.values.get("error_message") or report.values.get("end_reason")
    return call.env["ghl.call.event"]._append(
        call,
        event,
        verdict=verdict,
        key=report.key or None,
        word=report.word,
        occurred_at=report.occurred_at,
        details=redact(str(details)) if details else False,
        data=redact(dict(report.raw)) if report.raw and verdict != "duplicate" else False,
    )

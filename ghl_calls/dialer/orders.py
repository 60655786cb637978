"""Before a telephone rings: whether it may, from which number, and what is asked of the provider."""

from __future__ import annotations

from datetime import timedelta

from odoo import api, fields

from ..campaigns import callers, suppression
from ..providers.base import CallOrder, PlaceError

DAY = timedelta(hours=24)
OWN = "own_numbers"  # code of a refusal of ours, which says nothing of the provider's pace


def normalised(env: api.Environment, text: str | None, company) -> str | None:
    """``text`` as an E.164 number, read as people of the company's country write it; None when it is none."""
    international = suppression.normalise(text) if (text or "").startswith("+") else None
    return international or suppression.normalise(text, company.country_id.code)


def why_not(call) -> str:
    """Why this person must not be called, as a sentence; "" when nothing speaks against it."""
    if not call.to_number:
        return call.env._("There is no number to call.")
    number = normalised(call.env, call.to_number, call.company_id)
    if not number or not suppression.is_valid(number):
        return call.env._("%s is not a telephone number.", call.to_number)
    if is_blacklisted(call.env, number):
        return call.env._("%s is on the do-not-call list.", number)
    contact = call.contact_id
    if contact and suppression.forbids_calls(contact.dnd, contact.dnd_settings):
        return call.env._("%s asked in GoHighLevel not to be called.", contact.display_name)
    return ""


def is_blacklisted(env: api.Environment, number: str) -> bool:
    # SQL, as this is asked before each call; the do-not-call list binds everybody, also those who may not read it.
    env["phone.blacklist"].flush_model()
    env.cr.execute("SELECT 1 FROM phone_blacklist WHERE number = %s AND active LIMIT 1", [number])
    return bool(env.cr.fetchone())


def choose_number(call):
    """The ``ghl.voip.number`` to call from; none when the account has none, PlaceError when none may be used now."""
    # A campaign may be limited to some of its account's numbers.
    numbers = (call.campaign_id.voip_number_ids or call.voip_account_id.number_ids).filtered("active")
    if not numbers:
        return numbers
    now = fields.Datetime.now()
    counts = {}
    if capped := numbers.filtered("daily_cap"):
        counts = dict(
            call.env["ghl.call"]._read_group(
                [("voip_number_id", "in", capped.ids), ("submitted_at", ">", now - DAY)],
                ["voip_number_id"],
                ["__count"],
            )
        )
    known = [
        callers.Caller(
            number.number,
            daily_cap=number.daily_cap,
            calls_today=counts.get(number, 0),
            rest_until=number.rest_until or None,
            last_used_at=number.last_used_at or None,
        )
        for number in numbers
    ]
    chosen = callers.choose(known, call.to_number, now, last=call.voip_number_id.number or None)
    if chosen is None:
        rests = [number.rest_until for number in numbers if number.rest_until and number.rest_until > now]
        wait = (min(rests) - now).total_seconds() if len(rests) == len(numbers) else 3600.0
        raise PlaceError(
            "later", call.env._("All caller numbers of this account rest or are used up."), code=OWN, retry_after=wait
        )
    return numbers.filtered(lambda number: number.number == chosen)


def order(call) -> CallOrder:
    """What is asked of the provider for this call; its `reference` and numbers are set already."""
    account, agent = call.voip_account_id, call.voice_agent_id
    script = agent._script()
    own = {
        name: call[name]
        for name in ("task", "first_sentence", "voice", "pathway_id", "transfer_phone_number")
        if call[name]
    }
    if call.wait_for_greeting:
        own["wait_for_greeting"] = True
    # A prompt and a pathway exclude each other; what the call itself says counts more.
    if own.get("pathway_id") or (script.get("pathway_id") and not own.get("task")):
        script.pop("task", None)
        own.pop("task", None)
    elif own.get("task"):
        script.pop("pathway_id", None)
    record = {"always": True, "never": False}.get(account.recording_policy, call.record or agent.record)
    return CallOrder(
        reference=call.reference,
        to=call.to_number,
        from_number=call.voip_number_id.number or "",
        callback_url=call.webhook_url or account._door_url("status", call.reference),
        answer_url=account._door_url("answer", call.reference),
        ring_seconds=agent.ring_seconds or 30,
        max_seconds=60 * (call.max_duration or agent.max_duration_minutes or 12),
        detect_machine=agent.detect_machine if agent else True,
        record=record,
        script={**script, **own},
        variables=call.request_data or {},
        metadata={**(call.metadata or {}), "call_uuid": call.reference},
        extra={**(agent.extra or {}), **(call.provider_options or {})},
    )

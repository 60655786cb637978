"""The addresses that older systems gave to providers: the same doors, with the account found by what is delivered."""

import json
import logging

from odoo import SUPERUSER_ID
from odoo.http import Controller, Response, request

from ...ghl_base.http import ApiError, Param, api_route, bad_request, catch_all, not_found
from ...ghl_base.http.params import storable
from ..providers.base import DeliveryRefused
from ..reading import call_log_lists
from .call_log_envelope import CallLogEnvelope, answer_schema, succeed
from .voip_door import answer_with_words, delivery_of, take

_logger = logging.getLogger(__name__)
TAG = "Provider callbacks"


class WebhookEnvelope(CallLogEnvelope):
    """As the call log's, under the true HTTP status: a provider looks at nothing else."""

    def http_status(self, status):
        return status


ENVELOPE = WebhookEnvelope()
REFUSED = ("refused", "This delivery is not proven to come from the provider.")


class VoipLegacy(Controller):
    unknown_webhook = catch_all("/api/v1/webhook", ENVELOPE)
    unknown_twilio = catch_all("/twilio")

    @api_route(
        "/api/v1/webhook/voice",
        methods=("POST",),
        auth="none",
        group=None,
        raw_body=True,
        summary="Bland AI reports on a call",
        description="Signed by Bland, or confirmed with Bland before it is believed. Answers before it is worked off.",
        responses={200: answer_schema({"type": "object"})},
        tag=TAG,
        envelope=ENVELOPE,
    )
    def voice(self, raw_body):
        try:
            payload = json.loads(raw_body)
        except (ValueError, RecursionError):
            payload = None
        if not isinstance(payload, dict):
            raise bad_request("The body must be a JSON object.", "invalid_body")
        call_id = storable(payload.get("call_id") or payload.get("c_id"))
        account = _bland_account(payload, call_id, raw_body)
        take(account._provider(), account.id, account.company_id.id, "status", "", raw_body)
        metadata = payload.get("metadata") if isinstance(payload.get("metadata"), dict) else {}
        return succeed(
            {
                "status": "received",
                "source": "voice",
                "action": "background_processing_started",
                "call_id": call_id or None,
                "processing_task_id": None,
                "classification": None,
                "hubspot_contact_id": storable(metadata.get("contact_id")) or None,
                "hubspot_lead_id": storable(metadata.get("lead_id")) or None,
                "ai_processing_enabled": False,
                "processing_summary": None,
            }
        )

    @api_route(
        "/api/v1/webhook/status/<string:call_id>",
        summary="What became of the reports on a call",
        responses={200: answer_schema({"type": "object"})},
        tag=TAG,
        envelope=ENVELOPE,
    )
    def status(self, call_id):
        call = call_log_lists.find(request.env["ghl.call"], call_id)
        if not call:
            raise not_found("Call")
        last = call.event_ids[:1]
        return succeed(
            {
                "call_id": call.provider_call_id or None,
                "id": str(call.id),
                "status": call.state,
                "classification": call.classification or None,
                "outcome": call.outcome or None,
                "processed": bool(call.webhook_payload),
                "last_event": last.event or None,
                "last_event_at": last.received_at.isoformat() if last else None,
            }
        )

    @api_route(
        "/api/v1/webhook/health",
        auth="none",
        group=None,
        summary="Whether reports are taken",
        responses={200: {"type": "object"}},
        tag=TAG,
        envelope=ENVELOPE,
    )
    def health(self):
        return {"status": "healthy", "service": "webhook"}

    @api_route(
        "/twilio/<string:what>",
        methods=("POST",),
        params=(Param("what", choices=("voice", "status", "amd-status", "recording-status"), location="path"),),
        auth="none",
        group=None,
        raw_body=True,
        summary="Twilio reports on a call, or asks what to say in one",
        description="Signed by Twilio with the auth token of the account named in the form.",
        responses={200: {"type": "object"}, 204: {}},
        tag=TAG,
    )
    def twilio(self, what, raw_body):
        form = request.httprequest.form
        sid = storable(form.get("AccountSid"))
        accounts = request.env(user=SUPERUSER_ID)["ghl.voip.account"]
        accounts = accounts.search([("provider", "=", "twilio"), ("account_sid", "=", sid)]) if sid else accounts
        account = _first_proven(accounts, raw_body)
        if not account:
            _logger.warning("A delivery to the Twilio addresses of before was refused: no account proves it")
            raise ApiError(403, *REFUSED)
        if what == "voice":
            where = [("voip_account_id", "=", account.id)]
            where += [("provider_call_id", "=", storable(form.get("CallSid")) or "-")]
            call = account.env["ghl.call"].search(where, limit=1)
            return answer_with_words(account._provider(), call, form.get("AnsweredBy") or "")
        kind = {"status": "status", "amd-status": "amd", "recording-status": "recording"}[what]
        take(account._provider(), account.id, account.company_id.id, kind, "", raw_body)
        return Response(status=204)


def _bland_account(payload, call_id, body):
    """The account that this report is of: that of the call it names, else the one whose secret signed it."""
    env = request.env(user=SUPERUSER_ID)
    metadata = payload.get("metadata") if isinstance(payload.get("metadata"), dict) else {}
    reference = storable(metadata.get("reference") or metadata.get("call_uuid"))
    calls = env["ghl.call"]
    call = calls.search([("reference", "=", reference)], limit=1) if reference else calls
    if not call and call_id:
        call = calls.search([("voip_account_id.provider", "=", "bland"), ("provider_call_id", "=", call_id)], limit=1)
    account = call.voip_account_id
    if account.provider == "bland" and account.active:
        return account
    account = _first_proven(env["ghl.voip.account"].search([("provider", "=", "bland")]), body)
    if not account:
        _logger.warning("A delivery to the webhook of Bland was refused: it names no call and no account proves it")
        raise ApiError(403, *REFUSED)
    return account


def _first_proven(accounts, body):
    """The first of the accounts that the delivery's signature proves; empty for none."""
    delivery = delivery_of("", body)
    for account in accounts:
        try:
            provider = account._provider()
            provider.verify(delivery)
        except (DeliveryRefused, ValueError):
            continue
        return account
    return accounts.browse()

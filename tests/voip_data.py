"""Telephone accounts, and what Bland says of a call."""

import json
from datetime import datetime, timedelta

from ..ghl_calls.providers.bland import signature

SECRET = "whsec-for-tests"
NOW = datetime(2026, 3, 2, 15, 0, 0)


def make_account(env, base_url="http://127.0.0.1:9", provider="bland", company=None, **values):
    """A telephone account; by default one of Bland at a port where nobody answers."""
    secrets = {"api_key": "sk-for-tests", "webhook_secret": SECRET} if provider == "bland" else {}
    return env["ghl.voip.account"].create(
        {
            "name": "Telephone",
            "provider": provider,
            "base_url": base_url,
            "company_id": (company or env.company).id,
            "calls_per_second": 1000,
            **secrets,
            **values,
        }
    )


def make_agent(env, account, **values):
    return env["ghl.voice.agent"].create(
        {"name": "Anna", "voip_account_id": account.id, "task": "Ask when it suits.", **values}
    )


def make_call(env, account, number="+15005550006", **values):
    """A call waiting to be placed."""
    return env["ghl.call"].create(
        {"subject": "Talk", "to_number": number, "voip_account_id": account.id, "task": "Say hello.", **values}
    )


def bland_call(call_id="bl-1", reference="", seconds=24, ended=NOW, **values):
    """A call object of Bland that ended well."""
    return {
        "call_id": call_id,
        "completed": True,
        "status": "completed",
        "queue_status": "complete",
        "answered_by": "human",
        "call_length": round(seconds / 60, 2),
        "corrected_duration": str(seconds),
        "created_at": (ended - timedelta(seconds=seconds + 12)).isoformat() + "Z",
        "started_at": (ended - timedelta(seconds=seconds + 12)).isoformat() + "Z",
        "end_at": ended.isoformat() + "Z",
        "price": 0.036,
        "summary": "They talked.",
        "concatenated_transcript": "user: Hello\nassistant: Hello",
        "transcripts": [
            {"id": 1, "user": "user", "text": "Hello", "created_at": ended.isoformat() + "Z"},
            {"id": 2, "user": "assistant", "text": "Hello", "created_at": ended.isoformat() + "Z"},
        ],
        "metadata": {"reference": reference},
        **values,
    }


def signed(payload, secret=SECRET):
    """(body, headers) of a delivery by Bland."""
    body = json.dumps(payload).encode()
    return body, {"Content-Type": "application/json", "X-Webhook-Signature": signature.sign(body, secret)}

"""Services as an administrator describes them."""

from copy import deepcopy

from .providers_case import ProviderCase

# Dials with a form and a key, reports with JSON that it signs.
SIGNED = {
    "label": "Dialer One",
    "auth": {"kind": "headers", "headers": {"X-Key": "${secret.key}"}},
    "numbers": {"to": "e164-no-plus", "from": "0+national"},
    "dial": {
        "url": "/v1/calls",
        "content_type": "form",
        "body": {"phone": "${to}", "caller": "${from}", "hook": "${callback_url}?a=b", "ring": "${ring_seconds}"},
        "success_codes": [201],
        "id_paths": ["data.0.id", "id"],
        "error_paths": ["error.text"],
        "refusals": {"lead": ["not a number"], "later": ["busy lines"], "account": ["no money"]},
    },
    "cancel": {"method": "DELETE", "url": "/v1/calls/${provider_call_id}"},
    "fetch": {"method": "GET", "url": "/v1/calls/${provider_call_id}", "report": {"status_paths": ["state"]}},
    "check": {"method": "GET", "url": "/v1/me"},
    "callback": {
        "id_paths": ["call.id"],
        "reference_paths": ["call.ref"],
        "status_paths": ["call.status"],
        "statuses": {
            "RINGING": "connecting",
            "ANSWERED": "in_progress",
            "HANGUP": "completed",
            "NO ANSWER": "no_answer",
            "BUSY": "busy",
            "REJECTED": "failed",
        },
        "talk": {"path": "call.talk", "unit": "ms"},
        "answered_at_paths": ["call.answered"],
        "ended_at_paths": ["call.ended"],
        "zone": "Europe/Berlin",
        "recording_paths": ["call.record"],
        "error_paths": ["call.why"],
        "cost_paths": ["call.price"],
        "answered_by": {"paths": ["call.amd"], "words": {"MACHINE": "machine", "PERSON": "human"}},
    },
    "security": {"kind": "hmac", "header": "X-Signature", "prefix": "sha256=", "secret": "hook"},
}
REPORT = {
    "call": {
        "id": "c1",
        "ref": "ref-1",
        "status": "HANGUP",
        "talk": 49300,
        "answered": "2026-02-12T12:47:35+01:00",
        "ended": "2026-02-12 12:48:25",
        "record": "https://x.example/r.mp3",
        "price": "0.05",
        "amd": "machine",
    }
}
# SansPBX, described: a token first, JSON, one unsigned report.
TOKEN_STEP = {
    "label": "Exchange",
    "auth": {
        "kind": "token",
        "request": {
            "url": "/gentoken",
            "headers": {"Accesstoken": "${secret.access_token}"},
            "body": {"access_key": "${secret.access_key}"},
        },
        "token_path": "Apitoken",
        "expiry_path": "expiry_time",
        "zone": "Asia/Kolkata",
        "header": "Apitoken",
        "prefix": "",
    },
    "numbers": {"to": "0+national", "from": "national"},
    "dial": {
        "url": "/dialcall",
        "body": {
            "appid": 77,
            "call_to": "${to}",
            "caller_id": "${from}",
            "status_callback": "${callback_url}",
            "custom_field": {"reference": "${reference}", "about": "${metadata}", "flow": "${extra.flow}"},
            "parts": ["${max_seconds}", "up to ${max_seconds} s", "${record}"],
        },
        "id_paths": ["data.msg.callid", "data.callid", "callid"],
        "error_paths": ["msg"],
    },
    "cancel": {"url": "/calldisconnect", "body": {"callid": "${provider_call_id}"}},
    "callback": {
        "id_paths": ["Linkedid"],
        "reference_paths": ["custom_field.reference"],
        "status_paths": ["disposition"],
        "statuses": {"ANSWER": "completed", "NOANSWER": "no_answer", "BUSY": "busy", "FAILED": "failed"},
        "talk": {"path": "billsec"},
        "ended_at_paths": ["end_time"],
        "zone": "Asia/Kolkata",
    },
    "security": {"kind": "url_secret", "ip_allow_list": ["192.0.2.0/24"]},
}


class GenericCase(ProviderCase):
    provider_name = "generic"
    settings = {"adapter": SIGNED, "secrets": {"key": "k-1", "hook": "h-1"}}


def described(adapter=SIGNED, **changes) -> dict:
    """The description with parts put in by their path (``dial__url="/x"``), or taken away with ``...``."""
    adapter = deepcopy(adapter)
    for path, value in changes.items():
        *places, last = path.split("__")
        section = adapter
        for place in places:
            section = section.setdefault(place, {})
        if value is ...:
            del section[last]
        else:
            section[last] = value
    return adapter

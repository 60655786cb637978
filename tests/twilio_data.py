"""Calls as Twilio tells of them."""

from urllib.parse import urlencode

from .providers_case import ProviderCase, delivery

TOKEN = "12345"
SID = "CA" + "0" * 31 + "1"
ACCOUNT = "AC" + "a" * 32
# A callback as it comes, with the fields that matter to nobody.
CALLBACK = {
    "CallSid": SID,
    "AccountSid": ACCOUNT,
    "From": "+15550109999",
    "To": "+15550100001",
    "Caller": "+15550109999",
    "Called": "+15550100001",
    "CallStatus": "completed",
    "ApiVersion": "2010-04-01",
    "Direction": "outbound-api",
    "Timestamp": "Thu, 12 Feb 2026 11:48:25 +0000",
    "CallbackSource": "call-progress-events",
    "SequenceNumber": "3",
    "CallDuration": "49",
    "Duration": "1",
    "FromCity": "",
}
# An answer of Calls/{sid}.json: texts and nulls.
RESOURCE = {
    "sid": SID,
    "account_sid": ACCOUNT,
    "status": "completed",
    "to": "+15550100001",
    "from": "+15550109999",
    "direction": "outbound-api",
    "date_created": "Thu, 12 Feb 2026 11:47:00 +0000",
    "start_time": "Thu, 12 Feb 2026 11:47:20 +0000",
    "end_time": "Thu, 12 Feb 2026 11:48:25 +0000",
    "duration": "49",
    "price": "-0.03000",
    "price_unit": "USD",
    "answered_by": None,
    "queue_time": "0",
    "api_version": "2010-04-01",
}


class TwilioCase(ProviderCase):
    provider_name = "twilio"
    settings = {"account_sid": ACCOUNT, "auth_token": TOKEN}


def resource(**values) -> dict:
    return {**RESOURCE, **values}


def callback(headers=(), **values):
    """A call progress callback; a value of None takes the field away."""
    fields = {name: value for name, value in {**CALLBACK, **values}.items() if value is not None}
    return posted(list(fields.items()), headers)


def posted(fields, headers=(), **more):
    content_type = "application/x-www-form-urlencoded"
    return delivery(urlencode(fields).encode(), headers, content_type=content_type, **more)

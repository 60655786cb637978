"""Calls and recordings as the REST API shows them: every value a string or null."""

from email.utils import formatdate

API_VERSION = "2010-04-01"
PRICE_A_MINUTE = 0.014


def rfc2822(ms) -> str | None:
    return formatdate(ms / 1000, localtime=False).replace("-0000", "+0000") if ms else None


def status_of(call) -> str:
    """As REST says it: `initiated` is a word of callbacks only."""
    if call.end:
        return call.end
    return "in-progress" if call.answered_at else "ringing" if call.rang_at else "queued"


def call_resource(call) -> dict:
    app = call.app
    account = f"/{API_VERSION}/Accounts/{app.account_sid}"
    uri = f"{account}/Calls/{call.id}"
    subresources = "notifications recordings payments events siprec streams transcriptions user_defined_messages"
    seconds = str(call.talk_seconds) if call.ended_at else None
    rated = call.ended_at and call.talk_seconds and app.clock.now_ms() >= call.extra["rated_at"]
    return {
        "sid": call.id,
        "account_sid": app.account_sid,
        "parent_call_sid": None,
        "status": status_of(call),
        "to": call.to,
        "to_formatted": formatted(call.to),
        "from": call.from_,
        "from_formatted": formatted(call.from_),
        "phone_number_sid": app.number_sid(call.from_),
        "direction": "outbound-api",
        "date_created": rfc2822(call.created_at),
        "date_updated": rfc2822(call.ended_at or call.answered_at or call.dialed_at or call.created_at),
        "start_time": rfc2822(call.dialed_at),
        "end_time": rfc2822(call.ended_at),
        "duration": seconds,
        "price": f"-{PRICE_A_MINUTE * minutes(call):.5f}" if rated else None,
        "price_unit": "USD",
        "answered_by": call.extra.get("verdict"),
        "queue_time": str(call.extra["queue_time"]),
        "api_version": API_VERSION,
        "forwarded_from": None,
        "group_sid": None,
        "caller_name": None,
        "trunk_sid": None,
        "annotation": None,
        "uri": f"{uri}.json",
        "subresource_uris": {name: f"{uri}/{_camel(name)}.json" for name in subresources.split()},
    }


def minutes(call) -> int:
    """Billed minutes."""
    return -(-call.talk_seconds // 60)


def recording_resource(call) -> dict:
    app, recording = call.app, call.extra["recording"]
    uri = f"/{API_VERSION}/Accounts/{app.account_sid}/Recordings/{recording['sid']}"
    return {
        "sid": recording["sid"],
        "account_sid": app.account_sid,
        "call_sid": call.id,
        "conference_sid": None,
        "status": "completed",
        "channels": 1,
        "source": "OutboundAPI",
        "track": "both",
        "duration": str(call.talk_seconds),
        "start_time": rfc2822(call.answered_at),
        "date_created": rfc2822(call.answered_at),
        "date_updated": rfc2822(call.ended_at),
        "price": None,
        "price_unit": "USD",
        "error_code": None,
        "encryption_details": None,
        "api_version": API_VERSION,
        "uri": f"{uri}.json",
        "media_url": f"{app.url}{uri}",
        "subresource_uris": {},
    }


def formatted(number: str) -> str:
    local = number.removeprefix("+1")
    return f"({local[:3]}) {local[3:6]}-{local[6:]}" if len(number) == 12 and number.startswith("+1") else number


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))

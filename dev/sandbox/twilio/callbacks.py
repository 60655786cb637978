"""What Twilio tells: status callbacks, verdicts of machine detection, recordings; signed, retried as the URL asks."""

import base64
import hmac
from urllib.parse import parse_qsl, urldefrag, urlencode, urlsplit

from ..telephony.delivery import Event, Patience
from .resource import API_VERSION, minutes, rfc2822

PLACES = ("City", "State", "Zip", "Country")
# our step -> (name of the event one subscribes to, CallStatus)
STEPS = {"initiated": "initiated", "ringing": "ringing", "answered": "in-progress"}


def patience(url: str) -> Patience:
    """The overrides in the fragment, `#ct=3000&rt=1500&rc=5&rp=all`; without them one retry, when connecting failed."""
    given = dict(parse_qsl(urldefrag(url).fragment))
    bounded = lambda name, default, most: min(most, max(0, _whole(given.get(name), default)))  # noqa: E731
    again = tuple(given.get("rp", "ct").split(","))
    connect, read = bounded("ct", 5000, 10_000) / 1000, bounded("rt", 15_000, 15_000) / 1000
    return Patience(connect, min(read, bounded("tt", 15_000, 15_000) / 1000), bounded("rc", 1, 5), again)


def _whole(text, default) -> int:
    return int(text) if text and text.isdigit() else default


def signature(token: str, url: str, fields: dict, digest="sha1") -> str:
    """X-Twilio-Signature of a request: the URL without its fragment, then every form field sorted by name."""
    text = urldefrag(url).url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), digest).digest()).decode()


def request_of(url, method, fields, token, idempotency, shared=None):
    """(headers, url, body) of a signed request; the fields of a GET go into its query. `shared` (id, secret) signs
    with HMAC-SHA256 instead of the token."""
    headers = {
        "User-Agent": "TwilioProxy/1.1",
        "Accept": "*/*",
        "I-Twilio-Idempotency-Token": idempotency,
        "X-Home-Region": "us1",
    }
    digest = "sha1"
    if shared:
        token, digest = shared[1], "sha256"
        headers["X-Twilio-Webhooks-Signature-Settings"] = f"key={shared[0]},algorithm=HMAC_SHA256"
    url, form = urldefrag(url).url, {name: str(value) for name, value in fields.items()}
    if method == "GET":
        url += ("&" if urlsplit(url).query else "?") + urlencode(form)
        return {**headers, "X-Twilio-Signature": signature(token, url, {}, digest)}, url, b""
    headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
    return {**headers, "X-Twilio-Signature": signature(token, url, form, digest)}, url, urlencode(form).encode()


def common(call, status) -> dict:
    """The fields of every request about a call."""
    numbers = {"From": call.from_, "To": call.to, "Caller": call.from_, "Called": call.to}
    places = {f"{who}{place}": "" for who in numbers for place in PLACES}
    places.update({f"{who}Country": "US" for who, number in numbers.items() if number.startswith("+1")})
    rest = {"CallSid": call.id, "AccountSid": call.app.account_sid, "CallStatus": status}
    return {**numbers, **places, **rest, "ApiVersion": API_VERSION, "Direction": "outbound-api"}


def _status(call, status, moment) -> dict:
    number = call.extra["sequence"]
    call.extra["sequence"] += 1
    found = common(call, status)
    found.update(Timestamp=rfc2822(moment), CallbackSource="call-progress-events", SequenceNumber=str(number))
    return found


def tell_step(call, step, moment):
    """`initiated`, `ringing` or `answered`, if it was subscribed to."""
    order = call.extra["order"]
    if order.status_callback and step in order.events:
        _send(call, step, order.status_callback, _status(call, STEPS[step], moment), order.status_method)


def tell_end(call, recording=None):
    """Every way to end is the event `completed`; the recording is in it when it was ready in time."""
    order = call.extra["order"]
    if not order.status_callback or "completed" not in order.events:
        return
    fields = _status(call, call.end, call.ended_at)
    fields.update(CallDuration=str(call.talk_seconds), Duration=str(minutes(call)))
    if call.end != "completed" and call.sip:
        fields["SipResponseCode"] = str(call.sip)
    if call.extra.get("verdict"):
        fields["AnsweredBy"] = call.extra["verdict"]
    if recording:
        fields.update(RecordingUrl=recording["url"], RecordingSid=recording["sid"])
        fields["RecordingDuration"] = str(call.talk_seconds)
    _send(call, "completed", order.status_callback, fields, order.status_method, last=True)


def tell_verdict(call, took_ms):
    fields = {"CallSid": call.id, "AccountSid": call.app.account_sid, "AnsweredBy": call.extra["verdict"]}
    _send(call, "amd", call.extra["order"].async_callback, {**fields, "MachineDetectionDuration": str(took_ms)})


def tell_recording(call, status):
    """`in-progress`, `completed` or `absent`, if it was subscribed to."""
    order, recording = call.extra["order"], call.extra["recording"]
    if not order.recording_callback or status not in order.recording_events:
        return
    fields = {"AccountSid": call.app.account_sid, "CallSid": call.id, "RecordingStatus": status}
    fields.update(RecordingSource="OutboundAPI", RecordingTrack="both", RecordingChannels="1", ErrorCode="0")
    fields.update(RecordingSid=recording["sid"], RecordingUrl=recording["url"])
    fields["RecordingStartTime"] = rfc2822(call.answered_at)
    fields["RecordingDuration"] = str(call.talk_seconds) if call.ended_at else "-1"
    _send(call, "recording", order.recording_callback, fields)


def _send(call, name, url, fields, method="POST", last=False):
    token = call.app.new_token()
    call.app.courier.tell(Event(call, name, url, fields, method, patience(url), last, token))

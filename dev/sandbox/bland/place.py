"""POST /v1/calls: what is asked for, and whether it may be."""

from datetime import datetime, timedelta, timezone

from ..telephony.app import Refused
from ..telephony.line import Call

HOUR, DAY = 3_600_000, 86_400_000
RING_SECONDS = 35
REFUSALS = {
    "number": (400, "Invalid parameters", "", ["phone_number: Invalid phone number"]),
    "unreachable": (200, "The number you dialed is not found.", "", []),
    "country": (403, "This destination is not part of your plan.", "CALL_PLAN_DESTINATION_BLOCKED", []),
    "blocked": (403, "Unpaid accounts cannot call this destination.", "CALL_UNPAID_INTL_BLOCK", []),
    "caller": (400, "Invalid parameters", "", ["from: You do not own this number"]),
    "concurrency": (429, "Too many calls at a time for your plan.", "CALL_RL_PLAN_CONCURRENCY", []),
    "money": (402, "Insufficient balance. Please add credits to place calls.", "", []),
    "credentials": (401, "Unauthorized", "", ["Invalid API key"]),
    "trial": (403, "Verify your account to call this number.", "CALL_PLAN_DESTINATION_BLOCKED", []),
}
TEXTS = "task pathway_id persona_id voice language model first_sentence from timezone webhook summary_prompt".split()
OBJECTS = "request_data metadata analysis_schema retry".split()
MODELS = ("base", "turbo", "enhanced")


def place(app, body: dict, number: str, **extra) -> Call:
    """A call that is ready to live; Refused."""
    _check(app, body, number)
    refusal = app.refusal(number)
    if refusal:
        raise _refused(refusal)
    _limits(app)
    call_id = _id(app, body)
    limit = float(body.get("max_duration") or 30) * 60
    given = {**body, **extra}
    call = Call(app, call_id, number, body.get("from") or app.numbers[0], given, ring_limit=RING_SECONDS)
    call.talk_limit = limit
    if body.get("start_time"):
        call.extra["starts_at"] = moment(body["start_time"])
    return call


def _refused(kind):
    status, message, code, errors = REFUSALS[kind]
    body = {"status": "error", "message": message, **({"code": code} if code else {})}
    return Refused(status, {**body, "errors": errors} if errors else body)


def _check(app, body, number):
    faults = []
    if not isinstance(body.get("phone_number"), str) or not body["phone_number"].strip():
        faults.append("phone_number: Missing required parameter")
    elif not 8 <= len(number) <= 16:
        faults.append("phone_number: Invalid phone number")
    faults += [f"{name}: Must be a string" for name in TEXTS if not isinstance(body.get(name) or "", str)]
    faults += [f"{name}: Must be an object" for name in OBJECTS if not isinstance(body.get(name) or {}, dict)]
    if not any(body.get(name) for name in ("task", "pathway_id", "persona_id")):
        faults.append("task: Missing required parameter: task, pathway_id or persona_id")
    if body.get("from") and body["from"] not in app.numbers:
        faults.append("from: You do not own this number")
    if body.get("model") and body["model"] not in MODELS:
        faults.append(f"model: Must be one of {', '.join(MODELS)}")
    duration = body.get("max_duration")
    if duration is not None and (isinstance(duration, bool) or not isinstance(duration, (int, float)) or duration <= 0):
        faults.append("max_duration: Must be a number of minutes above 0")
    if isinstance(body.get("webhook"), str) and not body["webhook"].startswith(("http://", "https://")):
        faults.append("webhook: Must be a URL")
    if body.get("start_time"):
        try:
            moment(body["start_time"])
        except ValueError:
            faults.append("start_time: Must be YYYY-MM-DD HH:MM:SS -HH:MM")
    if faults:
        raise Refused(400, {"status": "error", "message": "Invalid parameters", "errors": faults})


def _limits(app):
    at_a_time, per_hour, per_day = app.settings.limits
    if at_a_time is per_hour is per_day is None:
        return
    now, calls = app.clock.now_ms(), app.calls()
    if at_a_time is not None and app.settings.over_concurrent == "refuse":
        if sum(1 for c in calls if not c.ended_at) >= at_a_time:
            raise _refused("concurrency")
    for bound, span, word in ((per_hour, HOUR, "HOURLY"), (per_day, DAY, "DAILY")):
        if bound is not None and sum(1 for c in calls if c.created_at > now - span) >= bound:
            message = f"Your plan allows {bound} calls {'an hour' if span == HOUR else 'a day'}."
            raise Refused(429, {"status": "error", "message": message, "code": f"CALL_RL_PLAN_{word}"})


def _id(app, body) -> str:
    if app.settings.b_cid and body.get("b_cid"):
        if body["b_cid"] in app.ledger.calls:
            raise Refused(409, {"status": "error", "message": "A call with this b_cid exists already."})
        return body["b_cid"]
    return app.new_id(f"call/{len(app.ledger.calls)}")


def moment(text: str) -> int:
    """Epoch milliseconds of `YYYY-MM-DD HH:MM:SS -05:00` (UTC without the zone); ValueError."""
    day, clock, *zone = str(text).split(" ")
    moved = datetime.fromisoformat(f"{day}T{clock}{zone[0] if zone else '+00:00'}")
    return (moved - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(milliseconds=1)


def body_of(ask) -> dict:
    """The JSON object of a request; 400 when it is none."""
    try:
        body = ask.request.json() if ask.request.body else {}
    except ValueError:
        raise Refused(400, {"status": "error", "message": "Invalid JSON", "errors": ["body: not JSON"]}) from None
    if not isinstance(body, dict):
        raise Refused(400, {"status": "error", "message": "Invalid parameters", "errors": ["body: not an object"]})
    return body


def e164(number: str) -> str:
    """As Bland reads it: without + a number of ten digits is one of the United States."""
    digits = "".join(c for c in number if c.isdigit())
    return f"+1{digits}" if len(digits) == 10 and not number.startswith("+") else f"+{digits}"

"""POST Calls.json: what is asked for, and whether it may be."""

import re
from dataclasses import dataclass

from .errors import MAGIC_FROM, MAGIC_TO, REFUSALS, error
from .form import Form

EVENTS = ("initiated", "ringing", "answered", "completed")
RECORDING_EVENTS = ("in-progress", "completed", "absent")


@dataclass
class Order:
    """What the request wants of the call."""

    url: str
    method: str
    twiml: str
    fallback_url: str
    fallback_method: str
    status_callback: str
    status_method: str
    events: tuple
    unknown_events: bool
    timeout: int
    time_limit: int
    record: bool
    recording_callback: str
    recording_events: tuple
    detection: str  # "", Enable, DetectMessageEnd
    async_callback: str  # None of it: the TwiML waits for the verdict
    asynchronous: bool


def plain(number: str) -> str:
    """E.164 without decoration; a number of ten digits is one of the United States."""
    digits = re.sub(r"[\s().-]", "", number)
    return f"+1{digits}" if re.fullmatch(r"[2-9]\d{9}", digits) else digits


def check_numbers(app, form: Form):
    """(to, from); Refused."""
    to, from_ = plain(form.get("To")), plain(form.get("From"))
    if not to:
        raise error(21201)
    if not from_:
        raise error(21213)
    if to in MAGIC_TO:
        raise error(MAGIC_TO[to], to)
    if not re.fullmatch(r"\+[1-9]\d{6,14}", to):
        raise error(21211, form.get("To"))
    if from_ in MAGIC_FROM:
        raise error(MAGIC_FROM[from_], from_)
    if not re.fullmatch(r"\+[1-9]\d{6,14}", from_):
        raise error(21212, form.get("From"))
    if from_ not in app.numbers:
        raise error(21210, from_)
    return to, from_


def read(form: Form) -> Order:
    """The order of a form; Refused."""
    url = form.url("Url", 21205)
    if not url and not form.get("Twiml") and not form.get("ApplicationSid"):
        raise error(21205)
    if len(form.get("Twiml")) > 4000:
        raise error(20001, "Twiml")
    detection = "" if form.get("SendDigits") else form.get("MachineDetection")
    if detection not in ("", "none", "Enable", "DetectMessageEnd"):
        raise error(20001, "MachineDetection")
    asked = form.all("StatusCallbackEvent")
    wanted = tuple(e for e in EVENTS if e in asked)
    recording = (form.get("RecordingStatusCallbackEvent") or "completed").split(" ")
    return Order(
        url=url,
        method=_method(form, "Method"),
        twiml="" if url else form.get("Twiml"),
        fallback_url=form.url("FallbackUrl", 21205),
        fallback_method=_method(form, "FallbackMethod"),
        status_callback=form.url("StatusCallback", 21609),
        status_method=_method(form, "StatusCallbackMethod"),
        events=wanted or ("completed",),
        unknown_events=bool(set(asked) - set(EVENTS)),
        timeout=form.number("Timeout", 60, 1, 600),
        time_limit=form.number("TimeLimit", 14_400, 1, 14_400),
        record=form.truth("Record"),
        recording_callback=form.url("RecordingStatusCallback", 21609),
        recording_events=tuple(e for e in RECORDING_EVENTS if e in recording),
        detection="" if detection == "none" else detection,
        async_callback=form.url("AsyncAmdStatusCallback", 21609),
        asynchronous=form.truth("AsyncAmd"),
    )


def refuse_by_scenario(app, to, from_):
    reason = app.refusal(to)
    if reason:
        raise error(REFUSALS[reason], from_ if reason == "caller" else to)
    limit = app.settings.concurrency
    if limit is not None and sum(1 for c in app.calls() if not c.ended_at) >= limit:
        raise error(10004)


def _method(form, name) -> str:
    method = (form.get(name) or "POST").upper()
    if method not in ("GET", "POST"):
        raise error(20001, name)
    return method

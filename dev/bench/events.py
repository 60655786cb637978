"""Reports of a telephone provider at our door: what one costs beside a route that does nothing, and how long it takes
until the call has moved.
"""

import http.client
import os
import queue
import statistics
import threading
import time
import urllib.parse
from collections.abc import Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit
from uuid import uuid4

from bootstrap import addon_template

from .database import connect
from .odoo_process import odoo_environment
from .runner import Context, Result

DATABASE = "ghl_bench_events"
TOKEN = "token-for-the-bench"
CLIENTS = 8
STATUSES = ("initiated", "ringing", "in-progress", "completed")
PACE = 100  # events per second
Request = tuple[str, str, bytes, dict]  # method, path, body, headers


def run(context: Context):
    env, count = context.env, 200 if context.quick else 800
    env.drop_db(DATABASE)
    env.create_db(DATABASE, addon_template(env))
    os.environ.setdefault("ODOO_MAX_HTTP_THREADS", "auto")
    with env.start_server(DATABASE, extra_args=["--log-level", "error"]) as server:
        door, references = _prepare(context, server.url, calls=count)
        url, pid = server.url, server.process.pid
        events = [_event(url, door, reference, status) for reference in references for status in STATUSES]
        nothing = [("GET", "/api/health", b"", {})] * count
        _send(url, nothing[:50])
        yield from _cost(context, url, pid, nothing, events, count)
        yield from _delay(context, url, events[4 * count :], count)
        yield from _nothing_lost(context, events)
    env.drop_db(DATABASE)


def _prepare(context: Context, url: str, calls: int) -> tuple[str, list[str]]:
    """An account with a door and calls under way; (path of the door, references of the calls)."""
    with odoo_environment(context.env, DATABASE) as env:
        env["ir.config_parameter"].set_param("ghl.public_base_url", url)
        account = env["ghl.voip.account"].create(
            {"name": "Bench", "provider": "twilio", "account_sid": "AC" + "0" * 32, "auth_token": TOKEN}
        )
        values = [
            {
                "subject": "Call",
                "to_number": "+12125550100",
                "voip_account_id": account.id,
                "reference": reference,
                "submission": "accepted",
                "provider": "twilio",
                "state": "initiated",
                "initiated_at": "2026-01-01 10:00:00",
                "provider_call_id": f"CA{reference}",
            }
            for reference in (uuid4().hex for _ in range(2 * calls))
        ]
        made = env["ghl.call"].with_context(tracking_disable=True).create(values)
        door = urlsplit(account._door_url("status", "")).path
        references = made.mapped("reference")
        env.cr.commit()
    return door, references


def _event(url: str, door: str, reference: str, status: str) -> Request:
    """A signed status callback of Twilio."""
    from odoo.addons.ghl.ghl_calls.providers.twilio import signature

    path = f"{door}/{reference}"
    fields = {
        "CallSid": f"CA{reference}",
        "AccountSid": "AC" + "0" * 32,
        "From": "+14155550100",
        "To": "+12125550100",
        "CallStatus": status,
        "Direction": "outbound-api",
        "Timestamp": "Thu, 01 Jan 2026 10:00:30 +0000",
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(STATUSES.index(status)),
    }
    if status == "completed":
        fields |= {"CallDuration": "20", "Duration": "1"}
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": signature.sign(url + path, list(fields.items()), TOKEN),
        "I-Twilio-Idempotency-Token": uuid4().hex,
    }
    return "POST", path, urllib.parse.urlencode(fields).encode(), headers


def _cost(context: Context, url: str, pid: int, nothing: Sequence[Request], events: list[Request], count: int):
    """CPU and requests per second of the door alone: what was delivered is not worked off meanwhile."""
    taken = {"nothing": [], "event": []}
    per_second = {"nothing": [], "event": []}
    rounds = 4
    with _nobody_works(context):
        for number in range(rounds):
            part = events[number * count // rounds * 4 : (number + 1) * count // rounds * 4][: count // 2]
            for name, requests in (("nothing", nothing[: len(part)]), ("event", part)):
                before, started = _cpu(pid), time.perf_counter()
                _send(url, requests)
                per_second[name].append(len(requests) / (time.perf_counter() - started))
                taken[name].append(1000 * (_cpu(pid) - before) / len(requests))
    cpu, peak = statistics.median, max
    goals = (None, None) if context.quick else (1.5, 0.55)
    yield Result(
        "events", "CPU of an event", cpu(taken["event"]), "ms", goals[0], cpu(taken["nothing"]), "ms of nothing"
    )
    yield Result(
        "events", "events a second", peak(per_second["event"]), "/s", goals[1], peak(per_second["nothing"]),
        "/s of nothing", better="higher",
    )  # fmt: skip


def _delay(context: Context, url: str, events: list[Request], count: int):
    """Answers while events come at a steady pace and are worked off at the same time."""
    times = _send(url, events[: 2 * count], pace=PACE)
    p95 = sorted(times)[int(len(times) * 0.95)] * 1000
    yield Result("events", f"answer at {PACE} events a second, p95", p95, "ms", None if context.quick else 100)


def _nothing_lost(context: Context, events: list[Request]):
    connection = connect(context.env, DATABASE)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            started, left = time.monotonic(), 1
            while left and time.monotonic() < started + 120:
                cursor.execute("SELECT count(*) FROM ghl_webhook_event WHERE state = 'pending'")
                [left] = cursor.fetchone()
                time.sleep(0.2)
            cursor.execute(
                "SELECT count(*), count(*) FILTER (WHERE state IN ('done', 'duplicate')) FROM ghl_webhook_event"
            )
            stored, done = cursor.fetchone()
    finally:
        connection.close()
    yield Result("events", f"events lost, of {stored}", stored - done, "events", 0)


def _send(url: str, requests: Sequence[Request], pace: float = 0) -> list[float]:
    """Seconds of each, by some clients at once, each request on a connection of its own; ``pace`` per second."""
    address, work, times, errors = urlsplit(url), queue.SimpleQueue(), [], []
    for request in enumerate(requests):
        work.put(request)
    started = time.perf_counter()

    def client():
        while True:
            try:
                number, (method, path, body, headers) = work.get_nowait()
            except queue.Empty:
                return
            due = started + number / pace if pace else 0.0
            time.sleep(max(0.0, due - time.perf_counter()))
            begun = time.perf_counter()
            connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            answer.read()
            connection.close()
            times.append(time.perf_counter() - begun)
            if answer.status >= 300:
                errors.append(f"{path}: {answer.status}")

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise AssertionError(f"{len(errors)} refused, the first: {errors[0]}")
    return times


@contextmanager
def _nobody_works(context: Context):
    """Keep whoever works off the inbox waiting: he needs a table that is locked."""
    connection = connect(context.env, DATABASE)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("LOCK TABLE ghl_call_event IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        connection.close()


def _cpu(pid: int) -> float:
    """Seconds of CPU the process has used."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

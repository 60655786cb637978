"""The doors of one account: calls, recordings, what Twilio asked of us, notifications, own numbers."""

from ..clock import parse_ms
from ..http import Response
from ..telephony.sound import served, wav
from .errors import error
from .form import Form
from .paging import page
from .resource import call_resource, recording_resource, rfc2822, status_of

DAY = 86_400_000
SECOND = 1000
UPDATES = ("", "canceled", "completed")


class Doors:
    def __init__(self, app):
        self.app = app

    def routes(self):
        root, calls = "/2010-04-01/Accounts/{account}", "/2010-04-01/Accounts/{account}/Calls"
        return (
            ("GET", "/2010-04-01/Accounts/{file}", self.account),
            ("GET", f"{calls}.json", self.list),
            ("GET", f"{calls}/{{file}}", self.get),
            ("POST", f"{calls}/{{file}}", self.update),
            ("DELETE", f"{calls}/{{file}}", self.delete),
            ("GET", f"{calls}/{{sid}}/Recordings.json", self.recordings_of),
            ("GET", f"{calls}/{{sid}}/Events.json", self.events),
            ("GET", f"{calls}/{{sid}}/Notifications.json", self.notifications),
            ("GET", f"{root}/Recordings.json", self.recordings),
            ("GET", f"{root}/Recordings/{{file}}", self.recording),
            ("DELETE", f"{root}/Recordings/{{file}}", self.delete_recording),
            ("GET", f"{root}/IncomingPhoneNumbers.json", self.numbers),
        )

    def _call(self, sid):
        call = self.app.ledger.calls.get(sid)
        if call is None or call.app is not self.app or call.extra.get("deleted"):
            raise error(20404, f"/2010-04-01/Accounts/{self.app.account_sid}/Calls/{sid}.json")
        return call

    def _named(self, ask):
        return self._call(ask.args["file"].removesuffix(".json"))

    def _newest(self):
        return [c for c in reversed(self.app.calls()) if not c.extra.get("deleted")]

    async def account(self, ask):
        app = self.app
        sid = ask.args["file"].removesuffix(".json")
        if sid != app.account_sid:
            raise error(20404, sid)
        uri = f"/2010-04-01/Accounts/{sid}"
        found = {"sid": sid, "friendly_name": "Sandbox account", "status": "active", "type": "Full"}
        found.update(owner_account_sid=sid, auth_token=app.auth_token, uri=f"{uri}.json")
        found.update(date_created=rfc2822(1_700_000_000_000), date_updated=rfc2822(1_700_000_000_000))
        return Response.of_json({**found, "subresource_uris": {"calls": f"{uri}/Calls.json"}})

    async def list(self, ask):
        query = ask.request.query
        calls = [c for c in self._newest() if self._fits(c, query)]
        return page(ask, "calls", calls, call_resource, lambda c: c.id)

    def _fits(self, call, query) -> bool:
        for name, held in (("To", call.to), ("From", call.from_), ("Status", status_of(call)), ("ParentCallSid", "")):
            if query.get(name) and query[name] != held:
                return False
        return all(
            _within(stamp, query, name) for name, stamp in (("StartTime", call.dialed_at), ("EndTime", call.ended_at))
        )

    async def get(self, ask):
        return Response.of_json(call_resource(self._named(ask)))

    async def update(self, ask):
        """`canceled` ends what is not answered, `completed` ends anything; new TwiML for a running call."""
        call, form = self._named(ask), Form(ask.request)
        status = form.get("Status")
        if status not in UPDATES:
            raise error(20001, "Status")
        if call.ended_at:
            raise error(21220)
        order = call.extra["order"]
        order.status_callback = form.url("StatusCallback", 21609) or order.status_callback
        url, twiml = form.url("Url", 21205), form.get("Twiml")
        if url or twiml:
            if not call.answered_at:
                raise error(21220)
            order.url, order.twiml = url, "" if url else twiml
            self.app.redirect(call)
        if form.get("TimeLimit"):
            call.talk_limit = form.number("TimeLimit", 0, 1, 14_400)
        if status == "completed" or (status == "canceled" and not call.answered_at):
            call.hang_up()
            await self.app.settle(call)
        return Response.of_json(call_resource(call))

    async def delete(self, ask):
        self._named(ask).extra["deleted"] = True
        return Response(204)

    # -- recordings ------------------------------------------------------------------------------------------------

    def _recorded(self):
        return [c for c in self._newest() if c.extra.get("recorded")]

    async def recordings(self, ask):
        wanted = ask.request.query.get("CallSid")
        rows = [c for c in self._recorded() if not wanted or c.id == wanted]
        return page(ask, "recordings", rows, recording_resource, lambda c: c.extra["recording"]["sid"])

    async def recordings_of(self, ask):
        call = self._call(ask.args["sid"])
        rows = [call] if call.extra.get("recorded") else []
        return page(ask, "recordings", rows, recording_resource, lambda c: c.extra["recording"]["sid"])

    def _recording(self, ask):
        sid, _, kind = ask.args["file"].partition(".")
        call = next((c for c in self._recorded() if c.extra["recording"]["sid"] == sid), None)
        if call is None or kind not in ("", "wav", "mp3", "json"):
            raise error(20404, ask.request.path)
        return call, kind

    async def recording(self, ask):
        """The resource as .json, the sound otherwise (WAV, whatever the ending)."""
        call, kind = self._recording(ask)
        if kind == "json":
            return Response.of_json(recording_resource(call))
        return served(ask.request, wav(call.talk_seconds))

    async def delete_recording(self, ask):
        self._recording(ask)[0].extra["recorded"] = False
        return Response(204)

    # -- what happened ---------------------------------------------------------------------------------------------

    async def events(self, ask):
        """Every request made for the call, and the answers."""
        call = self._call(ask.args["sid"])
        log = [
            {
                "request": {"method": "POST", "url": e["url"], "parameters": e["fields"]},
                "response": {"response_code": e["status"], "request_duration": e["ms"], "date_created": e["at"]},
            }
            for e in self.app.ledger.callbacks
            if e["call_id"] == call.id and e["status"] != "lost"
        ]
        return page(ask, "events", log, lambda row: row, id)

    async def notifications(self, ask):
        rows = self._call(ask.args["sid"]).extra["notifications"][::-1]
        return page(ask, "notifications", rows, lambda row: row, lambda row: row["sid"])

    async def numbers(self, ask):
        rows = [n for n in self.app.numbers if ask.request.query.get("PhoneNumber", n) == n]
        show = lambda n: {  # noqa: E731
            "sid": self.app.number_sid(n),
            "account_sid": self.app.account_sid,
            "phone_number": n,
            "friendly_name": n,
            "capabilities": {"voice": True, "sms": True, "mms": False, "fax": False},
        }
        return page(ask, "incoming_phone_numbers", rows, show, self.app.number_sid)


def _within(stamp, query, name) -> bool:
    """`StartTime=` is a day, `StartTime<=` and `StartTime>=` are bounds; a call without the stamp fits none."""
    bounds = {}
    for key, sign in ((name, "="), (f"{name}<", "<"), (f"{name}>", ">")):
        if query.get(key):
            try:
                bounds[sign] = parse_ms(query[key])
            except ValueError:
                raise error(20001, key) from None
    if not bounds:
        return True
    if stamp is None:
        return False
    stamp -= stamp % SECOND
    day = bounds.get("=", stamp)
    return day <= stamp < day + DAY and stamp <= bounds.get("<", stamp) and stamp >= bounds.get(">", stamp)

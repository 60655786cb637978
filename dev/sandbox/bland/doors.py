"""Reading and stopping calls, recordings, and the repair doors of webhooks."""

from ..clock import iso, parse_ms
from ..http import Response
from ..telephony.app import Refused
from ..telephony.sound import served, wav
from . import view
from .place import body_of

DAY = 86_400_000
PAGE = 1000


class CallDoors:
    def __init__(self, app):
        self.app = app

    def routes(self):
        return (
            ("GET", "/v1/calls", self.list),
            ("GET", "/v1/calls/active", self.active),
            ("POST", "/v1/calls/active/stop", self.stop_all),
            ("GET", "/v1/calls/{call_id}", self.get),
            ("GET", "/v1/calls/{call_id}/recording", self.recording),
            ("POST", "/v1/calls/{call_id}/stop", self.stop),
            ("GET", "/v1/me", self.me),
            ("GET", "/v1/postcall/webhooks/{call_id}", self.webhooks),
            ("POST", "/v1/postcall/webhooks/resend", self.resend),
            ("POST", "/v1/postcall/webhooks/create", self.create_webhooks),
        )

    def open_routes(self):
        return (("GET", "/recordings/{name}", self.sound),)

    def _call(self, call_id):
        call = self.app.ledger.calls.get(call_id)
        if call is None or call.app is not self.app:
            raise Refused(404, {"status": "error", "message": "Call not found", "errors": ["call_id: Unknown"]})
        return call

    async def get(self, ask):
        return Response.of_json(view.whole(self._call(ask.args["call_id"])))

    async def list(self, ask):
        """`from` and `to` are positions, not numbers; newest first unless `ascending`."""
        query = ask.request.query
        calls = [c for c in self.app.calls() if self._fits(c, query)]
        if query.get("ascending", "").lower() != "true":
            calls.reverse()
        try:
            begin, end = int(query.get("from") or 0), int(query.get("to") or len(calls))
            limit = min(PAGE, int(query.get("limit") or PAGE))
        except ValueError:
            raise Refused(400, {"status": "error", "message": "from, to and limit are numbers"}) from None
        rows = [view.short(call) for call in calls[begin:end][:limit]]
        return Response.of_json({"count": len(rows), "total_count": len(calls), "calls": rows})

    def _fits(self, call, query) -> bool:
        try:
            since = parse_ms(query["start_date"]) if query.get("start_date") else 0
            until = parse_ms(query["end_date"]) if query.get("end_date") else call.created_at + 1
            day = parse_ms(query["created_at"]) if query.get("created_at") else None
        except ValueError:
            raise Refused(400, {"status": "error", "message": "dates are YYYY-MM-DD"}) from None
        if not since <= call.created_at < until or (day is not None and not day <= call.created_at < day + DAY):
            return False
        for name, held in (("from_number", call.from_), ("to_number", call.to)):
            if query.get(name) and query[name].strip().lstrip("+") != held.lstrip("+"):
                return False
        for name in ("batch_id", "pathway_id"):
            if query.get(name) and query[name] != call.given.get(name):
                return False
        if query.get("answered_by") and query["answered_by"] != view.whole(call)["answered_by"]:
            return False
        return not query.get("completed") or (query["completed"] == "true") == call.extra.get("ready", False)

    async def active(self, ask):
        rows = [view.short(c) for c in self.app.calls() if c.dialed_at and not c.ended_at]
        return Response.of_json({"status": "success", "count": len(rows), "calls": rows})

    async def stop(self, ask):
        """An ended or unknown call answers 200 with an error in the body."""
        call = self.app.ledger.calls.get(ask.args["call_id"])
        if call is None or call.app is not self.app:
            return Response.of_json({"status": "error", "message": "Internal server error."})
        if call.ended_at:
            return Response.of_json({"status": "error", "message": "SID not found for the given c_id."})
        call.hang_up()
        return Response.of_json({"status": "success", "message": "Call ended successfully."})

    async def stop_all(self, ask):
        under_way = [c for c in self.app.calls() if not c.ended_at]
        for call in under_way:
            call.hang_up()
        answer = {"status": "success", "message": "Ending all active calls.", "num_calls": len(under_way)}
        return Response.of_json(answer)

    async def me(self, ask):
        billing = {"current_balance": 100.0, "refill_to": None}
        return Response.of_json({"status": "active", "billing": billing, "total_calls": len(self.app.calls())})

    async def recording(self, ask):
        url = view.whole(self._call(ask.args["call_id"]))["recording_url"]
        if not url:
            raise Refused(404, {"status": "error", "message": "No recording for this call"})
        return Response.of_json({"status": "success", "url": url})

    async def sound(self, ask):
        call = self._call(ask.args["name"].removesuffix(".wav"))
        if not view.whole(call)["recording_url"]:
            raise Refused(404, {"status": "error", "message": "No recording for this call"})
        return served(ask.request, wav(call.talk_seconds))

    # -- webhooks --------------------------------------------------------------------------------------------------

    async def webhooks(self, ask):
        """What was sent for a call, and what came back."""
        call = self._call(ask.args["call_id"])
        rows = [
            {
                "call_id": call.id,
                "sent_at": iso(entry["sent_at"]),
                "response_code": entry["status"] if isinstance(entry["status"], int) else None,
                "response_time": entry["ms"],
                "send_type": "manual" if entry["event"] == "resend" else "automatic",
            }
            for entry in self.app.courier.log.get(call.id, ())
        ]
        return Response.of_json({"data": rows, "errors": None})

    async def resend(self, ask):
        return self._again(ask, None)

    async def create_webhooks(self, ask):
        url = body_of(ask).get("webhook_url")
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            raise Refused(400, {"status": "error", "message": "Invalid parameters", "errors": ["webhook_url: a URL"]})
        return self._again(ask, url)

    def _again(self, ask, url):
        done, failed = [], []
        for call_id in body_of(ask).get("call_ids") or ():
            call = self.app.ledger.calls.get(call_id)
            target = call and (url or call.given.get("webhook"))
            if target and call.extra.get("ready"):
                self.app.tell(call, target, name="resend")
                done.append(call_id)
            else:
                failed.append({"call_id": call_id, "error": "Call not found, not complete, or without a webhook"})
        return Response.of_json({"data": {"resent": done}, "errors": failed or None})

"""Many calls with one prompt, in the old shape and the new one."""

from ..clock import iso
from ..http import Response
from ..telephony.app import Refused
from ..telephony.delivery import Event
from .dialogue import filled
from .place import body_of, e164, place


class Batch:
    """One batch; also what its status webhook needs of a call."""

    def __init__(self, app, batch_id, label, status_webhook):
        self.app = app
        self.id = batch_id
        self.label = label
        self.status_webhook = status_webhook
        self.created_at = app.clock.now_ms()
        self.calls = []
        self.refused = []
        self.stopped = False
        self.told_status = ""

    @property
    def status(self) -> str:
        if not self.calls:
            return "failed" if self.refused else "validating"
        if any(not c.extra.get("ready") for c in self.calls):
            return "in_progress" if any(c.dialed_at for c in self.calls) else "dispatching"
        return "completed_partial" if self.refused or self.stopped else "completed"

    def as_dict(self) -> dict:
        ended = [c for c in self.calls if c.extra.get("ready")]
        good = sum(c.end == "completed" for c in ended)
        return {
            "batch_id": self.id,
            "label": self.label,
            "status": self.status,
            "created_at": iso(self.created_at),
            "calls_total": len(self.calls) + len(self.refused),
            "calls_successful": good,
            "calls_failed": len(ended) - good + len(self.refused),
        }

    def moved(self, app):
        """Tell the status when it is another one than was told last."""
        if self.status_webhook and self.status != self.told_status and self.calls:
            self.told_status = self.status
            fields = {k: v for k, v in self.as_dict().items() if k not in ("label", "created_at")}
            fields["timestamp"] = iso(app.clock.now_ms())
            app.courier.tell(Event(self.calls[0], "batch", self.status_webhook, fields))


class BatchDoors:
    def __init__(self, app):
        self.app = app

    def routes(self):
        return (
            ("POST", "/v1/batches", self.create_old),
            ("GET", "/v1/batches", self.list),
            ("GET", "/v1/batches/{batch_id}", self.get),
            ("POST", "/v1/batches/{batch_id}/stop", self.stop),
            ("POST", "/v2/batches/create", self.create),
            ("GET", "/v2/batches/{batch_id}", self.get),
            ("POST", "/v2/batches/{batch_id}/stop", self.stop),
        )

    def open_routes(self):
        return ()

    async def create_old(self, ask):
        """{base_prompt, call_data, label, ...}; every row's own names fill the {{variables}} of the prompt."""
        body = body_of(ask)
        if "global" in body:
            return await self.create(ask)
        rows, prompt = body.pop("call_data", None), body.pop("base_prompt", None)
        if not isinstance(rows, list) or not rows or not isinstance(prompt, str):
            errors = ["base_prompt: required", "call_data: a list of at least one"]
            raise Refused(400, {"status": "error", "message": "Invalid parameters", "errors": errors})
        orders = [{**body, "task": filled(prompt, row), "request_data": row, **_number(row)} for row in rows]
        batch = self._begin(orders, body.get("label"), None)
        return Response.of_json({"message": "success", "batch_id": batch.id})

    async def create(self, ask):
        """{global, call_objects, status_webhook}"""
        body = body_of(ask)
        rows, common = body.get("call_objects"), body.get("global")
        if not isinstance(rows, list) or not rows or not isinstance(common, dict):
            errors = [{"error": "VALIDATION_ERROR", "message": "global and call_objects are required"}]
            raise Refused(400, {"data": None, "errors": errors})
        batch = self._begin([{**common, **row} for row in rows], body.get("label"), body.get("status_webhook"))
        return Response.of_json({"data": {"batch_id": batch.id}, "errors": None})

    def _begin(self, orders, label, status_webhook) -> Batch:
        app = self.app
        batch = Batch(app, app.new_id(f"batch/{len(app.batches)}"), label, status_webhook)
        app.batches[batch.id] = batch
        for order in orders:
            number = order.get("phone_number")
            number = e164(number) if isinstance(number, str) else ""
            try:
                call = place(app, order, number, batch_id=batch.id)
            except Refused:
                batch.refused.append(order)
            else:
                app.begin(None, call)
                batch.calls.append(call)
        batch.moved(app)
        return batch

    def _batch(self, ask) -> Batch:
        batch = self.app.batches.get(ask.args["batch_id"])
        if batch is None:
            raise Refused(404, {"status": "error", "message": "Batch not found"})
        return batch

    async def list(self, ask):
        return Response.of_json({"status": "success", "batches": [b.as_dict() for b in self.app.batches.values()]})

    async def get(self, ask):
        return Response.of_json({"status": "success", **self._batch(ask).as_dict()})

    async def stop(self, ask):
        """Calls that wait are canceled, running ones finish."""
        batch = self._batch(ask)
        batch.stopped = True
        for call in batch.calls:
            if not call.dialed_at:
                call.hang_up("batch")
        return Response.of_json({"status": "success", "message": "Batch stopped", "batch_id": batch.id})


def _number(row):
    return {"phone_number": row.get("phone_number")} if isinstance(row, dict) else {}

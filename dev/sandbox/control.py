"""The control API: look at the truth behind the simulated service, and change it. JSON in, JSON out, no token."""

import inspect
import random

from .clock import iso
from .draw import token
from .ghl.contacts import new_contact, touch
from .ghl.conversations import insert
from .ghl.messages import add_message
from .http import Response
from .telephony.control import TelephonyControl

PLURALS = {"contacts": "contact", "tasks": "task", "conversations": "conversation", "opportunities": "opportunity"}


class Refusal(Exception):
    pass


class Control(TelephonyControl):
    def __init__(self, ghl, exchange):
        self.ghl = ghl
        self.exchange = exchange
        self._rng = random.Random(f"{ghl.store.plan.seed}/control")

    async def __call__(self, request) -> Response:
        name = request.path.strip("/").replace("/", "_")
        handler = getattr(self, f"{request.method.lower()}_{name}", None)
        if request.method not in ("GET", "POST") or handler is None:
            return Response.of_json({"error": f"no control {request.method} {request.path}"}, 404)
        try:
            given = dict(request.query)
            if request.body:
                given.update(request.json())
            answer = handler(given)
            return Response.of_json(await answer if inspect.isawaitable(answer) else answer)
        except (Refusal, ValueError, TypeError, KeyError) as error:
            return Response.of_json({"error": f"{type(error).__name__}: {error}"}, 400)

    @property
    def store(self):
        return self.ghl.store

    def _locations(self, given):
        wanted = given.get("location_id")
        if not wanted:
            return list(self.store.locations.values())
        if wanted not in self.store.locations:
            raise Refusal(f"unknown location_id {wanted}")
        return [self.store.locations[wanted]]

    def _location(self, given):
        return self._locations(given)[0]

    # -- the truth -------------------------------------------------------------------------------------------------

    def get_counts(self, given):
        """Living records per location."""
        return {location.id: self.store.counts(location) for location in self._locations(given)}

    def get_dump(self, given):
        """Every living record of one location: `{kind: [[id, dateUpdated], ...]}` sorted by id."""
        location = self._location(given)
        found = {
            plural: [[rid, iso(updated)] for rid, _, updated in self.store.table(kind).dump(location.index)]
            for plural, kind in PLURALS.items()
        }
        return {"location_id": location.id, **found}

    def get_record(self, given):
        """One record as stored: `?kind=contact&id=...` (null when it does not live)."""
        return {"record": self.store.table(given["kind"]).get(given["id"])}

    def get_ledger(self, given):
        return self.ghl.ledger.as_dict()

    def post_ledger_reset(self, given):
        self.ghl.ledger.reset()
        return self.ghl.ledger.as_dict()

    def get_routes(self, given):
        """Every endpoint the simulated API has, and the versions that may call it."""
        return [{"endpoint": f"{r.method} {r.template}", "only": r.options.get("only")} for r in self.ghl.router.routes]

    def get_health(self, given):
        return {"ok": True}

    # -- change the data -------------------------------------------------------------------------------------------

    def post_mutate(self, given):
        """Touch so many random records of each kind as somebody in the user interface would; answers their ids."""
        location, changed = self._location(given), {}
        for plural, kind in PLURALS.items():
            count = int(given.get(plural, 0))
            if count:
                rows = self.store.table(kind).sample(location.index, count, self._rng)
                changed[plural] = [getattr(self, f"_touch_{kind}")(row)["id"] for row in rows]
        return {"changed": changed}

    def _touch_contact(self, row):
        row["companyName"] = f"Changed {self.store.serial()} Inc."
        return touch(self.store, row)

    def _touch_task(self, row):
        row["title"] = f"Changed task {self.store.serial()}"
        row["completed"] = not row["completed"]
        row["dateUpdated"] = iso(self.store.stamp())
        return self.store.task.save(row)

    def _touch_conversation(self, row):
        add_message(self.store, row, "TYPE_SMS", f"New message {self.store.serial()}", "inbound")
        return row

    def _touch_opportunity(self, row):
        row["monetaryValue"] = 1000 + self.store.serial()
        row["updatedAt"] = iso(self.store.stamp())
        return self.store.opportunity.save(row)

    def post_create(self, given):
        """Create so many records of each kind; answers their ids.

        New tasks, conversations and opportunities belong to the new contacts, else to existing ones.
        """
        location, made = self._location(given), {}
        contacts = []
        for _ in range(int(given.get("contacts", 0))):
            n = self.store.serial()
            contacts.append(self._new_contact(location, n))
        if contacts:
            made["contacts"] = [c["id"] for c in contacts]
        owners = contacts or self.store.contact.sample(location.index, 50, self._rng)
        for plural in ("tasks", "conversations", "opportunities"):
            count = int(given.get(plural, 0))
            if count:
                made[plural] = [
                    getattr(self, f"_new_{PLURALS[plural]}")(location, owners[i % len(owners)]) for i in range(count)
                ]
        return {"created": made}

    def _new_contact(self, location, n):
        body = {
            "firstName": f"New{n}",
            "lastName": "Person",
            "email": f"new{n}@example.com",
            "phone": f"+1777{n:07d}",
            "tags": ["new lead"],
        }
        return new_contact(self.store, location, body)

    def _new_task(self, location, contact):
        n, stamp = self.store.serial(), self.store.stamp()
        task = {
            "id": token(f"{self.store.plan.seed}/control/task/{n}"),
            "title": f"New task {n}",
            "body": None,
            "completed": False,
            "dueDate": iso(stamp + 86_400_000),
            "contactId": contact["id"],
            "assignedTo": None,
            "dateAdded": iso(stamp),
            "dateUpdated": iso(stamp),
        }
        return self.store.task.insert(location.index, task)["id"]

    def _new_conversation(self, location, contact):
        held = self.store.conversation.where("contact = ?", (contact["id"],), 1)
        return (self._touch_conversation(held[0]) if held else insert(self.store, location, contact, "Hello"))["id"]

    def _new_opportunity(self, location, contact):
        n, stamp = self.store.serial(), iso(self.store.stamp())
        pipeline = location.pipelines[0]
        record = {
            "id": token(f"{self.store.plan.seed}/control/opportunity/{n}"),
            "name": f"New deal {n}",
            "monetaryValue": 100,
            "pipelineId": pipeline["id"],
            "pipelineStageId": pipeline["stages"][0]["id"],
            "assignedTo": None,
            "status": "open",
            "source": None,
            "lastStatusChangeAt": stamp,
            "lastStageChangeAt": stamp,
            "lastActionDate": None,
            "createdAt": stamp,
            "updatedAt": stamp,
            "contactId": contact["id"],
            "locationId": location.id,
            "customFields": [],
            "followers": [],
            "lostReasonId": None,
        }
        return self.store.opportunity.insert(location.index, record)["id"]

    def post_delete(self, given):
        """Delete so many random records of each kind; deleting a contact deletes its conversation and opportunities."""
        location, gone = self._location(given), {}
        for plural, kind in PLURALS.items():
            count = int(given.get(plural, 0))
            if count:
                rows = self.store.table(kind).sample(location.index, count, self._rng)
                for row in rows:
                    remove = getattr(self.store, f"remove_{kind}", self.store.table(kind).delete)
                    remove(row)
                gone[plural] = [row["id"] for row in rows]
        return {"deleted": gone}

    async def post_reset(self, given):
        """Everything as at the start."""
        self.ghl.reset()
        await self.exchange.reset()
        self._rng = random.Random(f"{self.store.plan.seed}/control")
        return {"ok": True}

    # -- change the behaviour --------------------------------------------------------------------------------------

    def get_faults(self, given):
        return self.ghl.faults.as_dict()

    def post_faults(self, given):
        """`{"429": 0.1, "cut": {"rate": 1, "count": 2, "path": "/contacts"}}`; rate 0 ends one, `clear` all."""
        if given.pop("clear", False):
            self.ghl.faults.clear()
        for name, setting in given.items():
            self.ghl.faults.set(name, setting)
        return self.ghl.faults.as_dict()

    def post_latency(self, given):
        self.ghl.latency_ms = float(given["ms"])
        return {"ms": self.ghl.latency_ms}

    def post_linger(self, given):
        """How long a deleted record stays in search answers."""
        self.store.linger_ms = int(given["ms"])
        return {"ms": self.store.linger_ms}

    def post_ratelimit(self, given):
        """`{"enabled", "limit", "interval_ms", "daily"}`; begins new windows."""
        self.ghl.limiter.configure(**given)
        return {k: getattr(self.ghl.limiter, k) for k in ("enabled", "limit", "interval_ms", "daily")}

    def post_token_expire(self, given):
        """End access tokens now: of one location (`location_id`) or all; private tokens too with `private`."""
        return {"ended": self.ghl.tokens.expire(given.get("location_id"), bool(given.get("private")))}

    def post_token_scopes(self, given):
        """Take scopes away from a token: `{"token", "remove": [...]}`."""
        token = self.ghl.tokens.live[given["token"]]
        token.scopes = token.scopes - set(given.get("remove", [])) | set(given.get("add", []))
        return {"scopes": sorted(token.scopes)}

    def post_oauth_code(self, given):
        """A fresh authorization code for `location_id`, or for the agency with `{"company": true}`."""
        company = bool(given.get("company"))
        location_id = None if company else self._location(given).id
        return {
            "code": self.ghl.tokens.make_code(
                "Company" if company else "Location", location_id, given.get("redirect_uri")
            )
        }

    def get_webhooks(self, given):
        """Where events go, and the log of deliveries."""
        return self.ghl.webhooks.as_dict()

    def post_webhooks(self, given):
        """`{"url", "retry_ms", "lose", "duplicate", "bad_signature", "delay_ms"}`; from now on every change is told."""
        self.ghl.webhooks.configure(**given)
        return self.ghl.webhooks.as_dict()

    def post_webhook_fire(self, given):
        """Send one event now: `{"payload": {"type", ...}, "signature": "good|bad|none|N/A", "times": 1}`."""
        if not self.ghl.webhooks.url:
            raise Refusal("set the url first: POST /webhooks")
        payload = {"locationId": next(iter(self.store.locations)), **given["payload"]}
        times = int(given.get("times", 1))
        return {"webhookIds": [self.ghl.webhooks.send(payload, given.get("signature", "good")) for _ in range(times)]}

    def post_location(self, given):
        """Change settings of a location: `{"location_id", "settings": {"allowDuplicateContact": true}}`."""
        location = self._location(given)
        location.record["settings"].update(given.get("settings", {}))
        return {"settings": location.record["settings"]}

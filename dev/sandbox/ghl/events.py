"""What a change of a record tells the world: types and payloads of the webhooks, with the gaps the real ones have."""

CONTACT = (
    "id", "city", "state", "postalCode", "country", "companyName", "firstName", "lastName", "email", "phone", "website",
    "source", "assignedTo", "dateAdded", "dateOfBirth", "dnd", "tags", "customFields",
)  # fmt: skip
OPPORTUNITY = (
    "id", "name", "contactId", "pipelineId", "pipelineStageId", "status", "monetaryValue", "assignedTo", "source",
)  # fmt: skip
OPPORTUNITY_CHANGES = (
    ("pipelineStageId", "OpportunityStageUpdate"),
    ("status", "OpportunityStatusUpdate"),
    ("monetaryValue", "OpportunityMonetaryValueUpdate"),
    ("assignedTo", "OpportunityAssignedToUpdate"),
)


def events_of(kind: str, location_id: str, old, new) -> list:
    """Payloads, without timestamp and webhookId, for a record that was `old` and is `new` (None: does not live)."""
    found = _BY_KIND[kind](old, new)
    return [{"type": name, "locationId": location_id, **payload} for name, payload in found]


def _pick(record, names):
    return {name: record[name] for name in names if record.get(name) is not None}


def _contact(old, new):
    record = new or old
    payload = _pick(record, CONTACT)
    payload["name"] = f"{record.get('firstName') or ''} {record.get('lastName') or ''}".strip()
    if record.get("address"):
        payload["address1"] = record["address"]
    if not old or not new:
        return [("ContactDelete" if old else "ContactCreate", payload)]
    found = [("ContactUpdate", payload)]
    if old.get("tags") != new.get("tags"):
        found.append(("ContactTagUpdate", payload))
    if (old.get("dnd"), old.get("dndSettings")) != (new.get("dnd"), new.get("dndSettings")):
        found.append(("ContactDndUpdate", {**payload, "dndSettings": new.get("dndSettings") or {}}))
    return found


def _task(old, new):
    """Creation lacks `contactId` and `body`; edits that do not complete the task are silent."""
    record = new or old
    payload = _pick(record, ("id", "title", "assignedTo", "dueDate", "dateAdded"))
    if not old:
        return [("TaskCreate", payload)]
    payload.update(_pick(record, ("body", "contactId")))
    if not new:
        return [("TaskDelete", payload)]
    return [("TaskComplete", payload)] if new["completed"] and not old["completed"] else []


def _note(old, new):
    name = "NoteCreate" if not old else "NoteUpdate" if new else "NoteDelete"
    return [(name, _pick(new or old, ("id", "body", "contactId", "dateAdded")))]


def _message(old, new):
    """Only arrivals are told."""
    if old or not new:
        return []
    payload = _pick(new, ("contactId", "conversationId", "direction", "status", "contentType", "dateAdded", "userId"))
    kind = new["messageType"].removeprefix("TYPE_")
    payload.update(messageId=new["id"], messageType=kind, body=new.get("body") or "", attachments=[])
    return [("InboundMessage" if new["direction"] == "inbound" else "OutboundMessage", payload)]


def _conversation(old, new):
    if not old or not new:
        return []
    found = []
    if old["unreadCount"] != new["unreadCount"]:
        unread = {"id": new["id"], "contactId": new["contactId"], "unreadCount": new["unreadCount"], "inbox": True}
        found.append(("ConversationUnreadUpdate", {**unread, "starred": new["starred"], "deleted": False}))
    return found


def _opportunity(old, new):
    record = new or old
    payload = {**_pick(record, OPPORTUNITY), "dateAdded": record["createdAt"]}
    if not old or not new:
        return [("OpportunityDelete" if old else "OpportunityCreate", payload)]
    changes = [(name, payload) for field, name in OPPORTUNITY_CHANGES if old.get(field) != new.get(field)]
    return [("OpportunityUpdate", payload), *changes]


_BY_KIND = {
    "contact": _contact,
    "task": _task,
    "note": _note,
    "conversation": _conversation,
    "message": _message,
    "opportunity": _opportunity,
}

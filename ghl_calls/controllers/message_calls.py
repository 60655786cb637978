"""Calls as the clients of GoHighLevel's contacts know them: by message, with recording and transcript."""

from odoo.http import Controller, request

from ...ghl_base.http import ApiError, Param, api_route, not_found
from ...ghl_contacts.controllers.answers import LOCATION, SELECTED_USER, find_location
from ..reading import message_calls as reading
from . import message_schemas as schemas
from .recordings import recording_response

TAG = "Calls of contacts"
WAIT = 20  # seconds that a caller waits for GoHighLevel
MESSAGE = Param("id", location="path", max_length=128, doc="Odoo id or GHL id of the message.")
MOST = 1000


class MessageCalls(Controller):
    @api_route(
        "/api/location-calls/<string:location_id>",
        params=(
            Param("location_id", location="path", max_length=128, doc=LOCATION.doc),
            Param("page", int, default=1, minimum=1, maximum=100_000),
            Param("limit", int, default=50, minimum=1, maximum=500),
            SELECTED_USER,
            Param("search", default="", max_length=200, doc="Words of the contact's name, e-mail or numbers."),
        ),
        summary="The calls of a location, the latest first",
        responses={200: schemas.CALLS},
        tag=TAG,
    )
    def of_location(self, location_id, page, limit, selected_user, search):
        """From the database only. With `selected_user` the calls of this user and those with the user's contacts."""
        state = find_location(request.env, location_id, selected_user)
        messages = request.env["ghl.contact.message"]
        domain = reading.wanted(state.id, user=state.user, text=search)
        total = messages.search_count(domain)
        return {
            "success": True,
            "calls": reading.page(messages, domain, limit=limit, offset=(page - 1) * limit),
            "total_calls": total,
            "page": page,
            "limit": limit,
            "total_pages": -(-total // limit),
            "message": f"{total} calls found.",
        }

    @api_route(
        "/api/contact-call-messages/<string:contact_id>",
        params=(Param("contact_id", location="path", max_length=128, doc="Odoo id or GHL id of the contact."),),
        summary="The calls with a contact, the latest first",
        responses={200: schemas.CONTACT_CALLS},
        tag=TAG,
    )
    def of_contact(self, contact_id):
        """From the database only; at most 1,000."""
        contact = _find("ghl.contact", contact_id, "Contact")
        messages = request.env["ghl.contact.message"]
        domain = reading.wanted(contact_id=contact.id)
        total = messages.search_count(domain)
        return {
            "success": True,
            "contact": reading.contact_document(contact),
            "call_messages": reading.page(messages, domain, limit=MOST),
            "total_messages": total,
            "message": f"{total} calls found.",
        }

    @api_route(
        "/api/call-details/<string:id>",
        params=(MESSAGE,),
        summary="One call with what was said",
        responses={200: schemas.DETAILS},
        tag=TAG,
    )
    def details(self, id):
        """What is stored; `POST /api/fetch-transcript` asks GoHighLevel. Grades that nobody gave are empty."""
        message, call = _call(id)
        return {"success": True, "call_details": reading.details(message, call)}

    @api_route(
        "/api/get-transcript/<string:id>",
        params=(MESSAGE,),
        summary="The stored sentences of a call",
        responses={200: schemas.TRANSCRIPT},
        tag=TAG,
    )
    def transcript(self, id):
        """Empty until they were fetched."""
        message, call = _call(id)
        sentences = reading.transcript(message, call)
        return {
            "success": True,
            "message_id": message.id,
            "transcript": sentences,
            "total_sentences": len(sentences),
            "transcript_state": (call.transcript_state or "unknown") if call else "unknown",
        }

    @api_route(
        "/api/fetch-transcript/<string:id>",
        methods=("POST",),
        params=(MESSAGE,),
        summary="Have what was said asked for",
        responses={200: schemas.FETCHED},
        tag=TAG,
    )
    def fetch_transcript(self, id):
        """Asks GoHighLevel, waiting 20 seconds at most. `status`: `fetched`, `no_transcript` when GoHighLevel has
        none, `pending` when it takes longer: it goes on by itself."""
        message, call = _call(id)
        if call.transcript_state == "stored":
            return _fetched(message, "transcript", "fetched", len(reading.transcript(message, call)), "Stored already.")
        outcome = _ask(call, "transcript")
        found = (outcome.get("result") or {}).get("sentences", 0)
        return _fetched(message, "transcript", _status(outcome, "no_transcript"), found)

    @api_route(
        "/api/fetch-recording/<string:id>",
        methods=("POST",),
        params=(MESSAGE,),
        summary="Have the recording asked for",
        responses={200: schemas.FETCHED},
        tag=TAG,
    )
    def fetch_recording(self, id):
        """Asks GoHighLevel, waiting 20 seconds at most, and keeps the recording if the setting says so. `status`:
        `fetched`, `no_recording` when GoHighLevel has none, `pending` when it takes longer."""
        message, call = _call(id)
        if call.recording_attachment_id:
            return _fetched(message, "recording", "fetched", 1, "Stored already.")
        outcome = _ask(call, "recording")
        status = _status(outcome, "no_recording")
        return _fetched(message, "recording", status, int(status == "fetched"))

    @api_route(
        "/api/ghl-message/<string:id>/recording",
        params=(MESSAGE, Param("play", bool, default=False, doc="To be played instead of saved.")),
        summary="The recording of a call",
        responses={200: schemas.SOUND},
        tag=TAG,
    )
    def recording(self, id, play):
        """Sound, in parts when asked for by `Range`. 404 with `no_recording` when there is none."""
        _message, call = _call(id)
        return recording_response(call, request.httprequest.headers.get("Range"), inline=play)


def _find(model, text, what):
    """The caller's record by Odoo id or GHL id; ApiError 404."""
    by_id = [("id", "=", int(text))] if text.isascii() and text.isdigit() and len(text) < 10 else []
    domain = by_id or [("external_id", "=", text)]
    return request.env[model].search(domain, limit=1) or _refuse(what)


def _refuse(what):
    raise not_found(what)


def _call(text):
    """(message, its call); ApiError 404 for what is no call of the caller's."""
    message = _find("ghl.contact.message", text, "Call")
    call = reading.calls_of(message).get(message.external_id)
    if not call:
        raise not_found("Call")
    return message, call


def _ask(call, what):
    """The outcome of asking GoHighLevel now, as ``ghl.job._finish`` gives it; ApiError when it cannot be asked."""
    if not call._was_recorded():
        return {"state": "done", "result": {"outcome": "none"}}
    job = call._enqueue_talk(what)
    if not job:
        raise ApiError(409, "not_connected", "The location has no credentials to ask GoHighLevel with.")
    return job._finish(WAIT)


def _status(outcome, none):
    """``fetched``, ``none`` or ``pending``; ApiError 502 when GoHighLevel refuses."""
    if outcome["state"] == "done":
        return none if outcome["result"]["outcome"] in ("none", "gone") else "fetched"
    if outcome["state"] in ("pending", "running") and not outcome.get("error"):
        return "pending"
    raise ApiError(502, "remote_error", outcome.get("error") or "GoHighLevel could not be asked.")


def _fetched(message, what, status, number, text=""):
    texts = {"fetched": "Fetched.", "pending": "It is being fetched.", f"no_{what}": f"GoHighLevel has no {what}."}
    return {
        "success": True,
        "status": status,
        "message_id": message.id,
        "count": number,
        f"{what}s_fetched": number,
        f"no_{what}": status == f"no_{what}",
        "message": text or texts[status],
    }

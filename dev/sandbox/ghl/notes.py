"""Notes of a contact. They have no update stamp and there is no bulk read; the first reading makes the seeded ones."""

from ..clock import iso
from ..draw import Draw, token
from .api import Routes
from .contacts import contact_of
from .errors import ApiError
from .validate import body_of, check

routes = Routes()
WRITE = {"body": "string", "userId": "string", "title": "string", "color": "string", "pinned": "boolean"}


def notes_of(store, contact):
    """The contact's notes, newest first; the list may be changed in place."""
    if contact["id"] not in store.notes:
        draw = Draw(f"{store.plan.seed}/notes/{contact['id']}")
        store.notes[contact["id"]] = [
            _note(
                token(f"{contact['id']}/note/{i}"),
                contact,
                f"<p>Note {i}: {draw.one_of(('called back', 'très intéressé', 'wants <b>quote</b>'))}</p>",
                contact.added + i * 60_000,
            )
            for i in range(draw.below(3))
        ][::-1]
    return store.notes[contact["id"]]


def _note(note_id, contact, body, added):
    text = body.replace("<p>", "").replace("</p>", "").replace("<b>", "").replace("</b>", "")
    return {
        "id": note_id,
        "body": body,
        "bodyText": text,
        "userId": None,
        "dateAdded": iso(added),
        "contactId": contact["id"],
        "title": "",
        "color": "#FFFAEB",
        "pinned": False,
        "relations": [],
    }


def _note_of(call):
    contact = contact_of(call)
    notes = notes_of(call.store, contact)
    found = next((n for n in notes if n["id"] == call.args["id"]), None)
    if not found:
        raise ApiError(400, "The note id is invalid.")
    return contact, notes, found


def _shown(note):
    return {k: v for k, v in note.items() if v is not None}


@routes("GET", "/contacts/{contactId}/notes", "contacts.readonly")
def of_contact(call):
    return 200, {"notes": [_shown(n) for n in notes_of(call.store, contact_of(call))]}


@routes("POST", "/contacts/{contactId}/notes", "contacts.write")
def create(call):
    contact = contact_of(call)
    body = check(body_of(call.request), {**WRITE, "body": "string*"})
    note = _note(
        token(f"{call.store.plan.seed}/new/note/{call.store.serial()}"), contact, body["body"], call.store.stamp()
    )
    note.update(body)
    notes_of(call.store, contact).insert(0, note)
    call.store.changed("note", contact.loc, None, note)
    return 201, {"note": _shown(note)}


@routes("GET", "/contacts/{contactId}/notes/{id}", "contacts.readonly")
def get(call):
    return 200, {"note": _shown(_note_of(call)[2])}


@routes("PUT", "/contacts/{contactId}/notes/{id}", "contacts.write")
def update(call):
    contact, _, note = _note_of(call)
    old = dict(note)
    note.update(check(body_of(call.request), WRITE))
    call.store.changed("note", contact.loc, old, note)
    return 200, {"note": _shown(note)}


@routes("DELETE", "/contacts/{contactId}/notes/{id}", "contacts.write")
def delete(call):
    contact, notes, note = _note_of(call)
    notes.remove(note)
    call.store.changed("note", contact.loc, note, None)
    return 200, {"succeded": True, "succeeded": True}

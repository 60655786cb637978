"""How one contact looks: in searches (`address`, explicit nulls) and read by id (`address1`, no nulls, more fields)."""

from ..draw import Draw, hexadecimal
from .api import dumps

_V3_DND = {"Call": "call", "Email": "email", "SMS": "sms", "WhatsApp": "whatsApp", "GMB": "gmb", "FB": "fb"}
_LOCAL = ("createdBy", "ssn", "keyword", "gender")  # shown by id only


def _dnd(settings, v3):
    return {_V3_DND.get(k, k): v for k, v in settings.items()} if v3 and settings else settings


def search_fragment(row, v3) -> str:
    """The JSON text of a search row, open at the end: the caller adds `opportunities` and `searchAfter`."""
    shown = {k: v for k, v in row.items() if k not in _LOCAL}
    shown["dndSettings"] = _dnd(shown.get("dndSettings") or {}, v3)
    return dumps(shown)[:-1]


def detail(row, v3) -> dict:
    """The contact of `GET /contacts/{id}` and of the writing endpoints."""
    shown = {
        k: v
        for k, v in row.items()
        if v is not None and k not in ("contactName", "businessName", "phoneLabel", "validEmail")
    }
    if "address" in shown:
        shown["address1"] = shown.pop("address")
    name = f"{row.get('firstName') or ''} {row.get('lastName') or ''}".strip()
    shown.update(name=name, fullNameLowerCase=name.lower(), dndSettings=_dnd(shown.get("dndSettings") or {}, v3))
    if shown.get("email"):
        shown["emailLowerCase"] = shown["email"].lower()
    shown.setdefault("createdBy", _created_by(row))
    return shown


def _created_by(row):
    draw = Draw(row["id"])
    channel = draw.one_of(("WEB_USER", "OAUTH", "FORM", "PRIVATE_INTEGRATION"))
    return {
        "source": "CONTACTS_TABLE",
        "channel": channel,
        "sourceId": hexadecimal(row["id"]),
        "timestamp": row["dateAdded"],
    }


def created(row, v3) -> dict:
    """The contact of `POST /contacts/`: date versions answer a shape of their own."""
    shown = detail(row, v3)
    if not v3:
        shown.update(deleted=False, bounceEmail=False, unsubscribeEmail=False)
    return shown

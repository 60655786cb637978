"""The parts of generated records: tags, custom field values of every type, attributions, odd dates."""

from functools import lru_cache

from ..draw import token, uuid_of
from .plan import OPTIONS
from .words import TAGS


def tags(draw) -> list:
    start, step = draw.below(len(TAGS)), draw.one_of((1, 3, 7))
    count = (3, 3, 3, 3, 2, 1, 0, 4)[draw.below(8)]
    return [TAGS[(start + i * step) % len(TAGS)] for i in range(count)]


def custom_values(draw, n, fields, most, key) -> list:
    """Up to `most` values `{"id", key: value}`; `fields`: [(id, data type)]."""
    if not fields:
        return []
    start, count = draw.below(len(fields)), draw.below(most + 1)
    values = []
    for i in range(count):
        field_id, kind = fields[(start + i * 3) % len(fields)]
        if all(v["id"] != field_id for v in values):
            values.append({"id": field_id, key: _value(kind, n, i)})
    return values


def _value(kind, n, i):
    if kind in ("NUMERICAL", "MONETORY"):
        return n % 500 + (0.5 if kind == "MONETORY" else 0)
    if kind in ("CHECKBOX", "MULTIPLE_OPTIONS"):
        return OPTIONS[: 1 + (n + i) % 3]
    if kind in ("SINGLE_OPTIONS", "RADIO"):
        return OPTIONS[(n + i) % 4]
    if kind == "DATE":
        return f"2027-{n % 12 + 1:02d}-{n % 28 + 1:02d}"
    if kind == "PHONE":
        return f"+1555{3000000 + n}"
    if kind == "TEXTBOX_LIST":
        return {uuid_of("make"): "Tesla", uuid_of("year"): str(2010 + n % 15)}
    if kind in ("FILE_UPLOAD", "SIGNATURE"):
        name = f"file{n}.pdf"
        return {
            uuid_of(f"file/{n}"): {
                "meta": {"fieldname": "f", "originalname": name, "mimetype": "application/pdf", "size": 1000 + n},
                "url": f"https://files.example.com/{name}",
                "documentId": token(f"doc/{n}"),
            }
        }
    return f"Värde {n}" if kind == "TEXT" else "Long text, line one\nline two & <more>"


def attribution(draw, touch) -> dict:
    medium = draw.one_of(("form", "facebook", "calendar", "manual"))
    return {
        "url": f"https://landing.example.com/{touch}?utm_source=x",
        "campaign": draw.one_of(("Spring 2026", "Été", None)),
        "utmSource": draw.one_of(("google", "fb", None)),
        "utmMedium": "cpc" if medium == "facebook" else None,
        "utmContent": None,
        "referrer": "https://www.google.com/",
        "campaignId": None,
        "fbclid": None,
        "gclid": f"gcl{draw.below(1000000)}" if draw.chance(20) else None,
        "userAgent": "Mozilla/5.0",
        "ip": f"203.0.113.{draw.below(255)}",
        "medium": medium,
        "mediumId": token(f"medium/{medium}"),
        "sessionSource": "Paid Social" if medium == "facebook" else "Direct traffic",
    }


def birthday(n: int) -> str:
    """A plain date, or an ISO stamp as some records have."""
    return f"19{50 + n // 2}-0{n % 9 + 1}-1{n % 10}{'T00:00:00.000Z' if n % 3 == 0 else ''}"


@lru_cache(maxsize=1024)
def ascii_of(name: str) -> str:
    return "".join(c for c in name.lower() if c.isascii() and c.isalnum()) or "x"

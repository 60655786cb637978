"""How much of everything, where, and the master data of each location (users, tags, fields, pipelines)."""

from dataclasses import dataclass, field

from ..clock import iso
from ..draw import Draw, hexadecimal, token, uuid_of
from .words import CITIES, COMPANIES, FIRST, LAST, LOST_REASONS, STAGES, STREETS, TAGS

DAY = 86_400_000
FIELD_TYPES = (
    ("Policy Number", "TEXT"),
    ("Notes From Sales", "LARGE_TEXT"),
    ("Household Size", "NUMERICAL"),
    ("Monthly Budget", "MONETORY"),
    ("Interests", "CHECKBOX"),
    ("Lead Quality", "SINGLE_OPTIONS"),
    ("Services", "MULTIPLE_OPTIONS"),
    ("Renewal Date", "DATE"),
    ("Preferred Time", "RADIO"),
    ("Second Phone", "PHONE"),
    ("Vehicle", "TEXTBOX_LIST"),
    ("Contract", "FILE_UPLOAD"),
    ("Signature", "SIGNATURE"),
)
OPPORTUNITY_FIELD_TYPES = (
    ("Roof Type", "SINGLE_OPTIONS"),
    ("Square Feet", "NUMERICAL"),
    ("Financing", "CHECKBOX"),
    ("Extra", "TEXT"),
)
OPTIONS = ["Gold", "Silver", "Bronze", "Größe XL"]


@dataclass(frozen=True)
class Plan:
    """Volumes are totals over all locations, but for `messages`; `epoch` is the newest generated stamp (epoch ms)."""

    seed: int = 1
    contacts: int = 1000
    tasks: int = 500
    conversations: int = 500
    opportunities: int = 300
    messages: int = 4  # of each conversation
    locations: int = 1
    users: int = 8
    epoch: int = 1_780_272_000_000  # 2026-06-01T00:00:00Z
    tie_cluster: int | None = None

    def share(self, total: int, index: int) -> int:
        """The part of `total` that location number `index` owns."""
        return total // self.locations + (index < total % self.locations)


@dataclass
class Location:
    """Master data of one location, as plain API objects, changeable at run time."""

    index: int
    id: str
    company_id: str
    record: dict
    users: list
    tags: list
    contact_fields: list
    opportunity_fields: list
    custom_values: list
    pipelines: list
    lost_reasons: list
    options: dict = field(default_factory=dict)

    @property
    def custom_fields(self) -> list:
        return self.contact_fields + self.opportunity_fields


def company_id(plan: Plan) -> str:
    return token(f"{plan.seed}/company")


def location_id(plan: Plan, index: int) -> str:
    return token(f"{plan.seed}/location/{index}")


def make_users(plan: Plan) -> list:
    """User `i` works in location `i % L`, every fourth one in all of them; the last one is an agency admin."""
    ids = [location_id(plan, i) for i in range(plan.locations)]
    users = []
    for i in range(plan.users):
        draw = Draw(f"{plan.seed}/user/{i}")
        first, last = draw.one_of(FIRST), draw.one_of(LAST)
        agency = i and i == plan.users - 1
        user = {
            "id": token(f"{plan.seed}/userid/{i}"),
            "name": f"{first} {last}",
            "firstName": first,
            "lastName": last,
            "email": f"user{i}@agency.example.com",
            "phone": f"+1555{2000000 + i}",
            "extension": "",
            "permissions": {"contactsEnabled": True, "opportunitiesEnabled": True, "assignedDataOnly": i % 5 == 3},
            "roles": {
                "type": "agency" if agency else "account",
                "role": "admin" if i == 0 or agency else "user",
                "locationIds": ids if i % 4 == 0 or agency else [ids[i % plan.locations]],
                "restrictSubAccount": False,
            },
            "deleted": False,
            "lcPhone": {},
            "platformLanguage": "en_US",
            "profilePhoto": None,
        }
        if draw.chance(20):
            del user["phone"]
        users.append(user)
    return users


def _fields(plan, lid, specs, model):
    rows = []
    for i, (name, kind) in enumerate(specs):
        row = {
            "id": token(f"{plan.seed}/{lid}/field/{model}/{i}"),
            "name": name,
            "fieldKey": f"{model}.{name.lower().replace(' ', '_')}",
            "placeholder": "",
            "dataType": kind,
            "position": (i + 1) * 50,
            "locationId": lid,
            "model": model,
            "parentId": token(f"{plan.seed}/{lid}/folder/{model}"),
            "documentType": "field",
            "dateAdded": iso(plan.epoch - 700 * DAY),
            "standard": False,
        }
        if kind in ("CHECKBOX", "SINGLE_OPTIONS", "MULTIPLE_OPTIONS", "RADIO"):
            row["picklistOptions"] = list(OPTIONS)
        if kind == "FILE_UPLOAD":
            row.update(isMultiFileAllowed=True, maxFileLimit=2)
        rows.append(row)
    return rows


def _pipelines(plan, lid):
    return [
        {
            "id": token(f"{plan.seed}/{lid}/pipeline/{p}"),
            "name": name,
            "locationId": lid,
            "showInFunnel": True,
            "showInPieChart": p == 0,
            "useOpportunityProbability": p == 1,
            "dateAdded": iso(plan.epoch - 600 * DAY),
            "dateUpdated": iso(plan.epoch - 100 * DAY),
            "position": "aB"[: p + 1],
            "stages": [
                {
                    "id": uuid_of(f"{plan.seed}/{lid}/stage/{p}/{s}"),
                    "name": stage,
                    "position": s,
                    "showInFunnel": True,
                    "showInPieChart": True,
                    "stageWinProbability": s * 25 if p == 1 else None,
                }
                for s, stage in enumerate(STAGES)
            ],
        }
        for p, name in enumerate(("Sales Pipeline", "Rénovation & Service"))
    ]


def make_location(plan: Plan, index: int, users: list) -> Location:
    lid, draw = location_id(plan, index), Draw(f"{plan.seed}/loc/{index}")
    city, state, country, postal, zone = CITIES[index % len(CITIES)]
    name = f"{COMPANIES[index % len(COMPANIES)]} {city}"
    address = f"{draw.below(900) + 1} {draw.one_of(STREETS)}"
    record = {
        "id": lid,
        "companyId": company_id(plan),
        "name": name,
        "domain": "",
        "address": address,
        "city": city,
        "state": state,
        "country": country,
        "postalCode": postal,
        "website": f"https://location{index}.example.com",
        "timezone": zone,
        "firstName": draw.one_of(FIRST),
        "lastName": draw.one_of(LAST),
        "email": f"location{index}@example.com",
        "phone": f"+1555{1000000 + index}",
        "logoUrl": "",
        "currency": "USD",
        "dateAdded": iso(plan.epoch - 800 * DAY),
        "business": {
            "name": name,
            "address": address,
            "city": city,
            "state": state,
            "country": country,
            "postalCode": postal,
            "website": "",
            "timezone": zone,
        },
        "social": {"facebookUrl": "", "instagram": ""},
        "settings": {
            "allowDuplicateContact": False,
            "allowDuplicateOpportunity": True,
            "allowFacebookNameMerge": False,
            "disableContactTimezone": False,
            "contactUniqueIdentifiers": ["email", "phone"],
        },
        "permissions": {"dashboardStatsEnabled": True},
    }
    return Location(
        index=index,
        id=lid,
        company_id=company_id(plan),
        record=record,
        users=[u for u in users if lid in u["roles"]["locationIds"]],
        tags=[{"id": token(f"{plan.seed}/{lid}/tag/{t}"), "name": t, "locationId": lid} for t in TAGS],
        contact_fields=_fields(plan, lid, FIELD_TYPES, "contact"),
        opportunity_fields=_fields(plan, lid, OPPORTUNITY_FIELD_TYPES, "opportunity"),
        custom_values=[
            {
                "id": token(f"{plan.seed}/{lid}/cv/{i}"),
                "name": n,
                "fieldKey": f"{{{{ custom_values.{n.lower().replace(' ', '_')} }}}}",
                "value": v,
                "locationId": lid,
            }
            for i, (n, v) in enumerate(
                (("Office Hours", "9-5"), ("Booking Link", "https://example.com/book"), ("Slogan", "Añade más"))
            )
        ],
        pipelines=_pipelines(plan, lid),
        lost_reasons=[
            {
                "id": hexadecimal(f"{plan.seed}/{lid}/lost/{i}"),
                "name": n,
                "locationId": lid,
                "createdAt": iso(plan.epoch - 500 * DAY),
                "updatedAt": iso(plan.epoch - 500 * DAY),
            }
            for i, n in enumerate(LOST_REASONS)
        ],
    )

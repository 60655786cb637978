"""Any generated record by its ordinal number: `*_keys` gives the sortable columns, the plain name the whole record."""

from ..clock import iso
from ..draw import Draw, hexadecimal, token
from .field_values import ascii_of, attribution, birthday, custom_values, tags
from .plan import DAY, Location, Plan
from .words import (
    CITIES,
    COMPANIES,
    CONVERSATION_KINDS,
    DEALS,
    DOMAINS,
    FIRST,
    LAST,
    MESSAGES,
    SOURCES,
    STREETS,
    TASKS,
)

HOUR = 3_600_000
STATUSES = ("open", "open", "open", "open", "won", "won", "lost", "abandoned")


class Generator:
    """Records of one location."""

    def __init__(self, plan: Plan, location: Location):
        self.plan = plan
        self.location = location
        self.key = f"{plan.seed}/{location.index}"
        self.contacts = plan.share(plan.contacts, location.index)
        self.tasks = plan.share(plan.tasks, location.index)
        self.conversations = min(plan.share(plan.conversations, location.index), self.contacts)
        self.opportunities = plan.share(plan.opportunities, location.index) if self.contacts else 0
        self.user_ids = [u["id"] for u in location.users] or [None]
        self._ghost = token(f"{self.key}/ghost")
        self._stages = [(p["id"], s["id"]) for p in location.pipelines for s in p["stages"]]
        self._fields = [(f["id"], f["dataType"]) for f in location.contact_fields]
        self._opportunity_fields = [(f["id"], f["dataType"]) for f in location.opportunity_fields]

    # -- shared choices --------------------------------------------------------------------------------------------

    def contact_id(self, n: int) -> str:
        return token(f"{self.key}/c/{n}")

    def _user(self, draw, percent_none):
        roll = draw.below(100)
        if roll < percent_none:
            return None
        return self._ghost if roll >= 97 else draw.one_of(self.user_ids)

    def _ties(self, count: int, percent: int, most: int) -> int:
        if self.plan.tie_cluster is not None:
            return min(self.plan.tie_cluster, count)
        return min(count * percent // 100, most)

    # -- contacts --------------------------------------------------------------------------------------------------

    def _contact_head(self, n):
        draw = Draw(f"{self.key}/contact/{n}")
        first, last = draw.one_of(FIRST), draw.one_of(LAST)
        added = self.plan.epoch - draw.below(500 * 24 * 60) * 60_000 - DAY
        updated = added + draw.below(DAY - 1)
        if n < self._ties(self.contacts, 12, 1200):  # one bulk import gave all of them the same stamp
            updated = self.plan.epoch - 30 * DAY
        elif n % 7 == 0:
            updated -= updated % 60_000  # small clusters
        email = None if draw.chance(8) else f"{ascii_of(first)}.{ascii_of(last)}{n}@{draw.one_of(DOMAINS)}"
        phone = (
            None if draw.chance(10) else f"+1{2000000000 + (self.location.index * 10_000_000 + n) * 7 % 7_999_999_999}"
        )
        company = draw.one_of(COMPANIES) if draw.chance(35) else None
        return draw, first, last, added, updated, email, phone, company, self._user(draw, 40)

    def contact_keys(self, n):
        _, first, last, added, updated, email, phone, company, assigned = self._contact_head(n)
        return (self.contact_id(n), added, updated, email, phone, f"{first} {last} {company or ''}".lower(), assigned)

    def contact_names(self, n: int) -> dict:
        draw = Draw(f"{self.key}/contact/{n}")
        return {"firstName": draw.one_of(FIRST), "lastName": draw.one_of(LAST)}

    def contact(self, n: int) -> dict:
        """A contact as `POST /contacts/search` shows it, without `opportunities` and `searchAfter`."""
        draw, first, last, added, updated, email, phone, company, assigned = self._contact_head(n)
        city, state, country, postal, zone = draw.one_of(CITIES)
        located = draw.chance(70)
        birth = draw.below(100)
        row = {
            "id": self.contact_id(n),
            "locationId": self.location.id,
            "type": draw.one_of(("lead", "lead", "lead", "customer")),
            "firstName": first,
            "lastName": last,
            "firstNameLowerCase": first.lower(),
            "lastNameLowerCase": last.lower(),
            "contactName": f"{first} {last}".lower(),
            "email": email,
            "additionalEmails": [{"email": f"alt{n}@example.org"}] if draw.chance(7) else [],
            "validEmail": (True, False, None, None)[draw.below(4)],
            "phone": phone,
            "phoneLabel": "mobile" if draw.chance(10) else None,
            "additionalPhones": [{"phone": f"+4420{10000000 + n}"}] if draw.chance(6) else [],
            "companyName": company,
            "businessName": None,
            "businessId": hexadecimal(f"{self.key}/business/{company}") if company and draw.chance(15) else None,
            "address": f"{draw.below(9900) + 1} {draw.one_of(STREETS)}" if located else None,
            "city": city if located else None,
            "state": state if located else None,
            "country": country,
            "postalCode": postal if located else None,
            "website": f"https://www.site{n}.example.com" if draw.chance(12) else None,
            "timezone": zone if draw.chance(40) else None,
            "dateOfBirth": birthday(birth) if birth < 45 else None,
            "source": draw.one_of(SOURCES) if draw.chance(85) else None,
            "dnd": draw.chance(5),
            "dndSettings": {},
            "inboundDndSettings": {},
            "tags": tags(draw),
            "customFields": custom_values(draw, n, self._fields, 5, "value"),
            "assignedTo": assigned,
            "followers": [self.user_ids[0]] if draw.chance(5) else [],
            "dateAdded": iso(added),
            "dateUpdated": iso(updated),
        }
        if row["dnd"] or draw.chance(3):
            row["dndSettings"] = {
                "SMS": {"status": "active", "message": "STOP received", "code": "101"},
                "Email": {"status": draw.one_of(("inactive", "active", "permanent")), "message": "", "code": "103"},
            }
        if draw.chance(60):
            row["attributionSource"] = attribution(draw, "first")
            if draw.chance(40):
                row["lastAttributionSource"] = attribution(draw, "last")
        if draw.chance(10):
            del row["validEmail"], row["phoneLabel"]
        if draw.chance(50):
            row["profilePhoto"] = None
        return row

    # -- tasks -----------------------------------------------------------------------------------------------------

    def _task_head(self, n):
        draw = Draw(f"{self.key}/task/{n}")
        added = self.plan.epoch - draw.below(200 * 24 * 60) * 60_000 - DAY
        if n < self._ties(self.tasks, 12, 700):
            added = self.plan.epoch - 20 * DAY
        updated = added + draw.below(HOUR)
        contact = None if draw.chance(2) or not self.contacts else self.contact_id(draw.below(self.contacts))
        return draw, added, updated, contact, self._user(draw, 10), draw.chance(45), added + draw.below(30) * DAY

    def task_id(self, n: int) -> str:
        return token(f"{self.key}/t/{n}")

    def task_keys(self, n):
        _, added, updated, contact, assigned, completed, due = self._task_head(n)
        return (self.task_id(n), added, updated, contact, assigned, int(completed), due)

    def task(self, n: int) -> dict:
        draw, added, updated, contact, assigned, completed, due = self._task_head(n)
        return {
            "id": self.task_id(n),
            "title": f"{draw.one_of(TASKS)} #{n}",
            "body": draw.one_of((None, "", "<p>Ask about the <b>roof</b></p>", "Überfällig, bitte prüfen")),
            "completed": completed,
            "dueDate": iso(due),
            "contactId": contact,
            "assignedTo": assigned,
            "dateAdded": iso(added),
            "dateUpdated": iso(updated),
        }

    # -- conversations ---------------------------------------------------------------------------------------------

    def conversation_head(self, n):
        draw = Draw(f"{self.key}/conversation/{n}")
        added = self.plan.epoch - draw.below(300 * DAY) - 2 * DAY
        last = added + draw.below(2 * DAY)
        if n < self._ties(self.conversations, 4, 40):  # one bulk message
            last = self.plan.epoch - 10 * DAY
        unread = draw.below(5) if draw.chance(20) else 0
        return draw, added, last, unread, int(draw.chance(4)), self._user(draw, 60), draw.one_of(CONVERSATION_KINDS)

    def conversation_id(self, n: int) -> str:
        return token(f"{self.key}/v/{n}")

    def conversation_keys(self, n):
        _, added, last, unread, starred, assigned, kind = self.conversation_head(n)
        return (self.conversation_id(n), added, last, self.contact_id(n), assigned, unread, starred, kind[1])

    def conversation(self, n: int) -> dict:
        draw, added, last, unread, starred, assigned, kind = self.conversation_head(n)
        _, first, surname, _, _, email, phone, company, _ = self._contact_head(n)
        row = {
            "id": self.conversation_id(n),
            "contactId": self.contact_id(n),
            "locationId": self.location.id,
            "lastMessageBody": draw.one_of(MESSAGES),
            "lastMessageType": kind[1],
            "lastMessageDirection": draw.one_of(("inbound", "outbound")),
            "type": kind[0],
            "typeNumber": kind[2],
            "unreadCount": unread,
            "fullName": f"{first} {surname}",
            "contactName": f"{first} {surname}",
            "email": email,
            "phone": phone,
            "companyName": company,
            "dateAdded": added,
            "dateUpdated": last,
            "lastMessageDate": last,
            "lastManualMessageDate": last if draw.chance(60) else None,
            "tags": [],
            "followers": [],
            "mentions": [],
            "messageTypes": list(kind[3]),
            "starred": bool(starred),
            "scoring": [],
            "attributed": None,
            "profilePhoto": None,
            "isLastMessageInternalComment": False,
            "assignedTo": assigned,
        }
        for key, percent in (("email", 30), ("phone", 20), ("lastMessageBody", 10), ("companyName", 40)):
            if row[key] is None or draw.chance(percent):
                del row[key]
        return row

    # -- opportunities ---------------------------------------------------------------------------------------------

    def _opportunity_head(self, n):
        draw = Draw(f"{self.key}/opportunity/{n}")
        added = self.plan.epoch - draw.below(400 * 24 * 60) * 60_000 - DAY
        if n < self._ties(self.opportunities, 10, 250):
            added = self.plan.epoch - 15 * DAY
        updated = added + draw.below(DAY - 1)
        pipeline, stage = draw.one_of(self._stages)
        owner = draw.below(max(1, self.contacts // 2))  # fewer owners than deals: several per contact
        value = (None, 0, 1500, 99.95, 12000, 250000)[draw.below(6)]
        return draw, added, updated, owner, pipeline, stage, draw.one_of(STATUSES), self._user(draw, 25), value

    def opportunity_id(self, n: int) -> str:
        return token(f"{self.key}/o/{n}")

    def opportunity_keys(self, n):
        _, added, updated, owner, pipeline, stage, status, assigned, value = self._opportunity_head(n)
        return (
            self.opportunity_id(n),
            added,
            updated,
            self.contact_id(owner),
            pipeline,
            stage,
            status,
            assigned,
            value,
        )

    def opportunity(self, n: int) -> dict:
        draw, added, updated, owner, pipeline, stage, status, assigned, value = self._opportunity_head(n)
        row = {
            "id": self.opportunity_id(n),
            "name": f"{draw.one_of(DEALS)} {n}",
            "monetaryValue": value,
            "pipelineId": pipeline,
            "pipelineStageId": stage,
            "assignedTo": assigned,
            "status": status,
            "source": draw.one_of(SOURCES) if draw.chance(70) else None,
            "lastStatusChangeAt": iso(added + HOUR),
            "lastStageChangeAt": iso(updated),
            "lastActionDate": None,
            "createdAt": iso(added),
            "updatedAt": iso(updated),
            "contactId": self.contact_id(owner),
            "locationId": self.location.id,
            "customFields": custom_values(draw, n, self._opportunity_fields, 3, "fieldValue"),
            "followers": [],
            "lostReasonId": draw.one_of(self.location.lost_reasons)["id"] if status == "lost" else None,
        }
        if draw.chance(50):
            row["forecastProbability"] = draw.below(101)
        return row

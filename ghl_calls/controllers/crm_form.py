"""The form of a call as CRM clients send it, as values of ``ghl.call``.

Clients send all fields at once, as text: a number that is not set is "0" or "". So 0 and "" mean "none" when a call is
changed and "the default" when one is made; what is not sent at all stays as it is.
"""

import re

from odoo.exceptions import AccessError
from odoo.tools import escape_psql

from ...ghl_base.http import Param
from ...ghl_base.http.errors import invalid_parameters
from ...ghl_base.http.params import parse_datetime
from .. import codes, durations

UNSET = ("", "0")
# How older clients call what a call is with or about -> model and field of the call.
NAMED = {
    "contacts": ("ghl.contact", "contact_id"),
    "leads": ("crm.lead", "lead_ref"),
    "accounts": ("res.partner", "partner_id"),
    "deals": ("ghl.contact.opportunity", "opportunity_id"),
}
ALSO = {"contact": "contacts", "lead": "leads", "account": "accounts", "deal": "deals", "opportunity": "deals",
        "opportunities": "deals"}  # fmt: skip
PLAIN = {"subject": "subject", "agenda": "agenda", "description": "description", "result": "result", "tag": "tag",
         "caller_id": "from_number", "dialled_number": "to_number", "closed": "closed", "deletable": "deletable",
         "sort_by": "sequence"}  # fmt: skip
PEOPLE = ("owner_id", "assigned_to_id")
_REMINDER = re.compile(r"(\d{1,4})\s*(?:m|min|minutes?)?(?:\s+before)?\Z")

FIELDS = (
    Param("subject", max_length=500),
    Param("type_id", doc="1 outbound, 2 inbound, 3 missed, or the word."),
    Param("type", doc="Older name of type_id."),
    Param("status_id", doc="A status, by id or name."),
    Param("status", doc="Older name of status_id."),
    Param("outgoing_status_id", doc="1 scheduled, 2 completed, or the word."),
    Param("start_time", doc="ISO 8601."),
    Param("end_time", doc="ISO 8601."),
    Param("duration", doc="Minutes, or as in 5m 30s, 5:30, 90s. Looked at only where the times do not say it."),
    Param("call_for", doc="contacts or leads: whom the call is with."),
    Param("call_for_id", int, minimum=0),
    Param("related_to", doc="accounts, deals, contacts or leads: what the call is about."),
    Param("related_to_id", int, minimum=0),
    Param("owner_id", int, minimum=0),
    Param("assigned_to_id", int, minimum=0),
    Param("purpose_id", doc="1 to 6, or the word: " + ", ".join(codes.PURPOSES.values()) + "."),
    Param("purpose", doc="Older name of purpose_id."),
    Param("reminder_id", doc="Minutes before the start: 5, 10, 15 or 30."),
    Param("reminder", doc="Older name of reminder_id."),
    Param("agenda", max_length=10_000),
    Param("description", max_length=100_000),
    Param("result", max_length=100_000),
    Param("tag"),
    Param("caller_id", doc="The number called from."),
    Param("dialled_number", doc="The number called."),
    Param("closed", bool),
    Param("deletable", bool),
    Param("sort_by", int),
    Param("active", bool, doc="Read and not used: deleting has an address of its own."),
)


def _number(text):
    """The whole number that the text is, None for any other text."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def word(text, known):
    """The word of `known` ({code: word}) that `text` says by code or in any case, False for none; else ValueError."""
    text = text.strip().lower()
    if text in UNSET:
        return False
    number = _number(text)
    found = text if number is None else known.get(number)
    if found not in known.values():
        raise ValueError("must be one of " + ", ".join(f"{code} ({name})" for code, name in known.items()))
    return found


def reminder(text):
    """The selection value of "15", "15 minutes before", ...; False for none; else ValueError."""
    match = _REMINDER.match(text.strip().lower())
    return word(match[1] if match else text, codes.REMINDERS)


class CallForm:
    """What a client wants a call to be.

    :param env: of the caller
    :param given: {name of `FIELDS`: value, None where nothing was sent}
    :param call: the call to change; none yet when it is empty
    """

    def __init__(self, env, given, call):
        self.env, self.call = env, call
        self.given = {name: value for name, value in given.items() if value is not None}
        self.reasons = {}

    def values(self):
        """Values for create or write; ApiError 400 that names every field that is wrong."""
        values = {field: self.given[name] for name, field in PLAIN.items() if name in self.given}
        values |= self._words() | self._times() | self._records()
        company = self.call.company_id or self._company(values)
        values |= self._people(company) | self._status(company)
        if self.reasons:
            raise invalid_parameters(self.reasons)
        if self.call:
            return values
        return {**{name: value for name, value in values.items() if value}, "company_id": company.id}

    def _sent(self, *names):
        """(name, text) of the first of the names that says something, else of the first that was sent at all."""
        sent = [(name, self.given[name]) for name in names if name in self.given]
        return next((pair for pair in sent if pair[1].strip() not in UNSET), sent[0] if sent else (None, None))

    def _try(self, name, parse, *args):
        try:
            return parse(*args)
        except ValueError as error:
            self.reasons[name] = str(error)
            return False

    def _words(self):
        values = {}
        for field, names, parse in (
            ("type", ("type_id", "type"), lambda text: word(text, codes.TYPES)),
            ("purpose", ("purpose_id", "purpose"), lambda text: word(text, codes.PURPOSES)),
            ("reminder", ("reminder_id", "reminder"), reminder),
            ("outgoing_status", ("outgoing_status_id",), lambda text: word(text, codes.OUTGOING_STATUSES)),
        ):
            name, text = self._sent(*names)
            if name:
                values[field] = self._try(name, parse, text)
        return values

    def _times(self):
        values = {}
        for name in ("start_time", "end_time"):
            if name in self.given:
                text = self.given[name].strip()
                values[name] = self._try(name, parse_datetime, text) if text not in UNSET else False
        if not values.get("start_time", True):
            del values["start_time"]  # every call starts at some time
        start, end = values.get("start_time"), values.get("end_time")
        known = start and end and end >= start
        text = self.given.get("duration", "").strip()
        if text and not known:
            values["duration_seconds"] = self._try("duration", durations.seconds, text)
        return values

    def _records(self):
        """The contact, lead, deal and account; only what the caller may see."""
        values = {}
        for name, kinds in (("call_for", ("contacts", "leads")), ("related_to", tuple(NAMED))):
            key = f"{name}_id"
            wanted, kind = self.given.get(key), self.given.get(name, "").strip().lower()
            kind = ALSO.get(kind, kind)
            if not wanted:
                if wanted == 0 and self.call:
                    cleared = ("contacts", "leads") if name == "call_for" else ("accounts", "deals")
                    values |= {NAMED[other][1]: False for other in cleared}
                continue
            if name == "related_to" and kind in ("campaigns", "campaign"):
                # Only a campaign itself makes calls of it; a form that says what the call is already changes nothing.
                if self.call.campaign_id.id != wanted:
                    self.reasons[key] = "cannot be a campaign: campaigns place their calls themselves"
                continue
            if kind not in kinds:
                self.reasons[name] = "must be one of " + ", ".join(kinds)
                continue
            model, field = NAMED[kind]
            value = f"{model},{wanted}" if field == "lead_ref" else wanted
            if values.get(field, value) not in (value, False):
                self.reasons[key] = "is another than that of call_for"
            elif not self._visible(model, wanted):
                self.reasons[key] = f"names none of your {kind}"
            else:
                others = [NAMED[other][1] for other in kinds if other != kind]
                if name == "related_to":
                    others = [other for other in others if other not in ("contact_id", "lead_ref")]
                values |= {**dict.fromkeys(others, False), field: value} if self.call else {field: value}
        return values

    def _visible(self, model, record_id):
        if model not in self.env:
            return False
        domain = [("id", "=", record_id)]
        if self.call:
            domain.append(("company_id", "in", [False, self.call.company_id.id]))
        try:
            return self.env[model].search_count(domain, limit=1)
        except AccessError:
            return 0

    def _company(self, values):
        """The company of a new call: that of what it is with or about, else the caller's."""
        companies = {}
        for name, (model, field) in NAMED.items():
            if value := values.get(field):
                record = self.env[model].browse(int(str(value).rpartition(",")[2]))
                if record.company_id:
                    companies[record.company_id] = name
        if len(companies) > 1:
            self.reasons["related_to_id"] = "belongs to another company than the others"
        return next(iter(companies), self.env.company)

    def _people(self, company):
        values = {}
        for name in PEOPLE:
            if wanted := self.given.get(name):
                domain = [("id", "=", wanted), ("company_ids", "in", company.id), ("share", "=", False)]
                if not self.env["res.users"].search_count(domain, limit=1):
                    self.reasons[name] = "names nobody of your company"
            if wanted is not None:
                values[name] = wanted or False
        return values

    def _status(self, company):
        name, text = self._sent("status_id", "status")
        if not name or text.strip() in UNSET:
            return {}
        status = find_status(self.env, text.strip(), company)
        if not status:
            self.reasons[name] = "is no status"
        return {"status_id": status.id}


def find_status(env, text, company):
    """The status with this id, name or kind that calls of the company may have; else none."""
    statuses = env["ghl.call.status"]
    shared = [("company_id", "in", [False, company.id])]
    number = _number(text)
    if number is not None:
        return statuses.search([*shared, ("id", "=", number)])
    return statuses.search([*shared, ("name", "=ilike", escape_psql(text))], limit=1) or statuses.search(
        [*shared, ("kind", "=", text.lower())], limit=1
    )

"""Contacts, with tags, custom values and attributions. Source: rows of POST /contacts/search."""

from __future__ import annotations

from typing import Any

from . import values as v

# Attribution: remote key (several spellings are seen) to column.
TOUCH_COLUMNS = {
    "url": "url",
    "pageUrl": "url",
    "campaign": "campaign",
    "campaignId": "campaign_id",
    "utmSource": "utm_source",
    "utmMedium": "utm_medium",
    "utmCampaign": "utm_campaign",
    "utmContent": "utm_content",
    "utmTerm": "utm_term",
    "utmKeyword": "utm_term",
    "referrer": "referrer",
    "fbclid": "fbclid",
    "gclid": "gclid",
    "msclikid": "msclkid",
    "msclkid": "msclkid",
    "dclid": "dclid",
    "fbc": "fbc",
    "fbp": "fbp",
    "fbEventId": "fb_event_id",
    "userAgent": "user_agent",
    "ip": "ip",
    "medium": "medium",
    "mediumId": "medium_id",
    "sessionSource": "session_source",
}

# Neither stored nor kept: lower-cased copies, where the row stood in the answer, and what other entities bring.
IGNORED = frozenset(
    """firstNameLowerCase lastNameLowerCase fullNameLowerCase emailLowerCase opportunities searchAfter""".split()
)
KNOWN = IGNORED | frozenset(
    """id locationId firstName lastName name contactName email validEmail additionalEmails phone phoneLabel
    additionalPhones companyName businessName businessId address address1 city state country postalCode website
    timezone gender dateOfBirth source type dnd dndSettings
    inboundDndSettings tags customFields assignedTo followers dateAdded dateUpdated lastActivity attributionSource
    lastAttributionSource""".split()
)


def to_row(remote: Any) -> dict:
    """Columns of ``ghl.contact`` plus ``tags`` (names), ``custom_values`` and ``attributions`` (child rows)."""
    remote = v.record(remote)
    get = remote.get
    first, last = v.text(get("firstName")), v.text(get("lastName"))
    name = " ".join(part for part in (first, last) if part) or v.text(get("name")) or v.text(get("contactName"))
    company = v.text(get("companyName")) or v.text(get("businessName"))
    email, phone = v.text(get("email")), v.text(get("phone"))
    emails, phones = _listed(get("additionalEmails"), "email"), _listed(get("additionalPhones"), "phone")
    updated = v.stamp(get("dateUpdated"))
    return {
        "external_id": v.identity(remote, "id", "_id"),
        "name": name or company or email or phone,
        "first_name": first,
        "last_name": last,
        "email": email,
        "email_valid": v.boolean(get("validEmail")),
        "additional_emails": emails,
        "phone": phone,
        "phone_label": v.text(get("phoneLabel")),
        "additional_phones": phones,
        "company_name": company,
        "business_external_id": v.reference(get("businessId")),
        "address": v.text(get("address")) or v.text(get("address1")),
        "city": v.text(get("city")),
        "state": v.text(get("state")),
        "country": v.text(get("country")),
        "postal_code": v.text(get("postalCode")),
        "website": v.text(get("website")),
        "timezone": v.text(get("timezone")),
        "gender": v.text(get("gender")),
        "date_of_birth": v.day(get("dateOfBirth")),
        "source": v.text(get("source")),
        "type": v.text(get("type")),
        "dnd": v.boolean(get("dnd")),
        "dnd_settings": v.structure(get("dndSettings")),
        "inbound_dnd_settings": v.structure(get("inboundDndSettings")),
        "followers": v.structure(get("followers")),
        "last_activity_at": v.stamp(get("lastActivity")),
        "assigned_external_id": v.reference(get("assignedTo")),
        "remote_created_at": v.stamp(get("dateAdded")) or updated,
        "remote_updated_at": updated,
        "search_text": _search_text(name, company, email, phone, emails, phones),
        "extra": v.rest(remote, KNOWN),
        "tags": _tags(get("tags")),
        "custom_values": custom_values(get("customFields")),
        "attributions": [
            touch
            for touch in (
                _touch("first", get("attributionSource")),
                _touch("last", get("lastAttributionSource")),
            )
            if touch
        ],
    }


def _listed(value: Any, key: str) -> list[str] | None:
    """Additional e-mails and phones come as objects or as bare text."""
    if not isinstance(value, list):
        return None
    found = [v.text(item.get(key) if isinstance(item, dict) else item) for item in value]
    return [item for item in found if item] or None


def _search_text(name, company, email, phone, emails, phones) -> str | None:
    parts = [name, email, phone, company, *(emails or ()), *(phones or ())]
    return " ".join(part for part in parts if part).lower() or None


def _tags(value: Any) -> list[str]:
    """Tag names, each once, in the order sent."""
    if not isinstance(value, list):
        return []
    names = (v.text(item.get("name") if isinstance(item, dict) else item) for item in value)
    return list(dict.fromkeys(name.strip()[: v.TAG_LIMIT] for name in names if name and name.strip()))


def custom_values(value: Any) -> list[dict]:
    """Child rows of the custom fields that hold a value; accepts the v2, v3 and opportunity spellings."""
    if not isinstance(value, list):
        return []
    rows: dict[str, dict] = {}
    for item in value:
        if not isinstance(item, dict):
            continue
        field = v.reference(item.get("id"))
        content = next((item[key] for key in ("value", "fieldValue", "field_value") if key in item), None)
        if field is None or content in (None, "", [], {}):
            continue
        rows[field] = {
            "field_external_id": field,
            "value": {"v": v.tidy(content)},
            "value_text": v.text(content),
            "value_number": v.number(content) if not isinstance(content, (list, dict)) else None,
            "value_date": v.day(content),
        }
    return list(rows.values())


def _touch(which: str, value: Any) -> dict | None:
    if not isinstance(value, dict):
        return None
    row: dict[str, Any] = {}
    for key, column in TOUCH_COLUMNS.items():
        if not row.get(column):
            row[column] = v.text(value.get(key))
    row["extra"] = v.rest(value, TOUCH_COLUMNS.keys())
    if not any(row.values()):
        return None
    return {"touch": which, **row}

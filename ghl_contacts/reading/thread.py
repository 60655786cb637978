"""The conversation with a contact for its form: messages of all channels, newest first, in pages.

Other floors add entries of their own (calls) as further sources. An entry is a dict:

``key`` (unique), ``at`` (UTC text), ``direction`` ("inbound", "outbound" or ""), ``kind`` ("message", "call", or "note"
for what is not said to or by the contact), ``channel``, ``icon`` (Font Awesome), ``subject``, ``text``, ``files``
(``[{name, url}]``), ``author``, ``status`` (a word of GoHighLevel), ``failed``, ``error``, ``seconds`` (of calls,
None when not answered), ``result`` (of calls, likewise), ``talk`` (whether a call has something to play or to
read), ``model`` and ``id`` of the record.
"""

from datetime import datetime
from operator import itemgetter
from urllib.parse import unquote, urlsplit

from odoo import fields
from odoo.fields import Domain
from odoo.tools import html2plaintext

from . import touches

MOST = 100
FAILED = ("failed", "undelivered")
FETCHED = (
    "message_type channel direction status subject body content_type attachments error call_duration call_status "
    "ghl_user_id remote_created_at"
).split()


def page(contact, sources, before=None, limit=30):
    """Up to ``limit`` entries, newest first: ``{"entries": [...], "before": position of the next page or None}``.

    :param sources: functions like ``messages``, by name
    :param before: as the page before gave it
    """
    limit = max(1, min(int(limit), MOST))
    position = (_moment(before[0]), str(before[1]), int(before[2])) if before else None
    found = [
        ((entry["at"], name, entry["id"]), entry)
        for name, source in sources.items()
        for entry in source(contact, lambda field, name=name: older(field, name, position), limit + 1)
    ]
    found.sort(key=itemgetter(0), reverse=True)
    return {
        "entries": [{**entry, "key": f"{key[1]}-{key[2]}"} for key, entry in found[:limit]],
        "before": list(found[limit - 1][0]) if len(found) > limit else None,
    }


def older(field, source, position):
    """Domain of what comes behind the position in the order of (time, source, id), the largest first."""
    if position is None:
        return Domain(field, "!=", False)
    moment, name, record_id = position
    if source > name:
        return Domain(field, "<", moment)
    same = Domain(field, "=", moment)
    if source == name:
        same &= Domain("id", "<", record_id)
    return Domain(field, "<", moment) | same


def messages(contact, older_than, limit, which=Domain.TRUE):
    """The entries of the mirrored messages (``which``: Domain of those wanted); a source of ``page``."""
    rows = contact.env["ghl.contact.message"].search_fetch(
        Domain("contact_id", "=", contact.id) & which & older_than("remote_created_at"),
        FETCHED,
        limit=limit,
        order="remote_created_at desc, id desc",
    )
    return [_message(row) for row in rows]


def _message(row):
    kind = row.message_type or ""
    called = kind.endswith("CALL") or "VOICEMAIL" in kind
    note = kind.startswith("TYPE_ACTIVITY") or kind == "TYPE_INTERNAL_COMMENT"
    text = row.body or ""
    if row.content_type == "text/html":
        text = html2plaintext(text)
    return {
        "at": fields.Datetime.to_string(row.remote_created_at),
        "direction": row.direction or "",
        "kind": "call" if called else "note" if note else "message",
        "channel": row.channel,
        "icon": touches.look(kind)[0],
        "subject": row.subject or "",
        "text": text.strip(),
        "files": _files(row.attachments),
        "author": row.ghl_user_id.name or "",
        "status": row.status or "",
        "failed": row.status in FAILED,
        "error": row.error or "",
        "seconds": row.call_duration or None if called else None,
        "result": row.call_status or "" if called else "",
        "talk": False,
        "model": row._name,
        "id": row.id,
    }


def _files(attachments):
    """Attachments are addresses; only web addresses become links."""
    found = []
    for item in attachments if isinstance(attachments, list) else ():
        url = item if isinstance(item, str) else item.get("url") if isinstance(item, dict) else None
        if isinstance(url, str) and url.startswith(("https://", "http://")):
            found.append({"name": unquote(urlsplit(url).path.rpartition("/")[2]) or url, "url": url})
    return found


def _moment(text):
    return datetime.fromisoformat(str(text))

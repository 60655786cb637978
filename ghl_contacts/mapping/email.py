"""E-mails: the messages that only the export's channel Email holds. Their bodies are not among what it answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import message
from . import values as v

IGNORED = message.IGNORED


def to_row(remote: Any) -> dict:
    """Columns of ``ghl.contact.message``."""
    return {**message.to_row(remote), "is_email": True}


def to_html(remote: dict, escape: Callable[[str], str], alone: bool = True) -> str:
    """The body of one e-mail (GET /conversations/messages/email/{id}) as HTML, with its head unless it is ``alone``.

    Not safe to show before it is sanitised. ``escape`` makes HTML of text.
    """
    body = v.text(remote.get("body")) or ""
    if "html" not in (v.text(remote.get("contentType")) or "html").lower():
        body = f'<div style="white-space: pre-wrap">{escape(body)}</div>'
    if alone:
        return body
    head = [
        " → ".join(filter(None, (v.text(remote.get("from")), v.text(remote.get("to"))))),
        v.text(remote.get("dateAdded")),
        v.text(remote.get("subject")),
    ]
    return "".join(f"<div><small>{escape(line)}</small></div>" for line in head if line) + body

"""E-mails: the messages that only the export's channel Email holds. Their bodies are not among what it answers."""

from __future__ import annotations

from typing import Any

from . import message

IGNORED = message.IGNORED


def to_row(remote: Any) -> dict:
    """Columns of ``ghl.contact.message``."""
    return {**message.to_row(remote), "is_email": True}

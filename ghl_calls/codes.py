"""The whole numbers by which the CRM clients know purposes, types and reminders. Plain Python.

Source: contract of the CRM Admin API. 0 stands for "none" in every set.
"""

from __future__ import annotations

TYPES = {1: "outbound", 2: "inbound", 3: "missed"}
PURPOSES = {1: "prospecting", 2: "administrative", 3: "negotiation", 4: "demo", 5: "project", 6: "desk"}
REMINDERS = {minutes: str(minutes) for minutes in (5, 10, 15, 30)}
OUTGOING_STATUSES = {1: "scheduled", 2: "completed"}

TYPE_CODES = {word: code for code, word in TYPES.items()}
PURPOSE_CODES = {word: code for code, word in PURPOSES.items()}
OUTGOING_STATUS_CODES = {word: code for code, word in OUTGOING_STATUSES.items()}


def ukey(company_id: int, call_id: int) -> str:
    """The text key of a call: company, 000, id."""
    return f"{company_id}000{call_id}"

"""Which keys a contact document has, and which queries they cost. Plain Python."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from . import unmirrored

# Part of the document that costs a query of its own -> the keys that need it.
PARTS = {
    "tags": ("tag_list", "contact_tags"),
    "custom_values": ("custom_fields", "custom_fields_count"),
    "attributions": ("attributions", "attributions_count"),
    "tasks": ("tasks", "tasks_count", "has_tasks", "crm_tasks"),
    "conversations": (
        "conversations",
        "conversations_count",
        "conversations_count_basic",
        "has_conversations",
        "last_message",
    ),
    "opportunity_totals": ("opportunities", "total_pipeline_value"),
    "opportunity_list": ("opportunity_list",),
}
# Columns of the contact itself: they come with the row.
OWN = (
    "id external_id name first_name last_name email phone company_name address city state postal_code country website "
    "timezone source type dnd date_added date_updated last_activity business_id followers assigned_to assigned_to_id "
    "speed_to_lead touch_summary engagement_summary last_touch_date"
).split()
ALL = frozenset((*OWN, *unmirrored.VALUES, "ai_sales_reasoning", "details_fetched", "loading_details")).union(
    *PARTS.values()
)

# What only one kind of list has.
_SUMMARY_ONLY = {
    "ai_sales_reasoning", "details_fetched", "loading_details", "has_tasks", "has_conversations",
    "conversations_count_basic",
}  # fmt: skip
_DETAILS = {"tasks", "conversations", "custom_fields", "attributions"}
_ON_DEMAND = {"opportunity_list"}


@dataclass(frozen=True)
class Shape:
    """The keys wanted, and the parts that must be queried for them."""

    keys: frozenset[str]

    @classmethod
    def of(cls, keys: Iterable[str]) -> Shape:
        return cls(frozenset(keys) | {"id"})

    @property
    def parts(self) -> frozenset[str]:
        return frozenset(part for part, keys in PARTS.items() if not self.keys.isdisjoint(keys))

    def cut(self, document: dict) -> dict:
        """The full document, made into one of this shape."""
        keys = self.keys
        if keys == FULL.keys:
            return document
        return {key: value for key, value in (_more_keys(document) | document).items() if key in keys}


def _more_keys(document: dict) -> dict:
    """What other shapes have beyond the full document, unless it was read."""
    return {
        "opportunity_list": [],
        "ai_sales_reasoning": "",
        "details_fetched": True,
        "loading_details": False,
        "has_tasks": bool(document["tasks"]),
        "has_conversations": bool(document["conversations"]),
        "conversations_count_basic": document["conversations_count"],
    }


# Everything nested: the lists of a location.
FULL = Shape.of(ALL - _SUMMARY_ONLY - _ON_DEMAND)
# Counts instead of details: search results.
SUMMARY = Shape.of(ALL - _DETAILS - _ON_DEMAND)

import time

from odoo.http import Controller, request

from ...ghl_base.http import Param, api_route, json_response
from ..reading.contacts import ContactFilter
from ..reading.shape import SUMMARY, Shape
from . import schemas
from .answers import FIELDS, LOCATION, SELECTED_USER, contact_page, find_location, paging

DEFAULT_LIMIT = 50
MOST_COUNTED = 1000  # beyond, counting takes longer than finding, and nobody pages that far


class ContactSearch(Controller):
    @api_route(
        "/api/location-contacts-search",
        params=(
            LOCATION,
            Param(
                "search",
                default="",
                max_length=200,
                doc="Words that name, e-mails, phones or business must hold, all of them, in any order and case; "
                "a phone number may be written in any way.",
            ),
            SELECTED_USER,
            FIELDS,
            *paging(DEFAULT_LIMIT),
        ),
        summary="Contacts by name, e-mail, phone or business",
        responses={200: schemas.SEARCH},
        tag="Contacts",
    )
    def search(self, location_id, search, selected_user, fields, limit, **place):
        """Searches the database only. The total is counted up to 1,000 (`total_is_capped`)."""
        started = time.monotonic()
        env = request.env
        state = find_location(env, location_id, selected_user)
        chosen = ContactFilter(user=state.user, text=search)
        shape = Shape.of(fields) if fields else SUMMARY
        found = contact_page(env, state, chosen, shape, limit or DEFAULT_LIMIT, **place)
        total = env["ghl.contact"]._count_for_api(state.id, chosen, most=MOST_COUNTED)
        for contact in found["contacts"]:
            contact["location_name"] = state.name
            contact["location_id"] = state.external_id
        seconds = time.monotonic() - started
        capped = total == MOST_COUNTED
        answer = {
            "success": True,
            **found,
            "total_contacts": total,
            "total_is_capped": capped,
            "search_term": search,
            "ghl_api_used": False,
            "ghl_api_enabled": False,
            "ghl_contacts_found": 0,
            "local_contacts_found": total,
            "performance": {
                "total_time_ms": round(seconds * 1000, 2),
                "contacts_per_second": round(len(found["contacts"]) / seconds, 1) if seconds else 0.0,
            },
            "config": {"default_limit": DEFAULT_LIMIT, "max_counted": MOST_COUNTED},
            "message": f"{'At least ' if capped else ''}{total} contacts found.",
        }
        return json_response(answer, etag=False)  # the time taken differs in each answer

"""The contacts of a location ten at a time, as the contact screen asks for them."""

from odoo.http import Controller, request

from ...ghl_base.http import Param, api_route
from ..reading.contacts import ContactFilter
from ..reading.shape import SUMMARY
from . import schemas
from .answers import LOCATION, SELECTED_USER, contact_page, find_location
from .contact_lists import start_sync

PAGE = (
    Param("page", int, default=1, minimum=1, maximum=1_000_000),
    Param("limit", int, default=10, minimum=1, maximum=1000, doc="Contacts per page."),
)


class ContactPages(Controller):
    @api_route(
        "/api/location-contacts-lazy",
        params=(LOCATION, *PAGE),
        summary="A page of contacts, with counts instead of details",
        responses={200: schemas.PAGE_OF_CONTACTS},
        tag="Contacts",
    )
    def lazy(self, location_id, page, limit):
        """From the database only, newest first."""
        return _page(find_location(request.env, location_id), page, limit)

    @api_route(
        "/api/location-contacts-optimized",
        params=(
            LOCATION,
            SELECTED_USER,
            *PAGE,
            Param("background_sync", bool, default=False, doc="Start a sync behind."),
        ),
        summary="A page of contacts, with counts instead of details; a sync starts behind if wanted",
        responses={200: schemas.PAGE_OF_CONTACTS},
        tag="Contacts",
    )
    def optimized(self, location_id, selected_user, page, limit, background_sync):
        """From the database, newest first. Details are there already: `contacts_syncing` is 0, so that nobody waits."""
        state = find_location(request.env, location_id, selected_user)
        started = background_sync and not state.refused and start_sync(request.env, state)[0] == "background"
        return {
            **_page(state, page, limit),
            "created_count": 0,
            "updated_count": 0,
            "message": "Background sync in progress." if started else "Data returned from cache.",
            "background_sync_started": started,
            "contacts_syncing": 0,
        }


def _page(state, page, limit):
    env, chosen = request.env, ContactFilter(user=state.user)
    found = contact_page(env, state, chosen, SUMMARY, limit, page)
    return {"success": True, **found, "total_contacts": env["ghl.contact"]._count_for_api(state.id, chosen)}

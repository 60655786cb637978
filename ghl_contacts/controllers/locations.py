from odoo.http import Controller, request

from ...ghl_base.http import api_route
from . import schemas
from .answers import LOCATION, find_location


class Locations(Controller):
    @api_route(
        "/api/installed-locations",
        summary="The locations the key may see",
        responses={200: schemas.LOCATIONS},
        tag="Locations",
    )
    def installed(self):
        """From the database. Figures nobody measures are null. `sync_status` is `background` while a location syncs."""
        rows = request.env["ghl.location"]._read_for_api()
        return {
            "success": True,
            "locations": rows,
            "total_locations": len(rows),
            "message": "Data returned from cache.",
            "sync_status": "background" if any(row["syncing"] for row in rows) else "fresh",
        }

    @api_route(
        "/api/location-name",
        params=(LOCATION,),
        summary="The name of a location",
        responses={200: schemas.LOCATION_NAME},
        tag="Locations",
    )
    def name(self, location_id):
        state = find_location(request.env, location_id)
        return {"success": True, "location_id": state.external_id, "name": state.name}

    @api_route(
        "/api/location-users",
        params=(LOCATION,),
        summary="The GoHighLevel users of a location",
        responses={200: schemas.USERS},
        tag="Locations",
    )
    def users(self, location_id):
        state = find_location(request.env, location_id)
        users = request.env["ghl.user"]._read_for_api(state.id)
        return {"success": True, "users": users, "total_users": len(users)}

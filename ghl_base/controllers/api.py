from odoo.http import Controller, request, route

from ..http import openapi
from ..http.dispatcher import GhlApiDispatcher
from ..http.errors import ApiError, not_found
from ..http.routes import api_route
from ..http.spec import RouteSpec, routes

_CATCH_ALL = RouteSpec(paths=(), methods=(), handler="", auth="none")


class GhlApi(Controller):
    @api_route(
        "/api/health",
        auth="none",
        summary="Whether the server answers",
        responses={200: {"type": "object", "properties": {"status": {"const": "ok"}}}},
        tag="Service",
    )
    def health(self):
        return {"status": "ok"}

    @api_route(
        "/api/ping",
        summary="Whether the key is good; does no work",
        responses={200: {"type": "object", "properties": {"success": {"const": True}}}},
        tag="Service",
    )
    def ping(self):
        return {"success": True}

    @api_route("/api/openapi.json", summary="This API as an OpenAPI 3.1 document", tag="Service")
    def openapi(self):
        return openapi.build(routes(), request.httprequest.url_root)

    @route(
        "/api/<path:path>",
        type=GhlApiDispatcher.routing_type,
        auth="none",
        csrf=False,
        cors="allow-list",
        save_session=False,
        max_content_length=1024 * 1024,
        readonly=True,
        ghl_spec=_CATCH_ALL,
        ghl_catch_all=True,
    )
    def unknown(self):
        """Errors in our shape for what no route serves: 405 with Allow, or 404."""
        methods = request.env["ir.http"]._ghl_allowed_methods(request.httprequest.path)
        if methods:
            raise ApiError(
                405,
                "method_not_allowed",
                f"Use {' or '.join(methods[:-1])} here.",
                headers=(("Allow", ", ".join(methods)),),
            )
        raise not_found("Address", "unknown_address")

from odoo import fields
from odoo.http import Controller, request

from ..http import openapi
from ..http.routes import api_route, catch_all
from ..http.spec import routes


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
        "/health",
        auth="none",
        summary="Whether the server answers, as older monitors ask",
        responses={200: {"type": "object", "properties": {"status": {"const": "healthy"}}}},
        tag="Service",
    )
    def healthy(self):
        now = fields.Datetime.now().isoformat() + "Z"
        return {"status": "healthy", "createdon": now, "service": "ghl", "version": openapi.VERSION}

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

    unknown = catch_all("/api", root=True)
    unknown_health = catch_all("/health", root=True)

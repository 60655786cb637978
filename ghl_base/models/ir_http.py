import re

from werkzeug.exceptions import HTTPException
from werkzeug.routing import PathConverter

from odoo import SUPERUSER_ID, models
from odoo.http import request

from ..http.dispatcher import GhlApiDispatcher

_BEARER = re.compile(r"bearer +(\S+) *\Z", re.IGNORECASE)
BARE_KEY = ("X-Access-Token", "X-Api-Key")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Anything(PathConverter):
    """As ``path``, line breaks included."""

    regex = r"[^/][\s\S]*?"


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _get_converters(cls):
        return {**super()._get_converters(), "ghl_anything": Anything}

    @classmethod
    def _authenticate(cls, endpoint):
        # The first step that knows the route: from here on errors take its shape, refused keys included.
        if isinstance(request.dispatcher, GhlApiDispatcher):
            envelope = endpoint.routing["ghl_spec"].envelope
            request.dispatcher.envelope = envelope.chosen(request.httprequest.headers)
        return super()._authenticate(endpoint)

    @classmethod
    def _auth_method_ghl_key(cls):
        """Run the request as the user of the API key in the Authorization header; never by a session cookie.

        Without that header, X-Access-Token and X-Api-Key are looked at, where some older clients put the bare key.
        """
        headers = request.httprequest.headers
        header = headers.get("Authorization", "")
        match = _BEARER.match(header)
        env = request.env(user=SUPERUSER_ID, context={})  # nobody is known yet
        token = match[1] if match else header and "malformed"
        token = token or next(filter(None, (headers.get(name, "").strip() for name in BARE_KEY)), "")
        uid, company_id, locations = env["ghl.api.key"]._identify(token)
        user = env["res.users"].browse(uid)
        # The main company first: it is the current one. All others are switched on.
        companies = user._get_company_ids()
        context = {
            **user.with_user(uid).context_get(),
            "allowed_company_ids": [company_id, *(c for c in companies if c != company_id)],
        }
        if locations:
            context["ghl_location_ids"] = locations
        request.update_env(user=uid, context=context)

    def _ghl_served(self, path):
        """``{method: RouteSpec}`` of the routes, other than the catch-all, that serve `path`."""
        adapter = self.routing_map().bind("")
        served = {}
        for method in _METHODS:
            try:
                rule, _args = adapter.match(path, method=method, return_rule=True)
            except HTTPException:
                continue
            if not rule.endpoint.routing.get("ghl_catch_all"):
                served[method] = rule.endpoint.routing.get("ghl_spec")
        return served

    def _ghl_allowed_methods(self, path):
        """Methods that routes other than the catch-all serve at `path`, with OPTIONS; [] = unknown address."""
        methods = list(self._ghl_served(path))
        if "GET" in methods:
            methods.insert(1, "HEAD")
        return [*methods, "OPTIONS"] if methods else []

from markupsafe import Markup

from odoo.http import Controller, request, route

from ..http import openapi
from ..http.spec import routes
from ..net.codec import dumps


class ApiPage(Controller):
    @route("/ghl/api-reference", type="http", auth="user", methods=["GET"])
    def page(self):
        """The API's addresses for people, to read and to try. For those who may call them."""
        if not request.env.user.has_group("ghl.group_ghl_viewer"):
            raise request.not_found()
        text = dumps(openapi.build(routes(), request.httprequest.url_root)).decode()
        # JSON inside a script: no "<" may end it early.
        values = {"document": Markup(text.replace("<", "\\u003c")), "lang": request.env.lang or "en"}
        return request.render("ghl.api_page", values)

"""What the tests of the telephone providers share: a scripted server, orders, deliveries."""

import json
from datetime import datetime

from odoo.tests.common import BaseCase

from ..ghl_calls.providers import registry
from ..ghl_calls.providers.base import CallOrder, Delivery, PlaceError
from .scripted_http import Reply, ScriptedServer

NOW = datetime(2026, 11, 21, 12, 30)
DOOR = "https://odoo.example.com/ghl/voip/d00r/status/ref-1"
# Nobody listens there: port 9 (discard) of this machine.
NOBODY = "http://127.0.0.1:9"


def order(**values) -> CallOrder:
    """An order for a call, ready to be placed."""
    usual = {
        "reference": "ref-1",
        "to": "+15550100001",
        "from_number": "+15550109999",
        "callback_url": DOOR,
        "script": {"task": "Ask how they are.", "message": "Hello"},
    }
    return CallOrder(**{**usual, **values})


def delivery(body, headers=(), *, url=DOOR, method="POST", content_type="application/json", reference="ref-1"):
    """A request to our door with this body: bytes, or something to write as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Delivery(method, url, dict(headers), content, content_type, reference)


class ProviderCase(BaseCase):
    """Providers against a real HTTP server; `settings` and `provider_name` are the test class's."""

    provider_name = ""
    settings: dict = {}

    def serve(self, *script) -> ScriptedServer:
        server = ScriptedServer(*script)
        self.enterContext(server)
        return server

    def provider(self, server=None, **settings):
        url = server.url if isinstance(server, ScriptedServer) else server or NOBODY
        return registry.make(self.provider_name, {"base_url": url, **self.settings, **settings}, clock=lambda: NOW)

    def refused(self, server, kind, **values) -> PlaceError:
        """The error of placing an order there, which must be of this kind."""
        with self.assertRaises(PlaceError) as caught:
            self.provider(server).place(order(**values))
        self.assertEqual(caught.exception.kind, kind, str(caught.exception))
        return caught.exception

    def refused_with(self, status, body, kind, headers=()) -> PlaceError:
        """The error of placing an order that the provider answers like this."""
        return self.refused(self.serve(Reply(status, body, dict(headers))), kind)

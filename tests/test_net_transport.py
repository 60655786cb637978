"""What failed requests mean: above all, whether they left."""

import requests

from odoo.tests.common import BaseCase, tagged

from ..ghl_base.net.errors import RemoteTimeout, TransportError
from ..ghl_base.net.session import new_session
from ..ghl_base.net.transport import transport_error
from .scripted_http import Reply, ScriptedServer

FACTS = {"service": "Somebody", "method": "POST", "path": "/x"}


def failure(url, timeouts=(2.0, 0.2)):
    """The error of a real request."""
    session = new_session(timeouts=timeouts)
    try:
        # The adapter itself: Odoo's tests keep sessions from asking anybody but this machine.
        session.get_adapter(url).send(requests.Request("POST", url, data={"a": "1"}).prepare())
    except requests.RequestException as error:
        return transport_error(error, FACTS)
    raise AssertionError("the request did not fail")


@tagged("post_install", "-at_install")
class TestTransport(BaseCase):
    def serve(self, *script):
        return self.enterContext(ScriptedServer(*script)).url

    def test_nobody_listening_means_not_sent(self):
        self.assertFalse(failure("http://127.0.0.1:9/x").sent)

    def test_an_unknown_host_means_not_sent(self):
        self.assertFalse(failure("http://host.invalid/x").sent)

    def test_a_server_without_tls_means_not_sent(self):
        self.assertFalse(failure(self.serve(Reply()).replace("http:", "https:")).sent)

    def test_a_connection_that_breaks_may_have_been_sent(self):
        error = failure(self.serve(Reply(fault="reset")))
        self.assertIsInstance(error, TransportError)
        self.assertTrue(error.sent)

    def test_a_missing_answer_may_have_been_sent(self):
        error = failure(self.serve(Reply(fault="hang")))
        self.assertIsInstance(error, RemoteTimeout)
        self.assertTrue(error.sent)

    def test_the_error_names_the_service_and_not_the_address(self):
        error = failure("http://127.0.0.1:9/x?key=secret")
        self.assertEqual((error.service, error.path), ("Somebody", "/x"))
        self.assertNotIn("secret", str(error))

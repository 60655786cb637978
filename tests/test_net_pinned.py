"""A connection goes to the address that was checked, and still proves whom it reached."""

import datetime
import ssl
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from unittest.mock import patch

import requests
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from odoo.tests import BaseCase, tagged
from odoo.tests.common import _super_send

from ..ghl_base.net.errors import TransportError
from ..ghl_base.net.pinned import pinned_session
from ..ghl_calls.providers import sound

NAME = "sound.example.com"


def certificate(folder, name):
    """A file with key and self-signed certificate for ``name``."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = Path(folder, f"{name}.pem")
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    file.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(pem))
    return str(file)


@tagged("post_install", "-at_install", "ghl")
class TestPinnedConnections(BaseCase):
    @classmethod
    def _request_handler(cls, session, request, /, **options):
        # Odoo's tests refuse other names than this machine's; here names lead to this machine, or nowhere.
        return _super_send(session, request, **options)

    def serve(self, name):
        """An https server on this machine that proves to be ``name``: (port, certificate file, Host headers, SNI)."""
        file = certificate(self.enterContext(tempfile.TemporaryDirectory()), name)
        hosts, asked_names = [], []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                hosts.append(self.headers["Host"])
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *args):
                pass

        class Server(HTTPServer):
            def handle_error(self, request, client_address):
                pass  # a client that refuses our certificate hangs up

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        context.sni_callback = lambda connection, wanted, ctx: asked_names.append(wanted)
        server = Server(("127.0.0.1", 0), Handler)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server.server_port, file, hosts, asked_names

    def test_it_reaches_the_address_under_the_name(self):
        port, file, hosts, asked_names = self.serve(NAME)
        with pinned_session(NAME, "127.0.0.1") as session:
            self.assertEqual(session.get(f"https://{NAME}:{port}/r.mp3", verify=file).content, b"ok")
        self.assertEqual((hosts, asked_names), ([f"{NAME}:{port}"], [NAME]))

    def test_an_address_that_proves_to_be_somebody_else_is_refused(self):
        port, file, hosts, _names = self.serve("other.example.com")
        with pinned_session(NAME, "127.0.0.1") as session, self.assertRaises(requests.exceptions.SSLError):
            session.get(f"https://{NAME}:{port}/r.mp3", verify=file)
        self.assertEqual(hosts, [])

    def test_it_is_good_for_no_other_name(self):
        with pinned_session(NAME, "127.0.0.1") as session, self.assertRaises(requests.exceptions.InvalidURL):
            session.get("https://other.example.com/")

    def test_a_recording_is_asked_at_the_address_that_was_checked_though_the_name_has_moved(self):
        reached = []

        def connect(address, *args, **kwargs):
            reached.append(address)
            raise OSError("no further")

        for checked in ("34.1.2.3", "2600:1f18::5"):
            with (
                self.subTest(checked),
                patch.object(urllib3.util.connection, "create_connection", connect),
                self.assertRaises(TransportError),
                sound.open_sound(
                    "https://x.s3.amazonaws.com/r.mp3",
                    home="https://api.bland.ai",
                    credentials={},
                    resolve=lambda host, port, found=checked: [found],
                ),
            ):
                self.fail("reached it")
        self.assertEqual(
            [(host.strip("[]"), port) for host, port in reached], [("34.1.2.3", 443), ("2600:1f18::5", 443)]
        )

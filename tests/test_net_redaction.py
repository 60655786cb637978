"""No secret gets into a log, a stored error or an export."""

import os
import tempfile
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests.common import BaseCase, tagged

from ..ghl_base.net.redaction import redact
from ..ghl_base.net.session import new_session
from .scripted_http import Reply, ScriptedServer

SECRET = "s3cr3tValue0123456789"


@tagged("post_install", "-at_install")
class TestNetRedaction(BaseCase):
    def test_secrets_in_text_are_masked_and_the_rest_stays(self):
        for text in (
            f"Authorization: Bearer {SECRET}",
            f"authorization=Basic {SECRET}",
            f"GET /x?client_secret={SECRET}&page=2",
            f'{{"refreshToken": "{SECRET}", "page": 2}}',
            f"{{'access_token': '{SECRET}', 'page': 2}}",
            f"https://user:{SECRET}@example.com/page",
            f"api_key: {SECRET}; page",
            f"X-Api-Key: {SECRET}",
            f"password={SECRET}, page",
            f"x-wh-signature: {SECRET}",
            "token pit-0a1b2c3d-0000-4000-8000-s3cr3tValue".replace("s3cr3tValue", "000000000000"),
            f"jwt eyJhbGciOiJ9.{SECRET}.{SECRET}",
        ):
            with self.subTest(text):
                clean = redact(text)
                self.assertNotIn(SECRET, clean)
                self.assertNotIn("0a1b2c3d", clean)
                self.assertIn("***", clean)
                self.assertEqual("page" in clean, "page" in text)

    def test_text_without_secrets_is_left_alone(self):
        for text in (
            "Contact not found for id:abcDEF123",
            "GET /contacts/{contactId}: 200 in 12 ms",
            "the token expired",
            "tokens=5, field_key=contact.x, monkey: banana",
            "",
        ):
            self.assertEqual(redact(text), text)

    def test_mappings_are_masked_by_name_at_any_depth(self):
        content = {
            "clientSecret": SECRET,
            "headers": [{"Authorization": f"Bearer {SECRET}", "Accept": "x"}],
            "note": f"token={SECRET}",
            "password": "",
            "tuple": (1, {"api_token": SECRET}),
            5: None,
        }
        clean = redact(content)
        self.assertNotIn(SECRET, str(clean))
        self.assertEqual(clean["headers"][0]["Accept"], "x")
        self.assertEqual((clean["password"], clean[5]), ("", None))
        self.assertEqual(content["clientSecret"], SECRET, "the original is not touched")

    @given(st.recursive(st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
    def test_anything_can_be_redacted_and_twice_is_the_same(self, content):
        self.assertEqual(redact(redact(content)), redact(content))


@tagged("post_install", "-at_install")
class TestNetSession(BaseCase):
    def test_a_session_keeps_connections_but_no_cookies(self):
        with ScriptedServer(Reply(headers={"Set-Cookie": "sid=1"}), Reply()) as server:
            session = new_session()
            session.get(server.url + "/a")
            session.get(server.url + "/b")
            self.assertEqual(len(session.cookies), 0)
            self.assertNotIn("Cookie", server.asked[1].headers)

    def test_credentials_of_the_machine_do_not_replace_ours(self):
        with ScriptedServer(Reply()) as server, tempfile.NamedTemporaryFile("w") as netrc:
            netrc.write("machine 127.0.0.1 login admin password theirs\n")
            netrc.flush()
            with patch.dict(os.environ, {"NETRC": netrc.name}):
                new_session().get(server.url, headers={"Authorization": "Bearer ours"})
            self.assertEqual(server.asked[0].headers["Authorization"], "Bearer ours")

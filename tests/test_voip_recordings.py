"""Recordings are heard by who may see the call, and no address of theirs leads anywhere else."""

from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import BaseCase, TransactionCase, tagged

from ..ghl_base.net.errors import ForbiddenError, MalformedResponse, NotFoundError
from ..ghl_calls.controllers.recordings import recording_response
from ..ghl_calls.providers import sound
from .common import make_user
from .common_http import ApiCase
from .scripted_http import Reply, ScriptedServer
from .test_calls_recordings import served
from .voip_data import make_account, make_call

WAVE = bytes(range(256)) * 40
AUDIO = {"Content-Type": "audio/mpeg"}


@tagged("post_install", "-at_install", "ghl")
class TestWhereARecordingMayBe(BaseCase):
    def allowed(self, url, home="https://api.bland.ai", hosts=sound.USUAL_HOSTS, addresses=("34.1.2.3",)):
        try:
            sound.check(url, home=home, hosts=hosts, resolve=lambda host, port: addresses, facts={})
        except ForbiddenError:
            return False
        return True

    def test_the_provider_and_the_hosts_allowed_are_asked(self):
        for url in (
            "https://api.bland.ai/v1/calls/x/recording",
            "https://us.api.bland.ai/r.mp3",
            "https://server-v2-recordings.s3.amazonaws.com/r.mp3",
            "https://storage.googleapis.com/bucket/r.mp3",
        ):
            self.assertTrue(self.allowed(url), url)

    def test_nothing_else_is(self):
        for url in (
            "http://api.twilio.com/r.mp3",
            "https://example.com/r.mp3",
            "https://bland.ai.example.com/r.mp3",
            "https://evilbland.ai/r.mp3",
            "https://api.bland.ai@evil.example/r.mp3",
            "https://user:pass@s3.amazonaws.com/r.mp3",
            "https://s3.amazonaws.com:8443/r.mp3",
            "https://169.254.169.254/latest/meta-data",
            "https://127.0.0.1/r.mp3",
            "https://[::1]/r.mp3",
            "https://localhost/r.mp3",
            "ftp://api.bland.ai/r.mp3",
            "file:///etc/passwd",
            "gopher://api.bland.ai/",
            "//api.twilio.com/r.mp3",
            "https://[broken/r.mp3",
            "",
        ):
            self.assertFalse(self.allowed(url), url)

    def test_an_allowed_name_that_leads_to_a_private_address_is_not_asked(self):
        url = "https://x.s3.amazonaws.com/r.mp3"
        for address in (
            "127.0.0.1",
            "10.0.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "::1",
            "fd00::1",
            "0.0.0.0",
            "224.0.0.1",
        ):
            self.assertFalse(self.allowed(url, addresses=("34.1.2.3", address)), address)
        self.assertFalse(self.allowed(url, addresses=()))

    def test_a_provider_on_this_machine_is_asked_at_its_own_port_only(self):
        home = "http://127.0.0.1:8000"
        self.assertTrue(self.allowed("http://127.0.0.1:8000/r.mp3", home))
        self.assertFalse(self.allowed("http://127.0.0.1:8001/r.mp3", home))
        self.assertFalse(self.allowed("http://127.0.0.1/r.mp3", home))

    def test_redirections_are_checked_and_credentials_stay_at_home(self):
        with ScriptedServer(Reply(200, WAVE, AUDIO)) as elsewhere, ScriptedServer() as home:
            home.script = [Reply(302, b"", {"Location": f"{elsewhere.url}/r.mp3"})]
            told = {"home": home.url, "credentials": {"Authorization": "sk-secret"}}
            with self.assertRaises(ForbiddenError), sound.open_sound(f"{home.url}/r.mp3", **told):
                self.fail("followed to another port of this machine")
            self.assertEqual(home.asked[0].headers["Authorization"], "sk-secret")
            self.assertEqual(elsewhere.asked, [])
            # Were it allowed, the credentials would still not go there.
            home.script = [Reply(302, b"", {"Location": f"{elsewhere.url}/r.mp3"})]
            with patch.object(sound, "check"), sound.open_sound(f"{home.url}/r.mp3", **told) as source:
                self.assertEqual(b"".join(source.chunks()), WAVE)
            self.assertNotIn("Authorization", elsewhere.asked[0].headers)

    def test_redirections_without_end_are_given_up(self):
        with ScriptedServer() as home:
            home.script = [Reply(302, b"", {"Location": "/again"})] * 10
            with self.assertRaises(MalformedResponse), sound.open_sound(home.url, home=home.url, credentials={}):
                self.fail("found a recording")
            self.assertEqual(len(home.asked), sound.MOST_REDIRECTIONS + 1)

    def test_a_recording_without_end_is_cut(self):
        with ScriptedServer(Reply(200, b"x" * 5000, AUDIO)) as home, patch.object(sound, "LARGEST", 1000):
            opened = sound.open_sound(home.url, home=home.url, credentials={})
            with opened as source, self.assertRaises(MalformedResponse):
                list(source.chunks())

    def test_what_is_not_there_is_not_found(self):
        home = self.enterContext(ScriptedServer(Reply(404, b"")))
        with self.assertRaises(NotFoundError), sound.open_sound(home.url, home=home.url, credentials={}):
            self.fail("found a recording")


@tagged("post_install", "-at_install", "ghl")
class TestHearing(TransactionCase):
    def recorded(self, server, **values):
        account = make_account(self.env, server.url, **values)
        return make_call(self.env, account, provider=account.provider, recording_url=f"{server.url}/r")

    def test_a_viewer_hears_the_whole_or_a_part(self):
        viewer = make_user(self.env, "hears", "viewer")
        with ScriptedServer(Reply(200, WAVE, AUDIO), Reply(200, WAVE, AUDIO)) as server:
            call = self.recorded(server).with_user(viewer)
            status, body, headers = served(recording_response(call, None))
            self.assertEqual((status, body, headers["Content-Type"]), (200, WAVE, "audio/mpeg"))
            status, body, headers = served(recording_response(call, "bytes=100-199"))
            self.assertEqual((status, body), (206, WAVE[100:200]))
            self.assertEqual(server.asked[0].headers["Authorization"], "sk-for-tests")

    def test_who_may_not_see_the_call_hears_nothing(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = make_user(self.env, "hears_not", "viewer", companies=company)
        with ScriptedServer() as server:
            call = self.recorded(server).with_user(stranger)
            with self.assertRaises(AccessError):
                recording_response(call, None)
            self.assertEqual(server.asked, [])

    def test_twilio_is_asked_as_twilio_wants_it(self):
        with ScriptedServer(Reply(200, WAVE, AUDIO)) as server:
            call = self.recorded(server, provider="twilio", account_sid="AC1", auth_token="tok")
            call.recording_url = f"{server.url}/2010-04-01/Accounts/AC1/Recordings/RE1"
            served(recording_response(call, None))
            self.assertEqual(server.asked[0].path, "/2010-04-01/Accounts/AC1/Recordings/RE1.mp3")
            self.assertEqual(server.asked[0].headers["Authorization"], "Basic QUMxOnRvaw==")


@tagged("post_install", "-at_install", "ghl")
class TestHearingOverHttp(ApiCase):
    def test_the_recording_is_served_by_id_with_a_key(self):
        with ScriptedServer(Reply(200, WAVE, AUDIO)) as server:
            account = make_account(self.env, server.url)
            call = make_call(self.env, account, provider="bland", recording_url=f"{server.url}/r")
            self.env.flush_all()
            path = f"/api/calls/{call.id}/recording"
            self.assertEqual(self.call(path, key=None).status_code, 401)
            answer = self.call(path, headers={"Range": "bytes=0-9"})
            self.assertEqual((answer.status_code, answer.content), (206, WAVE[:10]))
            self.assert_refused(self.call("/api/calls/999999/recording"), 404, "not_found")
            silent = make_call(self.env, account)
            self.env.flush_all()
            self.assert_refused(self.call(f"/api/calls/{silent.id}/recording"), 404, "no_recording")

"""What the dialler's older clients send and read: empty filters, recordings without a key, all fields of a call."""

import json
from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged

from ..ghl_base.net.errors import NotFoundError
from ..ghl_calls.models import ghl_call_recording
from ..ghl_calls.providers import sound
from .common import make_location, make_user
from .common_http import ApiCase
from .scripted_http import Reply, ScriptedServer
from .voip_data import make_account, make_agent, make_call

SOUND = bytes(range(256)) * 40


@tagged("post_install", "-at_install", "ghl")
class DiallerCase(ApiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.enterClassContext(ScriptedServer())
        cls.agent_user = make_user(cls.env, "dials", "agent")
        cls.agent_key = cls.make_key(cls.agent_user)
        cls.account = make_account(cls.env, state="connected", base_url=cls.server.url)
        cls.agent = make_agent(cls.env, cls.account)

    def setUp(self):
        super().setUp()
        self.server.script, self.server.asked = [], []

    def make(self, **values):
        return make_call(self.env, self.account, user_id=self.agent_user.id, **values)

    def ask(self, path, method="GET", status=200, **kwargs):
        self.env.flush_all()
        response = self.call(path, method, key=self.agent_key, **kwargs)
        self.assertEqual(response.status_code, status, response.text[:300])
        return response.json()


class TestFilters(DiallerCase):
    def test_filters_sent_empty_are_not_set(self):
        call = self.make()
        body = self.ask("/calls?search=&status=&sentiment=&dateFrom=&dateTo=&sort=&page=&limit=")
        self.assertEqual([row["id"] for row in body["calls"]], [str(call.id)])
        self.assertEqual(self.ask("/calls/campaigns?status="), [])

    def test_the_last_day_there_is_ends_no_list(self):
        self.make()
        for end in ("9999-12-31", "9999-12-31T23:59:59"):
            self.assertEqual(self.ask(f"/calls?dateTo={end}")["total"], 1)

    def test_signs_of_a_pattern_are_searched_for_as_they_are(self):
        self.make(to_number="+12125550123")
        for sign in ("%25", "_", "%5C"):
            self.assertEqual(self.ask(f"/calls?search={sign}")["total"], 0, sign)
        self.assertEqual(self.ask("/calls?search=5550123")["total"], 1)


class TestDocument(DiallerCase):
    def test_a_call_says_whose_it_is_what_the_provider_calls_it_and_what_was_said(self):
        said = [{"role": "assistant", "content": "Hello", "timestamp": 1}, {"role": "user", "content": "Hi"}]
        self.make(provider="twilio", provider_call_id="CA1", transcript_turns=said)
        [row] = self.ask("/calls")["calls"]
        self.assertEqual(row["userId"], str(self.agent_user.id))
        self.assertEqual((row["providerCallId"], row["twilioCallSid"]), ("CA1", "CA1"))
        self.assertIs(row["aiProcessed"], False)
        heard = [(turn["role"], turn["content"], turn["timestamp"]) for turn in row["conversationTurns"]]
        self.assertEqual(heard, [("agent", "Hello", 1), ("user", "Hi", None)])

    def test_the_recording_of_a_call_that_is_over_by_word_must_be_a_web_address(self):
        call = self.make()
        for address in ("javascript:alert(1)", "file:///etc/passwd", "x"):
            self.ask(f"/calls/{call.id}/complete", "POST", 400, json={"recordingUrl": address})
        self.assertEqual((call.state, call.recording_url), ("pending", False))


class TestUnknown(DiallerCase):
    def test_an_address_that_is_not_there_is_told_with_what_was_asked(self):
        for path, method in (("/calls/nothing/here", "POST"), ("/campaigns/x/y", "GET")):
            told = self.ask(path, method, 404)
            self.assertEqual((told["path"], told["method"]), (path, method))
            self.assertTrue(told["timestamp"].endswith("Z"))


class TestNews(DiallerCase):
    def test_who_has_somebody_called_again_hears_that_it_rings(self):
        call = self.make()
        self.server.script = [Reply(200, {"status": "success", "call_id": "bl-9"})]
        self.ask(f"/calls/{call.id}/redial", "POST")
        told = [json.loads(row.message) for row in self.env["bus.bus"].search([])]
        [payload] = [news["payload"] for news in told if news["type"] == "call:started"]
        expected = {"type": "call:started", "userId": str(self.agent_user.id), "callId": str(call.id)}
        self.assertEqual(payload, {**expected, "phone": "+15005550006"})

    def test_nobody_is_called_twice_at_once_by_two_who_ask(self):
        call = self.make()
        self.server.script = [Reply(200, {"status": "success", "call_id": f"bl-{n}"}) for n in range(5)]
        self.ask(f"/calls/{call.id}/redial", "POST")
        self.ask(f"/calls/{call.id}/redial", "POST", 409)
        call.invalidate_recordset()
        call._end("no_answer")
        self.ask(f"/calls/{call.id}/redial", "POST")
        self.ask(f"/calls/{call.id}/redial", "POST", 409)
        self.assertEqual(len(self.server.asked), 2)

    def test_a_call_that_is_being_sent_is_not_declared_over(self):
        call = self.make(submission="sending")
        self.ask(f"/calls/{call.id}/complete", "POST", 409)
        self.assertEqual(call.state, "pending")

    def test_how_a_call_goes_is_told_to_its_user(self):
        call = self.make(reference="r-1")
        call._apply_event("initiated", {})
        call._state_changed({call.id: "pending"})
        call._end("busy")
        self.env.cr.precommit.run()
        told = [json.loads(row.message) for row in self.env["bus.bus"].search([])]
        mine = [
            (news["type"], news["payload"]["status"]) for news in told if news["payload"].get("callId") == str(call.id)
        ]
        over = [(name, "BUSY") for name in ("call:updated", "CALL_STATUS_UPDATE", "call:ended")]
        self.assertEqual(mine[:1], [("call:status-update", "DIALING")])
        self.assertEqual(mine[1:], over)


class TestListening(DiallerCase):
    def address(self, **values):
        """(the call, the path of its recording) as the list gives it."""
        call = self.make(recording_url=f"{self.server.url}/r.mp3", **values)
        [row] = self.ask("/calls")["calls"]
        base = self.base_url()
        self.assertTrue(row["recordingUrl"].startswith(base), row["recordingUrl"])
        return call, row["recordingUrl"].removeprefix(base)

    def listen(self, path, **headers):
        return self.call(path, key=None, headers=headers)

    def test_a_call_without_a_recording_has_no_address_of_one(self):
        self.make()
        self.assertIsNone(self.ask("/calls")["calls"][0]["recordingUrl"])

    def test_the_address_is_opened_as_it_is(self):
        _call, path = self.address()
        self.server.script = [Reply(200, SOUND, {"Content-Type": "audio/mpeg"})]
        response = self.listen(path)
        self.assertEqual((response.status_code, response.content), (200, SOUND))
        self.assertEqual(response.headers["Content-Type"], "audio/mpeg")

    def test_it_is_over_after_its_time(self):
        call = self.make(recording_url=f"{self.server.url}/r.mp3").with_user(self.agent_user)
        with patch.object(ghl_call_recording, "LISTEN_LIVES", timedelta(seconds=-1)):
            path = call._listen_address("")
        self.env.flush_all()
        self.assert_refused(self.listen(path), 404, "no_recording")

    def test_it_ends_with_the_rights_of_who_was_given_it(self):
        _call, path = self.address()
        self.agent_user.group_ids = self.env.ref("base.group_user")
        self.env.flush_all()
        self.assert_refused(self.listen(path), 404, "no_recording")
        self.agent_user.active = False
        self.env.flush_all()
        self.assert_refused(self.listen(path), 404, "no_recording")

    def test_it_obeys_the_location_limit_of_the_key(self):
        here, elsewhere = make_location(self.env, "L1"), make_location(self.env, "L2")
        call = self.make(recording_url=f"{self.server.url}/r.mp3", location_id=here.id).with_user(self.agent_user)
        for limit, status in ((here, 200), (elsewhere, 404)):
            self.server.script = [Reply(200, SOUND, {"Content-Type": "audio/mpeg"})]
            token = call.with_context(ghl_location_ids=limit.ids)._sign("ghl.call.listen", timedelta(hours=1))
            self.env.flush_all()
            self.assertEqual(self.listen(f"/ghl/calls/listen/{token}").status_code, status)

    def test_made_up_addresses_open_nothing(self):
        call, path = self.address()
        token = path.rpartition("/")[2]
        live = call.with_user(self.agent_user)._sign("ghl.campaign.live", timedelta(hours=1))
        for text in ("x", "AQ", token[:-3] + "abc", token + "A" * 8, live, "%00", "é", "A" * 1900, str(call.id)):
            with self.subTest(text=text):
                self.assertIn(self.listen(f"/ghl/calls/listen/{text}").status_code, (400, 404))
        self.assertEqual(self.server.asked, [])


@tagged("post_install", "-at_install", "ghl")
class TestKeyHeaders(ApiCase):
    def test_the_bare_key_may_come_in_the_headers_of_older_clients(self):
        for name in ("X-Access-Token", "X-Api-Key"):
            response = self.call("/api/v1/calls", key=None, headers={name: self.key})
            self.assertEqual(response.status_code, 200, name)

    def test_a_wrong_one_is_refused_there_too(self):
        for headers in ({"X-Api-Key": "x"}, {"X-Api-Key": self.key, "Authorization": "Basic eA=="}):
            self.assertEqual(self.call("/api/v1/calls", key=None, headers=headers).status_code, 401)


@tagged("post_install", "-at_install", "ghl")
class TestNothingButSoundIsRead(DiallerCase):
    """The account's credentials open more than recordings, and agents can name an address."""

    def read(self, content_type):
        self.server.script = [Reply(200, b'{"auth_token": "s3cret"}', {"Content-Type": content_type})]
        with sound.open_sound(
            f"{self.server.url}/2010-04-01/Accounts/AC1.json", home=self.server.url, credentials={"Authorization": "x"}
        ) as source:
            return b"".join(source.chunks())

    def test_what_is_no_sound_is_not_handed_on(self):
        for kind in ("application/json", "text/xml; charset=utf-8", "TEXT/HTML", "text/csv", "application/xml"):
            with self.subTest(kind=kind), self.assertRaises(NotFoundError):
                self.read(kind)

    def test_sound_of_hosts_that_do_not_know_what_they_keep_is(self):
        for kind in ("audio/x-wav", "binary/octet-stream", "application/octet-stream", ""):
            self.assertTrue(self.read(kind), kind)

    def test_an_agent_cannot_read_the_account_by_the_name_of_a_recording(self):
        call = self.make()
        address = f"{self.server.url}/2010-04-01/Accounts/AC1.json"
        self.ask(f"/calls/{call.id}/complete", "POST", json={"recordingUrl": address})
        self.server.script = [Reply(200, b'{"auth_token": "s3cret"}', {"Content-Type": "application/json"})]
        response = self.call(f"/api/calls/{call.id}/recording", key=self.agent_key)
        self.assert_refused(response, 404, "no_recording")
        self.assertNotIn("s3cret", response.text)

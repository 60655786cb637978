"""Recordings, transcripts and texts of e-mails: asked for when wanted, once, from a real server over real HTTP."""

from datetime import timedelta
from unittest.mock import patch

from werkzeug.test import create_environ, run_wsgi_app

from odoo import fields
from odoo.tests.common import tagged

from ..dev.sandbox.telephony.sound import wav
from ..ghl_base.http.errors import ApiError
from ..ghl_base.http.media import forwarded, sound_response
from ..ghl_base.net.budget import MemoryRateBudget
from ..ghl_calls.controllers.recordings import recording_response
from ..ghl_calls.models.ghl_call_talk import ASK_AGAIN
from ..ghl_contacts.mapping import email, transcript
from ..ghl_contacts.mirror import connection
from .common import SandboxCase, make_user, remote_messages

RECORDING = "/recording"


def served(response):
    """(status, body, headers) of an answer as a server sends it."""
    pieces, status, headers = run_wsgi_app(response, create_environ())
    try:
        return int(status.split()[0]), b"".join(pieces), headers
    finally:
        pieces.close()


class TalkCase(SandboxCase):
    """A location with its calls: those with a transcript, those without one, and those nobody answered."""

    sandbox_options = {"contacts": 60, "locations": 1}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        budget = MemoryRateBudget(limit=10_000)
        cls.classPatch(connection, "budget_for", lambda location: budget)
        cls.location._enqueue_pull()
        cls.env["ghl.job"].drain(limit=1)
        cls.env.invalidate_all()
        calls = {call.provider_call_id: call for call in cls.env["ghl.call"].search([("provider", "=", "ghl")])}
        cls.spoken, cls.untold, cls.silent = [], [], []
        for row in (row for row in remote_messages(cls.sandbox)["messages"] if row["messageType"] == "TYPE_CALL"):
            call, said = calls[row["id"]], row["meta"]["call"]
            if said["status"] != "completed" or not said["duration"]:
                cls.silent.append(call)
                continue
            path = f"/conversations/locations/{cls.location.external_id}/messages/{row['id']}/transcription"
            status, sentences, _headers = cls.sandbox.call("GET", path)
            (cls.spoken if status == 200 else cls.untold).append((call, sentences))

    def setUp(self):
        super().setUp()
        self.sandbox.reset_ledger()

    def asked(self, ending):
        return sum(n for path, n in self.sandbox.ledger()["requests"].items() if path.endswith(ending))

    def fetch(self, call, what="transcript"):
        job = call._enqueue_talk(what)
        self.env["ghl.job"].drain(limit=1)
        self.env.invalidate_all()
        return job


@tagged("post_install", "-at_install")
class TestTranscripts(TalkCase):
    def test_looking_at_a_call_has_its_transcript_asked_for_once(self):
        call, sentences = self.spoken[0]
        self.assertEqual(call.read_talk()["fetching"], True)
        self.assertTrue(call.read_talk()["fetching"], "while it is on its way")
        self.env["ghl.job"].drain(limit=5)
        self.env.invalidate_all()
        found = call.read_talk()
        self.assertFalse(found["fetching"])
        self.assertEqual([turn["text"] for turn in found["turns"]], [row["transcript"] for row in sentences])
        self.assertEqual([turn["at"] for turn in found["turns"]], [row["startTime"] / 1000 for row in sentences])
        self.assertEqual(self.asked("/transcription"), 1)
        self.assertIn(sentences[0]["transcript"], call.transcript)

    def test_what_is_not_there_is_not_asked_for_at_each_look_but_later(self):
        call, _refusal = self.untold[0]
        job = self.fetch(call)
        self.assertEqual((job.state, job.result), ("done", {"outcome": "none", "sentences": 0}))
        self.assertEqual(call.transcript_state, "none")
        self.assertFalse(call.read_talk()["fetching"])
        call.transcript_asked_at = fields.Datetime.now() - ASK_AGAIN - timedelta(minutes=1)
        self.assertTrue(call.read_talk()["fetching"])

    def test_calls_nobody_answered_are_never_asked_about(self):
        for call in self.silent[:3]:
            self.assertEqual(call.read_talk(), {"turns": [], "recording": False, "fetching": False})
            self.assertFalse(call.can_play)
        self.assertFalse(self.env["ghl.job"].search([("method", "=", "_job_fetch_transcript")]))

    def test_without_credentials_nothing_is_asked_for(self):
        self.env["ghl.token"].search([]).unlink()
        self.assertFalse(self.spoken[0][0].read_talk()["fetching"])

    def test_a_refusal_waits_for_people_and_tells_why(self):
        self.sandbox.set_faults({"403": {"rate": 1, "path": "/transcription"}})
        job = self.fetch(self.spoken[0][0])
        self.assertEqual(job.state, "parked")
        self.assertIn("GoHighLevel", job.error)
        self.assertFalse(self.spoken[0][0].transcript_state)

    def test_a_passing_failure_is_tried_again(self):
        self.sandbox.set_faults({"500": {"rate": 1, "path": "/transcription", "count": 1}})
        call, sentences = self.spoken[0]
        self.fetch(call)
        self.assertEqual(len(call.transcript_turns), len(sentences))

    def test_a_stored_transcript_survives_the_next_pull(self):
        call, sentences = self.spoken[0]
        self.fetch(call)
        self.pull("full")
        self.assertEqual(len(call.transcript_turns), len(sentences))

    def test_who_made_the_call_speaks_on_the_first_channel(self):
        sentence = {"mediaChannel": 1, "sentenceIndex": 0, "startTime": 1200, "endTime": 2000, "transcript": "Hi"}
        [turn] = transcript.to_turns([sentence], "outbound")
        self.assertEqual((turn["role"], turn["timestamp"], turn["end"]), ("agent", 1.2, 2.0))
        self.assertEqual(transcript.to_turns([sentence], "inbound")[0]["role"], "user")
        self.assertEqual(transcript.to_turns([{**sentence, "mediaChannel": "2"}], "outbound")[0]["role"], "user")

    def test_sentences_are_put_in_order_and_odd_ones_left_out(self):
        rows = [
            {"mediaChannel": 1, "startTime": 5000, "transcript": "second"},
            None,
            "text",
            {"transcript": "  "},
            {"mediaChannel": 2, "startTime": 100, "transcript": " first "},
            {"transcript": "when?", "startTime": "soon", "confidence": "x"},
        ]
        turns = transcript.to_turns(rows, "outbound")
        self.assertEqual([turn["content"] for turn in turns], ["first", "second", "when?"])
        self.assertIsNone(turns[2]["timestamp"])


@tagged("post_install", "-at_install")
class TestRecordings(TalkCase):
    def sound(self, call, byte_range=None):
        return served(recording_response(call, byte_range))

    def expected(self, call):
        return wav(call.duration_seconds)

    def test_the_whole_is_streamed(self):
        call = self.spoken[0][0]
        status, content, headers = self.sound(call)
        self.assertEqual((status, content), (200, self.expected(call)))
        self.assertEqual(headers["Content-Type"], "audio/x-wav")
        self.assertEqual((headers["Accept-Ranges"], headers["X-Content-Type-Options"]), ("bytes", "nosniff"))

    def test_parts_are_given_though_the_source_knows_no_parts(self):
        call = self.spoken[0][0]
        whole = self.expected(call)
        for asked, begin, end in (
            ("bytes=0-9", 0, 10),
            ("bytes=44-", 44, len(whole)),
            ("bytes=-7", len(whole) - 7, len(whole)),
        ):
            status, content, headers = self.sound(call, asked)
            self.assertEqual((status, content), (206, whole[begin:end]), asked)
            self.assertEqual(headers["Content-Range"], f"bytes {begin}-{end - 1}/{len(whole)}")
            self.assertEqual(headers["Content-Length"], str(end - begin))

    def test_a_part_outside_is_refused(self):
        with self.assertRaises(ApiError) as caught:
            self.sound(self.spoken[0][0], "bytes=99999999-")
        self.assertEqual(caught.exception.code, 416)

    def test_ranges_that_make_no_sense_get_the_whole(self):
        for odd in ("bytes=", "bytes=-", "bytes=a-b", "bytes=0-1,5-6", "lines=1-2", ""):
            self.assertIsNone(forwarded(odd), odd)

    def test_a_call_without_recording_answers_404(self):
        with self.assertRaises(ApiError) as caught:
            self.sound(self.silent[0])
        self.assertEqual((caught.exception.code, caught.exception.error_code), (404, "no_recording"))

    def test_a_recording_that_gohighlevel_does_not_have_answers_404(self):
        call = self.silent[0]
        self.env.cr.execute("UPDATE ghl_call SET state = 'completed' WHERE id = %s", [call.id])
        self.env.invalidate_all()
        with self.assertRaises(ApiError) as caught:
            self.sound(call)
        self.assertEqual(caught.exception.error_code, "no_recording")
        self.assertEqual(self.fetch(call, "recording").result, {"outcome": "none", "bytes": 0})
        self.assertFalse(call.read_talk()["recording"])

    def test_recordings_are_kept_when_the_setting_says_so(self):
        call = self.spoken[0][0]
        self.assertEqual(self.fetch(call, "recording").result, {"outcome": "remote", "bytes": 0})
        self.assertFalse(call.recording_attachment_id)
        self.env["ir.config_parameter"].set_param("ghl.keep_recordings", "True")
        whole = self.expected(call)
        self.assertEqual(self.fetch(call, "recording").result, {"outcome": "stored", "bytes": len(whole)})
        self.assertEqual(call.recording_attachment_id.raw, whole)
        self.assertEqual(call.recording_attachment_id.res_id, call.id)
        self.sandbox.reset_ledger()
        self.fetch(call, "recording")
        self.assertEqual(self.asked(RECORDING), 0, "kept once")

    def test_what_is_no_sound_is_never_run_by_a_browser(self):
        class Page:
            content_type, start, length = "text/html", 0, None

            def chunks(self):
                yield b"<script>"

        _status, content, headers = served(sound_response(Page(), None, lambda: None, filename="x"))
        self.assertEqual((content, headers["Content-Type"]), (b"<script>", "application/octet-stream"))

    def test_the_source_is_closed_when_the_listener_goes_away(self):
        closed = []

        class Tone:
            content_type, start, length = "audio/wav", 0, 4

            def chunks(self):
                yield b"to"
                yield b"ne"

        response = sound_response(Tone(), None, lambda: closed.append(True), filename="x")
        pieces, _status, _headers = run_wsgi_app(response, create_environ())
        self.assertEqual((next(iter(pieces)), closed), (b"to", []))
        pieces.close()
        self.assertEqual(closed, [True])

    def test_a_source_that_gives_the_part_asked_for_is_not_cut_twice(self):
        class Part:
            content_type, start, length = "audio/wav", 2, 6

            def chunks(self):
                yield b"cd"
                yield b"ef"

        status, content, _headers = served(sound_response(Part(), "bytes=3-4", lambda: None, filename="x"))
        self.assertEqual((status, content), (206, b"de"))


@tagged("post_install", "-at_install")
class TestEmailBodies(TalkCase):
    def test_opening_an_email_brings_its_text_once(self):
        mail = self.env["ghl.contact.message"].search([("is_email", "=", True)], limit=1)
        reader = make_user(self.env, "mail_reader")
        self.assertTrue(mail.with_user(reader).fetch_on_open())
        self.env["ghl.job"].drain(limit=1)
        self.env.invalidate_all()
        self.assertIn("Best regards", mail.email_body)
        self.assertEqual((mail.email_state, mail.subject), ("stored", "About our talk"))
        self.assertFalse(mail.with_user(reader).fetch_on_open())
        self.pull("full")
        self.assertIn("Best regards", mail.email_body, "a sync leaves it")

    def test_other_messages_have_nothing_to_ask_for(self):
        text = self.env["ghl.contact.message"].search([("message_type", "=", "TYPE_SMS")], limit=1)
        self.assertFalse(text.fetch_on_open())

    def test_an_email_that_is_gone_says_so(self):
        mail = self.env["ghl.contact.message"].search([("is_email", "=", True)], limit=1)
        mail.email_ids = ["nobody-knows-this"]
        mail.fetch_on_open()
        self.env["ghl.job"].drain(limit=1)
        self.env.invalidate_all()
        self.assertEqual((mail.email_state, mail.email_body), ("none", False))

    def test_scripts_of_senders_do_not_reach_readers(self):
        mail = self.env["ghl.contact.message"].search([("is_email", "=", True)], limit=1)
        evil = '<p onclick="x()">Hi<script>alert(1)</script><a href="javascript:x()">l</a></p>'
        client = self.env.registry["ghl.location"]._client

        def answering(location, **options):
            made = client(location, **options)
            made.email = lambda email_id: {"id": email_id, "body": evil, "contentType": "text/html"}
            return made

        mail.fetch_on_open()
        with patch.object(self.env.registry["ghl.location"], "_client", answering):
            self.env["ghl.job"].drain(limit=1)
        self.env.invalidate_all()
        self.assertIn("Hi", mail.email_body)
        for bad in ("script", "onclick", "javascript"):
            self.assertNotIn(bad, mail.email_body)

    def test_plain_text_stays_text_and_threads_tell_their_mails_apart(self):
        mail = {"body": "a < b", "contentType": "text/plain", "from": "A", "to": ["B"], "subject": "S"}
        self.assertIn("a &lt; b", email.to_html(mail, _escape))
        self.assertNotIn("A →", email.to_html(mail, _escape))
        self.assertIn("A → B", email.to_html(mail, _escape, alone=False))


def _escape(text):
    return text.replace("<", "&lt;")

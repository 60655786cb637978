from contextlib import contextmanager
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...ghl_contacts.mapping import transcript as mapping
from ..mirrored import recording, words
from ..reading import happened, talk

# A transcript is made some time after the call: what was not there is asked for again, but not at each look.
ASK_AGAIN = timedelta(hours=1)
UNTOLD = ("transcript_turns", "transcript_state", "transcript_asked_at", "recording_state", "recording_attachment_id")
KEEP_SETTING = "ghl.keep_recordings"


class GhlCall(models.Model):
    """What was said in a call: recording and transcript, and for its form what happened.

    GoHighLevel gives recordings and transcripts of its calls one by one, so they are asked for when somebody wants
    them: the transcript is stored, the recording streamed or, by setting, kept.
    """

    _inherit = "ghl.call"

    ghl_user_id = fields.Many2one(
        "ghl.user", "GHL user", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    can_play = fields.Boolean("Something to hear or read", compute="_compute_can_play")
    transcript_state = fields.Selection(
        [("stored", "Stored"), ("none", "GoHighLevel has none")], readonly=True, copy=False
    )
    transcript_asked_at = fields.Datetime("Transcript asked for", readonly=True, copy=False)
    recording_state = fields.Selection(
        [("remote", "At GoHighLevel"), ("stored", "Kept in Odoo"), ("none", "GoHighLevel has none")],
        readonly=True,
        copy=False,
    )
    recording_attachment_id = fields.Many2one("ir.attachment", readonly=True, copy=False, ondelete="set null")

    @api.depends("transcript", "transcript_turns", "recording_url", "summary", "recording_state", "state")
    def _compute_can_play(self):
        for call in self:
            call.can_play = bool(call.transcript or call.transcript_turns or call.summary or call._has_recording())

    # ---- for the form ------------------------------------------------------------------------------------

    def read_talk(self):
        """``{"turns", "recording", "fetching"}`` for the form.

        ``turns``: see ``reading.talk``. ``recording``: the address to play, False when there is none. ``fetching``:
        whether GoHighLevel is being asked for what was said.
        """
        self.ensure_one()
        self.check_access("read")
        return {
            "turns": talk.turns(self),
            "recording": f"/ghl/calls/{self.id}/recording" if self._has_recording() else False,
            "fetching": bool(self._wants_transcript() and self._enqueue_talk("transcript")),
        }

    def read_timeline(self):
        """What happened to the call, the latest first: see ``reading.happened``."""
        self.ensure_one()
        self.check_access("read")
        return happened.entries(self)

    def _is_logged(self, name):
        """Of a transcript that has come its text is told, not what was noted along the way."""
        return name not in UNTOLD and super()._is_logged(name)

    # ---- what there is -----------------------------------------------------------------------------------

    def _was_recorded(self):
        """Whether GoHighLevel may have recorded this call: somebody, or a voicemail, answered it."""
        return words.was_recorded(self.provider, self.state, self.answered_by)

    def _has_recording(self):
        """Whether there is, as far as known, something to play."""
        return words.has_recording({name: self[name] for name in words.TELLING})

    def _wants_transcript(self):
        """Whether GoHighLevel should be asked: it may have one that is not here, and was not asked just now."""
        if self.transcript_state == "stored" or not self._was_recorded():
            return False
        asked = self.transcript_asked_at
        return not asked or asked < fields.Datetime.now() - ASK_AGAIN

    @contextmanager
    def _open_recording(self, byte_range=None):
        """The recording where it is kept by others: a ``ghl_base.http.media.Source``, open as long as the block lasts.

        :param byte_range: a Range header to send on, which may be ignored
        :raises UserError: this kind of call has none
        :raises RemoteError: there is none, or it cannot be reached; see ``GhlClient.recording``
        """
        self.ensure_one()
        if not self._was_recorded():
            raise UserError(self.env._("There is no recording of this call."))
        # sudo: whoever may see a call may hear it, but not read the credentials needed for that
        client = self.location_id.sudo()._client(deadline=30)
        with client.recording(self.provider_call_id, byte_range) as source:
            yield source

    # ---- asking GoHighLevel ------------------------------------------------------------------------------

    def _enqueue_talk(self, what):
        """Have "transcript" or "recording" of this call asked for: the ``ghl.job``, none without credentials."""
        self.ensure_one()
        location = self.location_id
        # sudo: a reader may ask for what is said in a call they see, but not write jobs or read credentials
        jobs, tokens = self.env["ghl.job"].sudo(), self.env["ghl.token"].sudo()
        if not location or not tokens.search_count([("account_id", "=", location.sudo().account_id.id)], limit=1):
            return jobs
        names = {"transcript": self.env._("Transcript of %s", self.display_name)}
        names["recording"] = self.env._("Recording of %s", self.display_name)
        return jobs.enqueue(
            f"_job_fetch_{what}",
            {"call_id": self.id},
            model="ghl.call",
            name=names[what],
            company=self.company_id,
            location_id=location.id,
            identity_key=f"ghl.call.{what}:{self.id}",
            priority=5,
        )

    @api.model
    def _job_fetch_transcript(self, run):
        """Job: read the transcript of a call. Result: ``{"outcome": "stored"|"none"|"gone", "sentences": n}``."""
        call = self.browse(run.payload["call_id"]).exists()
        if not call:
            return {"outcome": "gone", "sentences": 0}
        ask = recording.asker(run, call)
        direction = "outbound" if call.type == "outbound" else "inbound"
        turns = mapping.to_turns(ask(lambda client: client.transcription(call.provider_call_id)) or [], direction)
        values = {"transcript_asked_at": fields.Datetime.now(), "transcript_state": "stored" if turns else "none"}
        if turns:
            names = {"agent": self.env._("Agent"), "user": self.env._("Contact")}
            values |= {"transcript_turns": turns, "transcript": mapping.to_text(turns, names)}
        call.with_context(tracking_disable=True).write(values)
        return {"outcome": values["transcript_state"], "sentences": len(turns)}

    @api.model
    def _job_fetch_recording(self, run):
        """Job: see whether there is a recording, and keep it if the setting says so.

        Result: ``{"outcome": "stored"|"remote"|"none"|"gone", "bytes": n}``.
        """
        call = self.browse(run.payload["call_id"]).exists()
        if not call:
            return {"outcome": "gone", "bytes": 0}
        if call.recording_attachment_id:
            return {"outcome": "stored", "bytes": call.recording_attachment_id.file_size}
        keep = self.env["ir.config_parameter"].get_param(KEEP_SETTING) == "True"
        ask = recording.asker(run, call)
        found = ask(lambda client: recording.read(client, call.provider_call_id, whole=keep))
        values = {"recording_state": "none" if found is None else "remote"}
        if found and found.content:
            attachment = self.env["ir.attachment"].create(
                {
                    "name": recording.file_name(call, found.content_type),
                    "raw": found.content,
                    "mimetype": found.content_type,
                    "res_model": "ghl.call",
                    "res_id": call.id,
                }
            )
            values = {"recording_state": "stored", "recording_attachment_id": attachment.id}
        if call.recording_state != values["recording_state"]:
            call.with_context(tracking_disable=True).write(values)
        return {"outcome": values["recording_state"], "bytes": len(found.content) if found else 0}

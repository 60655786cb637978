from odoo import api, fields, models

from ..reading import talk, timeline


class GhlCall(models.Model):
    """What the form of a call shows beyond its fields: the recording, what was said, what happened."""

    _inherit = "ghl.call"

    can_play = fields.Boolean("Something to hear or read", compute="_compute_can_play")

    @api.depends("transcript", "transcript_turns", "recording_url", "summary")
    def _compute_can_play(self):
        for call in self:
            call.can_play = bool(call.transcript or call.transcript_turns or call.summary or call._has_recording())

    def read_talk(self):
        """``{"turns", "recording", "fetching"}`` for the form.

        ``turns``: see ``reading.talk``. ``recording``: the address to play, False when there is none. ``fetching``:
        whether what was said is being asked for.
        """
        self.ensure_one()
        self.check_access("read")
        return {
            "turns": talk.turns(self),
            "recording": self._recording_path() if self._has_recording() else False,
            "fetching": False,
        }

    def read_timeline(self):
        """What happened to the call, the latest first: see ``reading.timeline``."""
        self.ensure_one()
        self.check_access("read")
        return timeline.entries(self)

    def _has_recording(self):
        """Whether there is, as far as known, something to play."""
        return bool(self.recording_url)

    def _recording_path(self):
        return f"/ghl/calls/{self.id}/recording"

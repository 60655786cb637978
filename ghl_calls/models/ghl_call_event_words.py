from odoo import api, fields, models

from .ghl_voip_account import PROVIDERS

MACHINES = ("machine", "voicemail", "fax")


class GhlCallEvent(models.Model):
    """A line of a call's log as people read it: when, and what happened in a sentence."""

    _inherit = "ghl.call.event"

    moment = fields.Datetime("Time", compute="_compute_moment", help="By the provider's clock, else by ours.")
    told = fields.Char("What happened", compute="_compute_told")

    @api.depends("occurred_at", "received_at")
    def _compute_moment(self):
        for event in self:
            event.moment = event.occurred_at or event.received_at

    @api.depends("event", "details", "word", "duration_seconds")
    def _compute_told(self):
        for event in self:
            event.told = event._sentence()

    def _sentence(self):
        """What is known in addition to the event's name; the provider's own words where it gave some."""
        # sudo: who may read the line may read the numbers and the provider of its call
        call = self.call_id.sudo()
        provider = dict(PROVIDERS).get(self.provider, self.provider or "")
        sentences = {
            "INITIATED": self.env._(
                "%(provider)s is asked to call %(number)s", provider=provider, number=call.to_number
            ),
            "DIALING": self.env._("%s has taken the call and dials", provider),
            "RINGING": self.env._("The telephone rings"),
            "ANSWERED": self.env._("The call was taken"),
            "COMPLETED": self._end_sentence(call),
            "NO_ANSWER": self.env._("Nobody took the call"),
            "BUSY": self.env._("The line is busy"),
            "NOTE": self._note_sentence(),
        }
        sentence = sentences.get(self.event) or ""
        if self.details and self.event in ("FAILED", "CANCELLED", "MISSED", "NOTE"):
            return self.details
        return f"{sentence}: {self.details}" if sentence and self.details else sentence or self.details or ""

    def _end_sentence(self, call):
        if call.answered_by in MACHINES:
            return self.env._("An answering machine had taken the call")
        minutes, seconds = divmod(self.duration_seconds or 0, 60)
        return self.env._("Talked for %s", f"{minutes}:{seconds:02}")

    def _note_sentence(self):
        """Of a report that changes no state, by the provider's word."""
        word = (self.word or "").lower()
        if word == "human":
            return self.env._("A person is on the line")
        if word.startswith(("machine", "voicemail", "fax")):
            return self.env._("A machine is on the line")
        return self.word or ""

from odoo import api, fields, models
from odoo.exceptions import UserError

EVENTS = [
    ("INITIATED", "Requested"),
    ("DIALING", "Dialling"),
    ("RINGING", "Ringing"),
    ("ANSWERED", "Answered"),
    ("COMPLETED", "Completed"),
    ("NO_ANSWER", "No answer"),
    ("BUSY", "Busy"),
    ("FAILED", "Failed"),
    ("CANCELLED", "Cancelled"),
    ("MISSED", "Missed"),
    ("NOTE", "Note"),
]
VERDICTS = [
    ("applied", "Applied"),
    ("duplicate", "Repeated"),
    ("stale", "Came late"),
    ("orphan", "Of no call known"),
    ("refused", "Makes no sense"),
    ("unmapped", "Word not known"),
]


class GhlCallEvent(models.Model):
    """What happened in a call, one line each, with what a provider said word for word. Lines are only ever added."""

    _name = "ghl.call.event"
    _description = "Call Event"
    _order = "id desc"
    _rec_name = "event"

    call_id = fields.Many2one("ghl.call", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    location_id = fields.Many2one("ghl.location", readonly=True, ondelete="set null", index="btree_not_null")
    event = fields.Selection(EVENTS, required=True, readonly=True)
    provider = fields.Char(readonly=True)
    key = fields.Char(readonly=True, help="The same for every delivery of the same report.")
    word = fields.Char("Provider's word", readonly=True)
    occurred_at = fields.Datetime("When", readonly=True, help="By the provider's clock.")
    received_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    verdict = fields.Selection(VERDICTS, required=True, readonly=True, default="applied")
    state = fields.Char("State after", readonly=True)
    duration_seconds = fields.Integer(readonly=True)
    details = fields.Text(readonly=True)
    data = fields.Json(readonly=True)

    _call = models.Index("(call_id, id DESC)")
    _key_uniq = models.UniqueIndex("(call_id, key) WHERE key IS NOT NULL AND verdict <> 'duplicate'")

    @api.model
    def _append(self, call, event, *, verdict="applied", **values):
        """The values of a line on ``call`` as it stands now, for `create`."""
        return {
            "call_id": call.id,
            "company_id": call.company_id.id,
            "location_id": call.location_id.id,
            "event": event,
            "provider": call.provider,
            "state": call.state,
            "verdict": verdict,
            "duration_seconds": call.duration_seconds,
            **values,
        }

    def write(self, vals):
        if vals:
            raise UserError(self.env._("Events of a call cannot be changed."))
        return super().write(vals)

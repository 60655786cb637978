import base64
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools.constants import GC_UNLINK_LIMIT

KEEP_DAYS = 30
STATES = [
    ("pending", "Waiting"),
    ("done", "Done"),
    ("duplicate", "Repeated"),
    ("orphan", "Belongs to nothing"),
    ("failed", "Failed"),
]


class GhlWebhookEvent(models.Model):
    """The inbox: what an outside service has delivered to one of our doors, exactly as it came.

    A door stores a delivery only when it is proven genuine, once however often it is delivered, and answers; what it
    means is worked out afterwards. Written by SQL, never by people.
    """

    _name = "ghl.webhook.event"
    _description = "Webhook Delivery"
    _order = "id desc"
    _rec_name = "delivery_key"

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    source = fields.Char(required=True, readonly=True, help="The kind of door: voip, ...")
    res_id = fields.Integer("Account", readonly=True, required=True, default=0, help="Whose door it was.")
    kind = fields.Char(readonly=True, help="What the door is for: status, recording, ...")
    delivery_key = fields.Char(required=True, readonly=True, help="The same whenever the same is delivered again.")
    trusted = fields.Boolean(readonly=True, help="Proven genuine. Else only a hint to go and ask the service itself.")
    method = fields.Char(readonly=True)
    url = fields.Char(readonly=True)
    headers = fields.Json(readonly=True)
    content_type = fields.Char(readonly=True)
    body = fields.Binary(readonly=True, attachment=False, exportable=False)
    body_text = fields.Text("Content", compute="_compute_body_text", exportable=False)
    reference = fields.Char(readonly=True, help="Our own name of what it is about, from the address.")
    received_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    state = fields.Selection(STATES, required=True, readonly=True, default="pending")
    attempts = fields.Integer(readonly=True)
    not_before = fields.Datetime(readonly=True, help="Looked at again from then on.")
    error = fields.Char(readonly=True)
    processed_at = fields.Datetime(readonly=True)

    _delivery_uniq = models.UniqueIndex("(source, res_id, delivery_key)", "This was delivered already.")
    _waiting = models.Index("(source, id) WHERE state = 'pending'")
    _received = models.Index("(received_at)")

    def _compute_body_text(self):
        for event in self:
            event.body_text = base64.b64decode(event.with_context(bin_size=False).body or b"").decode(errors="replace")

    def action_again(self):
        """Work these deliveries off once more."""
        self.check_access("read")
        if not self.env.user.has_group("ghl.group_ghl_admin"):
            raise AccessError(self.env._("Only an administrator can have deliveries worked off again."))
        # sudo: rows are closed to forms; who may do this was checked above.
        self.sudo().filtered(lambda event: event.state in ("failed", "orphan")).write(
            {"state": "pending", "attempts": 0, "not_before": False, "error": False}
        )
        return True

    @api.autovacuum
    def _gc_old(self):
        """Deliveries hold what people said: they are not kept for longer than needed to look into trouble."""
        old = self.search(
            [("received_at", "<", fields.Datetime.now() - timedelta(days=KEEP_DAYS))], limit=GC_UNLINK_LIMIT
        )
        old.unlink()
        return len(old), len(old) == GC_UNLINK_LIMIT

from odoo import fields, models

from ..reading import thread


class GhlContact(models.Model):
    _inherit = "ghl.contact"

    call_count = fields.Integer(compute="_compute_call_count", string="Number of calls")

    def _compute_call_count(self):
        groups = self.env["ghl.call"]._read_group([("contact_id", "in", self.ids)], ["contact_id"], ["__count"])
        counts = dict(groups)
        for contact in self:
            contact.call_count = counts.get(contact, 0)

    def _thread_sources(self):
        return {**super()._thread_sources(), "message": thread.other_messages, "call": thread.calls}
